"""The report of an event, as a page and as a spreadsheet."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from corpora.spreadsheet import export_rows
from service.api.imports import XLSX
from service.context import Ctx
from service.db import reading
from service.events import events, figures
from service.events.figures import GROUPINGS
from service.events.follow_ups import RESULTS
from service.events.report_sheets import HEADS, sheets
from service.files import attachment
from service.web.rendering import page

router = APIRouter(prefix="/events/{id}")


@router.get("/report", name="event_report")
def show(request: Request, ctx: Ctx, id: str) -> Response:  # noqa: A002
    """Everything as a page."""
    with reading(ctx.engine) as session:
        event = events.get(session, id)
        found = figures.report(session, event)
    return page(
        request,
        "event_report.html",
        active="events",
        tab="/report",
        event=event,
        report=found,
        groupings={name: label for name, (label, _) in GROUPINGS.items()},
        heads=HEADS,
        results=RESULTS,
    )


@router.get("/report.xlsx", name="event_report_book")
def book(ctx: Ctx, id: str) -> Response:  # noqa: A002
    """Everything as a workbook."""
    with reading(ctx.engine) as session:
        event = events.get(session, id)
        content = export_rows(sheets(figures.report(session, event)))
    return attachment(content, XLSX, f"{event.name}-总结.xlsx")
