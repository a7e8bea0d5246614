"""Batch runs: how far they are, their results, what changed between two of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlmodel import Session
from starlette.responses import Response

from service.access import HOUSE, Principal
from service.batch import launch, removing, results, runs
from service.batch.tables import BatchRunRow, State
from service.context import Ctx
from service.db import reading, writing
from service.disclosure import reading_as
from service.guard import Asker

router = APIRouter(prefix="/batches", tags=["批量运行"])
NDJSON = "application/x-ndjson"
_MOST = 100_000
ListingId = Annotated[str, Field(min_length=1, max_length=200)]


class BatchOut(BaseModel):
    """A run: what it was made from and how far it is; seconds and needs a second.

    Numbers of records, the rate and the digest of the records are for the house: they would tell
    others how many records there are that they may not know of, or let them try what these say.
    """

    id: str
    state: State
    source: str
    needs: int | None
    achievements: int | None
    done: int | None
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


def shown(
    session: Session, row: BatchRunRow, current: BatchRunRow | None, principal: Principal
) -> BatchOut:
    """A run with its progress, as `principal` may see it."""
    now = runs.progress(session, row)
    inside = principal.role in HOUSE
    return BatchOut(
        id=row.id,
        state=now.state,
        source=row.source,
        needs=row.needs if inside else None,
        achievements=row.achievements if inside else None,
        done=now.done if inside else None,
        percent=round(now.percent, 2) if inside else round(now.percent),
        rate=now.rate if inside else None,
        seconds_left=now.left,
        in_force=current is not None and current.id == row.id,
        inputs={name: value for name, value in row.inputs.items() if inside or name != "records"},
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def all_shown(session: Session, principal: Principal) -> list[BatchOut]:
    """Every run with its progress, the newest first."""
    current = runs.in_force(session)
    return [shown(session, row, current, principal) for row in runs.every(session)]


@router.get("", response_model=list[BatchOut], summary="批量运行列表")
def every(ctx: Ctx, asker: Asker) -> list[BatchOut]:
    """The newest first."""
    with reading(ctx.engine) as session:
        return all_shown(session, asker.principal)


@router.post("", response_model=BatchOut, status_code=201, summary="开始一次批量运行")
def begin(ctx: Ctx, asker: Asker, body: BatchIn) -> BatchOut:
    """Freezes records and vectors and answers; the matching is done by a process of its own.

    Records of every disclosure tier take part; a roster may name those of which the caller knows.
    """
    run_id = launch.launch(
        ctx, asker.principal, top_k=body.top_k, needs=body.needs, achievements=body.achievements
    )
    return one(run_id, ctx, asker)


@router.post("/{batch_id}/resume", response_model=BatchOut, summary="接着做")
def resume(batch_id: str, ctx: Ctx, asker: Asker) -> BatchOut:
    """Goes on with a run that was cancelled or whose process died; what is done stays done."""
    return one(launch.go_on(ctx, batch_id), ctx, asker)


@router.get("/{batch_id}", response_model=BatchOut, summary="一次批量运行的进度")
def one(batch_id: str, ctx: Ctx, asker: Asker) -> BatchOut:
    """`batch_id` may be the beginning of an id."""
    with reading(ctx.engine) as session:
        row = runs.find(session, batch_id)
        return shown(session, row, runs.in_force(session), asker.principal)


@router.post("/{batch_id}/cancel", response_model=BatchOut, summary="取消")
def cancel(batch_id: str, ctx: Ctx, asker: Asker) -> BatchOut:
    """Stops after the shard in work; `jiebang batch resume` goes on."""
    with writing(ctx.engine) as session:
        row = runs.find(session, batch_id)
        runs.cancel(session, row)
        return shown(session, row, runs.in_force(session), asker.principal)


@router.delete("/{batch_id}", status_code=204, summary="删除")
def delete(batch_id: str, ctx: Ctx) -> None:
    """Removes results and frozen records of a run that is done or cancelled."""
    removing.remove(ctx.engine, ctx.settings.home, batch_id)


@router.post("/{batch_id}/restore", response_model=BatchOut, summary="重新采用")
def restore(batch_id: str, ctx: Ctx, asker: Asker) -> BatchOut:
    """Puts a finished run in force again."""
    with writing(ctx.engine) as session:
        row = runs.find(session, batch_id)
        runs.restore(session, row)
        session.flush()
        return shown(session, row, runs.in_force(session), asker.principal)


@router.get(
    "/{batch_id}/result",
    response_class=Response,
    responses={200: {"content": {NDJSON: {}}}},
    summary="结果文件",
)
def result(batch_id: str, ctx: Ctx, asker: Asker) -> Response:
    """JSON lines: the inputs, then an answer for each need; equal inputs give equal bytes.

    Whoever takes it has read what it quotes, which is written down.
    """
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        row = runs.find(reader.session, batch_id)
        content = list(results.content(reader.session, row))
        if row.inputs["seq"]:  # a folder has none, and ids of its own
            for kind, ids in results.quoted(content).items():
                reader.note_quoted(kind, ids)
    return Response(b"".join(content), media_type=NDJSON)


@router.get("/{batch_id}/changes/{later_id}", response_model=DifferenceOut, summary="比较两次运行")
def changes(batch_id: str, later_id: str, ctx: Ctx) -> Any:  # noqa: ANN401  (fitted to the model)
    """What the later run has and lacks against the first."""
    with reading(ctx.engine) as session:
        rows = [runs.find(session, id_) for id_ in (batch_id, later_id)]
        return DifferenceOut.model_validate(
            results.difference(session, *rows), from_attributes=True
        )
