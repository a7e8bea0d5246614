"""The indexer: opens or rebuilds the indexes, tails the change log, swaps, and writes snapshots."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from corpora.taxonomy import fit_labels
from matcher import snapshot
from matcher.config import MatcherConfig
from matcher.encoder import Encoder, Progress
from matcher.index import ListingIndex
from matcher.listing import Kind
from matcher.pipeline import Matcher
from service import changes
from service.db import reading
from service.reserve import Reserve
from service.twins import TwinBook

log = logging.getLogger(__name__)


@dataclass
class Opened:
    """The indexes of both kinds at one position of the log, and how they were got."""

    indexes: dict[Kind, ListingIndex]
    rebuilt: list[Kind] = field(default_factory=list)

    @property
    def watermark(self) -> int:
        """The last change that every index holds."""
        return min(index.watermark for index in self.indexes.values())


def open_indexes(
    engine: Engine,
    folder: Path,
    encoder: Encoder,
    config: MatcherConfig,
    progress: Progress | None = None,
) -> Opened:
    """Load valid snapshots and replay the log over them; rebuild from SQL what cannot be loaded."""
    opened = Opened({})
    with reading(engine) as session:
        head = changes.head(session)
        stamp = {"database": head.database_id}
        for kind in Kind:
            try:
                index = snapshot.load(folder / kind, config, encoder.fingerprint, stamp)
            except snapshot.SnapshotError as reason:
                log.info("rebuilding the %s index: %s", kind, reason)
            else:
                if index.watermark <= head.n:
                    opened.indexes[kind] = index
    for kind in Kind:
        if kind not in opened.indexes:
            opened.indexes[kind] = rebuild(engine, kind, encoder, config, progress)
            opened.rebuilt.append(kind)
    opened.indexes = caught_up(engine, opened.indexes, encoder)
    return opened


def rebuild(
    engine: Engine,
    kind: Kind,
    encoder: Encoder,
    config: MatcherConfig,
    progress: Progress | None = None,
) -> ListingIndex:
    """An index of everything published, from SQL; vectors come from the cache where they are."""
    with reading(engine) as session:
        watermark = changes.head(session).n
        listings = changes.published(session, kind)
    return ListingIndex.build(
        kind, listings, encoder, config, watermark=watermark, progress=progress
    )


def caught_up(
    engine: Engine, indexes: dict[Kind, ListingIndex], encoder: Encoder
) -> dict[Kind, ListingIndex]:
    """The same indexes with every committed change applied."""
    current = dict(indexes)
    while True:
        start = min(index.watermark for index in current.values())
        with reading(engine) as session:
            entries = changes.read_after(session, start)
        if not entries:
            return current
        for kind, index in current.items():
            mine = [e for e in entries if e.kind is kind and e.seq > index.watermark]
            applied = index.apply(mine, encoder)
            current[kind] = applied.at(max(applied.watermark, entries[-1].seq))


def save(engine: Engine, folder: Path, indexes: dict[Kind, ListingIndex]) -> None:
    """Write every index as the current snapshot of its kind."""
    with reading(engine) as session:
        stamp = {"database": changes.head(session).database_id}
    for kind, index in indexes.items():
        snapshot.save(index, folder / kind, stamp)


class Replica:
    """Keeps a `Matcher` current in a thread of its own; readers take `matcher` and keep it."""

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        encoder: Encoder,
        config: MatcherConfig,
        *,
        snapshot_every: int,
        poll_seconds: float,
    ) -> None:
        self._engine = engine
        self._folder = folder
        self._encoder = encoder
        self.config = config
        self.twins = TwinBook(engine)
        self._snapshot_every = snapshot_every
        self._poll_seconds = poll_seconds
        self._wake = threading.Event()
        self._stopping = False
        self._applied = threading.Condition()
        self._matcher: Matcher | None = None
        self._reserve = Reserve({kind: {} for kind in Kind}, 0)
        self._watermark = 0
        self._saved = 0
        self._failure: str | None = None
        self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)

    def start(self, progress: Progress | None = None) -> None:
        """Open the indexes and begin to tail the log. Blocks until matches can be served."""
        opened = open_indexes(self._engine, self._folder, self._encoder, self.config, progress)
        self._publish(opened.indexes, Reserve.load(self._engine))
        self._saved = opened.watermark
        if opened.rebuilt:
            save(self._engine, self._folder, opened.indexes)
        self.twins.start(opened.indexes)
        self._thread.start()

    def stop(self) -> None:
        """Stop tailing and write a snapshot of what has been applied since the last one."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def matcher(self) -> Matcher | None:
        """The matcher over the newest indexes; None before `start` has returned."""
        return self._matcher

    @property
    def reserve(self) -> Reserve:
        """What is published and not public."""
        return self._reserve

    @property
    def watermark(self) -> int:
        """The last change that matches reflect."""
        return self._watermark

    @property
    def failure(self) -> str | None:
        """Why the log could not be applied at the last attempt; None while all is well."""
        return self._failure

    def notify(self) -> None:
        """Say that a change was committed in this process."""
        self._wake.set()

    def wait_for(self, seq: int, timeout: float) -> bool:
        """Wait until matches reflect change `seq`; False when `timeout` seconds were too short."""
        with self._applied:
            return self._applied.wait_for(lambda: self._watermark >= seq, timeout)

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(self._poll_seconds)
            self._wake.clear()
            try:
                self._step()
            except Exception as error:
                # the log stays; the next attempt starts from the same position
                self._failure = f"{type(error).__name__}: {error}"
                log.exception("the change log could not be applied")
                time.sleep(1.0)
            else:
                self._failure = None
        self._save_if(1)

    def _step(self) -> None:
        matcher = self._matcher
        if matcher is None:
            return
        before = {kind: matcher.index(kind) for kind in Kind}
        after = caught_up(self._engine, before, self._encoder)
        reserve = self._reserve.caught_up(self._engine)
        if reserve is not self._reserve or any(after[kind] is not before[kind] for kind in Kind):
            self._publish(after, reserve)
            self.twins.follow()
        self._save_if(self._snapshot_every)

    def _publish(self, indexes: dict[Kind, ListingIndex], reserve: Reserve) -> None:
        self._reserve = reserve
        self._matcher = Matcher(indexes, self._encoder, self.config, fit_labels())
        marks = [index.watermark for index in indexes.values()]
        with self._applied:
            self._watermark = min(*marks, reserve.watermark)
            self._applied.notify_all()

    def _save_if(self, changes_since: int) -> None:
        matcher = self._matcher
        if matcher is not None and self._watermark - self._saved >= changes_since:
            save(self._engine, self._folder, {kind: matcher.index(kind) for kind in Kind})
            self._saved = self._watermark
