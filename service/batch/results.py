"""Results of runs: as a file that equal inputs give byte for byte, and as the difference of two."""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from matcher.listing import Kind
from service.batch.tables import BatchRunRow, BatchShardRow, State
from service.batch.work import line
from service.errors import ConflictError

_Ranked = dict[str, dict[str, tuple[int, float]]]


def content(session: Session, row: BatchRunRow) -> Iterator[bytes]:
    """The result file of a finished run: a line of inputs, then a line for each need.

    It holds neither the run's id nor a time. Raises ConflictError where shards are missing.
    """
    if row.state != State.DONE:
        msg = f"批量运行 {row.id} 还没有完成"
        raise ConflictError(msg, cure="用 jiebang batch resume 做完再取结果")
    yield line({"inputs": row.inputs}).encode()
    shards = session.exec(
        select(BatchShardRow.result)
        .where(BatchShardRow.run_id == row.id)
        .order_by(col(BatchShardRow.number))
    )
    for result in shards:
        yield zlib.decompress(result or b"")


def answers(
    content: Iterable[bytes], needs: Collection[str] | None = None
) -> Iterator[dict[str, Any]]:
    """The answers of a result file (`service.present.answer_row`), in their order; of some `needs` only
    where they are given, which reads no others.
    """
    for part in content:
        # bytes: `str.splitlines` would also end a line at separators within a text
        for text in part.splitlines():
            if needs is not None and _need_of(text) not in needs:
                continue
            row: dict[str, Any] = json.loads(text)
            if "need_id" in row:
                yield row


def _need_of(text: bytes) -> str:
    """The need of a line, whose keys are in order, so that it comes last; empty without one."""
    _, found, last = text.rpartition(b',"need_id":')
    return str(json.loads(last[:-1])) if found else ""


def quoted(content: Iterable[bytes]) -> dict[Kind, set[str]]:
    """Ids of the records that a result quotes."""
    found: dict[Kind, set[str]] = {kind: set() for kind in Kind}
    for answer in answers(content):
        found[Kind.NEED].add(answer["need_id"])
        found[Kind.ACHIEVEMENT].update(match["achievement_id"] for match in answer["matches"])
    return found


@dataclass(frozen=True, slots=True)
class Moved:
    """A pair that both runs hold at different ranks; scores before and after."""

    need: str
    achievement: str
    ranks: tuple[int, int]
    scores: tuple[float, float]


@dataclass(slots=True)
class Difference:
    """Pairs of the second run that the first lacks, the other way round, and those that moved."""

    new: list[tuple[str, str]] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)
    moved: list[Moved] = field(default_factory=list)
    same: int = 0


def difference(session: Session, before: BatchRunRow, after: BatchRunRow) -> Difference:
    """What changed from one finished run to another, by need and rank."""
    old, new = (_ranked(session, row) for row in (before, after))
    found = Difference()
    for need in sorted(old.keys() | new.keys()):
        earlier, later = old.get(need, {}), new.get(need, {})
        found.gone += [(need, id_) for id_ in earlier if id_ not in later]
        for id_, (rank, score) in later.items():
            if id_ not in earlier:
                found.new.append((need, id_))
            elif earlier[id_][0] == rank:
                found.same += 1
            else:
                was, had = earlier[id_]
                found.moved.append(Moved(need, id_, (was, rank), (had, score)))
    return found


def _ranked(session: Session, row: BatchRunRow) -> _Ranked:
    """Rank and score of each achievement by need, in the order of ranks."""
    return {
        answer["need_id"]: {m["achievement_id"]: (m["rank"], m["score"]) for m in answer["matches"]}
        for answer in answers(content(session, row))
    }
