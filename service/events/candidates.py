"""Pairs that may meet: what the batch run over the roster found, with probability and explanation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from matcher.listing import Kind
from service.batch import results
from service.batch.tables import BatchRunRow, State
from service.events.tables import EventEntryRow, EventRow


@dataclass(frozen=True)
class Pair:
    """A need and an achievement of the roster, as the pipeline sees them."""

    need_id: str
    achievement_id: str
    probability: float
    match: dict[str, Any]
    """`service.present.match_row`: it quotes both records, so it is only for who reads both in full."""

    @property
    def key(self) -> tuple[str, str]:
        """Ids of need and achievement."""
        return self.need_id, self.achievement_id


def run_of(session: Session, event: EventRow) -> BatchRunRow | None:
    """The batch run over the roster of the event, in whatever state."""
    return session.get(BatchRunRow, event.run_id) if event.run_id else None


def pairs(session: Session, event: EventRow) -> dict[tuple[str, str], Pair]:
    """The pairs of the finished run of which both sides are still on the roster, by their ids."""
    run = run_of(session, event)
    if run is None or run.state != State.DONE:
        return {}
    entered = {
        (Kind(kind), id_)
        for kind, id_ in session.exec(
            select(EventEntryRow.kind, EventEntryRow.listing_id).where(
                EventEntryRow.event_id == event.id
            )
        )
    }
    found: dict[tuple[str, str], Pair] = {}
    for answer in results.answers(results.content(session, run)):
        need = answer["need_id"]
        if (Kind.NEED, need) not in entered:
            continue
        for match in answer["matches"]:
            other = match["achievement_id"]
            if (Kind.ACHIEVEMENT, other) in entered:
                pair = Pair(need, other, float(match["probability"] or 0.0), match)
                found[pair.key] = pair
    return found
