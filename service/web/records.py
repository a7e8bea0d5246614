"""The page of one record: what it states, its matches, and why a counterpart is not among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from corpora.spreadsheet import export_rows
from matcher.listing import KINDS, Kind, Listing
from service import changes, store
from service.api.imports import XLSX
from service.context import Context, Ctx
from service.db import reading
from service.errors import NotReadyError
from service.guard import Asker
from service.matchbook import sheets
from service.present import CONDITION_LABELS
from service.tables import ListingRow
from service.web.cards import Card, stated_fields
from service.web.facets import FacetForm
from service.web.finding import answer_for, find
from service.web.lifecycle import Problem, life_of
from service.web.rendering import attachment, judge_of, may, page
from service.web.verdicts import VerdictBox, stored_verdicts


@dataclass(frozen=True)
class Why:
    """Where a counterpart stands for the record; `problem` says why that cannot be told."""

    id: str
    problem: str = ""
    card: Card | None = None
    rank: int | None = None
    corpus_size: int = 0
    failed: tuple[str, ...] = ()


def router_for(kind: Kind) -> APIRouter:
    """The record pages of one kind."""
    spec = KINDS[kind]
    router = APIRouter()

    @router.get(f"/{spec.plural}/{{id:path}}/matches.xlsx", name=f"{kind.value}_match_book")
    def match_book(request: Request, ctx: Ctx, id: str) -> Response:  # noqa: A002
        row, listing = _stored(ctx, kind, id)
        facets = FacetForm.of(request.query_params)
        answer = answer_for(ctx, listing, facets, row.seq)
        return attachment(export_rows(sheets([answer])), XLSX, f"{id}-matches.xlsx")

    @router.get(f"/{spec.plural}/{{id:path}}", name=f"show_{kind.value}")
    def show(
        request: Request,
        ctx: Ctx,
        asker: Asker,
        id: str,  # noqa: A002
        why: Annotated[str, Query(max_length=200)] = "",
        problem: Problem = "",
    ) -> Response:
        row, listing = _stored(ctx, kind, id)
        with reading(ctx.engine) as session:
            life = life_of(session, ctx, row, asker.principal)
        facets = FacetForm.of(request.query_params)
        # not before the change that wrote this record: whoever posted it sees its matches at once
        finding = find(ctx, listing, facets, row.seq)
        judging = may(request, "POST /verdicts")
        reading_all = may(request, "GET /api/verdicts")
        verdicts = stored_verdicts(ctx, kind, id) if reading_all else []
        judge = judge_of(request)
        boxes = {
            card.match.listing.id: VerdictBox.of(kind, id, card.match.listing.id, verdicts, judge)
            for card in finding.cards
            if judging
        }
        return page(
            request,
            "record.html",
            active=spec.plural,
            kind=kind,
            counterpart=spec.counterpart,
            row=row,
            fields=stated_fields(store.to_record(row)),
            posted="posted" in request.query_params,
            life=life,
            problem=problem,
            facets=facets,
            finding=finding,
            verdicts=verdicts,
            boxes=boxes,
            why=_why(ctx, listing, why.strip(), facets) if why.strip() else None,
        )

    return router


def _stored(ctx: Context, kind: Kind, id_: str) -> tuple[ListingRow, Listing]:
    with reading(ctx.engine) as session:
        row = store.get(session, kind, id_)
        return row, changes.to_listing(row)


def _why(ctx: Context, query: Listing, other_id: str, facets: FacetForm) -> Why:
    other = KINDS[KINDS[query.kind].counterpart]
    try:
        found = ctx.matcher().position(query, other_id, facets.condition)
    except KeyError:
        problem = (
            f"{other_id} 不在可匹配的{other.label_zh}里。"
            "请核对编号；未发布、已撤回或刚发布的记录不参与匹配。"
        )
        return Why(other_id, problem)
    except NotReadyError as error:
        return Why(other_id, f"{error.detail}，{error.cure}。")
    return Why(
        other_id,
        card=Card.of(query, found.match),
        rank=found.rank,
        corpus_size=found.corpus_size,
        failed=tuple(CONDITION_LABELS[name] for name in found.failed_filters),
    )
