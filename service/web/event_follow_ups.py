"""Follow-ups of an event: what is due, and what became of each pair."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from service.context import Context, Ctx
from service.db import reading
from service.disclosure import Reader
from service.errors import JiebangError
from service.events import events, follow_ups, sheets
from service.events.follow_ups import DAYS, RESULTS, STATES, FollowUpIn
from service.events.local import here
from service.guard import Asker, Caller
from service.web.acting import acted
from service.web.forms import checked, whole
from service.web.rendering import Form, page, text_of

router = APIRouter(prefix="/events/{id}/follow-ups")
_LABELS = {
    "result": "结果",
    "amount_wan": "合同金额（万元）",
    "note": "备注",
    "days": "回访节点",
    "version": "版本",
}
_SENT = ("need_id", "achievement_id", "days", "result", "amount_wan", "note")


@router.get("", name="event_follow_ups")
def show(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    state: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Follow-ups by their day, or those of one state."""
    return _page(request, ctx, asker, id, state)


@router.post("", name="follow_up")
def record(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Write down what became of a pair."""
    state = text_of(form, "state")

    def act(session: Session) -> None:
        data: dict[str, object] = {name: text_of(form, name) for name in _SENT}
        data["days"] = whole(text_of(form, "days"))
        data["version"] = whole(text_of(form, "version"))
        data["amount_wan"] = text_of(form, "amount_wan") or None
        asked = checked(FollowUpIn, data, _LABELS)
        follow_ups.record(session, events.get(session, id), asked, asker.principal)

    def refused(error: JiebangError) -> Response:
        return _page(request, ctx, asker, id, state, error, form)

    query = f"?state={state}" if state in STATES else ""
    return acted(ctx, act, refused, f"/events/{id}/follow-ups{query}")


def _page(
    request: Request,
    ctx: Context,
    asker: Caller,
    id_: str,
    state: str,
    problem: JiebangError | None = None,
    form: Form | None = None,
) -> Response:
    chosen = state if state in STATES else ""
    with reading(ctx.engine) as session:
        event = events.get(session, id_)
        every = follow_ups.standing(follow_ups.listed(session, id_), here().date())
        rows = [one for one in every if not chosen or one.state == chosen]
        pairs = {(one.row.need_id, one.row.achievement_id) for one in rows}
        labels = sheets.labels(Reader(session, asker.principal), event, pairs)
    typed = {name: text_of(form, name) for name in _SENT} if form is not None else {}
    return page(
        request,
        "event_follow_ups.html",
        status=problem.status if problem else 200,
        active="events",
        tab="/follow-ups",
        event=event,
        rows=rows,
        counts={name: sum(one.state == name for one in every) for name in STATES},
        total=len(every),
        states=STATES,
        chosen=chosen,
        labels=labels,
        results=RESULTS,
        days="、".join(map(str, DAYS)),
        problem=problem,
        typed=typed,
    )
