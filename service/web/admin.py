"""Administration pages: users, organisations, invitations, account events."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import Response

from matcher.confidence import HIGH
from matcher.fit import Aspect, served_weights
from matcher.listing import Direction
from service.access import OF_ORGANISATIONS, Role
from service.accounts import mailed, registry
from service.accounts.inputs import InvitationIn, read
from service.accounts.tables import State
from service.api import admin as api
from service.api.admin import Action
from service.context import Context, Ctx
from service.db import reading
from service.errors import ConflictError, InvalidRecordError, JiebangError, NotFoundError
from service.guard import Asker
from service.web.filling import Filling
from service.web.rendering import Form, page, text_of

router = APIRouter(prefix="/admin")
_AUDIT_SHOWN = 200
_DIRECTIONS = {
    Direction.NEED_TO_ACHIEVEMENT: "企业找技术（需求 → 成果）",
    Direction.ACHIEVEMENT_TO_NEED: "成果找市场（成果 → 需求）",
}
_EVENTS = {
    "registered": "注册",
    "registered-again": "重复注册",
    "created": "新建",
    "approved": "审批通过",
    "blocked": "停用",
    "role-changed": "改变身份",
    "consent-withdrawn": "收回同意",
    "invitation-mailed": "发出邀请",
    "invitation-accepted": "接受邀请",
    "reset-mailed": "发出密码重设链接",
    "reset-unknown": "为没有的账号重设密码",
    "password-reset": "重设密码",
    "password-changed": "修改密码",
    "sign-in": "登录",
    "sign-in-failed": "密码错误",
    "sign-out": "退出",
    "token-created": "新建令牌",
    "token-revoked": "撤销令牌",
}
_SUBJECTS = {"user": "用户", "organisation": "单位", "token": "令牌", "login": "邮箱"}


@router.get("/users", name="admin_users")
def users(request: Request, ctx: Ctx, state: str = "") -> Response:
    """Users, those who wait first."""
    return _users(request, ctx, state)


@router.post("/users", name="act_on_user")
def act_on_user(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Approve or block a user."""
    action = _action(form)
    try:
        letter = registry.set_user_state(
            ctx.office, asker.principal, text_of(form, "id"), action.state
        )
    except (ConflictError, NotFoundError) as error:
        return _users(request, ctx, problem=error)
    response = _users(request, ctx, done=f"用户{action.state.label_zh}")
    response.background = BackgroundTask(letter)
    return response


