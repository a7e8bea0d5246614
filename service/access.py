"""Who may do what: every access rule, by route, role and ownership. What has no row is refused.

`RULES` is the one table. `service.guard` enforces it for every request; `docs/access.md` is its
printed form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlmodel import col, or_

from matcher.listing import KINDS, Kind
from service.lifecycle import HOUSE_EVENTS, OWNER_EVENTS, REVIEW_EVENTS
from service.tables import ListingRow


class Role(StrEnum):
    """What a user is on the platform."""

    ENTERPRISE = "enterprise"
    INSTITUTE = "institute"
    MANAGER = "manager"
    ORGANISER = "organiser"
    ANALYST = "analyst"
    ADMIN = "admin"

    @property
    def label_zh(self) -> str:
        """The Chinese name."""
        return _ROLE_ZH[self.value]


_ROLE_ZH = {
    "enterprise": "企业成员",
    "institute": "院所成员",
    "manager": "技术经理人",
    "organiser": "活动组织者",
    "analyst": "分析员",
    "admin": "管理员",
}
OF_ORGANISATIONS = (Role.ENTERPRISE, Role.INSTITUTE)
"""Roles that act for an organisation and cannot be without one."""
POSTER = {Kind.NEED: Role.ENTERPRISE, Kind.ACHIEVEMENT: Role.INSTITUTE}
"""Whose organisation posts records of a kind."""


class Scope(StrEnum):
    """What an API token is good for; a session has every scope."""

    READ = "read"
    WRITE = "write"
    JUDGE = "judge"
    ACCOUNT = "account"
    ADMIN = "admin"

    @property
    def label_zh(self) -> str:
        """The Chinese name."""
        return _SCOPE_ZH[self.value]


_SCOPE_ZH = {
    "read": "读取与匹配",
    "write": "发布、修改、导入",
    "judge": "评价",
    "account": "管理自己的账号与令牌",
    "admin": "管理用户与单位",
}


class Reach(StrEnum):
    """Which records a rule lets somebody reach."""

    ALL = "all"
    PUBLIC = "public"
    """Published ones, and those of one's own organisation in any state."""
    OWN = "own"
    """Those of one's own organisation."""


@dataclass(frozen=True)
class Principal:
    """Who asks. The default is somebody who is not signed in."""

    user_id: str = ""
    login: str = ""
    name: str = ""
    role: Role | None = None
    organisation_id: str | None = None
    organisation: str = ""
    scopes: frozenset[Scope] = field(default_factory=lambda: frozenset(Scope))
    credential: str = ""
    """Digest of the session or id of the API token that was presented."""
    csrf: str = ""
    """What a form must send back; empty unless a session cookie was presented."""

    @property
    def role_zh(self) -> str:
        """The Chinese name of the role."""
        return self.role.label_zh if self.role else ""


@dataclass(frozen=True)
class Rule:
    """A row of the table: how far each role reaches; None stands for people not signed in.

    `record` is the kind of listing that the path parameter `id` names.
    """

    reach: Mapping[Role | None, Reach]
    scope: Scope = Scope.READ
    record: Kind | None = None


def _to(*who: Role | None, scope: Scope = Scope.READ) -> Rule:
    return Rule(dict.fromkeys(who, Reach.ALL), scope)


_ANYBODY = _to(None, *Role)
_MEMBERS = _to(*Role)
_OWN_ACCOUNT = _to(*Role, scope=Scope.ACCOUNT)
_ADMINS = _to(Role.ADMIN, scope=Scope.ADMIN)
_JUDGES = _to(Role.MANAGER, Role.ADMIN, scope=Scope.JUDGE)
_POSTERS = _to(*OF_ORGANISATIONS, Role.ADMIN, scope=Scope.WRITE)
_REVIEWERS = _to(Role.MANAGER, Role.ADMIN)
_HALL: dict[Role | None, Reach] = dict.fromkeys((None, *Role), Reach.PUBLIC)
_HALL |= {Role.MANAGER: Reach.ALL, Role.ADMIN: Reach.ALL}


