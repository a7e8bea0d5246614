"""Pages of 成果找市场: achievements for takers, and the course of each enterprise with one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from sqlmodel import Session, select
from starlette.responses import Response

from matcher.listing import Kind
from service.api.offers import whole, whole_take
from service.bounty import offers
from service.bounty.inputs import OfferIn, TakeEventIn, TakeIn
from service.bounty.machine import TakeFlow
from service.context import Context, Ctx
from service.db import reading, writing
from service.errors import JiebangError
from service.guard import Asker, Caller
from service.sided import history
from service.tables import ListingRow
from service.web.acting import acted, contract
from service.web.forms import checked
from service.web.forms import whole as number
from service.web.rendering import Form, page, text_of

router = APIRouter()
_LABELS = {
    "achievement_id": "科技成果",
    "title": "名称",
    "brief": "说明",
    "price_wan": "价格",
    "trial_months": "试用期",
    "trial_trigger": "付费触发条件",
    "message": "留言",
    "reason": "理由",
    "kind": "合同类别",
    "amount_wan": "合同金额",
    "technology_wan": "核定技术交易额",
    "signed_on": "签订日期",
    "version": "版本",
}
_OFFER = ("achievement_id", "title", "brief", "price_wan", "trial_months", "trial_trigger")


@router.get("/offers", name="offers")
def list_(request: Request, ctx: Ctx, asker: Asker) -> Response:
    """Open offers, and one's own in any state."""
    with reading(ctx.engine) as session:
        rows = offers.listed(session, asker.principal)
        items = [offers.present(session, row, asker.principal) for row in rows]
    return page(request, "offers.html", active="offers", items=items)


@router.get("/offers/new", name="new_offer")
def new(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    achievement: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The form of an offer."""
    return _form(request, ctx, asker, {"achievement_id": achievement})


@router.post("/offers/new", name="post_offer")
def post(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """List an achievement for takers."""
    values = {name: text_of(form, name) for name in _OFFER}
    data: dict[str, object] = {name: value for name, value in values.items() if value}
    data["trial_months"] = number(values["trial_months"])
    try:
        with writing(ctx.engine) as session:
            row = offers.create(session, checked(OfferIn, data, _LABELS), asker.principal)
    except JiebangError as error:
        return _form(request, ctx, asker, values, error)
    return RedirectResponse(f"/offers/{row.id}", status_code=303)


@router.get("/offers/{id}", name="offer")
def show(request: Request, ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
    """An offer; its owner sees every interest, an enterprise its own."""
    return _page(request, ctx, asker, id)


@router.post("/offers/{id}/steps", name="step_offer")
def step(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Close, reopen or withdraw an offer."""

    def act(session: Session) -> None:
        offers.fire(session, offers.get(session, id), _event(form), asker.principal)

    return acted(ctx, act, lambda error: _page(request, ctx, asker, id, error), f"/offers/{id}")


@router.post("/offers/{id}/takes", name="take_offer")
def take(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """An enterprise wants the achievement."""

    def act(session: Session) -> None:
        asked = checked(TakeIn, {"message": text_of(form, "message")}, _LABELS)
        offers.declare_interest(session, offers.get(session, id), asked, asker.principal)

    return acted(ctx, act, lambda error: _page(request, ctx, asker, id, error), f"/offers/{id}")


@router.get("/takes/{id}", name="take")
def show_take(request: Request, ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
    """The course of one enterprise, for both sides and the house."""
    return _take_page(request, ctx, asker, id)


@router.post("/takes/{id}/steps", name="step_take")
def step_take(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Trial, price, contract, or the end of it."""

    def act(session: Session) -> None:
        offers.fire_take(session, offers.get_take(session, id), _event(form), asker.principal)

    return acted(ctx, act, lambda error: _take_page(request, ctx, asker, id, error), f"/takes/{id}")


def _event(form: Form) -> TakeEventIn:
    data: dict[str, object] = {
        "event": text_of(form, "event"),
        "reason": text_of(form, "reason"),
        "version": number(text_of(form, "version")),
        "trial_months": number(text_of(form, "trial_months")),
        "trial_trigger": text_of(form, "trial_trigger"),
        "price_wan": text_of(form, "price_wan") or None,
    }
    if data["event"] == "sign":
        data["contract"] = contract(form)
    return checked(TakeEventIn, data, _LABELS)


def _page(
    request: Request, ctx: Context, asker: Caller, id_: str, problem: JiebangError | None = None
) -> Response:
    with reading(ctx.engine) as session:
        shown = whole(session, offers.get(session, id_), asker.principal)
    return page(
        request,
        "offer.html",
        status=problem.status if problem else 200,
        active="offers",
        offer=shown,
        problem=problem,
    )


def _take_page(
    request: Request, ctx: Context, asker: Caller, id_: str, problem: JiebangError | None = None
) -> Response:
    with reading(ctx.engine) as session:
        row = offers.get_take(session, id_)
        shown = whole_take(session, row, asker.principal)
        offer = offers.present(session, offers.get(session, row.offer_id), asker.principal)
        course = history(session, TakeFlow, row)
    return page(
        request,
        "take.html",
        status=problem.status if problem else 200,
        active="offers",
        take=shown,
        offer=offer,
        history=course,
        problem=problem,
    )


def _form(
    request: Request,
    ctx: Context,
    asker: Caller,
    values: dict[str, str],
    problem: JiebangError | None = None,
) -> Response:
    with reading(ctx.engine) as session:
        own = select(ListingRow).where(
            ListingRow.kind == Kind.ACHIEVEMENT,
            ListingRow.owner_id == (asker.principal.organisation_id or ""),
            ListingRow.status == "published",
        )
        mine = [(row.id, row.title) for row in session.exec(own.order_by(ListingRow.id))]
    return page(
        request,
        "offer_new.html",
        status=problem.status if problem else 200,
        active="offers",
        values=values,
        achievements=mine,
        problem=problem,
    )
