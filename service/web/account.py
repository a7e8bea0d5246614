"""The page of one's own account: password and API tokens."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.access import Role, Scope
from service.accounts import registry, sign_in
from service.accounts.inputs import PasswordIn, TokenIn, read
from service.api.auth import address_of
from service.context import Context, Ctx
from service.errors import InvalidRecordError, NotFoundError, TooManyError
from service.guard import Asker, Caller
from service.rules import scopes_of
from service.web.filling import Filling
from service.web.rendering import Form, page, text_of, texts_of

router = APIRouter()


@router.get("/account", name="account")
def account(request: Request, ctx: Ctx, asker: Asker) -> Response:
    """Who one is, and what works in one's name."""
    return _page(request, ctx, asker)


@router.post("/account/password", name="change_password")
def change_password(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Change the password; everything else that was signed in ends."""
    current, fresh = Filling.secret(form, "current"), Filling.secret(form)
    try:
        asked = read(PasswordIn, {"current": current, "password": fresh})
        registry.change_password(ctx.office, asker.principal, asked, address_of(request))
    except InvalidRecordError as error:
        return _page(request, ctx, asker, password=Filling().refused(error))
    except TooManyError as error:
        told = {"current": [f"{error.detail}，{error.cure}"]}
        return _page(request, ctx, asker, password=Filling(errors=told))
    return _page(request, ctx, asker, done="密码已修改，其他设备和令牌都已退出")


@router.post("/account/tokens", name="new_token")
def new_token(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Make a token and show it this once."""
    days = text_of(form, "days")
    filling = Filling({"name": text_of(form, "name"), "days": days})
    data: dict[str, object] = {
        "name": text_of(form, "name"),
        "scopes": texts_of(form, "scopes"),
        "days": int(days) if days.isascii() and days.isdigit() else None,
    }
    try:
        asked = read(TokenIn, data)
    except InvalidRecordError as error:
        return _page(request, ctx, asker, token=filling.refused(error))
    secret, row = sign_in.create_token(
        ctx.office, asker.principal, asked.name, asked.scopes, asked.days
    )
    return _page(request, ctx, asker, done=f"令牌“{row.name}”已建好", secret=secret)


@router.post("/account/tokens/revoke", name="end_token")
def end_token(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Revoke a token."""
    try:
        sign_in.revoke_token(ctx.office, asker.principal, text_of(form, "token_id"))
    except NotFoundError as error:
        return _page(request, ctx, asker, token=Filling(errors={"": [error.detail]}))
    return _page(request, ctx, asker, done="令牌已撤销")


def _page(
    request: Request,
    ctx: Context,
    asker: Caller,
    *,
    password: Filling | None = None,
    token: Filling | None = None,
    done: str = "",
    secret: str = "",
) -> Response:
    who = asker.principal
    refused = any(filling and filling.errors for filling in (password, token))
    return page(
        request,
        "account.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        active="account",
        password=password or Filling(),
        token=token or Filling({"days": "90"}),
        tokens=sign_in.tokens_of(ctx.office, who.user_id),
        scopes=scopes_of(who.role) if isinstance(who.role, Role) else [],
        Scope=Scope,
        done=done,
        secret=secret,
    )
