"""Administration of users and organisations over HTTP."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Query, Response
from pydantic import BaseModel
from sqlmodel import Session, col, select

from service.access import Role
from service.accounts import mailed, registry
from service.accounts.inputs import InvitationIn
from service.accounts.tables import AuditRow, OrganisationRow, State, UserRow
from service.api.auth import PROBLEMS, Received
from service.context import Ctx
from service.db import reading
from service.guard import Asker

router = APIRouter(prefix="/admin", tags=["administration"], responses=PROBLEMS)

Limit = Annotated[int, Query(ge=1, le=1000)]
_LIMIT = 500


class Action(StrEnum):
    """What an administrator does to a user or an organisation."""

    APPROVE = "approve"
    BLOCK = "block"

    @property
    def state(self) -> State:
        """The state that it leads to."""
        return State.APPROVED if self is Action.APPROVE else State.BLOCKED


class RoleIn(BaseModel):
    """The role to be given."""

    model_config = {"extra": "forbid"}

    role: Role


class UserOut(BaseModel):
    """A user without secrets."""

    id: str
    login: str
    name: str
    role: Role
    organisation_id: str | None
    state: State
    demo: bool
    created_at: datetime


class OrganisationOut(BaseModel):
    """An organisation."""

    id: str
    name: str
    uscc: str
    org_type: str
    region_code: str
    state: State
    demo: bool
    created_at: datetime


class EventOut(BaseModel):
    """An entry of the audit log."""

    id: int
    at: datetime
    actor_id: str | None
    action: str
    subject_kind: str
    subject_id: str
    detail: dict[str, Any]


def users(session: Session, state: State | None = None, limit: int = _LIMIT) -> list[UserRow]:
    """Users, newest first."""
    query = select(UserRow).order_by(col(UserRow.created_at).desc(), col(UserRow.id))
    if state is not None:
        query = query.where(UserRow.state == state)
    return list(session.exec(query.limit(limit)))


def organisations(
    session: Session, state: State | None = None, limit: int = _LIMIT
) -> list[OrganisationRow]:
    """Organisations, newest first."""
    query = select(OrganisationRow).order_by(
        col(OrganisationRow.created_at).desc(), col(OrganisationRow.id)
    )
    if state is not None:
        query = query.where(OrganisationRow.state == state)
    return list(session.exec(query.limit(limit)))


@router.get("/users", response_model=list[UserOut], summary="用户列表")
def list_users(ctx: Ctx, state: State | None = None, limit: Limit = _LIMIT) -> list[UserRow]:
    """Users in a state, or all."""
    with reading(ctx.engine) as session:
        return users(session, state, limit)


@router.post("/users/{user_id}/{action}", status_code=204, summary="审批或停用用户")
def act_on_user(
    ctx: Ctx, asker: Asker, later: BackgroundTasks, user_id: str, action: Action
) -> Response:
    """Approve a user, with an organisation that still waits, or block one at once."""
    later.add_task(registry.set_user_state(ctx.office, asker.principal, user_id, action.state))
    return Response(status_code=204)


@router.put("/users/{user_id}/role", status_code=204, summary="改变身份")
def change_role(ctx: Ctx, asker: Asker, user_id: str, body: RoleIn) -> Response:
    """Give a user another role; he has to sign in again."""
    registry.change_role(ctx.office, asker.principal, user_id, body.role)
    return Response(status_code=204)


@router.get("/organisations", response_model=list[OrganisationOut], summary="单位列表")
def list_organisations(
    ctx: Ctx, state: State | None = None, limit: Limit = _LIMIT
) -> list[OrganisationRow]:
    """Organisations in a state, or all."""
    with reading(ctx.engine) as session:
        return organisations(session, state, limit)


@router.post("/organisations/{organisation_id}/{action}", status_code=204, summary="审批或停用单位")
def act_on_organisation(ctx: Ctx, asker: Asker, organisation_id: str, action: Action) -> Response:
    """Approve an organisation, or block it with all its members."""
    registry.set_organisation_state(ctx.office, asker.principal, organisation_id, action.state)
    return Response(status_code=204)


@router.post("/invitations", status_code=202, response_model=Received, summary="邀请")
def invite(ctx: Ctx, asker: Asker, later: BackgroundTasks, body: InvitationIn) -> Received:
    """Mail somebody a link that makes an account with a role."""
    later.add_task(mailed.invite(ctx.office, asker.principal, body))
    return Received(detail="邀请已发出，七天内有效")


@router.get("/audit", response_model=list[EventOut], summary="账号事件")
def audit(
    ctx: Ctx, before: Annotated[int | None, Query(ge=1)] = None, limit: Limit = 100
) -> list[AuditRow]:
    """Events, newest first; `before` continues a list."""
    query = select(AuditRow).order_by(col(AuditRow.id).desc())
    if before is not None:
        query = query.where(col(AuditRow.id) < before)
    with reading(ctx.engine) as session:
        return list(session.exec(query.limit(limit)))
