"""成果找市场 over HTTP: achievements listed for takers, and the course of each enterprise."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from sqlmodel import Session

from service.access import Principal
from service.api.listings import PROBLEMS
from service.bounty import offers
from service.bounty.inputs import OfferIn, TakeEventIn, TakeIn
from service.bounty.machine import OfferFlow, TakeFlow
from service.bounty.tables import OfferRow, TakeRow
from service.context import Ctx
from service.db import reading, writing
from service.guard import Asker
from service.sided import history, open_steps, steps_json

router = APIRouter(tags=["takers"], responses=PROBLEMS)


def whole(session: Session, row: OfferRow, principal: Principal) -> dict[str, Any]:
    """An offer with the courses that the caller may know of."""
    side = offers.owner_party(row, principal)
    return offers.present(session, row, principal) | {
        "steps": steps_json(open_steps(OfferFlow, row, side)),
        "takes": [
            whole_take(session, take, principal) for take in offers.takes(session, row, principal)
        ],
    }


def whole_take(session: Session, row: TakeRow, principal: Principal) -> dict[str, Any]:
    """The course of an enterprise with the steps that the caller may take."""
    side = offers.take_party(offers.get(session, row.offer_id), row, principal)
    steps = steps_json(open_steps(TakeFlow, row, side))
    return offers.present_take(session, row) | {"steps": steps}


@router.post("/offers", status_code=201, summary="推出一项成果，征集承接方")
def create(ctx: Ctx, asker: Asker, body: OfferIn, response: Response) -> dict[str, Any]:
    """List a published achievement of one's own for takers."""
    with writing(ctx.engine) as session:
        row = offers.create(session, body, asker.principal)
        response.headers["Location"] = f"/api/offers/{row.id}"
        return whole(session, row, asker.principal)


@router.get("/offers", summary="征集承接方的成果")
def list_(ctx: Ctx, asker: Asker) -> list[dict[str, Any]]:
    """Open offers, and one's own in any state, newest first."""
    with reading(ctx.engine) as session:
        return [
            offers.present(session, row, asker.principal)
            for row in offers.listed(session, asker.principal)
        ]


@router.get("/offers/{id}", summary="读取待转化成果")
def read(ctx: Ctx, asker: Asker, id: str) -> dict[str, Any]:  # noqa: A002
    """The offer; its owner sees every interest, an enterprise its own."""
    with reading(ctx.engine) as session:
        return whole(session, offers.get(session, id), asker.principal)


@router.post("/offers/{id}/steps", summary="结束、重新征集或撤回")
def fire(ctx: Ctx, asker: Asker, id: str, body: TakeEventIn) -> dict[str, Any]:  # noqa: A002
    """Take a step; 409 with the legal ones where it is not one of them."""
    with writing(ctx.engine) as session:
        row = offers.fire(session, offers.get(session, id), body, asker.principal)
        return whole(session, row, asker.principal)


@router.post("/offers/{id}/takes", status_code=201, summary="表达承接意向")
def take(ctx: Ctx, asker: Asker, id: str, body: TakeIn) -> dict[str, Any]:  # noqa: A002
    """An enterprise wants the achievement."""
    with writing(ctx.engine) as session:
        offer = offers.get(session, id)
        row = offers.declare_interest(session, offer, body, asker.principal)
        return whole_take(session, row, asker.principal)


@router.get("/takes/{id}", summary="读取意向")
def read_take(ctx: Ctx, asker: Asker, id: str) -> dict[str, Any]:  # noqa: A002
    """The course of one enterprise, for both sides and the house."""
    with reading(ctx.engine) as session:
        return whole_take(session, offers.get_take(session, id), asker.principal)


@router.get("/takes/{id}/history", summary="意向经过")
def take_history(ctx: Ctx, id: str) -> list[dict[str, Any]]:  # noqa: A002
    """Every step with actor, time and reason, oldest first."""
    with reading(ctx.engine) as session:
        row = offers.get_take(session, id)
        return history(session, TakeFlow, row)


@router.post("/takes/{id}/steps", summary="推进意向")
def fire_take(ctx: Ctx, asker: Asker, id: str, body: TakeEventIn) -> dict[str, Any]:  # noqa: A002
    """Trial, price, contract, or the end of it; 409 with the legal steps where it is none."""
    with writing(ctx.engine) as session:
        row = offers.fire_take(session, offers.get_take(session, id), body, asker.principal)
        return whole_take(session, row, asker.principal)
