"""Batch runs: how far they are, their results, what changed between two of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session
from starlette.responses import Response

from service.batch import launch, results, runs
from service.batch.tables import BatchRunRow, State
from service.context import Ctx
from service.db import reading, writing

router = APIRouter(prefix="/batches", tags=["批量运行"])
NDJSON = "application/x-ndjson"
_MOST = 100_000
ListingId = Annotated[str, Field(min_length=1, max_length=200)]


class BatchOut(BaseModel):
    """A run: what it was made from and how far it is; seconds and needs a second."""

    id: str
    state: State
    source: str
    needs: int
    achievements: int
    done: int
    percent: float
    rate: float | None
    seconds_left: float | None
    in_force: bool
    inputs: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None


class BatchIn(BaseModel):
    """What to run: how many matches for each need, and rosters of ids (null: all that is published)."""

    model_config = {"extra": "forbid", "json_schema_extra": {"examples": [{"top_k": 10}]}}

    top_k: Annotated[int, Field(ge=1, le=200)] = 10
    needs: Annotated[list[ListingId] | None, Field(min_length=1, max_length=_MOST)] = None
    achievements: Annotated[list[ListingId] | None, Field(min_length=1, max_length=_MOST)] = None


class DifferenceOut(BaseModel):
    """Pairs that only the later run has, only the earlier one, and that changed their rank."""

    new: list[tuple[str, str]]
    gone: list[tuple[str, str]]
    moved: list[results.Moved]
    same: int


def shown(session: Session, row: BatchRunRow, current: BatchRunRow | None) -> BatchOut:
    """A run with its progress."""
    now = runs.progress(session, row)
    return BatchOut(
        id=row.id,
        state=now.state,
        source=row.source,
        needs=row.needs,
        achievements=row.achievements,
        done=now.done,
        percent=round(now.percent, 2),
        rate=now.rate,
        seconds_left=now.left,
        in_force=current is not None and current.id == row.id,
        inputs=row.inputs,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def all_shown(session: Session) -> list[BatchOut]:
    """Every run with its progress, the newest first."""
    current = runs.in_force(session)
    return [shown(session, row, current) for row in runs.every(session)]


@router.get("", response_model=list[BatchOut], summary="批量运行列表")
def every(ctx: Ctx) -> list[BatchOut]:
    """The newest first."""
    with reading(ctx.engine) as session:
        return all_shown(session)


@router.post("", response_model=BatchOut, status_code=201, summary="开始一次批量运行")
def begin(ctx: Ctx, body: BatchIn) -> BatchOut:
    """Freezes records and vectors and answers; the matching is done by a process of its own."""
    run_id = launch.launch(ctx, top_k=body.top_k, needs=body.needs, achievements=body.achievements)
    return one(run_id, ctx)


@router.post("/{batch_id}/resume", response_model=BatchOut, summary="接着做")
def resume(batch_id: str, ctx: Ctx) -> BatchOut:
    """Goes on with a run that was cancelled or whose process died; what is done stays done."""
    return one(launch.go_on(ctx, batch_id), ctx)


@router.get("/{batch_id}", response_model=BatchOut, summary="一次批量运行的进度")
def one(batch_id: str, ctx: Ctx) -> BatchOut:
    """`batch_id` may be the beginning of an id."""
    with reading(ctx.engine) as session:
        return shown(session, runs.find(session, batch_id), runs.in_force(session))


@router.post("/{batch_id}/cancel", response_model=BatchOut, summary="取消")
def cancel(batch_id: str, ctx: Ctx) -> BatchOut:
    """Stops after the shard in work; `jiebang batch resume` goes on."""
    with writing(ctx.engine) as session:
        row = runs.find(session, batch_id)
        runs.cancel(session, row)
        return shown(session, row, runs.in_force(session))


@router.post("/{batch_id}/restore", response_model=BatchOut, summary="重新采用")
def restore(batch_id: str, ctx: Ctx) -> BatchOut:
    """Puts a finished run in force again."""
    with writing(ctx.engine) as session:
        row = runs.find(session, batch_id)
        runs.restore(session, row)
        session.flush()
        return shown(session, row, runs.in_force(session))


@router.get(
    "/{batch_id}/result",
    response_class=Response,
    responses={200: {"content": {NDJSON: {}}}},
    summary="结果文件",
)
def result(batch_id: str, ctx: Ctx) -> Response:
    """JSON lines: the inputs, then an answer for each need; equal inputs give equal bytes."""
    with reading(ctx.engine) as session:
        content = b"".join(results.content(session, runs.find(session, batch_id)))
    return Response(content, media_type=NDJSON)


@router.get("/{batch_id}/changes/{later_id}", response_model=DifferenceOut, summary="比较两次运行")
def changes(batch_id: str, later_id: str, ctx: Ctx) -> Any:  # noqa: ANN401  (fitted to the model)
    """What the later run has and lacks against the first."""
    with reading(ctx.engine) as session:
        rows = [runs.find(session, id_) for id_ in (batch_id, later_id)]
        return DifferenceOut.model_validate(
            results.difference(session, *rows), from_attributes=True
        )
