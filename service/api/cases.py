"""The broker's desk over HTTP: the queue of suggested pairs, cases, to-dos."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlmodel import Session

from corpora.taxonomy import taxonomy
from service import sided, workflow
from service.access import Principal
from service.api.listings import PROBLEMS
from service.cases import cases, stances, todos
from service.cases.flow import CaseFlow
from service.cases.inputs import CaseChange, CaseEventIn, CaseIn, HandOver, TodoChange, TodoIn
from service.cases.suggestions import Asked, Suggestion
from service.cases.tables import CaseRow
from service.context import Ctx
from service.db import reading, writing
from service.guard import Asker
from service.queue import page_of

router = APIRouter(tags=["desk"], responses=PROBLEMS)


class Queue(BaseModel):
    """Suggested pairs, and the need to go on after; null on the last page."""

    items: list[dict[str, Any]]
    next_after: str | None
    seq: int


def whole(session: Session, row: CaseRow, principal: Principal) -> dict[str, Any]:
    """A case with what can be done now, its to-dos, and what both sides said of the pair."""
    said = stances.of_pair(session, row.need_id, row.achievement_id)
    steps = workflow.steps(CaseFlow, row)
    if not cases.may_change(row, principal):
        steps = [step for step in steps if step.event in ("claim", "reopen")]
    return cases.present(session, row) | {
        "steps": sided.steps_json(steps),
        "todos": [todos.present(todo) for todo in todos.of_case(session, row.id)],
        "stances": [stances.present(stance) for stance in said.values()],
    }


def code_of(name: str, value: str) -> str:
    """The code of a taxonomy for a code or label; a value outside the list stands as it is."""
    return taxonomy(name).resolve(value) or value if value else ""


@router.get("/desk/queue", response_model=Queue, summary="待办供需对")
def queue(
    ctx: Ctx,
    asker: Asker,
    chain: Annotated[str, Query(max_length=60, description="需求的产业链")] = "",
    region: Annotated[str, Query(max_length=60, description="需求的市州")] = "",
    after: Annotated[str, Query(max_length=200)] = "",
    needs: Annotated[int, Query(ge=1, le=50, description="每页的需求条数")] = 20,
) -> Queue:
    """Suggested pairs for published needs: none that was declined, is worked on, or was judged by
    the caller."""
    asked = Asked(code_of("chain", chain), code_of("region", region), after, needs)
    found, next_after = page_of(ctx, asker.principal, asker.key, asked)
    return Queue(
        items=[suggested(item) for item in found],
        next_after=next_after or None,
        seq=ctx.replica.watermark,
    )


def suggested(item: Suggestion) -> dict[str, Any]:
    """A suggestion as JSON."""
    need, match = item.need, item.match
    return {
        "need_id": need.id,
        "need_title": need.title,
        "chain": need.facets.chain,
        "region": need.facets.region,
        "achievement_id": match.listing.id,
        "achievement_title": match.listing.title,
        "rank": match.rank,
        "score": match.score,
        "probability": match.probability,
        "band": match.band.value if match.band else None,
    }


@router.post("/cases", status_code=201, summary="立案")
def create(ctx: Ctx, asker: Asker, body: CaseIn, response: Response) -> dict[str, Any]:
    """Open a case for a pair; one case for each pair."""
    with writing(ctx.engine) as session:
        row = cases.create(session, body, asker.principal)
        response.headers["Location"] = f"/api/cases/{row.id}"
        return whole(session, row, asker.principal)


@router.get("/cases", summary="案件列表")
def list_(
    ctx: Ctx,
    asker: Asker,
    state: Annotated[list[str], Query(max_length=20)] = [],  # noqa: B006  (FastAPI copies defaults)
    mine: bool = False,
    chain: Annotated[str, Query(max_length=60)] = "",
    region: Annotated[str, Query(max_length=60)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[dict[str, Any]]:
    """Cases, the ones that changed last first."""
    with reading(ctx.engine) as session:
        rows = cases.listed(
            session,
            states=state,
            manager_id=asker.principal.user_id if mine else None,
            chain=code_of("chain", chain),
            region=code_of("region", region),
            limit=limit,
        )
        return [cases.present(session, row) for row in rows]


@router.get("/cases/{id}", summary="读取案件")
def read(ctx: Ctx, asker: Asker, id: str) -> dict[str, Any]:  # noqa: A002
    """A case with its next steps, to-dos and what both sides said."""
    with reading(ctx.engine) as session:
        return whole(session, cases.get(session, id), asker.principal)


@router.put("/cases/{id}", summary="修改案件摘要")
def change(ctx: Ctx, asker: Asker, id: str, body: CaseChange) -> dict[str, Any]:  # noqa: A002
    """Rewrite the summary; 409 with the present one for another version."""
    with writing(ctx.engine) as session:
        row = cases.change(session, cases.get(session, id), body, asker.principal)
        return whole(session, row, asker.principal)


@router.get("/cases/{id}/history", summary="案件经过")
def history(ctx: Ctx, id: str) -> list[dict[str, Any]]:  # noqa: A002
    """Every step with actor, time and reason, oldest first."""
    with reading(ctx.engine) as session:
        return sided.history(session, CaseFlow, cases.get(session, id))


@router.post("/cases/{id}/steps", summary="推进案件")
def fire(ctx: Ctx, asker: Asker, id: str, body: CaseEventIn) -> dict[str, Any]:  # noqa: A002
    """Take a step; 409 with the legal ones where it is not one of them."""
    with writing(ctx.engine) as session:
        row = cases.fire(session, cases.get(session, id), body, asker.principal)
        return whole(session, row, asker.principal)


@router.put("/cases/{id}/manager", summary="移交案件")
def hand_over(ctx: Ctx, asker: Asker, id: str, body: HandOver) -> dict[str, Any]:  # noqa: A002
    """Give a case to another technology manager."""
    with writing(ctx.engine) as session:
        row = cases.hand_over(session, cases.get(session, id), body, asker.principal)
        return whole(session, row, asker.principal)


@router.post("/cases/{id}/todos", status_code=201, summary="加待办")
def add_todo(ctx: Ctx, asker: Asker, id: str, body: TodoIn) -> dict[str, Any]:  # noqa: A002
    """Something to be done for the case by a day."""
    with writing(ctx.engine) as session:
        row = todos.create(session, cases.get(session, id), body, asker.principal)
        return todos.present(row)


@router.get("/todos", summary="我的待办")
def my_todos(
    ctx: Ctx,
    asker: Asker,
    until: Annotated[date | None, Query(description="截止日不晚于")] = None,
    done: bool = False,
) -> list[dict[str, Any]]:
    """One's open to-dos by their day, or the finished ones."""
    with reading(ctx.engine) as session:
        rows = todos.of_user(session, asker.principal.user_id, until=until, done=done)
        return [todos.present(row) for row in rows]


@router.put("/todos/{todo_id}", summary="修改或完成待办")
def change_todo(ctx: Ctx, asker: Asker, todo_id: str, body: TodoChange) -> dict[str, Any]:
    """Rewrite, finish or take up again a to-do of one's own."""
    with writing(ctx.engine) as session:
        return todos.present(todos.change(session, todo_id, body, asker.principal))
