"""One's own account and API tokens over HTTP."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel

from service.access import Role, Scope
from service.accounts import sign_in
from service.accounts.inputs import TokenIn
from service.accounts.tables import ApiTokenRow
from service.api.auth import PROBLEMS
from service.context import Ctx
from service.guard import Asker

router = APIRouter(prefix="/me", tags=["accounts"], responses=PROBLEMS)


class Me(BaseModel):
    """Who asks."""

    id: str
    login: str
    name: str
    role: Role
    organisation_id: str | None
    organisation: str
    scopes: list[Scope]


class TokenOut(BaseModel):
    """An API token without its secret."""

    id: str
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, row: ApiTokenRow) -> TokenOut:
        """From a row."""
        return cls.model_validate(row.model_dump() | {"scopes": row.scopes.split()})


class NewTokenOut(TokenOut):
    """A token with its secret, which is shown this once."""

    token: str


@router.get("", response_model=Me, summary="我是谁")
def me(asker: Asker) -> Me:
    """The user behind the session or token."""
    who = asker.principal
    scopes = [scope for scope in Scope if scope in who.scopes]
    return Me.model_validate(
        {
            "id": who.user_id,
            "login": who.login,
            "name": who.name,
            "role": who.role,
            "organisation_id": who.organisation_id,
            "organisation": who.organisation,
            "scopes": scopes,
        }
    )


@router.get("/tokens", response_model=list[TokenOut], summary="我的令牌")
def tokens(ctx: Ctx, asker: Asker) -> list[TokenOut]:
    """Tokens that work, newest first."""
    return [TokenOut.of(row) for row in sign_in.tokens_of(ctx.office, asker.principal.user_id)]


@router.post("/tokens", status_code=201, response_model=NewTokenOut, summary="新建令牌")
def create_token(ctx: Ctx, asker: Asker, body: TokenIn) -> NewTokenOut:
    """A token for a program, with some of one's own scopes."""
    secret, row = sign_in.create_token(
        ctx.office, asker.principal, body.name, body.scopes, body.days
    )
    return NewTokenOut(**TokenOut.of(row).model_dump(), token=secret)


@router.delete("/tokens/{token_id}", status_code=204, summary="撤销令牌")
def revoke_token(ctx: Ctx, asker: Asker, token_id: str) -> Response:
    """End a token at once."""
    sign_in.revoke_token(ctx.office, asker.principal, token_id)
    return Response(status_code=204)
