"""Grading a pair from a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from matcher.listing import KINDS, Kind
from service.access import Principal
from service.api import verdicts as api
from service.api.verdicts import VerdictIn, save_verdict
from service.context import Context, Ctx
from service.db import reading
from service.errors import FieldProblem, ForbiddenError, InvalidRecordError
from service.guard import Asker
from service.tables import VerdictRow
from service.web import drafts
from service.web.rendering import (
    Form,
    from_htmx,
    judge_of,
    page,
    record_url,
    remember_judge,
    text_of,
)

router = APIRouter()

GRADES = {3: "能解决", 2: "有差距", 1: "相关", 0: "不合用"}
_SHOWN = 200
_PROBLEMS = {
    "grade": "请先选择 0–3 分。",
    "note": "备注过长，最多 1,000 字。",
    "judge": "评价人过长，最多 60 字。",
}


@dataclass(frozen=True)
class VerdictBox:
    """The grading control of a pair on the page of `kind`, filled in with the judge's own grade.

    The id of a searched text is empty until its first verdict makes a draft of it.
    """

    kind: Kind
    ids: dict[Kind, str]
    judge: str
    verdicts: tuple[VerdictRow, ...]
    own: VerdictRow | None = None
    saved: VerdictRow | None = None
    problem: str = ""
    searched: tuple[tuple[str, str], ...] = ()
    """What makes the search again, where the page is the search page: names and values."""
    grades = GRADES

    @property
    def action(self) -> str:
        """Where the grade goes."""
        if self.searched:
            return f"/judged#card-{quote(self.ids[KINDS[self.kind].counterpart], safe='')}"
        return "/verdicts"

    @property
    def hidden(self) -> tuple[tuple[str, str], ...]:
        """What the form sends besides the verdict."""
        ids = tuple((KINDS[each].id_field, id_) for each, id_ in self.ids.items() if id_)
        return ids + (self.searched or (("page", self.kind.value),))

    @classmethod
    def of(
        cls, kind: Kind, id_: str, other_id: str, verdicts: Sequence[VerdictRow], judge: str
    ) -> VerdictBox:
        """The box for the record `id_` and a counterpart, from the verdicts on the record."""
        ids = {kind: id_, KINDS[kind].counterpart: other_id}
        pair = tuple(
            v
            for v in verdicts
            if (v.need_id, v.achievement_id) == (ids[Kind.NEED], ids[Kind.ACHIEVEMENT])
        )
        own = next((v for v in pair if v.judge == (judge or "anonymous")), None)
        return cls(kind, ids, judge, pair, own)


def stored_verdicts(ctx: Context, principal: Principal, kind: Kind, id_: str) -> list[VerdictRow]:
    """Verdicts on pairs of the record with records that are no drafts, newest first."""
    if kind is Kind.NEED:
        found = api.find(ctx, principal, need_id=id_, limit=_SHOWN)
    else:
        found = api.find(ctx, principal, achievement_id=id_, limit=_SHOWN)
    other = KINDS[kind].counterpart
    with reading(ctx.engine) as session:
        hidden = drafts.ids_among(session, other, {_id(v, other) for v in found})
    return [v for v in found if _id(v, other) not in hidden]


def _id(verdict: VerdictRow, kind: Kind) -> str:
    return verdict.need_id if kind is Kind.NEED else verdict.achievement_id


@router.post("/verdicts", name="grade")
def grade(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Store the grade and show the control again; without scripts, go back to the record."""
    kind = Kind.ACHIEVEMENT if text_of(form, "page") == Kind.ACHIEVEMENT else Kind.NEED
    ids = {each: text_of(form, KINDS[each].id_field) for each in Kind}
    judge = text_of(form, "judge")
    saved, problem = None, ""
    try:
        saved = save_verdict(ctx, verdict_of(form, ids, judge), asker.principal)
    except (ValidationError, ForbiddenError, InvalidRecordError) as error:
        problem = told(error)
    status = 422 if problem else 200
    here, other = ids[kind], ids[KINDS[kind].counterpart]
    response: Response
    if not problem and not from_htmx(request):
        response = RedirectResponse(f"{record_url(kind, here)}#verdicts", status_code=303)
    else:
        box = VerdictBox.of(
            kind, here, other, stored_verdicts(ctx, asker.principal, kind, here), judge
        )
        shown = replace(box, saved=saved, problem=problem)
        template = "_verdict.html" if from_htmx(request) else "verdict.html"
        response = page(request, template, status=status, box=shown, active="")
    if not problem and judge != judge_of(request):
        remember_judge(response, judge)
    return response


def told(error: ValidationError | ForbiddenError | InvalidRecordError) -> str:
    """What is wrong with a verdict or with the text it is about, for the reader."""
    if isinstance(error, (ForbiddenError, InvalidRecordError)):
        faults: list[FieldProblem] = error.extensions.get("errors", [])
        parts = [error.detail, *(f.problem for f in faults), error.cure]
        return "".join(f"{part}。" for part in parts if part)
    names = [str(e["loc"][0]) for e in error.errors(include_url=False, include_input=False)]
    return _PROBLEMS.get(names[0], "评价内容有误，请检查后重试。")


def verdict_of(form: Form, ids: dict[Kind, str], judge: str) -> VerdictIn:
    """Raises ValidationError; a grade that is no number is one too."""
    given = text_of(form, "grade")
    return VerdictIn.model_validate(
        {
            **{KINDS[kind].id_field: id_ for kind, id_ in ids.items()},
            "grade": int(given) if given in map(str, GRADES) else None,
            "reason_code": text_of(form, "reason_code") or None,
            "note": text_of(form, "note"),
            "judge": judge or "anonymous",
        }
    )
