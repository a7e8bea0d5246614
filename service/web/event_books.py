"""The page of an event's match book: what there is to take away, and how it reads."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from service.api.event_books import Party, router_of
from service.context import Ctx
from service.db import reading
from service.events import events
from service.events.book.content import day_zh
from service.events.book.documents import FORMS, book_of
from service.guard import Asker
from service.web.rendering import page

router = router_of()


@router.get("/events/{id}/book", name="event_book")
def show(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    party: Party = "",
) -> Response:
    """The book of the event as its reader may see it, or that of a party as it is handed out."""
    book = book_of(ctx, id, asker.principal, party, asker.key)
    with reading(ctx.engine) as session:
        event = events.get(session, id)
        parties = events.parties(session, id)
    return page(
        request,
        "event_book.html",
        active="events",
        tab="/book",
        event=event,
        parties=parties,
        party=party,
        book=book,
        forms=FORMS,
        day_zh=day_zh,
    )
