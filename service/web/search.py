"""The start page: paste a text, get its counterparts. Nothing of the text is stored."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from matcher.listing import KINDS, Direction, Kind, Listing
from service.api.matches import TextQuery
from service.context import Ctx
from service.web.facets import FacetForm
from service.web.finding import Finding, State, find
from service.web.rendering import Form, page, text_of

router = APIRouter()

_LIMITS = {"title": 200, "text": 20_000}
_LABELS = {"title": "名称", "text": "正文"}


@router.get("/")
def home(request: Request, direction: str = "") -> Response:
    """The empty form; the direction and filters may come with the address."""
    facets = FacetForm.of(request.query_params)
    return _page(request, _direction(direction), facets)


@router.post("/")
def search(request: Request, ctx: Ctx, form: Form) -> Response:
    """The form again with the matches of its text: by POST, so that no log keeps the text."""
    direction = _direction(text_of(form, "direction"))
    title, text = text_of(form, "title"), text_of(form, "text")
    facets = FacetForm.of(form)
    problem = _problem(direction, title, text)
    if problem:
        return _page(
            request, direction, facets, title=title, text=text, problem=problem, status=422
        )
    finding = find(ctx, Listing("query", direction.query_kind, title, text), facets)
    not_ready = finding.state is State.NOT_READY
    return _page(
        request,
        direction,
        facets,
        title=title,
        text=text,
        finding=finding,
        status=503 if not_ready else 200,
        headers={"Retry-After": "1"} if not_ready else None,
    )


def _direction(value: str) -> Direction:
    return Direction(value) if value in list(Direction) else Direction.NEED_TO_ACHIEVEMENT


def _problem(direction: Direction, title: str, text: str) -> str:
    """What is wrong with the input, by the rules of the API; empty when nothing is."""
    try:
        TextQuery(direction=direction, title=title, text=text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        name = str(fault["loc"][0])
        if fault["type"] == "string_too_long":
            return f"{_LABELS[name]}过长，最多 {_LIMITS[name]:,} 字。请删减后再匹配。"
        return "还没有可匹配的文字。请在上面粘贴一段需求或成果的描述，至少两个字。"
    return ""


def _page(
    request: Request,
    direction: Direction,
    facets: FacetForm,
    *,
    title: str = "",
    text: str = "",
    problem: str = "",
    finding: Finding | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    query_kind: Kind = direction.query_kind
    return page(
        request,
        "search.html",
        status=status,
        headers=headers,
        active="search",
        direction=direction,
        kind=query_kind,
        counterpart=KINDS[query_kind].counterpart,
        facets=facets,
        title_text=title,
        text=text,
        problem=problem,
        finding=finding,
    )
