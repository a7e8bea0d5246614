"""The input of a schedule: an event with its slots, tables, people, wishes and candidate pairs.

Identifiers are free texts, unique within their list (slots: within the event). `schemas/event.schema.json` is
made from these models.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]
Count = Annotated[int, Field(ge=0, le=100_000)]
Percent = Annotated[int, Field(ge=0, le=100)]
Priority = Annotated[float, Field(ge=0, le=10)]


class Part(BaseModel):
    """What all parts of an event file share: no unknown fields, no guessed types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Wish(StrEnum):
    """What one side says of a pair."""

    MUST = "must"
    LIKE = "like"
    NO = "no"


class ListingKind(StrEnum):
    """Whose wish it is: the enterprise's (need) or the institute's (achievement)."""

    NEED = "need"
    ACHIEVEMENT = "achievement"


class Unit(StrEnum):
    """Who counts as one participant for fairness."""

    ORGANISATION = "organisation"
    LISTING = "listing"


class Slot(Part):
    """A time at which meetings begin; `usable: false` is a break."""

    id: Id
    start: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = Field(
        examples=["09:20"]
    )
    usable: bool = True


class Day(Part):
    """One day of the event and its slots, in order of time."""

    date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\d$")] = Field(
        examples=["2027-05-18"]
    )
    slots: list[Slot] = Field(min_length=1)


class Table(Part):
    """A place that holds one meeting a slot; `closed` names slots in which it cannot be used."""

    id: Id
    room: str = ""
    closed: list[Id] = []


class Organisation(Part):
    """An enterprise or institute; `max_meetings` caps all its meetings, on either side."""

    id: Id
    name: str = ""
    type: str = Field(default="", description="org_type taxonomy or any word of the organiser's")
    city: str = Field(default="", description="region code or name; empty where unknown")
    small: bool = Field(default=False, description="counts towards the share of small firms")
    max_meetings: Count | None = None


class Person(Part):
    """Somebody who attends; `free` lists the slots, all of them where it is null."""

    id: Id
    name: str = ""
    organisation: Id
    free: list[Id] | None = None


class Entry(Part):
    """A need or an achievement that is brought to the event.

    All `people` sit in each of its meetings. `max_meetings` overrides `caps.*.per_listing`.
    """

    id: Id
    title: str = ""
    organisation: Id
    people: list[Id] = Field(min_length=1)
    priority: Priority = 1.0
    max_meetings: Count | None = None


class Candidate(Part):
    """A pair that may meet, with the calibrated probability that it is suitable."""

    need_id: Id
    achievement_id: Id
    probability: Annotated[float, Field(ge=0, le=1)]
    priority: Priority = 1.0


class Preference(Part):
    """A wish of one side; a `no` of either side excludes the pair, whatever the other says."""

    side: ListingKind
    need_id: Id
    achievement_id: Id
    wish: Wish


class Pin(Part):
    """A meeting that the organiser fixes; slot and table are free where they are null."""

    need_id: Id
    achievement_id: Id
    slot: Id | None = None
    table: Id | None = None


class Forbid(Part):
    """A pair that must not meet, at all or (with `slot`) at one time."""

    need_id: Id
    achievement_id: Id
    slot: Id | None = None


class Absence(Part):
    """A person who is away, all the time or (with `slots`) for a part of it."""

    person: Id
    slots: list[Id] | None = None


class SideCaps(Part):
    """Most meetings of each listing and of all listings of one organisation, on one side."""

    per_listing: Count | None = None
    per_organisation: Count | None = None


class Caps(Part):
    """Caps for the needs' side, for the achievements' side, and for organisations of a type."""

    needs: SideCaps = SideCaps()
    achievements: SideCaps = SideCaps()
    organisation_types: dict[str, Count] = Field(
        default={}, description="type -> most meetings of each organisation of that type"
    )


class Shares(Part):
    """Least shares of all meetings, in percent.

    `small`: meetings in which a small firm sits; `cities`: city -> meetings with an organisation from
    there; `each_city`: the same for every city that has a pair which can meet and is not in `cities`.
    """

    small: Percent = 0
    each_city: Percent = 0
    cities: dict[str, Percent] = {}


class Rules(Part):
    """What the objective is made with, see `problem`."""

    good_value: float = Field(default=0.5, ge=0, le=10_000)
    like_factor: float = Field(default=1.25, ge=1, le=10)
    change_cost: float = Field(default=0.2, ge=0, le=100)
    participant: Unit = Field(default=Unit.ORGANISATION, strict=False)


class Event(Part):
    """Everything a schedule is made from."""

    name: str = ""
    place: str = ""
    slot_minutes: int = Field(ge=5, le=240, description="15, 20 or 30 as a rule")
    days: list[Day] = Field(min_length=1)
    tables: list[Table] = Field(min_length=1)
    organisations: list[Organisation]
    people: list[Person]
    needs: list[Entry]
    achievements: list[Entry]
    candidates: list[Candidate]
    preferences: list[Preference] = []
    pins: list[Pin] = []
    forbids: list[Forbid] = []
    absences: list[Absence] = []
    caps: Caps = Caps()
    shares: Shares = Shares()
    rules: Rules = Rules()
