"""The start page: paste a text, get its counterparts, and grade them.

Nothing of the text is stored until its first verdict, which keeps it as a draft.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from matcher.listing import KINDS, Direction, Kind, Listing
from service.access import Principal
from service.answers import Asked, Asking
from service.api.matches import TextQuery
from service.api.verdicts import put_verdict
from service.context import Context, Ctx
from service.db import reading, writing
from service.errors import ForbiddenError, InvalidRecordError
from service.guard import Asker, Caller
from service.tables import VerdictRow
from service.web import drafts
from service.web.facets import FacetForm
from service.web.finding import Finding, Question, State, find
from service.web.rendering import (
    Form,
    from_htmx,
    judge_of,
    may,
    page,
    remember_judge,
    text_of,
)
from service.web.verdicts import VerdictBox, stored_verdicts, told, verdict_of

router = APIRouter()

_LIMITS = {"title": 200, "text": 20_000}
_LABELS = {"title": "名称", "text": "正文"}


@router.get("/")
def home(request: Request, direction: str = "") -> Response:
    """The empty form; the direction and filters may come with the address."""
    facets = FacetForm.of(request.query_params)
    return _page(request, Search(_direction(direction), "", "", facets))


@dataclass(frozen=True)
class Search:
    """What was searched, as the form gives it."""

    direction: Direction
    title: str
    text: str
    facets: FacetForm

    @classmethod
    def of(cls, form: Form) -> Search:
        """Read the form of the page, or the hidden fields of a verdict on a result."""
        return cls(
            _direction(text_of(form, "direction")),
            text_of(form, "title"),
            text_of(form, "text"),
            FacetForm.of(form),
        )

    @property
    def kind(self) -> Kind:
        """What the text is."""
        return self.direction.query_kind

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Names and values that make this search again."""
        facets = (*self.facets.hidden(), ("top_k", str(self.facets.top_k)))
        return (
            ("direction", self.direction),
            ("title", self.title),
            ("text", self.text),
            *facets,
        )

    def box(
        self, ctx: Context, principal: Principal, draft_id: str, other_id: str, judge: str
    ) -> VerdictBox:
        """The grading control of one result."""
        return self.boxes(ctx, principal, draft_id, [other_id], judge)[other_id]

    def boxes(
        self,
        ctx: Context,
        principal: Principal,
        draft_id: str,
        ids: Iterable[str],
        judge: str,
    ) -> dict[str, VerdictBox]:
        """The grading controls of results by their ids; `draft_id` is empty without a draft."""
        verdicts = stored_verdicts(ctx, principal, self.kind, draft_id) if draft_id else []
        return {
            id_: replace(
                VerdictBox.of(self.kind, draft_id, id_, verdicts, judge), searched=self.fields
            )
            for id_ in ids
        }


@router.post("/")
def search(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """The form again with the matches of its text: by POST, so that no log keeps the text."""
    return _answered(request, ctx, asker, Search.of(form))


@router.post("/judged", name="judge_result")
def judged(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Grade a result: keep the text as a draft, then show the control, or the page, again."""
    asked = Search.of(form)
    other_id = text_of(form, KINDS[KINDS[asked.kind].counterpart].id_field)
    judge = text_of(form, "judge")
    saved, problem = None, _problem(asked.direction, asked.title, asked.text)
    if not problem:
        try:
            saved = _save(ctx, asked, other_id, form, judge, asker.principal)
        except (ValidationError, ForbiddenError, InvalidRecordError) as error:
            problem = told(error)
    box = asked.box(ctx, asker.principal, _draft_id(ctx, asked), other_id, judge)
    box = replace(box, saved=saved, problem=problem)
    if from_htmx(request):
        response = page(
            request,
            "_judged.html",
            status=422 if problem else 200,
            box=box,
            draft_id=box.ids[asked.kind],
            swapped=True,
        )
    else:
        response = _answered(request, ctx, asker, asked, {other_id: box})
    if saved is not None and judge != judge_of(request):
        remember_judge(response, judge)
    return response


def _save(
    ctx: Context, asked: Search, other_id: str, form: Form, judge: str, principal: Principal
) -> VerdictRow:
    """Store draft and verdict in one transaction.

    Raises ValidationError, ForbiddenError and InvalidRecordError, and then stores neither.
    """
    record = drafts.read(asked.kind, asked.title, asked.text)
    with writing(ctx.engine) as session:
        draft = drafts.ensure(session, record)
        ids = {asked.kind: draft.id, KINDS[asked.kind].counterpart: other_id}
        saved = put_verdict(session, verdict_of(form, ids, judge), principal)
    ctx.replica.notify()
    return saved


def _draft_id(ctx: Context, asked: Search) -> str:
    """The id of the draft of this text; empty while there is none."""
    try:
        record = drafts.read(asked.kind, asked.title, asked.text)
    except InvalidRecordError:
        return ""
    with reading(ctx.engine) as session:
        row = drafts.find(session, record)
        return row.id if row else ""


def _answered(
    request: Request,
    ctx: Context,
    asker: Caller,
    asked: Search,
    changed: Mapping[str, VerdictBox] | None = None,
) -> Response:
    """The page with the matches; `changed` are controls in another state than the stored one."""
    problem = _problem(asked.direction, asked.title, asked.text)
    if problem:
        return _page(request, asked, problem=problem, status=422)
    listing = Listing("query", asked.kind, asked.title, asked.text)
    asking = Asking(ctx, asker.principal, asker.key)
    finding = find(ctx, Question(Asked(listing), asking, asked.facets))
    draft_id, boxes = "", dict(changed or {})
    if may(request, "POST /judged"):
        draft_id = _draft_id(ctx, asked)
        ids = (card.match.listing.id for card in finding.cards)
        boxes = asked.boxes(ctx, asker.principal, draft_id, ids, judge_of(request)) | boxes
    status = 422 if any(box.problem for box in boxes.values()) else 200
    not_ready = finding.state is State.NOT_READY
    return _page(
        request,
        asked,
        finding=finding,
        boxes=boxes,
        draft_id=draft_id,
        status=503 if not_ready else status,
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
    asked: Search,
    *,
    problem: str = "",
    finding: Finding | None = None,
    boxes: Mapping[str, VerdictBox] | None = None,
    draft_id: str = "",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    return page(
        request,
        "search.html",
        status=status,
        headers=headers,
        active="search",
        direction=asked.direction,
        kind=asked.kind,
        counterpart=KINDS[asked.kind].counterpart,
        facets=asked.facets,
        title_text=asked.title,
        text=asked.text,
        problem=problem,
        finding=finding,
        boxes=boxes or {},
        draft_id=draft_id,
        swapped=False,
    )
