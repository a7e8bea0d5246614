"""Doing a run: shards in their order, each committed whole; what is committed is never done again."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

from sqlalchemy import Engine
from sqlmodel import col, select

from matcher.encoder import Encoder
from service.batch import runs
from service.batch.frozen import Frozen, Material, freeze, inputs, thaw
from service.batch.runs import Progress
from service.batch.tables import BatchRunRow, BatchShardRow, State
from service.db import reading, writing
from service.present import answer_row
from service.tables import now

SHARD = 20
"""Needs of a shard, where nobody asks for another size."""
DECIMALS = 6
"""Digits that every number of a result is rounded to."""
_POLL_SECONDS = 0.5
Told = Callable[[Progress], None]
Helpers = Callable[[str], AbstractContextManager[Sequence[Popen[bytes]]]]
"""Starts processes at a run, given its id."""


def _alone(_: str) -> AbstractContextManager[Sequence[Popen[bytes]]]:
    return nullcontext(())


@dataclass(frozen=True, slots=True)
class Share:
    """The shards that one of several processes does: every `of`-th, from `number` on."""

    number: int = 0
    of: int = 1


_ALL = Share()


class Batch:
    """Runs of one database, their material under `home`/batch."""

    def __init__(self, engine: Engine, encoder: Encoder, home: Path) -> None:
        self._engine = engine
        self._encoder = encoder
        self._home = home
        self._thawed: tuple[str, Frozen] | None = None

    def folder(self, run_id: str) -> Path:
        """Where the material of a run lies."""
        return runs.folder(self._home, run_id)

    def begin(
        self, material: Material, source: str, *, top_k: int, shard: int, seed: int = 0
    ) -> str:
        """Freeze the material and write the run with its shards; its id.

        The rows come last and at once: a kill before leaves a folder that no run refers to.
        """
        run_id = runs.new_id()
        folder = self.folder(run_id)
        with runs.locked(folder):
            records = freeze(folder, material, self._home)
            made = inputs(
                folder, records, material.seq, self._encoder, top_k=top_k, shard=shard, seed=seed
            )
            with writing(self._engine) as session:
                runs.begin(session, run_id, source, made, len(material.needs), material.offered)
        return run_id

    def work(self, run_id: str, told: Told = lambda _: None, helpers: Helpers = _alone) -> State:
        """Do what is left of a run; ends early where somebody cancels it.

        `helpers` starts processes that do their share meanwhile; what they leave is done here.
        Raises ConflictError where another process is at it or where model, configuration or
        program are not those that it began with.
        """
        with runs.locked(self.folder(run_id)):
            row = self._row(run_id)
            if row.state == State.DONE:
                return State.DONE
            frozen = thaw(self.folder(run_id), row.inputs, self._encoder)
            with helpers(run_id) as started:
                self._share(row, frozen, Share(0, 1 + len(started)), told)
                for process in started:
                    while process.poll() is None:
                        told(self.progress(run_id))
                        time.sleep(_POLL_SECONDS)
            self._share(row, frozen, _ALL, told)
            return self._finish(run_id, told)

    def assist(self, run_id: str, share: Share, wanted: Callable[[], bool]) -> None:
        """Do a share of a run that another process holds, as long as it is `wanted`."""
        row = self._row(run_id)
        frozen = thaw(self.folder(run_id), row.inputs, self._encoder)
        while wanted() and (shard := self._next(run_id, share)) is not None:
            self._do(shard, frozen, row.inputs["top_k"])

    def left(self, run_id: str) -> list[int]:
        """Numbers of the shards of a run that nobody has done yet."""
        with reading(self._engine) as session:
            return list(
                session.exec(
                    select(BatchShardRow.number)
                    .where(BatchShardRow.run_id == run_id, col(BatchShardRow.result).is_(None))
                    .order_by(col(BatchShardRow.number))
                )
            )

    def shard(self, run_id: str, number: int) -> None:
        """Do one shard, and end the run with the last; nothing where it is done or cancelled.

        Raises ConflictError where model, configuration or program are not those of the run.
        """
        with reading(self._engine) as session:
            row = runs.find(session, run_id)
            shard = session.get_one(BatchShardRow, (run_id, number))
        if row.state == State.RUNNING and shard.result is None:
            if self._thawed is None or self._thawed[0] != run_id:
                self._thawed = run_id, thaw(self.folder(run_id), row.inputs, self._encoder)
            self._do(shard, self._thawed[1], row.inputs["top_k"])
            self._finish(run_id, lambda _: None)

    def progress(self, run_id: str) -> Progress:
        """How far a run is."""
        with reading(self._engine) as session:
            return runs.progress(session, runs.find(session, run_id))

    def _share(self, row: BatchRunRow, frozen: Frozen, share: Share, told: Told) -> None:
        while (shard := self._next(row.id, share)) is not None:
            told(self.progress(row.id))
            self._do(shard, frozen, row.inputs["top_k"])

    def _row(self, run_id: str) -> BatchRunRow:
        with reading(self._engine) as session:
            return runs.find(session, run_id)

    def _next(self, run_id: str, share: Share) -> BatchShardRow | None:
        """The first shard of a share that is left, None for a run that is done or cancelled."""
        with reading(self._engine) as session:
            if runs.find(session, run_id).state != State.RUNNING:
                return None
            return session.exec(
                select(BatchShardRow)
                .where(
                    BatchShardRow.run_id == run_id,
                    col(BatchShardRow.result).is_(None),
                    col(BatchShardRow.number) % share.of == share.number,
                )
                .order_by(col(BatchShardRow.number))
                .limit(1)
            ).first()

    def _do(self, shard: BatchShardRow, frozen: Frozen, top_k: int) -> None:
        begun = time.perf_counter()
        needs = frozen.needs[shard.first : shard.first + shard.needs]
        answers = frozen.matcher.match_all(
            needs,
            top_k=top_k,
            condition=frozen.condition,
            with_explanations=True,
            guests=frozen.guests,
        )
        result = "".join(line(answer_row(answer)) for answer in answers)
        with writing(self._engine) as session:
            row = session.get_one(BatchShardRow, (shard.run_id, shard.number), with_for_update=True)
            if row.result is None:  # a helper may outlive its starter by a shard
                row.result = zlib.compress(result.encode())
                row.seconds, row.finished_at = time.perf_counter() - begun, now()
                session.add(row)

    def _finish(self, run_id: str, told: Told) -> State:
        with writing(self._engine) as session:
            row = runs.find(session, run_id)
            progress = runs.progress(session, row)
            if row.state == State.RUNNING and progress.done == progress.total:
                row.state = State.DONE
                row.finished_at = row.chosen_at = now()
                session.add(row)
            told(runs.progress(session, row))
            return State(row.state)


def line(row: dict[str, Any]) -> str:
    """One line of a result: keys in order, numbers rounded."""
    rounded = _rounded(row)
    return json.dumps(rounded, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def _rounded(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0  # no negative zero
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
