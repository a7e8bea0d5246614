"""What access rules speak of: roles, scopes, reach, things with owners, and who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from matcher.listing import Kind


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
HOUSE = (Role.MANAGER, Role.ADMIN)
"""Roles that run the platform's business."""
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
    PARTY = "party"
    """Those in which one, or one's organisation, takes part."""


class Thing(StrEnum):
    """What the path parameter `id` may name besides a listing."""

    BOUNTY = "bounty"
    BID = "bid"
    OFFER = "offer"
    TAKE = "take"

    @property
    def label_zh(self) -> str:
        """The Chinese name."""
        return _THING_ZH[self.value]


_THING_ZH = {"bounty": "榜单", "bid": "揭榜方案", "offer": "待转化成果", "take": "承接意向"}


@dataclass(frozen=True)
class Standing:
    """Who has to do with a thing: ids of organisations and of users."""

    owners: frozenset[str]
    parties: frozenset[str] = frozenset()
    public: bool = False


@dataclass(frozen=True)
class Principal:
    """Who asks. The default is somebody who is not signed in."""

    user_id: str = ""
    login: str = ""
    name: str = ""
    role: Role | None = None
    organisation_id: str | None = None
    organisation: str = ""
    uscc: str = ""
    """Credit code of the organisation."""
    scopes: frozenset[Scope] = field(default_factory=lambda: frozenset(Scope))
    credential: str = ""
    """Digest of the session or id of the API token that was presented."""
    csrf: str = ""
    """What a form must send back; empty unless a session cookie was presented."""

    @property
    def role_zh(self) -> str:
        """The Chinese name of the role."""
        return self.role.label_zh if self.role else ""


ITSELF = Principal(role=Role.ADMIN)
"""The service, where a thread or a command of its own asks: it reads everything."""


@dataclass(frozen=True)
class Rule:
    """A row of the table: how far each role reaches; None stands for people not signed in.

    `record` is what the path parameter `id` names: a kind of listing, or another thing.
    """

    reach: Mapping[Role | None, Reach]
    scope: Scope = Scope.READ
    record: Kind | Thing | None = None
    full: bool = False
    """Only for whoever may read the whole record: what is derived from a text would tell of it."""
