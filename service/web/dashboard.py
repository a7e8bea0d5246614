"""The dashboard: funnel, times, gap map, exposure, and all of it as a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from corpora.spreadsheet import export_rows
from corpora.taxonomy import SICHUAN, taxonomy
from matcher.listing import KINDS, Kind
from service import dashboard
from service.api.imports import XLSX
from service.context import Ctx
from service.dashboard import NO_CHAIN, NO_REGION, Gap
from service.db import reading
from service.files import attachment
from service.web.rendering import page

router = APIRouter()
_OUTSIDE = "省外"


@router.get("/dashboard", name="dashboard")
def show(request: Request, ctx: Ctx) -> Response:
    """Everything but the exposure, which takes matching and is fetched by the page."""
    with reading(ctx.engine) as session:
        stages, times = dashboard.funnel(session), dashboard.waits(session)
        cells = dashboard.gaps(session)
        confirmed = {
            KINDS[kind].label_zh: dashboard.recently_confirmed(session, kind) for kind in Kind
        }
    return page(
        request,
        "dashboard.html",
        active="dashboard",
        stages=stages,
        waits=times,
        gaps=cells,
        heat=heat(cells),
        confirmed=confirmed,
        days=dashboard.RECENT.days,
    )


@router.get("/dashboard/exposure", name="dashboard_exposure")
def exposure(request: Request, ctx: Ctx) -> Response:
    """The part on exposure."""
    matcher = ctx.matcher()
    with reading(ctx.engine) as session:
        shown = dashboard.exposure(session, matcher, ctx.suggestions)
    return page(request, "_exposure.html", exposure=shown)


@router.get("/dashboard.xlsx", name="dashboard_book")
def book(ctx: Ctx) -> Response:
    """Everything as a workbook."""
    matcher = ctx.matcher()
    with reading(ctx.engine) as session:
        sheets = dashboard.sheets(
            dashboard.funnel(session),
            dashboard.waits(session),
            dashboard.gaps(session),
            dashboard.exposure(session, matcher, ctx.suggestions),
        )
    return attachment(export_rows(sheets), XLSX, "dashboard.xlsx")


def heat(cells: Sequence[Gap]) -> dict[str, Any]:
    """What the heat map draws: names of both axes, and [column, row, needs, achievements] of cells.

    Regions beyond the province share one row, the last but that of records without a region.
    """
    taken: dict[tuple[str, str], list[int]] = {}
    for cell in cells:
        outside = cell.region is not None and not cell.region.startswith(SICHUAN)
        counts = taken.setdefault((cell.chain_zh, _OUTSIDE if outside else cell.region_zh), [0, 0])
        counts[0] += cell.needs
        counts[1] += cell.achievements
    columns, rows = {chain for chain, _ in taken}, {region for _, region in taken}
    chains = [name for name in (*taxonomy("chain").labels.values(), NO_CHAIN) if name in columns]
    places = (*taxonomy("region").labels.values(), _OUTSIDE, NO_REGION)
    regions = [name for name in places if name in rows]
    return {
        "chains": chains,
        "regions": regions,
        "cells": [
            [chains.index(chain), regions.index(region), *counts]
            for (chain, region), counts in taken.items()
        ],
    }
