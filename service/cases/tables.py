"""SQL tables of the broker's desk: what both sides say of a pair, cases, notes and to-dos."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from service.accounts.tables import new_key
from service.tables import moment, now


class StanceRow(SQLModel, table=True):
    """What one side of a pair says of it: interested, or declined with a reason."""

    __tablename__ = "stance"
    __table_args__ = (UniqueConstraint("need_id", "achievement_id", "side"),)

    id: int | None = Field(default=None, primary_key=True)
    need_id: str = Field(index=True)
    achievement_id: str = Field(index=True)
    side: str
    """`matcher.listing.Side`: whose word it is."""
    interested: bool
    reason_code: str | None = None
    note: str = ""
    user_id: str | None = Field(default=None, foreign_key="user.id")
    """Who said it; None for a participant of an event, who has no account."""
    event_id: str | None = None
    """The event at which it was said; None for what was said on the platform."""
    version: int = 1
    at: datetime = Field(default_factory=now, sa_column=moment())


class CaseRow(SQLModel, table=True):
    """A pair that a technology manager works on."""

    __tablename__ = "broker_case"
    __table_args__ = (UniqueConstraint("need_id", "achievement_id"),)

    id: str = Field(default_factory=lambda: new_key("C"), primary_key=True)
    need_id: str = Field(index=True)
    achievement_id: str = Field(index=True)
    state: str = Field(default="lead", index=True)
    version: int = 1
    manager_id: str | None = Field(default=None, foreign_key="user.id", index=True)
    """Who claimed it."""
    lost_reason: str | None = None
    summary: str = ""
    created_by: str | None = Field(default=None, foreign_key="user.id")
    """Who opened it; None where participants of an event did by being interested."""
    created_at: datetime = Field(default_factory=now, sa_column=moment())
    updated_at: datetime = Field(default_factory=now, sa_column=moment())


class TodoRow(SQLModel, table=True):
    """Something to be done for a case by a day."""

    __tablename__ = "todo"

    id: str = Field(default_factory=lambda: new_key("T"), primary_key=True)
    case_id: str = Field(foreign_key="broker_case.id", index=True)
    user_id: str = Field(foreign_key="user.id", index=True)
    """Whose task it is."""
    text: str
    due: date
    version: int = 1
    done_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    reminded_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    created_at: datetime = Field(default_factory=now, sa_column=moment())
