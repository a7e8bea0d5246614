"""The figures of the dashboard."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from service import dashboard
from service.context import Ctx
from service.db import reading

router = APIRouter(prefix="/dashboard", tags=["数据看板"])


class DashboardOut(BaseModel):
    """Funnel, median times, supply and demand by chain and region, exposure of institutions."""

    funnel: list[dashboard.Stage]
    waits: list[dashboard.Wait]
    gaps: list[dashboard.Gap]
    exposure: dashboard.Exposure


@router.get("", response_model=DashboardOut, summary="数据看板")
def read(ctx: Ctx) -> Any:  # noqa: ANN401  (fitted to the model by FastAPI)
    """Everything at once."""
    matcher = ctx.matcher()
    with reading(ctx.engine) as session:
        return {
            "funnel": dashboard.funnel(session),
            "waits": dashboard.waits(session),
            "gaps": dashboard.gaps(session),
            "exposure": dashboard.exposure(session, matcher, ctx.suggestions),
        }
