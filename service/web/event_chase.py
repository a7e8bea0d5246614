"""The chase list of an event as a page and a file, and the invitations to it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from service.api.imports import XLSX
from service.context import Context, Ctx
from service.db import reading, writing
from service.disclosure import Reader
from service.errors import JiebangError
from service.events import chase as chasing
from service.events import events
from service.events.roster import inviting, shown
from service.events.roster.inputs import InvitationIn
from service.files import attachment
from service.guard import Asker, Caller
from service.web.event_roster import roster_page, waiting
from service.web.forms import checked
from service.web.rendering import Form, page, text_of, texts_of

router = APIRouter(prefix="/events/{id}")


@router.get("/chase", name="event_chase")
def chase(request: Request, ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
    """What is still missing, by party."""
    return _chase(request, ctx, asker, id)


@router.get("/chase.xlsx", name="chase_file")
def chase_file(ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
    """The same as a file."""
    with reading(ctx.engine) as session:
        event = events.get(session, id)
        content = chasing.workbook(chasing.gaps(Reader(session, asker.principal), event))
    return attachment(content, XLSX, f"{event.name} 催办清单.xlsx")


@router.post("/invitations", name="invite_to_event")
def invite(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Mail links to whom the form means, and say how many."""
    shown_on = _chase if text_of(form, "back") == "chase" else roster_page
    try:
        data = {"to": text_of(form, "to"), "people": texts_of(form, "people")}
        asked = checked(InvitationIn, data, {"to": "邀请谁", "people": "人员"})
        with writing(ctx.engine) as session:
            event = events.get(session, id)
            invited = inviting.invite(ctx.office, session, event, asked, asker.principal)
    except JiebangError as error:
        return shown_on(request, ctx, asker, id, error)
    done = f"发出 {len(invited.letters)} 封邀请"
    if invited.without_mail:
        done += f"；没有邮箱而发不出的：{'、'.join(invited.without_mail)}"
    response = shown_on(request, ctx, asker, id, done=done)
    response.background = BackgroundTask(invited.send)
    return response


def _chase(
    request: Request,
    ctx: Context,
    asker: Caller,
    id_: str,
    problem: JiebangError | None = None,
    *,
    done: str = "",
) -> Response:
    with reading(ctx.engine) as session:
        event = events.get(session, id_)
        reader = Reader(session, asker.principal)
        gaps = chasing.gaps(reader, event)
        roster = shown.roster(reader, event)
    return page(
        request,
        "event_chase.html",
        status=problem.status if problem else 200,
        active="events",
        tab="/chase",
        event=event,
        gaps=gaps,
        codes=chasing.CODES,
        waiting=waiting(roster),
        problem=problem,
        done=done,
    )