@router.post("/users/role", name="change_role")
def change_role(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Give a user another role."""
    asked = text_of(form, "role")
    if asked not in list(Role):
        problem = ConflictError("没有选身份", cure="从列表里选一个身份")
        return _users(request, ctx, problem=problem)
    role = Role(asked)
    try:
        registry.change_role(ctx.office, asker.principal, text_of(form, "id"), role)
    except (ConflictError, NotFoundError) as error:
        return _users(request, ctx, problem=error)
    return _users(request, ctx, done=f"身份已改为{role.label_zh}；对方需要重新登录")


def _users(
    request: Request,
    ctx: Context,
    state: str = "",
    done: str = "",
    problem: JiebangError | None = None,
) -> Response:
    wanted = State(state) if state in list(State) else None
    with reading(ctx.engine) as session:
        rows = api.users(session, wanted)
        names = {row.id: row for row in api.organisations(session)}
    return page(
        request,
        "admin_users.html",
        status=problem.status if problem else 200,
        active="admin",
        tab="users",
        rows=sorted(rows, key=lambda row: row.state != State.PENDING),
        organisations=names,
        wanted=wanted,
        State=State,
        fitting={
            row.id: [r for r in Role if (r in OF_ORGANISATIONS) == bool(row.organisation_id)]
            for row in rows
        },
        done=done,
        problem=problem,
    )


@router.get("/organisations", name="admin_organisations")
def organisations(request: Request, ctx: Ctx) -> Response:
    """Organisations, those that wait first."""
    return _organisations(request, ctx)


@router.post("/organisations", name="act_on_organisation")
def act_on_organisation(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Approve or block an organisation."""
    action = _action(form)
    try:
        registry.set_organisation_state(
            ctx.office, asker.principal, text_of(form, "id"), action.state
        )
    except (ConflictError, NotFoundError) as error:
        return _organisations(request, ctx, problem=error)
    return _organisations(request, ctx, done=f"单位{action.state.label_zh}")


def _organisations(
    request: Request, ctx: Context, done: str = "", problem: JiebangError | None = None
) -> Response:
    with reading(ctx.engine) as session:
        rows = api.organisations(session)
    return page(
        request,
        "admin_organisations.html",
        status=problem.status if problem else 200,
        active="admin",
        tab="organisations",
        rows=sorted(rows, key=lambda row: row.state != State.PENDING),
        State=State,
        done=done,
        problem=problem,
    )


@router.get("/invitations", name="admin_invitations")
def invitations(request: Request, ctx: Ctx) -> Response:
    """The form of an invitation."""
    return _invitations(request, ctx, Filling())


@router.post("/invitations", name="invite")
def invite(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Mail an invitation."""
    filling = Filling.of(form, ("login", "role", "organisation_id"))
    data = filling.values | {"organisation_id": filling.value("organisation_id") or None}
    try:
        asked = read(InvitationIn, data)
        letter = mailed.invite(ctx.office, asker.principal, asked)
    except InvalidRecordError as error:
        return _invitations(request, ctx, filling.refused(error))
    except ConflictError as error:
        taken = Filling(filling.values, {"login": [f"{error.detail}，{error.cure}"]})
        return _invitations(request, ctx, taken)
    done = f"邀请已发到 {asked.login}，七天内有效"
    response = _invitations(request, ctx, Filling(), done)
    response.background = BackgroundTask(letter)
    return response


def _invitations(request: Request, ctx: Context, filling: Filling, done: str = "") -> Response:
    with reading(ctx.engine) as session:
        approved = api.organisations(session, State.APPROVED)
    return page(
        request,
        "admin_invitations.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if filling.errors else HTTPStatus.OK,
        active="admin",
        tab="invitations",
        form=filling,
        roles=list(Role),
        of_organisations=OF_ORGANISATIONS,
        organisations=approved,
        done=done,
    )


@router.get("/audit", name="admin_audit")
def audit(request: Request, ctx: Ctx) -> Response:
    """The latest account events."""
    with reading(ctx.engine) as session:
        called = {row.id: row.name for row in api.organisations(session)}
        called |= {row.id: f"{row.name} {row.login}" for row in api.users(session)}
    return page(
        request,
        "admin_audit.html",
        active="admin",
        tab="audit",
        events=api.audit(ctx, limit=_AUDIT_SHOWN),
        called=called,
        names=_EVENTS,
        subjects=_SUBJECTS,
    )


@router.get("/scoring", name="admin_scoring")
def scoring(request: Request, ctx: Ctx) -> Response:
    """Weights of structured fit, and from which probability on a match is called what."""
    config = ctx.replica.config
    shipped, own = served_weights(), config.fit_weights
    bands = {
        direction: config.confidence.of(direction, ctx.encoder.model, config.scoring_fingerprint)
        for direction in Direction
    }
    return page(
        request,
        "admin_scoring.html",
        active="admin",
        tab="scoring",
        weights=[(a, getattr(shipped, a.value), getattr(own, a.value)) for a in Aspect],
        bands=[(_DIRECTIONS[direction], found) for direction, found in bands.items()],
        high=HIGH,
        model=ctx.encoder.model,
        fingerprint=config.fingerprint,
        settings=ctx.settings,
    )


def _action(form: Form) -> Action:
    given = text_of(form, "action")
    if given not in list(Action):
        raise JiebangError("没有说明要做什么", cure="用页面上的按钮")
    return Action(given)
