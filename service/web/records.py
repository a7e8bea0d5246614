"""The page of one record: what it states, its matches, and why a counterpart is not among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from corpora.spreadsheet import export_rows
from matcher.listing import KINDS, Kind
from service.answers import Asked, Asking
from service.api.imports import XLSX
from service.context import Context, Ctx
from service.disclosure import View, reading_as
from service.errors import NotReadyError
from service.files import attachment
from service.guard import Asker, Caller
from service.matchbook import sheets
from service.present import CONDITION_LABELS
from service.web.cards import Card, stated_fields
from service.web.consents import contact_panel
from service.web.facets import FacetForm
from service.web.finding import Question, find
from service.web.lifecycle import Problem, life_of
from service.web.pairs import boxes_of
from service.web.rendering import judge_of, may, page
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
    def match_book(request: Request, ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
        with reading_as(ctx.engine, asker.principal, asker.key) as reader:
            view = reader.get(kind, id)
        question = _question(ctx, asker, view, FacetForm.of(request.query_params))
        answer = question.answer().answer
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
        with reading_as(ctx.engine, asker.principal, asker.key) as reader:
            view = reader.get(kind, id)
            life = life_of(reader, ctx, kind, id)
            contact = contact_panel(reader, kind, id)
            said = boxes_of(reader, kind, id) if life else {}
        facets = FacetForm.of(request.query_params)
        shown: dict[str, Any] = {
            "kind": kind,
            "counterpart": spec.counterpart,
            "view": view,
            "facets": facets,
        }
        shown |= {
            "active": spec.plural,
            "fields": stated_fields(view.record),
            "posted": "posted" in request.query_params,
            "life": life,
            "contact": contact,
            "problem": problem,
            "stances": said,
            "speaks": life is not None and may(request, f"POST /{spec.plural}/{{id:path}}/stance"),
        }
        # what is derived from a text would tell of it
        if view.masked:
            return page(request, "record.html", **shown, **_NO_MATCHES)
        question = _question(ctx, asker, view, facets)
        finding = find(ctx, question)
        verdicts = stored_verdicts(ctx, asker.principal, kind, id) if _reads(request) else []
        judge = judge_of(request)
        boxes = {
            card.match.listing.id: VerdictBox.of(kind, id, card.match.listing.id, verdicts, judge)
            for card in finding.cards
            if may(request, "POST /verdicts")
        }
        asked_why = _why(question, why.strip()) if why.strip() else None
        found: dict[str, Any] = {
            "finding": finding,
            "verdicts": verdicts,
            "boxes": boxes,
            "why": asked_why,
        }
        return page(request, "record.html", **shown, **found)

    return router


_NO_MATCHES: dict[str, Any] = {"finding": None, "verdicts": [], "boxes": {}, "why": None}


def _reads(request: Request) -> bool:
    return may(request, "GET /api/verdicts")


def _question(ctx: Context, asker: Caller, view: View, facets: FacetForm) -> Question:
    """Not before the change that wrote the record: whoever posted it sees its matches at once."""
    return Question(Asked.of(view), Asking(ctx, asker.principal, asker.key), facets, view.seq)


def _why(question: Question, other_id: str) -> Why:
    query = question.asked.listing
    kind = KINDS[query.kind].counterpart
    try:
        found = question.asking.position(question.asked, other_id, question.facets.condition)
        view = question.asking.views(kind, [other_id])[other_id]
    except KeyError:
        problem = (
            f"{other_id} 不在可匹配的{KINDS[kind].label_zh}里。"
            "请核对编号；未发布、已撤回或刚发布的记录不参与匹配。"
        )
        return Why(other_id, problem)
    except NotReadyError as error:
        return Why(other_id, f"{error.detail}，{error.cure}。")
    return Why(
        other_id,
        card=Card.of(query, found.match, view),
        rank=found.rank,
        corpus_size=found.corpus_size,
        failed=tuple(CONDITION_LABELS[name] for name in found.failed_filters),
    )
