"""Runs and their shards as rows: begin, find, progress, cancel, restore. Callers own transactions."""

from __future__ import annotations

import fcntl
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, func, select

from service.batch.frozen import Inputs
from service.batch.tables import BatchRunRow, BatchShardRow, State
from service.errors import ConflictError, NotFoundError
from service.tables import now

LOCK = "lock"
_WINDOW = 20
"""Shards that the rate is taken from."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: needs done of all, needs a second, seconds left (None before a shard is done)."""

    state: State
    done: int
    total: int
    rate: float | None
    left: float | None

    @property
    def percent(self) -> float:
        """Share of the needs that are done."""
        return 100 * self.done / self.total if self.total else 100.0


def new_id() -> str:
    """The id of a run: 12 hexadecimal digits."""
    return uuid.uuid4().hex[:12]


def folder(home: Path, run_id: str) -> Path:
    """Where the material of a run lies."""
    return home / "batch" / run_id


def begin(
    session: Session, run_id: str, source: str, inputs: Inputs, needs: int, achievements: int
) -> None:
    """Add a run and all of its shards."""
    session.add(
        BatchRunRow(
            id=run_id, source=source, inputs=asdict(inputs), needs=needs, achievements=achievements
        )
    )
    session.flush()
    session.add_all(
        BatchShardRow(
            run_id=run_id, number=number, first=first, needs=min(inputs.shard, needs - first)
        )
        for number, first in enumerate(range(0, needs, inputs.shard))
    )


def find(session: Session, name: str) -> BatchRunRow:
    """The run whose id begins with `name`; raises NotFoundError, ConflictError for several."""
    rows = session.exec(
        select(BatchRunRow).where(col(BatchRunRow.id).startswith(name, autoescape=True))
    ).all()
    if not rows or not name:
        msg = f"没有编号为 {name} 的批量运行"
        raise NotFoundError(msg, cure="用 jiebang batch status 查看编号")
    if len(rows) > 1:
        msg = f"以 {name} 开头的批量运行有 {len(rows)} 个"
        raise ConflictError(msg, cure="请把编号写长一些")
    return rows[0]


def every(session: Session) -> list[BatchRunRow]:
    """All runs, the newest first."""
    return list(
        session.exec(
            select(BatchRunRow).order_by(
                col(BatchRunRow.created_at).desc(), col(BatchRunRow.id).desc()
            )
        )
    )


def in_force(session: Session) -> BatchRunRow | None:
    """The run that others build on: the one that finished or was restored last."""
    return session.exec(
        select(BatchRunRow)
        .where(BatchRunRow.state == State.DONE)
        .order_by(col(BatchRunRow.chosen_at).desc())
        .limit(1)
    ).first()


def progress(session: Session, row: BatchRunRow) -> Progress:
    """How far a run is, from its shards alone; the rate is that of the last ones."""
    finished = (BatchShardRow.run_id == row.id, col(BatchShardRow.finished_at).is_not(None))
    done = session.exec(select(func.sum(BatchShardRow.needs)).where(*finished)).one() or 0
    latest = session.exec(
        select(BatchShardRow.finished_at, BatchShardRow.seconds, BatchShardRow.needs)
        .where(*finished)
        .order_by(col(BatchShardRow.finished_at).desc())
        .limit(_WINDOW)
    ).all()
    rate = _rate([(at, took, needs) for at, took, needs in latest if at and took])
    left = (row.needs - done) / rate if rate else None
    return Progress(State(row.state), done, row.needs, rate, left)


def _rate(latest: Sequence[tuple[datetime, float, int]]) -> float | None:
    """Needs a second over shards, the last one first.

    The time of a shard is what passed since the one before, which is less than it took where
    processes work side by side, but no more than it took, so that a pause does not count.
    """
    ends = [at for at, _, _ in latest]
    gaps = [(end - before).total_seconds() for end, before in zip(ends, ends[1:], strict=False)]
    spent = sum(
        min(took, gap) for (_, took, _), gap in zip(latest, [*gaps, float("inf")], strict=False)
    )
    return sum(needs for _, _, needs in latest) / spent if spent else None


def cancel(session: Session, row: BatchRunRow) -> None:
    """Stop a run after the shard it is at; it may be resumed. Raises ConflictError when done."""
    if row.state == State.DONE:
        msg = f"批量运行 {row.id} 已经完成"
        raise ConflictError(msg, cure="完成的运行不能取消")
    row.state = State.CANCELLED
    session.add(row)


def go_on(session: Session, row: BatchRunRow) -> None:
    """Let a cancelled run run again."""
    if row.state == State.CANCELLED:
        row.state = State.RUNNING
        session.add(row)


def require_idle(session: Session) -> None:
    """Raises ConflictError while a run is unfinished."""
    for row in every(session):
        if row.state == State.RUNNING:
            raise ConflictError(
                f"批量运行 {row.id} 还没有完成", cure="等它做完，或者接着做、取消以后再开始"
            )


def require_unfinished(row: BatchRunRow) -> None:
    """Raises ConflictError for a run that is done."""
    if row.state == State.DONE:
        raise ConflictError(f"批量运行 {row.id} 已经完成", cure="看它的结果，或开始一次新的运行")


def restore(session: Session, row: BatchRunRow) -> None:
    """Put a finished run in force again; raises ConflictError where it is not finished."""
    if row.state != State.DONE:
        msg = f"批量运行 {row.id} 还没有完成"
        raise ConflictError(msg, cure="先用 jiebang batch resume 做完")
    row.chosen_at = now()
    session.add(row)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a run's folder; the system lets go when the process dies. Raises ConflictError if held."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            msg = f"另一个进程正在做批量运行 {folder.name}"
            raise ConflictError(msg, cure="等它做完，或先取消") from error
        yield
