"""SQL tables: the only truth. Everything else is derived from them."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Index,
    LargeBinary,
    TypeDecorator,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, which is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored moment with its zone."""
        return value if value is None or value.tzinfo else value.replace(tzinfo=UTC)


def moment(*, nullable: bool = False) -> Any:  # noqa: ANN401  (a column, which SQLModel wants untyped)
    """A column that holds a moment in UTC."""
    return Column(UtcDateTime, nullable=nullable)


class Tier(StrEnum):
    """Who may read a record."""

    PUBLIC = "public"
    MASKED = "masked"
    """Everybody its masked view, and all of it once both sides agreed."""
    BROKER_ONLY = "broker_only"
    """Its owner and the house; nobody else knows of it."""
    NAMED = "named"
    """Besides, the organisations that it names."""

    @classmethod
    def of(cls, stated: str | None) -> Tier:
        """The tier that a record states; one in words of its own is shut rather than open."""
        if not stated:
            return cls.PUBLIC
        return cls(stated) if stated in set(cls) else cls.BROKER_ONLY

    @property
    def label_zh(self) -> str:
        """The Chinese name."""
        return _TIER_ZH[self.value]


_TIER_ZH = {
    "public": "公开",
    "masked": "脱敏",
    "broker_only": "仅经理人",
    "named": "定向",
}


class ListingRow(SQLModel, table=True):
    """A need or achievement: the record as posted, and in columns what lists are filtered by."""

    __tablename__ = "listing"
    __table_args__ = (
        Index("ix_listing_kind_status", "kind", "status", "id"),
        Index("ix_listing_kind_content", "kind", "content_hash"),
        Index("ix_listing_expires_at", "expires_at"),
        # counts and the ids of confidential records are read with every page and match: from here alone
        Index(
            "ix_listing_hall",
            *("kind", "status", "disclosure", "confirmed_at", "published_at", "updated_at", "id"),
        ),
    )

    kind: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    title: str
    body: str
    search_text: str
    """Title and body in normal form (`matcher.analyzer.normalise`), for full-text search."""
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    contact: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    content_hash: str
    chain: str | None = Field(default=None, index=True)
    region: str | None = Field(default=None, index=True)
    trl_low: int | None = None
    trl_high: int | None = None
    money_low: float | None = None
    money_high: float | None = None
    coop_modes: str = ""
    """Modes framed by `|`, as in the index: `|licence|equity|`."""
    status: str = "published"
    version: int = 1
    seq: int
    """The change that wrote this version."""
    created_at: datetime = Field(sa_column=moment())
    updated_at: datetime = Field(sa_column=moment())
    owner_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    """The organisation that posted it; None for what the house itself imported."""
    created_by: str | None = Field(default=None, foreign_key="user.id")
    disclosure: str = "public"
    """Who may read it (`Tier`)."""
    named: str = ""
    """Credit codes of the organisations that a `named` record is for, framed by `|`."""
    mask: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    """What others may read of a `masked` record (`service.masking`)."""
    mask_text: str = ""
    """Normal form of title and text of the mask, for full-text search of those who see no more."""
    published_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    confirmed_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    """When the owner last said that it still holds; None for what the house imported without it."""
    expires_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    reminded_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class ListingVersionRow(SQLModel, table=True):
    """An earlier content of a listing, under the version number that it had. Without contact."""

    __tablename__ = "listing_version"

    kind: str = Field(primary_key=True)
    listing_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    record: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    status: str
    at: datetime = Field(sa_column=moment())
    """When this content was written."""


class HeadRow(SQLModel, table=True):
    """The counter row: the last number given to a change, and the identity of this database.

    Taken last in a writing transaction, it makes the numbers of the log commit in order and
    without gaps, which an auto-increment id does not.
    """

    __tablename__ = "head"
    __table_args__ = (CheckConstraint("id = 1", name="ck_head_single"),)

    id: int = Field(default=1, primary_key=True)
    n: int = 0
    database_id: str


class ChangeRow(SQLModel, table=True):
    """The change log that indexes tail."""

    __tablename__ = "change"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    kind: str
    listing_id: str
    op: str
    at: datetime = Field(default_factory=now, sa_column=moment())


class EmbeddingRow(SQLModel, table=True):
    """Cached vectors of a text in a role by a model: float32, little-endian, a row per window."""

    __tablename__ = "embedding"

    text_hash: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    fingerprint: str = Field(primary_key=True)
    windows: int
    vectors: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


EVENT_JUDGE = "event:"
"""Judges whose names begin so are sides of meetings at events (`service.events.effects`)."""


class VerdictRow(SQLModel, table=True):
    """A judge's grade of a pair; a judge who grades again replaces the earlier grade."""

    __tablename__ = "verdict"
    __table_args__ = (UniqueConstraint("need_id", "achievement_id", "judge"),)

    id: int | None = Field(default=None, primary_key=True)
    need_id: str = Field(index=True)
    achievement_id: str = Field(index=True)
    judge: str
    grade: int
    reason_code: str | None = None
    note: str = ""
    at: datetime = Field(default_factory=now, sa_column=moment())
    user_id: str | None = Field(default=None, foreign_key="user.id")
    """Who graded; None for grades of before there were accounts."""


class TransitionRow(SQLModel, table=True):
    """A step of a thing from one state to the next; triggers refuse every change and deletion."""

    __tablename__ = "transition"
    __table_args__ = (Index("ix_transition_entity", "entity_kind", "entity_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=now, sa_column=moment())
    entity_kind: str
    entity_id: str
    event: str
    from_state: str | None = None
    """None where the thing came into being."""
    to_state: str
    actor_id: str | None = None
    """The user who did it; None for the service itself."""
    reason: str = ""


class ConsentRow(SQLModel, table=True):
    """One side's word that the other may see record and contact; good once both have given it."""

    __tablename__ = "consent"

    need_id: str = Field(primary_key=True)
    achievement_id: str = Field(primary_key=True)
    side: str = Field(primary_key=True)
    """The kind of record that whoever agreed owns."""
    user_id: str
    organisation_id: str | None = None
    at: datetime = Field(default_factory=now, sa_column=moment())


class DisclosureRow(SQLModel, table=True):
    """Who saw what of a record that is not public; triggers refuse every change and deletion."""

    __tablename__ = "disclosure"
    __table_args__ = (Index("ix_disclosure_listing", "kind", "listing_id", "user_id"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=now, sa_column=moment())
    kind: str
    listing_id: str
    version: int
    what: str
    """`full` for the whole text, `contact` for contact data."""
    user_id: str
    organisation_id: str | None = None
    route: str


class InboxRow(SQLModel, table=True):
    """A match that appeared for a record of an organisation, found when either was published."""

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_organisation", "organisation_id", "at"),)

    kind: str = Field(primary_key=True)
    listing_id: str = Field(primary_key=True)
    """The organisation's own record."""
    other_id: str = Field(primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    score: float
    probability: float
    at: datetime = Field(default_factory=now, sa_column=moment())
    read_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    mailed_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class FollowerRow(SQLModel, table=True):
    """How far somebody who tails the change log has come."""

    __tablename__ = "follower"

    name: str = Field(primary_key=True)
    seq: int