def _of_kind(kind: Kind) -> dict[str, Rule]:
    plural = KINDS[kind].plural
    read = Rule(_HALL, Scope.READ, kind)
    listed = Rule(_HALL)
    own = Rule({POSTER[kind]: Reach.OWN, Role.ADMIN: Reach.ALL}, Scope.WRITE, kind)
    kept: dict[Role | None, Reach] = {POSTER[kind]: Reach.OWN}
    kept |= {Role.MANAGER: Reach.ALL, Role.ADMIN: Reach.ALL}
    told, step = Rule(kept, Scope.READ, kind), Rule(kept, Scope.WRITE, kind)
    post = _to(POSTER[kind], Role.ADMIN, scope=Scope.WRITE)
    return {
        f"GET /api/{plural}": listed,
        f"POST /api/{plural}": post,
        f"GET /api/{plural}/{{id}}": read,
        f"PATCH /api/{plural}/{{id}}": own,
        f"DELETE /api/{plural}/{{id}}": own,
        f"POST /api/{plural}/{{id}}/steps": step,
        f"GET /api/{plural}/{{id}}/history": told,
        f"GET /api/{plural}/{{id}}/versions": told,
        f"GET /api/{plural}/{{id}}/matches": read,
        f"GET /api/{plural}/{{id}}/matches/{{other_id}}": read,
        f"GET /{plural}": listed,
        f"GET /{plural}/new": post,
        f"POST /{plural}/new": post,
        f"POST /{plural}/draft": post,
        f"GET /{plural}/{{id:path}}/edit": own,
        f"POST /{plural}/{{id:path}}/edit": own,
        f"POST /{plural}/{{id:path}}/steps": step,
        f"GET /{plural}/{{id:path}}": read,
        f"GET /{plural}/{{id:path}}/matches.xlsx": read,
    }


RULES: dict[str, Rule] = {
    # the service itself
    "GET /api/openapi.json": _ANYBODY,
    "GET /static": _ANYBODY,
    "GET /api/health": _ANYBODY,
    # texts that are not stored
    "POST /api/match": _ANYBODY,
    "GET /": _ANYBODY,
    "POST /": _ANYBODY,
    "POST /api/needs/check": _ANYBODY,
    "POST /needs/checkup": _to(Role.ENTERPRISE, Role.ADMIN, scope=Scope.WRITE),
    # listings
    **_of_kind(Kind.NEED),
    **_of_kind(Kind.ACHIEVEMENT),
    "POST /api/imports": _POSTERS,
    "GET /api/imports/template": _ANYBODY,
    "GET /import": _POSTERS,
    "POST /import": _POSTERS,
    "POST /import/rejected.csv": _POSTERS,
    # review, and what one's own organisation posted
    "GET /api/review": _REVIEWERS,
    "GET /review": _REVIEWERS,
    "GET /api/me/listings": _to(*OF_ORGANISATIONS, Role.ADMIN),
    "GET /mine": _to(*OF_ORGANISATIONS, Role.ADMIN),
    # verdicts
    "GET /api/verdicts": _to(Role.MANAGER, Role.ANALYST, Role.ADMIN),
    "GET /api/verdicts/qrels": _to(Role.ANALYST, Role.ADMIN),
    "POST /api/verdicts": _JUDGES,
    "POST /verdicts": _JUDGES,
    "POST /judged": _JUDGES,
    # getting in and out
    "POST /api/auth/register": _ANYBODY,
    "POST /api/auth/login": _ANYBODY,
    "POST /api/auth/password/forgotten": _ANYBODY,
    "POST /api/auth/password/reset": _ANYBODY,
    "POST /api/auth/invitation": _ANYBODY,
    "POST /api/auth/logout": _MEMBERS,
    "GET /login": _ANYBODY,
    "POST /login": _ANYBODY,
    "POST /logout": _MEMBERS,
    "GET /register": _ANYBODY,
    "POST /register": _ANYBODY,
    "GET /invitation": _ANYBODY,
    "POST /invitation": _ANYBODY,
    "GET /password/forgotten": _ANYBODY,
    "POST /password/forgotten": _ANYBODY,
    "GET /password/reset": _ANYBODY,
    "POST /password/reset": _ANYBODY,
    # one's own account
    "GET /api/me": _MEMBERS,
    "GET /api/me/tokens": _OWN_ACCOUNT,
    "POST /api/me/tokens": _OWN_ACCOUNT,
    "DELETE /api/me/tokens/{token_id}": _OWN_ACCOUNT,
    "GET /account": _OWN_ACCOUNT,
    "POST /account/password": _OWN_ACCOUNT,
    "POST /account/tokens": _OWN_ACCOUNT,
    "POST /account/tokens/revoke": _OWN_ACCOUNT,
    # administration
    "GET /api/admin/users": _ADMINS,
    "POST /api/admin/users/{user_id}/{action}": _ADMINS,
    "GET /api/admin/organisations": _ADMINS,
    "POST /api/admin/organisations/{organisation_id}/{action}": _ADMINS,
    "POST /api/admin/invitations": _ADMINS,
    "GET /api/admin/audit": _ADMINS,
    "GET /admin/users": _ADMINS,
    "POST /admin/users": _ADMINS,
    "GET /admin/organisations": _ADMINS,
    "POST /admin/organisations": _ADMINS,
    "GET /admin/invitations": _ADMINS,
    "POST /admin/invitations": _ADMINS,
    "GET /admin/audit": _ADMINS,
}


