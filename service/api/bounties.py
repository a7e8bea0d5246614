"""揭榜挂帅 over HTTP: tasks, bids, reviews, notice, acceptance."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from service.api.listings import PROBLEMS
from service.bounty import bidding, contracts, notice, reviewers, reviewing, tasks, views
from service.bounty.inputs import (
    AnswerIn,
    BidIn,
    BountyChange,
    BountyIn,
    ConflictIn,
    EventIn,
    ObjectionIn,
    ReviewersIn,
    ReviewIn,
    VerdictOnMilestone,
)
from service.bounty.machine import BountyFlow
from service.context import Context, Ctx
from service.db import reading, writing
from service.guard import Asker, Caller
from service.sided import history

router = APIRouter(tags=["bounties"], responses=PROBLEMS)


Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class Listed(BaseModel):
    """Tasks, and the id to go on after; null on the last page."""

    items: list[dict[str, Any]]
    next_after: str | None


def shown(ctx: Context, id_: str, asker: Caller) -> dict[str, Any]:
    """The task as the caller may see it."""
    with reading(ctx.engine) as session:
        return views.whole(session, tasks.get(session, id_), asker.principal)


@router.post("/bounties", status_code=201, summary="为一条需求起草榜单")
def create(ctx: Ctx, asker: Asker, body: BountyIn, response: Response) -> dict[str, Any]:
    """A draft; `submit` starts its course."""
    with writing(ctx.engine) as session:
        row = tasks.create(session, body, asker.principal)
    response.headers["Location"] = f"/api/bounties/{row.id}"
    return shown(ctx, row.id, asker)


@router.get("/bounties", response_model=Listed, summary="榜单列表")
def list_(
    ctx: Ctx,
    asker: Asker,
    state: Annotated[str, Query(max_length=40)] = "",
    mode: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str, Query(max_length=60)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Listed:
    """Tasks that the caller may see, newest first."""
    with reading(ctx.engine) as session:
        rows = tasks.listed(
            session, asker.principal, state=state, mode=mode, after=after, limit=limit + 1
        )
        items = [views.summary(session, row, asker.principal) for row in rows[:limit]]
    return Listed(items=items, next_after=rows[limit - 1].id if len(rows) > limit else None)


@router.get("/bounties/{id}", summary="读取榜单")
def read(ctx: Ctx, asker: Asker, id: str) -> dict[str, Any]:  # noqa: A002
    """The task with the bids, the ranking and the contracts that the caller may know of."""
    return shown(ctx, id, asker)


@router.put("/bounties/{id}", summary="修改草稿或退回的榜单")
def change(ctx: Ctx, asker: Asker, id: str, body: BountyChange) -> dict[str, Any]:  # noqa: A002
    """Rewrite a task that is not under way; 409 with the present one for another version."""
    with writing(ctx.engine) as session:
        row = tasks.get(session, id)
        tasks.change(session, row, body.task, body.version, asker.principal)
    return shown(ctx, id, asker)


@router.get("/bounties/{id}/history", summary="榜单经过")
def course(ctx: Ctx, id: str) -> list[dict[str, Any]]:  # noqa: A002
    """Every step with actor, time and reason, oldest first."""
    with reading(ctx.engine) as session:
        row = tasks.get(session, id)
        return history(session, BountyFlow, row)


@router.post("/bounties/{id}/steps", summary="推进榜单")
def fire(ctx: Ctx, asker: Asker, id: str, body: EventIn) -> dict[str, Any]:  # noqa: A002
    """Take a step; 409 with the legal ones where it is not one of them."""
    with writing(ctx.engine) as session:
        tasks.fire(session, tasks.get(session, id), body, asker.principal)
    return shown(ctx, id, asker)


@router.put("/bounties/{id}/bid", summary="提交或修改本单位的揭榜方案")
def put_bid(ctx: Ctx, asker: Asker, id: str, body: BidIn) -> dict[str, Any]:  # noqa: A002
    """One bid for each organisation and task, to be changed until the deadline."""
    with writing(ctx.engine) as session:
        row = bidding.put(session, tasks.get(session, id), body, asker.principal)
        session.flush()
        return bidding.present(session, row)


@router.delete("/bounties/{id}/bid", status_code=204, summary="撤回本单位的揭榜方案")
def withdraw_bid(
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    version: Annotated[int, Query(ge=1, description="读到的版本")],
) -> Response:
    """Take the bid back, until the deadline."""
    with writing(ctx.engine) as session:
        bidding.withdraw(session, tasks.get(session, id), version, asker.principal)
    return Response(status_code=204)


@router.get("/bids/{id}", summary="读取揭榜方案")
def read_bid(ctx: Ctx, asker: Asker, id: str) -> dict[str, Any]:  # noqa: A002
    """A bid and, for a reviewer, one's own review of it; 404 for whoever may not see it."""
    with reading(ctx.engine) as session:
        bid, bounty = views.seen_bid(session, id, asker.principal)
        own = reviewing.own(session, bid.id, asker.principal.user_id)
        review = reviewing.present(bounty, own) if own else None
        return bidding.present(session, bid) | {"own_review": review}


