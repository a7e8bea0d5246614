"""The page of batch runs: begin, progress that keeps itself up to date, cancel, restore."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from service.api import batches
from service.batch.tables import State
from service.context import Context, Ctx
from service.db import reading
from service.errors import JiebangError
from service.guard import Asker, Caller
from service.web.rendering import Form, page, text_of

router = APIRouter()
STATES_ZH = {State.RUNNING: "未完成", State.CANCELLED: "已取消", State.DONE: "完成"}


@router.get("/batches", name="batches")
def show(request: Request, ctx: Ctx, asker: Asker) -> Response:
    """All runs; the table fetches itself again while one is unfinished."""
    return _list(request, ctx, asker)


def _list(
    request: Request,
    ctx: Context,
    asker: Caller,
    form: Form | None = None,
    problem: JiebangError | None = None,
) -> Response:
    with reading(ctx.engine) as session:
        found = batches.all_shown(session, asker.principal)
    going = any(run.state is State.RUNNING for run in found)
    filled = {name: text_of(form, name) if form else "" for name in ("needs", "achievements")}
    return page(
        request,
        "batches.html",
        status=problem.status if problem else 200,
        active="batches",
        runs=found,
        states=STATES_ZH,
        going=going,
        filled=filled,
        problem=problem,
    )


@router.post("/batches", name="begin_batch")
def begin(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Start a run and show the list, or tell why it cannot be started."""
    asked: dict[str, object] = {
        kind: text_of(form, kind).split() or None for kind in ("needs", "achievements")
    }
    try:
        body = batches.BatchIn.model_validate(asked | {"top_k": text_of(form, "top_k")})
        batches.begin(ctx, asker, body)
    except ValidationError:
        problem = JiebangError("每条返回几个要是 1 到 200 的整数", cure="改正后再开始")
        return _list(request, ctx, asker, form, problem)
    except JiebangError as error:
        return _list(request, ctx, asker, form, error)
    return RedirectResponse("/batches", status_code=303)


@router.post("/batches/{batch_id}/resume", name="resume_batch")
def resume(batch_id: str, ctx: Ctx, asker: Asker) -> Response:
    """Go on with a run and show the list."""
    batches.resume(batch_id, ctx, asker)
    return RedirectResponse("/batches", status_code=303)


@router.post("/batches/{batch_id}/cancel", name="cancel_batch")
def cancel(batch_id: str, ctx: Ctx, asker: Asker) -> Response:
    """Stop a run and show the list."""
    batches.cancel(batch_id, ctx, asker)
    return RedirectResponse("/batches", status_code=303)


@router.post("/batches/{batch_id}/delete", name="delete_batch")
def delete(request: Request, batch_id: str, ctx: Ctx, asker: Asker) -> Response:
    """Remove a run and show the list, or tell why it cannot be removed."""
    try:
        batches.delete(batch_id, ctx)
    except JiebangError as error:
        return _list(request, ctx, asker, problem=error)
    return RedirectResponse("/batches", status_code=303)


@router.post("/batches/{batch_id}/restore", name="restore_batch")
def restore(batch_id: str, ctx: Ctx, asker: Asker) -> Response:
    """Put a run in force and show the list."""
    batches.restore(batch_id, ctx, asker)
    return RedirectResponse("/batches", status_code=303)
