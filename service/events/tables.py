"""SQL tables of events: the roster, what people wish, schedules in force, outcomes of meetings.

Who comes is a `party` (an organisation at one event), an `attendee` is one of its people, an `entry`
a need or achievement that it brings. Parts that `matcher.agenda.event` describes are stored in its form.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from service.accounts.tables import new_key
from service.tables import moment, now


class EventState(StrEnum):
    """Where an event stands."""

    PREPARING = "preparing"
    """The roster grows, wishes come in."""
    PUBLISHED = "published"
    """The timetable is out."""
    CLOSED = "closed"
    """It is over; follow-ups go on."""

    @property
    def label_zh(self) -> str:
        """The Chinese name."""
        return {"preparing": "筹备中", "published": "日程已发布", "closed": "已结束"}[self.value]


class EventRow(SQLModel, table=True):
    """An event: place, days and slots, tables, and what its schedule is to obey."""

    __tablename__ = "event"

    id: str = Field(default_factory=lambda: new_key("E"), primary_key=True)
    name: str
    place: str
    state: str = Field(default=EventState.PREPARING.value, index=True)
    slot_minutes: int
    days: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    """`matcher.agenda.event.Day`s."""
    tables: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    """`matcher.agenda.event.Table`s."""
    rules: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """`caps`, `shares` and `rules` of `matcher.agenda.event.Event`."""
    schedule_id: str | None = None
    """The schedule in force."""
    version: int = 1
    """Counted up with every change of event, roster, wishes or orders, so that edits are detected."""
    created_by: str = Field(foreign_key="user.id")
    created_at: datetime = Field(default_factory=now, sa_column=moment())


class PartyRow(SQLModel, table=True):
    """An organisation at an event, with an account here (`organisation_id`) or without."""

    __tablename__ = "event_party"
    __table_args__ = (UniqueConstraint("event_id", "name"),)

    id: str = Field(default_factory=lambda: new_key("P"), primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    name: str
    kind: str
    """`need` for an enterprise that seeks, `achievement` for an institute that offers."""
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    org_type: str = ""
    region_code: str = ""
    small: bool = False
    max_meetings: int | None = None


class AttendeeRow(SQLModel, table=True):
    """Somebody who comes for a party; `digest` is the keyed hash of the link that he was sent."""

    __tablename__ = "event_attendee"
    __table_args__ = (UniqueConstraint("party_id", "name"),)

    id: str = Field(default_factory=lambda: new_key("A"), primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    party_id: str = Field(foreign_key="event_party.id", index=True)
    name: str
    position: str = ""
    """What he is there (职务)."""
    email: str = ""
    phone: str = ""
    free: list[str] | None = Field(default=None, sa_column=Column(JSON))
    """Ids of the slots in which he can come; None for all of them."""
    away: list[str] | None = Field(default=None, sa_column=Column(JSON))
    """Ids of the slots that he had to call off after all."""
    digest: str | None = Field(default=None, unique=True)
    invited_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    checked_in_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class EntryRow(SQLModel, table=True):
    """A need or achievement that a party brings; `listing_id` names the record of the platform."""

    __tablename__ = "event_entry"
    __table_args__ = (UniqueConstraint("event_id", "kind", "listing_id"),)

    id: str = Field(default_factory=lambda: new_key("N"), primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    party_id: str = Field(foreign_key="event_party.id", index=True)
    kind: str
    listing_id: str
    priority: float = 1.0
    max_meetings: int | None = None
    people: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """Ids of the attendees who sit in its meetings; all of the party where it is empty."""


class WishRow(SQLModel, table=True):
    """What one side says of a pair of entries (`matcher.agenda.event.Wish`)."""

    __tablename__ = "event_wish"
    __table_args__ = (UniqueConstraint("need_entry", "achievement_entry", "side"),)

    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    side: str
    need_entry: str = Field(foreign_key="event_entry.id")
    achievement_entry: str = Field(foreign_key="event_entry.id")
    wish: str
    at: datetime = Field(default_factory=now, sa_column=moment())


class OrderRow(SQLModel, table=True):
    """What the organiser fixes of a pair: `pin` it (to a slot, a table), or `forbid` it."""

    __tablename__ = "event_order"
    __table_args__ = (UniqueConstraint("need_entry", "achievement_entry"),)

    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    need_entry: str = Field(foreign_key="event_entry.id")
    achievement_entry: str = Field(foreign_key="event_entry.id")
    order: str
    slot: str | None = None
    table: str | None = None


class CandidateRow(SQLModel, table=True):
    """A pair of entries as the pipeline sees it: what a schedule values it by."""

    __tablename__ = "event_candidate"

    need_entry: str = Field(primary_key=True, foreign_key="event_entry.id")
    achievement_entry: str = Field(primary_key=True, foreign_key="event_entry.id")
    event_id: str = Field(foreign_key="event.id", index=True)
    score: float
    probability: float


class ScheduleRow(SQLModel, table=True):
    """One answer of the solver; `answer` is a `matcher.agenda.schedule.Schedule`."""

    __tablename__ = "event_schedule"

    id: str = Field(default_factory=lambda: new_key("S"), primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    number: int
    """1 for the first of an event."""
    event_version: int
    """The version of the event that it was made for."""
    answer: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    created_at: datetime = Field(default_factory=now, sa_column=moment())


class MeetingRow(SQLModel, table=True):
    """A meeting of the schedule in force; it keeps its id, and what is known of it, when it moves."""

    __tablename__ = "event_meeting"
    __table_args__ = (
        UniqueConstraint("need_entry", "achievement_entry"),
        Index("ix_event_meeting_slot", "event_id", "slot"),
    )

    id: str = Field(default_factory=lambda: new_key("M"), primary_key=True)
    event_id: str = Field(foreign_key="event.id")
    need_entry: str = Field(foreign_key="event_entry.id")
    achievement_entry: str = Field(foreign_key="event_entry.id")
    slot: str
    table: str
    people: list[str] = Field(sa_column=Column(JSON, nullable=False))
    pinned: bool = False
    dropped: bool = False
    """A later schedule has no room for it."""


class OutcomeRow(SQLModel, table=True):
    """What one side reports of a meeting."""

    __tablename__ = "event_outcome"
    __table_args__ = (UniqueConstraint("meeting_id", "side"),)

    id: int | None = Field(default=None, primary_key=True)
    meeting_id: str = Field(foreign_key="event_meeting.id", index=True)
    side: str
    met: bool
    interested: bool | None = None
    follow_up: bool = False
    reason_code: str | None = None
    note: str = ""
    attendee_id: str | None = Field(default=None, foreign_key="event_attendee.id")
    user_id: str | None = Field(default=None, foreign_key="user.id")
    version: int = 1
    at: datetime = Field(default_factory=now, sa_column=moment())


class FollowUpRow(SQLModel, table=True):
    """A question 30, 90 or 180 days after the event: what became of a meeting."""

    __tablename__ = "event_follow_up"

    meeting_id: str = Field(primary_key=True, foreign_key="event_meeting.id")
    days: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    due: date
    state: str | None = None
    """What was found: `talking`, `trial`, `signed`, `ended`; None until somebody asked."""
    reason_code: str | None = None
    note: str = ""
    user_id: str | None = Field(default=None, foreign_key="user.id")
    version: int = 1
    at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    reminded_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
