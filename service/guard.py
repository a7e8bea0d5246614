"""Enforces `service.rules` for every request: who asks, from which page, and may they."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.routing import iter_route_contexts

from matcher.listing import KINDS, Kind
from service import rules
from service.access import Principal, Reach, Role, Rule, Thing
from service.accounts import sign_in
from service.bounty.standing import STANDINGS
from service.context import Context, Ctx
from service.db import reading
from service.disclosure import Reader, Sight
from service.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from service.lifecycle import ListingFlow
from service.origin import same_origin
from service.rules import Refusal
from service.store import missing
from service.tables import ListingRow
from service.workflow import event_names

CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class Caller:
    """Who asks, by which route."""

    principal: Principal
    key: str
    """The row of `rules.RULES`."""

    def require(self, key: str) -> None:
        """Raise unless the caller may also use the route `key`."""
        require(self.principal, key)


def route_keys(app: FastAPI) -> dict[Any, str]:
    """The key of every route in the access table, by its endpoint, without the method.

    Raises ValueError where one function serves two paths: the table could not tell them apart.
    """
    keys: dict[Any, str] = {}
    for route in iter_route_contexts(app.routes):
        endpoint = getattr(route, "endpoint", None)
        if endpoint is None or route.path is None:
            continue
        if keys.setdefault(endpoint, route.path) != route.path:
            msg = f"{endpoint} serves {keys[endpoint]} and {route.path}"
            raise ValueError(msg)
    return keys


def routes_of(app: FastAPI) -> list[str]:
    """The keys of every route of the app in its order; a mounted folder is read only."""
    found = [
        f"{method} {route.path}"
        for route in iter_route_contexts(app.routes)
        for method in sorted(route.methods or {"GET"})
        if method != "HEAD"
    ]
    return list(dict.fromkeys(found))


def access_table(app: FastAPI) -> str:
    """The access table of the app's routes as Markdown; a route without a row is shut."""
    who: list[Role | None] = [None, *Role]
    names = ["not signed in", *Role]
    lines = [
        f"| route | token scope | disclosure | {' | '.join(names)} |",
        f"|---|---|---|{'---|' * len(names)}",
    ]
    for key in routes_of(app):
        rule = rules.RULES.get(key)
        if rule is None:
            lines.append(f"| `{key}` | | | {' | '.join('–' for _ in who)} |")
            continue
        cells = [_cell(rule, role) for role in who]
        shown = "" if not isinstance(rule.record, Kind) else "full" if rule.full else "view"
        lines.append(f"| `{key}` | {rule.scope} | {shown} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(rule: Rule, role: Role | None) -> str:
    reach = rule.reach.get(role)
    if reach is None:
        return "–"
    return "yes" if reach is Reach.ALL else reach.value


def session_cookie(context: Context) -> str:
    """Name of the session cookie; with `__Host-` a browser takes it only over HTTPS."""
    return "__Host-jiebang" if context.settings.production else "jiebang_session"


def identify(request: Request, context: Context) -> Principal:
    """Who asks, looked up once for a request.

    Raises UnauthenticatedError for a bearer token that does not work; a cookie that is over is
    the same as none.
    """
    known: Principal | None = getattr(request.state, "principal", None)
    if known is not None:
        return known
    request.state.principal = Principal()
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    found: Principal | None = None
    if scheme.lower() == "bearer":
        found = sign_in.of_token(context.office, token.strip())
        if found is None:
            raise UnauthenticatedError(
                "令牌无效、已撤销或已过期", cure="重新登录，或换一个令牌", invalid=True
            )
    elif cookie := request.cookies.get(session_cookie(context)):
        found = sign_in.of_session(context.office, cookie)
    request.state.principal = found or Principal()
    return request.state.principal  # type: ignore[no-any-return]


async def _form_token(request: Request) -> str:
    """What the form or the header says; only the body is awaited here."""
    stated = request.headers.get(CSRF_HEADER)
    if stated is not None or request.method in _SAFE_METHODS:
        return stated or ""
    if request.headers.get("content-type", "").startswith(_FORM_TYPES):
        field = (await request.form()).get(CSRF_FIELD)
        return field if isinstance(field, str) else ""
    return ""


def enforce(
    request: Request,
    ctx: Ctx,
    form_token: Annotated[str, Depends(_form_token)],
) -> Caller:
    """Let the request pass, or raise what refuses it."""
    principal = identify(request, ctx)
    same_origin(request)
    if (
        principal.csrf
        and request.method not in _SAFE_METHODS
        and not hmac.compare_digest(principal.csrf.encode(), form_token.encode())
    ):
        error = ForbiddenError("表单没有带上本次登录的校验码", cure="刷新页面后再提交")
        error.code = "csrf"
        raise error
    path = request.app.state.route_keys.get(request.scope.get("endpoint"), "")
    key = f"{request.method} {path}"
    require(principal, key)
    rule = rules.RULES[key]
    if isinstance(rule.record, Thing):
        _require_standing(ctx, principal, key, rule.record, request.path_params["id"])
    elif rule.record is not None:
        _require_record(ctx, principal, key, rule.record, request.path_params["id"])
    return Caller(principal, key)


Asker = Annotated[Caller, Depends(enforce)]


def require(principal: Principal, key: str) -> None:
    """Raise unless `principal` may use the route `key`."""
    why = rules.refusal(principal, key)
    if why is Refusal.SIGN_IN:
        raise UnauthenticatedError(
            "这一步要先登录", cure="用 POST /api/auth/login 取得令牌，或在页面上登录"
        )
    if why is Refusal.SCOPE:
        scope = rules.RULES[key].scope
        raise ForbiddenError(
            f"这个令牌没有“{scope.label_zh}”的权限",
            cure="换一个有此权限范围的令牌",
            missing={"scope": [scope.value]},
        )
    if why is Refusal.ROLE:
        roles = rules.roles_of(key)
        names = "、".join(Role(role).label_zh for role in roles) or "任何人"
        told = f"这一步只有{names}可以做" if roles else "这个地址没有开放"
        raise ForbiddenError(told, cure="请换用有此身份的账号", missing={"role": roles})


def require_event(principal: Principal, event: str) -> None:
    """Raise ForbiddenError unless the role of `principal` may fire an event of a listing.

    One that nobody may fire is left to the machine, which names the legal ones.
    """
    roles = [role for role, events in rules.EVENTS.items() if event in events]
    if roles and principal.role not in roles:
        names = "、".join(role.label_zh for role in roles)
        raise ForbiddenError(
            f"“{event_names(ListingFlow).get(event, event)}”只有{names}可以做",
            cure="请换用有此身份的账号",
            missing={"role": [role.value for role in roles]},
        )


def _require_record(ctx: Context, principal: Principal, key: str, kind: Kind, id_: str) -> None:
    with reading(ctx.engine) as session:
        row = session.get(ListingRow, (kind, id_))
        if row is None:
            return  # the handler says so
        reader = Reader(session, principal)
        sight = reader.sight(row)
    if sight is Sight.NONE:
        missing(kind, id_)
    label = KINDS[kind].label_zh
    _raise(rules.owner_refusal(principal, key, row.owner_id), label, id_)
    if rules.RULES[key].full and sight is not Sight.FULL:
        raise ForbiddenError(
            f"这条{label}脱敏公开，它的匹配结果会透露内容",
            cure="双方同意后可以看全文；本单位记录的匹配结果里有它的脱敏信息",
            missing={"consent": "双方的同意"},
        )


def _require_standing(ctx: Context, principal: Principal, key: str, thing: Thing, id_: str) -> None:
    if rules.RULES[key].reach[principal.role] is Reach.ALL:
        return
    with reading(ctx.engine) as session:
        standing = STANDINGS[thing](session, id_)
    if standing is not None:  # else the handler says so
        _raise(rules.standing_refusal(principal, key, standing), thing.label_zh, id_)


def _raise(why: Refusal | None, label: str, id_: str) -> None:
    if why is Refusal.HIDDEN:
        raise NotFoundError(f"没有编号为 {id_} 的{label}", cure="核对编号，或在列表中查找")
    if why is Refusal.OWNER:
        raise ForbiddenError(
            f"这条{label}属于别的单位",
            cure="只能修改本单位发布的记录",
            missing={"owner": "这条记录的发布单位"},
        )
