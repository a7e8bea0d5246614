"""Health and readiness."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from matcher.listing import Kind
from service import changes
from service.context import Ctx
from service.db import reading

router = APIRouter(tags=["system"])

_MAX_LAG = 1000


class Health(BaseModel):
    """State of the service. `lag` is the number of changes that matches do not reflect yet."""

    ready: bool
    head: int | None
    watermark: int
    lag: int | None
    needs: int
    achievements: int
    model: str
    problem: str | None = None


@router.get("/health", responses={503: {"model": Health, "description": "尚未就绪"}})
def health(ctx: Ctx, response: Response) -> Health:
    """200 when matches can be served and are current, 503 otherwise."""
    matcher = ctx.replica.matcher
    problem = ctx.replica.failure
    head: int | None = None
    try:
        with reading(ctx.engine) as session:
            head = changes.head(session).n
    except SQLAlchemyError as error:
        problem = f"数据库不可用：{type(error).__name__}"
    lag = None if head is None else head - ctx.replica.watermark
    ready = matcher is not None and problem is None and lag is not None and lag < _MAX_LAG
    if not ready:
        response.status_code = 503
    return Health(
        ready=ready,
        head=head,
        watermark=ctx.replica.watermark,
        lag=lag,
        needs=len(matcher.index(Kind.NEED)) if matcher else 0,
        achievements=len(matcher.index(Kind.ACHIEVEMENT)) if matcher else 0,
        model=ctx.encoder.fingerprint,
        problem=problem,
    )
