"""The page of batch runs: progress that keeps itself up to date, cancel and restore."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from service.api import batches
from service.batch.tables import State
from service.context import Ctx
from service.db import reading
from service.web.rendering import page

router = APIRouter()
STATES_ZH = {State.RUNNING: "未完成", State.CANCELLED: "已取消", State.DONE: "完成"}


@router.get("/batches", name="batches")
def show(request: Request, ctx: Ctx) -> Response:
    """All runs; the table fetches itself again while one is unfinished."""
    with reading(ctx.engine) as session:
        found = batches.all_shown(session)
    going = any(run.state is State.RUNNING for run in found)
    return page(
        request, "batches.html", active="batches", runs=found, states=STATES_ZH, going=going
    )


@router.post("/batches/{batch_id}/cancel", name="cancel_batch")
def cancel(batch_id: str, ctx: Ctx) -> Response:
    """Stop a run and show the list."""
    batches.cancel(batch_id, ctx)
    return RedirectResponse("/batches", status_code=303)


@router.post("/batches/{batch_id}/restore", name="restore_batch")
def restore(batch_id: str, ctx: Ctx) -> Response:
    """Put a run in force and show the list."""
    batches.restore(batch_id, ctx)
    return RedirectResponse("/batches", status_code=303)
