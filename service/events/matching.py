"""The batch run over the roster of an event, from which candidate pairs come."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass

from sqlmodel import Session

from matcher.listing import Kind
from service.access import ITSELF
from service.batch import launch, runs
from service.batch.runs import Progress
from service.batch.tables import BatchRunRow, State
from service.context import Context
from service.db import reading, writing
from service.errors import ConflictError
from service.events import candidates, events, problem
from service.events.tables import EventRow

Roster = Mapping[Kind, Set[str]]
"""Ids by the kind of record."""
TOP_K = 20
"""Counterparts of each need that are looked at: what comes after them hardly ever gets a table."""


@dataclass(frozen=True)
class Matching:
    """How far the last run over the roster is; `outdated` where roster or records changed since."""

    run_id: str
    progress: Progress
    outdated: bool

    @property
    def state(self) -> State:
        """Whether it is running, was cancelled, or is done."""
        return self.progress.state


def start(ctx: Context, event_id: str) -> str:
    """Match the roster in a process of its own; the id of the run.

    Pairs are those of the run before until it is done. Raises ConflictError where either side of the
    roster is empty or another run is under way.
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
        begun(session, event, run_id, roster)
    return run_id


def begun(session: Session, event: EventRow, run_id: str, roster: Roster) -> None:
    """Write down that a run over the roster was started."""
    before = candidates.run_of(session, event)
    event.run_id = before.id if before else None
    event.matching_id, event.roster = run_id, _digest(roster)
    events.touched(session, event)


def of(session: Session, event: EventRow) -> Matching | None:
    """The last run of an event, None before the first."""
    run = session.get(BatchRunRow, event.matching_id) if event.matching_id else None
    if run is None:
        return None
    outdated = _digest(_roster(session, event)) != event.roster
    outdated |= problem.last_change(session, event) > run.inputs["seq"]
    return Matching(run.id, runs.progress(session, run), outdated)


def _roster(session: Session, event: EventRow) -> Roster:
    """Ids of the published entries of either side."""
    entered = problem.published(session, event)
    return {kind: {id_ for of_kind, id_ in entered if of_kind is kind} for kind in Kind}


def _digest(roster: Roster) -> str:
    ids = {kind.value: sorted(found) for kind, found in roster.items()}
    return hashlib.sha256(json.dumps(ids, sort_keys=True).encode()).hexdigest()
