"""Pairs that may meet: what the batch run over the roster found, with probability and explanation."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from matcher.listing import Kind
from service.batch import results
from service.batch.tables import BatchRunRow, State
from service.disclosure import Sight, View
from service.events.tables import EventEntryRow, EventRow

Key = tuple[str, str]
"""Ids of need and achievement."""
_KEPT = 32
"""Runs of which the pairs are kept, without explanations."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A need and an achievement of the roster, as the pipeline sees them.

    `seq` is the change up to which the run has read the records.
    """

    need_id: str
    achievement_id: str
    probability: float
    seq: int

    @property
    def key(self) -> Key:
        """Ids of need and achievement."""
        return self.need_id, self.achievement_id

    def readable(self, views: Mapping[tuple[Kind, str], View]) -> bool:
        """Whether somebody with these `views` may be told why the pair suits.

        An explanation quotes both records as they were when the run began. So he has to read both in
        full, and neither may have changed since: what its owner took back would be shown again.
        """
        sides = [views.get(side) for side in zip(Kind, self.key, strict=True)]
        return all(v is not None and v.sight is Sight.FULL and v.seq <= self.seq for v in sides)


def run_of(session: Session, event: EventRow) -> BatchRunRow | None:
    """The finished run that pairs come from: the last one, or the one before while it is not done."""
    for id_ in (event.matching_id, event.run_id):
        run = session.get(BatchRunRow, id_) if id_ else None
        if run is not None and run.state == State.DONE:
            return run
    return None


def pairs(session: Session, event: EventRow) -> dict[Key, Pair]:
    """The pairs of the finished run of which both sides are still on the roster, by their ids."""
    run = run_of(session, event)
    if run is None:
        return {}
    entered = {
        (Kind(kind), id_)
        for kind, id_ in session.exec(
            select(EventEntryRow.kind, EventEntryRow.listing_id).where(
                EventEntryRow.event_id == event.id
            )
        )
    }
    return {
        pair.key: pair
        for pair in _KNOWN.of(session, run)
        if all(side in entered for side in zip(Kind, pair.key, strict=True))
    }


def explained(
    session: Session, event: EventRow, wanted: Collection[Key]
) -> dict[Key, dict[str, Any]]:
    """What the run says of pairs (`service.present.match_row`); it quotes both records.

    To be shown only where the pair is `readable`.
    """
    run = run_of(session, event)
    if run is None or not wanted:
        return {}
    needs = {need for need, _ in wanted}
    found = results.answers(results.content(session, run), needs)
    return {
        (answer["need_id"], match["achievement_id"]): match
        for answer in found
        for match in answer["matches"]
        if (answer["need_id"], match["achievement_id"]) in wanted
    }


class _Known:
    """Pairs of the runs that were asked for last. A finished run never changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[str, tuple[Pair, ...]] = OrderedDict()

    def of(self, session: Session, run: BatchRunRow) -> tuple[Pair, ...]:
        with self._lock:
            known = self._found.get(run.id)
            if known is not None:
                self._found.move_to_end(run.id)
                return known
        seq: int = run.inputs["seq"]
        made = tuple(
            Pair(
                answer["need_id"],
                match["achievement_id"],
                float(match["probability"] or 0.0),
                seq,
            )
            for answer in results.answers(results.content(session, run))
            for match in answer["matches"]
        )
        with self._lock:
            self._found[run.id] = made
            if len(self._found) > _KEPT:
                self._found.popitem(last=False)
        return made


_KNOWN = _Known()
