"""Twins of stored listings: an index beside the matcher's, built from it and led on by the log.

It is derived state: nothing of it is stored, and a restart builds it anew in the background.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine

from corpora.records import Record
from matcher.duplicates import Twin, TwinIndex
from matcher.index import Change, ListingIndex
from matcher.listing import Kind, Listing
from service import changes
from service.db import reading

log = logging.getLogger(__name__)
SHOWN = 10
"""Twins named for one listing; a text that stands a thousand times needs no thousand names."""


@dataclass(frozen=True, slots=True)
class NamedTwin:
    """A twin with its title, for whoever has to decide whether it is the same."""

    id: str
    title: str
    similarity: float

    def row(self) -> dict[str, Any]:
        """As JSON; the similarity to three digits."""
        return asdict(self) | {"similarity": round(self.similarity, 3)}


class TwinBook:
    """The twin indexes of all kinds, current with the log whenever they are asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._indexes: dict[Kind, TwinIndex] = {}
        self._titles: dict[Kind, dict[str, str]] = {kind: {} for kind in Kind}
        self._watermark = 0
        self._built = threading.Event()

    def start(self, indexes: Mapping[Kind, ListingIndex]) -> None:
        """Build from what `indexes` hold, in a thread of its own."""
        builder = threading.Thread(target=self._build, args=(indexes,), name="twins", daemon=True)
        builder.start()

    def ready(self, timeout: float = 0.0) -> bool:
        """Whether the indexes are built, after at most `timeout` seconds."""
        return self._built.wait(timeout)

    def follow(self) -> None:
        """Apply what was committed since; before the indexes are built that waits for a reader."""
        if self._built.is_set():
            with self._lock:
                self._catch_up()

    def twins(self, listing: Listing) -> list[NamedTwin]:
        """The best `SHOWN` twins of a listing; none while the indexes are being built."""
        if not self._built.is_set():
            return []
        with self._lock:
            self._catch_up()
            found = self._indexes[listing.kind].twins(listing, SHOWN)
            return [self._named(listing.kind, twin) for twin in found]

    def others(self, kind: Kind, id_: str) -> list[tuple[str, str]]:
        """Ids and titles of the rest of a listing's group; none while the indexes are built."""
        if not self._built.is_set():
            return []
        with self._lock:
            titles = self._titles[kind]
            group = self._indexes[kind].group(id_)
            return [(other, titles[other]) for other in group if other != id_]

    def _named(self, kind: Kind, twin: Twin) -> NamedTwin:
        return NamedTwin(twin.id, self._titles[kind][twin.id], twin.similarity)

    def _build(self, indexes: Mapping[Kind, ListingIndex]) -> None:
        with self._lock:
            for kind, index in indexes.items():
                held = list(index)
                self._indexes[kind] = TwinIndex.build(held)
                self._titles[kind] = {listing.id: listing.title for listing in held}
            self._watermark = min(index.watermark for index in indexes.values())
        self._built.set()
        log.info("twin indexes built up to change %d", self._watermark)

    def _catch_up(self) -> None:
        """Apply the log from where we are; the caller holds the lock."""
        while True:
            with reading(self._engine) as session:
                entries = changes.read_after(session, self._watermark)
            if not entries:
                return
            for entry in entries:
                self._apply(entry)
            self._watermark = entries[-1].seq

    def _apply(self, entry: Change) -> None:
        index, titles = self._indexes[entry.kind], self._titles[entry.kind]
        if entry.listing is None:
            index.remove(entry.id)
            titles.pop(entry.id, None)
        else:
            index.add(entry.listing)
            titles[entry.id] = entry.listing.title


def listing_of(record: Record) -> Listing:
    """The listing of a record that need not be stored or have an identifier yet."""
    return record.to_listing(record.id or "new")


TwinFinder = Callable[[Listing], Sequence[NamedTwin]]
"""Gives the stored twins of a listing."""


def finder(engine: Engine, kind: Kind) -> TwinFinder:
    """Twins among everything published now, for commands that run beside no indexer."""
    with reading(engine) as session:
        held = changes.published(session, kind)
    index = TwinIndex.build(held)
    titles = {listing.id: listing.title for listing in held}

    def find(listing: Listing) -> list[NamedTwin]:
        return [NamedTwin(t.id, titles[t.id], t.similarity) for t in index.twins(listing, SHOWN)]

    return find
