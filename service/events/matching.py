"""The batch run over the roster of an event, from which candidate pairs come."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from matcher.listing import Kind
from service.access import ITSELF
from service.batch import launch, runs
from service.batch.runs import Progress
from service.batch.tables import State
from service.context import Context
from service.db import reading, writing
from service.errors import ConflictError
from service.events import candidates, events, problem
from service.events.tables import EventRow

TOP_K = 20
"""Counterparts of each need that are looked at: what comes after them hardly ever gets a table."""


@dataclass(frozen=True)
class Matching:
    """How far the run over the roster is; `outdated` where the roster has another size since."""

    run_id: str
    progress: Progress
    outdated: bool

    @property
    def done(self) -> bool:
        """Whether candidate pairs are there."""
        return self.progress.state is State.DONE


def start(ctx: Context, event_id: str) -> str:
    """Match the roster in a process of its own; the id of the run.

    Raises ConflictError where either side of the roster is empty or another run is under way.
    """
    with reading(ctx.engine) as session:
        # nothing is written here, but an event that is over is told at once
        roster = _roster(session, events.get(session, event_id, lock=True))
    if not all(roster.values()):
        raise ConflictError(
            "名单里要两边都有已发布的条目才能匹配", cure="先导入需求和成果两边的条目"
        )
    # who may bring a record to the event was decided when it came onto the roster
    run_id = launch.launch(
        ctx,
        ITSELF,
        top_k=TOP_K,
        needs=roster[Kind.NEED],
        achievements=roster[Kind.ACHIEVEMENT],
    )
    with writing(ctx.engine) as session:
        event = events.get(session, event_id, lock=True)
        event.run_id = run_id
        events.touched(session, event)
    return run_id


def of(session: Session, event: EventRow) -> Matching | None:
    """The run of an event, None before the first."""
    run = candidates.run_of(session, event)
    if run is None:
        return None
    sizes = {kind: len(ids) for kind, ids in _roster(session, event).items()}
    outdated = sizes != {Kind.NEED: run.needs, Kind.ACHIEVEMENT: run.achievements}
    return Matching(run.id, runs.progress(session, run), outdated)


def _roster(session: Session, event: EventRow) -> dict[Kind, set[str]]:
    """Ids of the published entries of either side."""
    entered = problem.published(session, event)
    return {kind: {id_ for of_kind, id_ in entered if of_kind is kind} for kind in Kind}
