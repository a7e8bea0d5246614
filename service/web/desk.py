"""The broker's desk: the queue of suggested pairs, and one pair side by side with its verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from matcher.filters import Filter
from matcher.listing import KINDS, Kind
from service import answers
from service.answers import Asking
from service.api.cases import code_of
from service.api.verdicts import save_verdict
from service.cases import cases, stances
from service.cases.suggestions import Asked, Suggestion
from service.cases.tables import CaseRow, StanceRow
from service.context import Context, Ctx
from service.disclosure import View, reading_as
from service.errors import ForbiddenError, InvalidRecordError, NotReadyError
from service.guard import Asker, Caller
from service.queue import page_of
from service.tables import VerdictRow
from service.web.cards import Card, Stated, facet_labels, stated_fields
from service.web.facets import options
from service.web.rendering import Form, judge_of, page, remember_judge, text_of
from service.web.verdicts import GRADES, VerdictBox, stored_verdicts, told, verdict_of

router = APIRouter(prefix="/desk")


@dataclass(frozen=True)
class Place:
    """Where in the queue somebody is, so that the next pair follows the one that was judged."""

    chain: str
    region: str
    after: str

    @classmethod
    def of(cls, chain: str, region: str, after: str) -> Place:
        """From a query string or a form."""
        return cls(code_of("chain", chain), code_of("region", region), after)

    @property
    def query(self) -> str:
        """As a query string."""
        pairs = (("chain", self.chain), ("region", self.region), ("after", self.after))
        return urlencode([pair for pair in pairs if pair[1]])

    def pair_url(self, need_id: str, achievement_id: str) -> str:
        """The page of a pair that comes back to this place."""
        ids = urlencode({"need": need_id, "achievement": achievement_id})
        return f"/desk/pair?{ids}" + (f"&{self.query}" if self.query else "")


Chain = Annotated[str, Query(max_length=60)]
Id = Annotated[str, Query(min_length=1, max_length=200)]


@router.get("", name="desk")
def queue(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    chain: Chain = "",
    region: Chain = "",
    after: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Suggested pairs of needs, newest needs first."""
    place = Place.of(chain, region, after)
    items: list[Suggestion] = []
    next_after, ready = "", True
    asked = Asked(place.chain, place.region, place.after)
    try:
        items, next_after = page_of(ctx, asker.principal, asker.key, asked)
    except NotReadyError:
        ready = False
    return page(
        request,
        "desk.html",
        active="desk",
        tab="queue",
        items=items,
        place=place,
        ready=ready,
        next_query=Place(place.chain, place.region, next_after).query if next_after else "",
        chains=options("chain", (place.chain,) if place.chain else ()),
        regions=options("region", (place.region,) if place.region else ()),
        facet_labels=facet_labels,
    )


@router.get("/pair", name="pair")
def pair(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    need: Id,
    achievement: Id,
    chain: Chain = "",
    region: Chain = "",
    after: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """A pair side by side."""
    place = Place.of(chain, region, after)
    return _pair_page(request, ctx, asker, (need, achievement), place)


@router.post("/verdict", name="desk_verdict")
def verdict(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Store the grade, and go on to the next pair of the queue."""
    ids = {kind: text_of(form, KINDS[kind].id_field) for kind in Kind}
    place = Place.of(text_of(form, "chain"), text_of(form, "region"), text_of(form, "after"))
    judge = text_of(form, "judge") or asker.principal.name
    try:
        save_verdict(ctx, verdict_of(form, ids, judge), asker.principal)
    except (ValidationError, ForbiddenError, InvalidRecordError) as error:
        key = (ids[Kind.NEED], ids[Kind.ACHIEVEMENT])
        return _pair_page(request, ctx, asker, key, place, told(error), form)
    response = RedirectResponse(_next(ctx, asker, place), status_code=303)
    if judge != judge_of(request):
        remember_judge(response, judge)
    return response


@dataclass(frozen=True)
class Sides:
    """Both records of a pair as a reader may see them, and what was said of it."""

    views: dict[Kind, View]
    stances: dict[Kind, StanceRow]
    case: CaseRow | None

    def title(self, kind: Kind) -> str:
        """What a side is called."""
        return self.views[kind].title or self.views[kind].id

    def stated(self, kind: Kind) -> list[Stated]:
        """What a side states."""
        return stated_fields(self.views[kind].record)

    @classmethod
    def of(cls, ctx: Context, asker: Caller, need_id: str, achievement_id: str) -> Sides:
        """Raises NotFoundError for records that there are not."""
        with reading_as(ctx.engine, asker.principal, asker.key) as reader:
            views = {
                Kind.NEED: reader.get(Kind.NEED, need_id),
                Kind.ACHIEVEMENT: reader.get(Kind.ACHIEVEMENT, achievement_id),
            }
            said = stances.of_pair(reader.session, need_id, achievement_id)
            return cls(views, said, cases.of_pair(reader.session, need_id, achievement_id))

    def card(self, ctx: Context, asker: Caller) -> Card | None:
        """The explained match of the pair; None where it is not among what can be matched now."""
        need, other = self.views[Kind.NEED], self.views[Kind.ACHIEVEMENT]
        asking = Asking(ctx, asker.principal, asker.key)
        try:
            found = asking.position(answers.Asked.of(need), other.id, Filter())
        except (KeyError, NotReadyError):
            return None
        return Card.of(need.listing, found.match, other)


def _next(ctx: Context, asker: Caller, place: Place) -> str:
    """The page of the first pair of the queue; the queue itself where it is empty."""
    asked = Asked(place.chain, place.region, place.after)
    try:
        found, _ = page_of(ctx, asker.principal, asker.key, asked)
    except NotReadyError:
        found = []
    if not found:
        return f"/desk?{place.query}" if place.query else "/desk"
    return place.pair_url(found[0].need.id, found[0].match.listing.id)


def _pair_page(
    request: Request,
    ctx: Context,
    asker: Caller,
    ids: tuple[str, str],
    place: Place,
    problem: str = "",
    form: Form | None = None,
) -> Response:
    sides = Sides.of(ctx, asker, *ids)
    judge = judge_of(request) or asker.principal.name
    verdicts = stored_verdicts(ctx, asker.principal, Kind.NEED, ids[0])
    box = VerdictBox.of(Kind.NEED, ids[0], ids[1], verdicts, judge)
    return page(
        request,
        "desk_pair.html",
        status=422 if problem else 200,
        active="desk",
        tab="queue",
        need_id=ids[0],
        achievement_id=ids[1],
        sides=sides,
        card=sides.card(ctx, asker),
        box=box,
        given=_given(box.own, form),
        grades=GRADES,
        judge=judge,
        problem=problem,
        place=place,
    )


def _given(own: VerdictRow | None, form: Form | None) -> dict[str, str]:
    """What stands in the form: what was refused, or else one's stored verdict."""
    if form is not None:
        return {name: text_of(form, name) for name in ("grade", "reason_code", "note")}
    if own is None:
        return {"grade": "", "reason_code": "", "note": ""}
    return {"grade": str(own.grade), "reason_code": own.reason_code or "", "note": own.note}
