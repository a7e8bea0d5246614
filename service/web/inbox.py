"""The page of new matches."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from service.api.inbox import mark_read, new_matches
from service.context import Ctx
from service.guard import Asker
from service.web.rendering import page

router = APIRouter()
_SHOWN = 100


@router.get("/inbox", name="inbox_page")
def inbox(request: Request, ctx: Ctx, asker: Asker) -> Response:
    """New matches of one's own records, the latest first."""
    matches = new_matches(ctx, asker.principal, asker.key, _SHOWN)
    return page(request, "inbox.html", active="inbox", matches=matches)


@router.post("/inbox/read", name="read_inbox")
def read(ctx: Ctx, asker: Asker) -> Response:
    """Mark all of it as read."""
    mark_read(ctx, asker.principal)
    return RedirectResponse("/inbox", status_code=303)
