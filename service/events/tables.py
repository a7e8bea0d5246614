"""SQL tables of events. Times are those of the place, written as `2027-05-18T09:20`."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from service.accounts.tables import new_key
from service.tables import moment, now

Interval = list[str]
"""Begin and end of a time at the place of the event."""


def _json(*, nullable: bool = False) -> Any:  # noqa: ANN401  (a column, which SQLModel wants untyped)
    return Column(JSON, nullable=nullable)


class EventRow(SQLModel, table=True):
    """A matchmaking event (路演、校企双进)."""

    __tablename__ = "event"

    id: str = Field(default_factory=lambda: new_key("E"), primary_key=True)
    name: str
    place: str = ""
    state: str = Field(default="draft", index=True)
    version: int = 1
    slot_minutes: int
    periods: list[Interval] = Field(sa_column=_json())
    """When meetings are held; what lies between two periods of a day is a break."""
    tables: list[dict[str, Any]] = Field(sa_column=_json())
    """`id` and `room` of every table, and in `closed` when it cannot be used."""
    terms: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    """`caps`, `shares` and `rules` of `matcher.agenda.event`."""
    run_id: str | None = Field(default=None, foreign_key="batch_run.id")
    """The batch run over the roster that candidate pairs come from."""
    matching_id: str | None = Field(default=None, foreign_key="batch_run.id")
    """The run that was started last; it takes the place of the other once it is done."""
    roster: str = ""
    """Digest of the ids that it was started with."""
    salt: str = Field(default_factory=lambda: secrets.token_hex(16))
    """Goes into what participants' pages and calendars call a pair; nobody is told it."""
    created_by: str | None = Field(default=None, foreign_key="user.id")
    created_at: datetime = Field(default_factory=now, sa_column=moment())
    updated_at: datetime = Field(default_factory=now, sa_column=moment())
    closed_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class EventPartyRow(SQLModel, table=True):
    """An organisation that takes part; `organisation_id` where it has an account."""

    __tablename__ = "event_party"
    __table_args__ = (UniqueConstraint("event_id", "name"),)

    id: str = Field(default_factory=lambda: new_key("P"), primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    name: str
    uscc: str = ""
    org_type: str = ""
    region_code: str = ""
    small: bool = False
    max_meetings: int | None = None
    version: int = 1


class EventAttendeeRow(SQLModel, table=True):
    """A person of a party. `digest` is the keyed hash of the link that was mailed last."""

    __tablename__ = "event_attendee"
    __table_args__ = (UniqueConstraint("party_id", "name"),)

    id: str = Field(default_factory=lambda: new_key("A"), primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    party_id: str = Field(foreign_key="event_party.id", index=True)
    name: str
    mail: str = ""
    free: list[Interval] | None = Field(default=None, sa_column=_json(nullable=True))
    """When the person can come; all the time where None."""
    away: list[Interval] = Field(default_factory=list, sa_column=_json())
    """Absences told later, which take from `free`."""
    digest: str | None = Field(default=None, unique=True)
    invited_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    opened_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    coming: bool | None = None
    """What the person answered to the invitation."""
    reminded_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    checked_in_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    version: int = 1


class EventEntryRow(SQLModel, table=True):
    """A need or an achievement that a party brings."""

    __tablename__ = "event_entry"

    event_id: str = Field(foreign_key="event.id", primary_key=True)
    kind: str = Field(primary_key=True)
    listing_id: str = Field(primary_key=True)
    party_id: str = Field(foreign_key="event_party.id", index=True)
    people: list[str] = Field(default_factory=list, sa_column=_json())
    """Ids of the attendees that sit in its meetings; everybody of the party where empty."""
    priority: float = 1.0
    max_meetings: int | None = None


class EventWishRow(SQLModel, table=True):
    """What one side wants of a pair: `must`, `like` or `no`."""

    __tablename__ = "event_wish"

    event_id: str = Field(foreign_key="event.id", primary_key=True)
    need_id: str = Field(primary_key=True)
    achievement_id: str = Field(primary_key=True)
    side: str = Field(primary_key=True)
    """The kind of record whose side wants it."""
    wish: str
    attendee_id: str | None = Field(default=None, foreign_key="event_attendee.id")
    user_id: str | None = Field(default=None, foreign_key="user.id")
    at: datetime = Field(default_factory=now, sa_column=moment())


class EventOrderRow(SQLModel, table=True):
    """What an organiser fixes (`pin`) or rules out (`forbid`) for a pair."""

    __tablename__ = "event_order"
    __table_args__ = (UniqueConstraint("event_id", "need_id", "achievement_id"),)

    id: int | None = Field(default=None, primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    need_id: str
    achievement_id: str
    op: str
    slot: str | None = None
    table_id: str | None = None
    user_id: str = Field(foreign_key="user.id")
    at: datetime = Field(default_factory=now, sa_column=moment())


class EventScheduleRow(SQLModel, table=True):
    """An attempt to schedule an event; the last that is `done` holds, the last published is public."""

    __tablename__ = "event_schedule"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: str = Field(default_factory=lambda: new_key("S"), primary_key=True)
    event_id: str = Field(foreign_key="event.id", index=True)
    number: int
    state: str = "solving"
    """solving, done, infeasible or failed."""
    told: str = ""
    """How far the solver is, or why it failed."""
    deadline: datetime = Field(sa_column=moment())
    """A schedule that is still being solved then has lost its process."""
    problem: dict[str, Any] = Field(sa_column=_json())
    """`matcher.agenda.event.Event` that was solved."""
    previous: str | None = None
    """The schedule whose meetings were to be kept where possible."""
    schedule: dict[str, Any] | None = Field(default=None, sa_column=_json(nullable=True))
    """`matcher.agenda.schedule.Schedule` that was found."""
    created_by: str | None = Field(default=None, foreign_key="user.id")
    created_at: datetime = Field(default_factory=now, sa_column=moment())
    published_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class EventOutcomeRow(SQLModel, table=True):
    """What one side says of a meeting."""

    __tablename__ = "event_outcome"

    event_id: str = Field(foreign_key="event.id", primary_key=True)
    need_id: str = Field(primary_key=True)
    achievement_id: str = Field(primary_key=True)
    side: str = Field(primary_key=True)
    met: bool
    interested: bool | None = None
    follow_up: bool = False
    reason_code: str | None = None
    note: str = ""
    attendee_id: str | None = Field(default=None, foreign_key="event_attendee.id")
    user_id: str | None = Field(default=None, foreign_key="user.id")
    version: int = 1
    at: datetime = Field(default_factory=now, sa_column=moment())


class EventFollowUpRow(SQLModel, table=True):
    """A pair to be asked after so many days what became of it."""

    __tablename__ = "event_follow_up"

    event_id: str = Field(foreign_key="event.id", primary_key=True)
    need_id: str = Field(primary_key=True)
    achievement_id: str = Field(primary_key=True)
    days: int = Field(primary_key=True)
    due: date
    result: str = ""
    """A code of `service.events.follow_ups.RESULTS`; empty while nobody has asked."""
    amount_wan: float | None = None
    note: str = ""
    user_id: str | None = Field(default=None, foreign_key="user.id")
    version: int = 1
    done_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    reminded_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
