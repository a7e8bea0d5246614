"""What is still missing before an event, and the invitations to it, over HTTP."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, BackgroundTasks, Response
from pydantic import BaseModel

from service.api.event_roster import xlsx
from service.api.listings import PROBLEMS
from service.context import Ctx
from service.db import reading, writing
from service.disclosure import Reader
from service.events import chase, events
from service.events.roster import inviting
from service.events.roster.inputs import InvitationIn
from service.guard import Asker

router = APIRouter(prefix="/events/{id}", tags=["events"], responses=PROBLEMS)


class Sent(BaseModel):
    """How many letters go out, and who has no address."""

    letters: int
    without_mail: list[str]
    state: str


@router.get("/chase", summary="催办清单")
def chase_list(ctx: Ctx, asker: Asker, id: str) -> list[dict[str, Any]]:  # noqa: A002
    """What is still missing, by party and person."""
    with reading(ctx.engine) as session:
        found = chase.gaps(Reader(session, asker.principal), events.get(session, id))
        return [gap.as_row() for gap in found]


@router.get("/chase.xlsx", response_class=Response, summary="催办清单（XLSX）")
def chasexlsx(ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
    """The same as a file."""
    with reading(ctx.engine) as session:
        event = events.get(session, id)
        content = chase.workbook(chase.gaps(Reader(session, asker.principal), event))
    return xlsx(content, f"{event.id}-chase.xlsx")


@router.post("/invitations", response_model=Sent, summary="发送或重发邀请")
def invite(
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    body: InvitationIn,
    background: BackgroundTasks,
) -> Sent:
    """A fresh link by mail for each; earlier links stop working. The first ones open the event."""
    with writing(ctx.engine) as session:
        event = events.get(session, id)
        invited = inviting.invite(ctx.office, session, event, body, asker.principal)
    background.add_task(invited.send)
    return Sent(letters=len(invited.letters), without_mail=invited.without_mail, state=event.state)
