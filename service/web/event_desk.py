"""The desk on the day of an event: who is there, who sits where next, and what comes of meetings."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from corpora.taxonomy import taxonomy
from matcher.listing import KINDS, Kind
from service.context import Context, Ctx
from service.db import reading
from service.disclosure import Reader
from service.errors import InvalidRecordError, JiebangError
from service.events import check_in, events, outcomes, sheets
from service.events.outcomes import OutcomeIn, Speaker
from service.guard import Asker, Caller
from service.web.acting import acted
from service.web.feedback import LABELS, stated
from service.web.forms import checked
from service.web.rendering import Form, page, text_of, texts_of

router = APIRouter(prefix="/events/{id}")
Search = Annotated[str, Query(max_length=80)]


@router.get("/desk", name="event_desk")
def show(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    q: Search = "",
    need: Annotated[str, Query(max_length=200)] = "",
    achievement: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """People and meetings; those of one pair with the forms of both sides where it is named."""
    return _page(request, ctx, asker, id, q, (need, achievement))


@router.post("/check-in", name="check_in")
def arrive(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Check a person in, or undo it."""
    search = text_of(form, "q")

    def act(session: Session) -> None:
        event = events.get(session, id)
        undo = text_of(form, "undo") == "yes"
        check_in.check_in(session, event, text_of(form, "attendee"), undo=undo)

    def refused(error: JiebangError) -> Response:
        return _page(request, ctx, asker, id, search, ("", ""), error)

    query = f"?{urlencode({'q': search})}" if search else ""
    return acted(ctx, act, refused, f"/events/{id}/desk{query}")


@router.post("/outcomes", name="enter_outcome")
def enter(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Write down what one side says of a meeting."""
    pair = text_of(form, "need"), text_of(form, "achievement")

    def act(session: Session) -> None:
        event = events.get(session, id)
        meeting = sheets.meeting_of(session, event, *pair)
        side = text_of(form, "side")
        if side not in set(Kind):
            raise InvalidRecordError("没有说明是哪一方的反馈", cure="刷新页面后再填")
        asked = checked(OutcomeIn, stated(form), LABELS)
        speaker = Speaker(principal=asker.principal)
        outcomes.put(session, event, meeting, Kind(side), asked, speaker)

    def refused(error: JiebangError) -> Response:
        return _page(request, ctx, asker, id, "", pair, error, form)

    query = urlencode({"need": pair[0], "achievement": pair[1]})
    return acted(ctx, act, refused, f"/events/{id}/desk?{query}#meeting")


def _page(
    request: Request,
    ctx: Context,
    asker: Caller,
    id_: str,
    search: str,
    pair: tuple[str, str],
    problem: JiebangError | None = None,
    form: Form | None = None,
) -> Response:
    typed: dict[str, Any] = {}
    if form is not None:
        sent = {name: texts_of(form, name) for name in form}
        typed = {name: values for name, values in sent.items() if values}
    with reading(ctx.engine) as session:
        event = events.get(session, id_)
        reader = Reader(session, asker.principal)
        people = sheets.people(reader, event, search)
        said = sheets.said(reader, event)
    chosen = [m for m in said if (m["need_id"], m["achievement_id"]) == pair]
    return page(
        request,
        "event_desk.html",
        status=problem.status if problem else 200,
        active="events",
        tab="/desk",
        event=event,
        people=people,
        meetings=said,
        chosen=chosen[0] if chosen else None,
        search=search,
        sides={kind.value: KINDS[kind].label_zh for kind in Kind},
        reasons=taxonomy("reason").labels,
        problem=problem,
        typed=typed,
    )
