"""States of listings over HTTP: steps, their history, earlier versions, the queue of reviewers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from matcher.listing import KINDS, Kind
from service import store, workflow
from service.access import Principal
from service.accounts.tables import UserRow
from service.api.listings import PROBLEMS, own_view, presented
from service.context import Context, Ctx
from service.db import reading, writing
from service.disclosure import View, reading_as
from service.guard import Asker, require_event
from service.lifecycle import ListingFlow
from service.review import Waiting, queue
from service.tables import ListingRow, ListingVersionRow
from service.versions import version_of

router = APIRouter(responses=PROBLEMS)
_OWN_SHOWN = 500


class StepIn(BaseModel):
    """An event, and why."""

    model_config = {"extra": "forbid", "json_schema_extra": {"examples": [{"event": "approve"}]}}

    event: Annotated[str, Field(min_length=1, max_length=40)]
    reason: Annotated[str, Field(max_length=1000)] = ""


class StepOut(BaseModel):
    """A step that was taken. `actor` is empty for the service itself."""

    at: datetime
    event: str
    event_zh: str
    from_state: str | None
    to_state: str
    actor: str
    reason: str


class VersionOut(BaseModel):
    """An earlier content."""

    version: int
    status: str
    at: datetime
    record: dict[str, Any]


class WaitingOut(BaseModel):
    """A record that waits for review, with what helps to decide."""

    record: dict[str, Any]
    organisation: str
    checkup: dict[str, Any] | None
    suspected_twins: list[dict[str, Any]] | None


def take_step(
    ctx: Context,
    kind: Kind,
    id_: str,
    body: StepIn,
    principal: Principal,
    expected: int | None = None,
) -> ListingRow:
    """Take a record to its next state; raises ForbiddenError, and what `store.step` raises."""
    require_event(principal, body.event)
    with writing(ctx.engine) as session:
        row = store.step(
            session,
            store.get(session, kind, id_, lock=True),
            body.event,
            actor=principal.user_id,
            reason=body.reason,
            expected_version=expected,
        )
    ctx.replica.notify()
    return row


def steps_of(session: Session, row: ListingRow) -> list[StepOut]:
    """The history of a record, first step first, with the names of people."""
    taken = workflow.history(session, ListingFlow, row)
    ids = {step.actor_id for step in taken if step.actor_id}
    people = session.exec(select(UserRow).where(col(UserRow.id).in_(ids))).all()
    names = {user.id: user.name for user in people}
    events = workflow.event_names(ListingFlow)
    return [
        StepOut(
            at=step.at,
            event=step.event,
            event_zh=events.get(step.event, step.event),
            from_state=step.from_state,
            to_state=step.to_state,
            actor=names.get(step.actor_id or "", ""),
            reason=step.reason,
        )
        for step in taken
    ]


def own_rows(session: Session, principal: Principal) -> list[ListingRow]:
    """What the organisation of `principal` posted, the latest change first; for somebody without
    one, what he posted himself."""
    if principal.organisation_id is None:
        mine = ListingRow.created_by == principal.user_id
    else:
        mine = ListingRow.owner_id == principal.organisation_id
    statement = select(ListingRow).where(mine).order_by(col(ListingRow.seq).desc())
    return list(session.exec(statement.limit(_OWN_SHOWN)))


def waiting_out(item: Waiting, view: View) -> WaitingOut:
    """One line of the queue as JSON."""
    return WaitingOut(
        record=presented(view),
        organisation=item.organisation,
        checkup=item.checkup_row(),
        suspected_twins=None if item.twins is None else [twin.row() for twin in item.twins],
    )


@router.get("/review", response_model=list[WaitingOut], tags=["review"], summary="待审核的记录")
def review(
    ctx: Ctx, asker: Asker, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[WaitingOut]:
    """Submitted records, the longest waiting first."""
    waiting = queue(ctx, limit)
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        views = [(item, reader.view(item.row)) for item in waiting]
    return [waiting_out(item, view) for item, view in views if view is not None]


@router.get("/me/listings", tags=["me"], summary="本单位发布的记录（各种状态）")
def own(ctx: Ctx, asker: Asker) -> list[dict[str, Any]]:
    """Needs or achievements of one's own organisation in every state."""
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        rows = own_rows(reader.session, asker.principal)
        return [presented(view) for row in rows if (view := reader.view(row)) is not None]


def router_for(kind: Kind) -> APIRouter:
    """Steps, history and versions of one kind."""
    spec = KINDS[kind]
    made = APIRouter(prefix=f"/{spec.plural}", tags=[spec.plural], responses=PROBLEMS)

    @made.post(
        "/{id}/steps",
        summary=f"改变{spec.label_zh}的状态",
        description="事件：submit 提交审核，approve 通过，send_back 退回（须说明理由），withdraw 撤回，"
        "close 办结，reopen 重新提交，confirm 确认仍然有效，publish 直接发布（管理员）。"
        "当前状态下不允许的事件返回 409，`legal` 列出允许的事件。",
        name=f"step_{kind.value}",
    )
    def step(
        ctx: Ctx,
        asker: Asker,
        id: str,  # noqa: A002
        body: StepIn,
        response: Response,
        if_match: Annotated[str | None, Header()] = None,
    ) -> dict[str, Any]:
        row = take_step(ctx, kind, id, body, asker.principal, version_of(if_match))
        response.headers["ETag"] = f'"{row.version}"'
        return presented(own_view(ctx, asker, row))

    @made.get(
        "/{id}/history",
        response_model=list[StepOut],
        summary=f"{spec.label_zh}的状态变化",
        name=f"{kind.value}_history",
    )
    def history(ctx: Ctx, id: str) -> list[StepOut]:  # noqa: A002
        with reading(ctx.engine) as session:
            return steps_of(session, store.get(session, kind, id))

    @made.get(
        "/{id}/versions",
        response_model=list[VersionOut],
        summary=f"{spec.label_zh}的历史版本",
        name=f"{kind.value}_versions",
    )
    def versions(ctx: Ctx, asker: Asker, id: str) -> list[ListingVersionRow]:  # noqa: A002
        with reading_as(ctx.engine, asker.principal, asker.key) as reader:
            reader.get(kind, id)
            statement = select(ListingVersionRow).where(
                ListingVersionRow.kind == kind, ListingVersionRow.listing_id == id
            )
            return list(
                reader.session.exec(statement.order_by(col(ListingVersionRow.version).desc()))
            )

    return made
