"""Registration, signing in and out, and what comes by mail, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, BackgroundTasks, Request, Response
from pydantic import BaseModel

from service.accounts import mailed, registry, sign_in
from service.accounts.inputs import AcceptIn, ForgottenIn, LoginIn, RegistrationIn, ResetIn
from service.context import Ctx
from service.errors import Problem
from service.guard import Asker

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in {
        401: "没有登录，或邮箱、密码、令牌不对",
        403: "没有权限，或账号还没有通过审批",
        404: "没有这一项",
        409: "与现有账号冲突",
        422: "内容未通过校验",
        429: "尝试过于频繁",
    }.items()
}

router = APIRouter(prefix="/auth", tags=["accounts"], responses=PROBLEMS)


class Received(BaseModel):
    """What happened, or will; the same whether an account exists or not."""

    detail: str


class LoginOut(BaseModel):
    """A bearer token, shown this once."""

    access_token: str
    token_type: str = "bearer"
    expires_at: datetime


def address_of(request: Request) -> str:
    """Where a request comes from, for the throttle."""
    return request.client.host if request.client else ""


@router.post("/register", status_code=202, response_model=Received, summary="注册，等待审批")
def register(ctx: Ctx, request: Request, later: BackgroundTasks, body: RegistrationIn) -> Received:
    """Register a person and their organisation; both wait for an administrator."""
    ctx.office.throttle.form("register", address_of(request))
    later.add_task(registry.register(ctx.office, body))
    return Received(detail="已收到，管理员审批后发邮件通知")


@router.post("/login", response_model=LoginOut, summary="用密码换取令牌")
def login(ctx: Ctx, request: Request, body: LoginIn) -> LoginOut:
    """A token with every scope of the user's role, for programs."""
    password = body.password.get_secret_value()
    user = sign_in.authenticate(ctx.office, body.login, password, address_of(request))
    granted = sign_in.open_token(ctx.office, user)
    return LoginOut(access_token=granted.secret, expires_at=granted.expires_at)


@router.post("/logout", status_code=204, summary="退出，令牌随即失效")
def logout(ctx: Ctx, asker: Asker) -> Response:
    """End the session or token that was presented."""
    sign_in.sign_out(ctx.office, asker.principal)
    return Response(status_code=204)


@router.post("/password/forgotten", status_code=202, response_model=Received, summary="忘记密码")
def forgotten(ctx: Ctx, request: Request, later: BackgroundTasks, body: ForgottenIn) -> Received:
    """Have a link mailed that sets a new password."""
    ctx.office.throttle.form("forgotten", address_of(request))
    ctx.office.throttle.mail(body.login)
    later.add_task(mailed.forget(ctx.office, body.login))
    return Received(detail="如果这个邮箱有账号，重设链接已发到邮箱，三十分钟内有效")


@router.post("/password/reset", status_code=204, summary="用邮件里的令牌重设密码")
def reset(ctx: Ctx, request: Request, body: ResetIn) -> Response:
    """Set a new password; every session and token of the user ends."""
    ctx.office.throttle.form("reset", address_of(request))
    mailed.reset(ctx.office, body)
    return Response(status_code=204)


@router.post("/invitation", status_code=204, summary="接受邀请")
def accept(ctx: Ctx, request: Request, body: AcceptIn) -> Response:
    """Make the account that one was invited to."""
    ctx.office.throttle.form("invitation", address_of(request))
    mailed.accept(ctx.office, body)
    return Response(status_code=204)