EVENTS: dict[Role, frozenset[str]] = {
    **dict.fromkeys(OF_ORGANISATIONS, OWNER_EVENTS),
    Role.MANAGER: REVIEW_EVENTS,
    Role.ADMIN: HOUSE_EVENTS,
}
"""What each role may make of the state of a listing that it reaches with a `steps` route."""


def may_fire(principal: Principal, event: str) -> bool:
    """Whether the role of `principal` may fire an event of a listing."""
    return principal.role is not None and event in EVENTS.get(principal.role, ())


class Refusal(StrEnum):
    """Why a request is refused."""

    SIGN_IN = "sign-in"
    ROLE = "role"
    SCOPE = "scope"
    OWNER = "owner"
    HIDDEN = "hidden"
    """The record may not even be known to exist."""


def refusal(principal: Principal, key: str) -> Refusal | None:
    """Why `principal` may not use a route at all, or None; ownership comes on top."""
    rule = RULES.get(key)
    if rule is None or principal.role not in rule.reach:
        return Refusal.ROLE if principal.role else Refusal.SIGN_IN
    return None if rule.scope in principal.scopes else Refusal.SCOPE


def record_refusal(
    principal: Principal, key: str, owner_id: str | None, status: str
) -> Refusal | None:
    """Why `principal`, who may use the route, may not reach a record with it, or None."""
    reach = RULES[key].reach[principal.role]
    own = owner_id is not None and owner_id == principal.organisation_id
    if reach is Reach.ALL or own:
        return None
    if status != "published":
        return Refusal.HIDDEN
    return None if reach is Reach.PUBLIC else Refusal.OWNER


def visible(principal: Principal, key: str) -> Any:  # noqa: ANN401  (a condition, which has no public type)
    """The SQL condition for rows of `listing` that a list shows to `principal`."""
    if RULES[key].reach[principal.role] is Reach.ALL:
        return True
    published = col(ListingRow.status) == "published"
    if principal.organisation_id is None:
        return published
    return or_(published, col(ListingRow.owner_id) == principal.organisation_id)


def roles_of(key: str) -> list[str]:
    """Names of the roles that may use a route."""
    return [role.value for role in RULES[key].reach if role] if key in RULES else []


def scopes_of(role: Role) -> list[Scope]:
    """The scopes that some rule asks of `role`, in their order."""
    used = {rule.scope for rule in RULES.values() if role in rule.reach}
    return [scope for scope in Scope if scope in used]
