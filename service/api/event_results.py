"""What comes of an event over HTTP: arrivals, outcomes of meetings, follow-ups, the report."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from matcher.listing import Kind
from service.accounts.inputs import Input
from service.api.listings import PROBLEMS
from service.context import Ctx
from service.db import reading, writing
from service.disclosure import Reader
from service.events import (
    check_in,
    events,
    figures,
    follow_ups,
    outcomes,
    report_sheets,
    sheets,
)
from service.events.follow_ups import FollowUpIn
from service.events.local import here
from service.events.outcomes import OutcomeIn, Speaker
from service.guard import Asker
from service.inputs import Id

router = APIRouter(prefix="/events/{id}", tags=["events"], responses=PROBLEMS)


class ArrivalIn(Input):
    """Somebody who has arrived, or with `undo` has not."""

    attendee_id: Id
    undo: bool = False


class SaidIn(Input):
    """What one side says of the meeting of a pair."""

    need_id: Id
    achievement_id: Id
    side: Kind
    outcome: OutcomeIn


@router.get("/desk", summary="现场：签到与下一场")
def desk(
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    q: Annotated[str, Query(max_length=80, description="姓名或单位里的字")] = "",
) -> list[dict[str, Any]]:
    """Everybody of the event, or those found: whether there, and where to sit next."""
    with reading(ctx.engine) as session:
        return sheets.people(Reader(session, asker.principal), events.get(session, id), q)


@router.post("/check-in", summary="签到或撤销签到")
def arrive(ctx: Ctx, id: str, body: ArrivalIn) -> dict[str, Any]:  # noqa: A002
    """Check a person in, or undo it; who is there already keeps the time at which he came."""
    with writing(ctx.engine) as session:
        event = events.get(session, id)
        person = check_in.check_in(session, event, body.attendee_id, undo=body.undo)
        return {"attendee_id": person.id, "checked_in_at": person.checked_in_at}


@router.get("/outcomes", summary="会面与双方反馈")
def said(ctx: Ctx, asker: Asker, id: str) -> list[dict[str, Any]]:  # noqa: A002
    """Every meeting in order of time with what both sides said of it."""
    with reading(ctx.engine) as session:
        return sheets.said(Reader(session, asker.principal), events.get(session, id))


@router.put("/outcomes", summary="代一方记下会面结果")
def say(ctx: Ctx, asker: Asker, id: str, body: SaidIn) -> dict[str, Any]:  # noqa: A002
    """Write down what a side says of a meeting; 409 with the present word for another version."""
    with writing(ctx.engine) as session:
        event = events.get(session, id)
        meeting = sheets.meeting_of(session, event, body.need_id, body.achievement_id)
        speaker = Speaker(principal=asker.principal)
        row = outcomes.put(session, event, meeting, body.side, body.outcome, speaker)
        return outcomes.present(row)


@router.get("/follow-ups", summary="回访")
def asked(
    ctx: Ctx,
    id: str,  # noqa: A002
    state: Annotated[Literal["overdue", "due", "later", "done"] | None, Query()] = None,
) -> list[dict[str, Any]]:
    """Follow-ups by their day, with where each stands today."""
    with reading(ctx.engine) as session:
        rows = follow_ups.listed(session, events.get(session, id).id)
        found = follow_ups.standing(rows, here().date(), state or "")
        return [follow_ups.present(one.row) | {"state": one.state} for one in found]


@router.put("/follow-ups", summary="记下回访结果")
def follow_up(ctx: Ctx, asker: Asker, id: str, body: FollowUpIn) -> dict[str, Any]:  # noqa: A002
    """Write down what became of a pair; 409 with the present result for another version."""
    with writing(ctx.engine) as session:
        row = follow_ups.record(session, events.get(session, id), body, asker.principal)
        return follow_ups.present(row)


@router.get("/report", summary="活动总结")
def report(ctx: Ctx, id: str) -> dict[str, Any]:  # noqa: A002
    """Rates with 95 % Wilson intervals, funnel, follow-ups, contracts, and groups of parties."""
    with reading(ctx.engine) as session:
        return report_sheets.as_json(figures.report(session, events.get(session, id)))