@router.put("/bids/{id}/review", summary="给揭榜方案打分并投票")
def put_review(ctx: Ctx, asker: Asker, id: str, body: ReviewIn) -> dict[str, Any]:  # noqa: A002
    """Points by criterion and a vote; an assigned reviewer without a conflict of interest."""
    with writing(ctx.engine) as session:
        bid, bounty = views.seen_bid(session, id, asker.principal)
        return reviewing.present(bounty, reviewing.put(session, bounty, bid, body, asker.principal))


@router.put("/bounties/{id}/reviewers", summary="指定评审人")
def assign(ctx: Ctx, asker: Asker, id: str, body: ReviewersIn) -> dict[str, Any]:  # noqa: A002
    """Who shall review; people of the owner and of bidders are refused."""
    with writing(ctx.engine) as session:
        reviewers.assign(session, tasks.get(session, id), body.logins, asker.principal)
    return shown(ctx, id, asker)


@router.post("/bounties/{id}/conflicts", status_code=201, summary="申报回避")
def declare(ctx: Ctx, asker: Asker, id: str, body: ConflictIn) -> dict[str, Any]:  # noqa: A002
    """A reviewer's conflict of interest with one bid, or with the whole task."""
    with writing(ctx.engine) as session:
        row = reviewers.declare(session, tasks.get(session, id), body, asker.principal)
        return {"bid_id": row.bid_id, "reason": row.reason, "at": row.at}


@router.post("/bounties/{id}/objections", status_code=201, summary="公示期内提出异议")
def object_to(ctx: Ctx, asker: Asker, id: str, body: ObjectionIn) -> dict[str, Any]:  # noqa: A002
    """An objection during the public notice; the contract waits for its answer."""
    with writing(ctx.engine) as session:
        row = notice.object_to(session, tasks.get(session, id), body.text, asker.principal)
        return notice.present(row)


@router.post("/bounties/{id}/objections/{number}/answer", summary="答复异议")
def answer(
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    number: Number,
    body: AnswerIn,
) -> dict[str, Any]:
    """The answer of the house."""
    with writing(ctx.engine) as session:
        bounty = tasks.get(session, id)
        return notice.present(notice.answer(session, bounty, number, body.answer, asker.principal))


@router.post("/bounties/{id}/contracts/{contract_id}/milestones/{position}", summary="验收里程碑")
def decide(
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    contract_id: str,
    position: Number,
    body: VerdictOnMilestone,
) -> dict[str, Any]:
    """The outcome of the acceptance of a milestone, while the contract runs."""
    with writing(ctx.engine) as session:
        bounty = tasks.get(session, id)
        part = (contract_id, position)
        contract = contracts.decide(session, bounty, part, body, asker.principal)
        session.flush()
        return contracts.present(session, contract)
