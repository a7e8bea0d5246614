"""The check-up of a need while its form is filled in; nothing of it is stored."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from corpora.records import NeedRecord
from matcher.listing import KINDS, Kind
from service.context import Ctx
from service.web.panel import Panel
from service.web.posting import PostingForm, posting_page
from service.web.rendering import Form, from_htmx, page

router = APIRouter()


@router.post(f"/{KINDS[Kind.NEED].plural}/checkup", name="checkup_need")
def checkup(request: Request, ctx: Ctx, form: Form) -> Response:
    """The panel for htmx, the whole form with the panel without scripts."""
    posting = PostingForm(Kind.NEED)
    record = posting.read_draft(form)
    if isinstance(record, NeedRecord):
        panel, status = Panel.of(record, ctx.replica.twins.twins), 200
    else:
        told = (error for errors in posting.errors.values() for error in errors)
        panel, status = Panel(problem="".join(told)), 422
    if from_htmx(request):
        return page(request, "_checkup.html", status=status, panel=panel)
    return posting_page(request, posting, panel=panel, status=status)
