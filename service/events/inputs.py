"""What people send about events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from matcher.agenda.event import Caps, Rules, Shares, Wish
from matcher.listing import Kind
from service.accounts.inputs import Input
from service.events.grid import stamp
from service.inputs import Id, Line, Text, Version

MOST_SLOTS = 400
MOST_TABLES = 300
YEARS = range(2000, 2101)
"""In which events are: other years are slips of the pen."""


def _local(value: str) -> str:
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError as error:
        msg = "时间应写成 2027-05-18T09:20"
        raise ValueError(msg) from error
    if found.year not in YEARS:
        msg = f"年份应在 {YEARS.start}–{YEARS.stop - 1} 之间"
        raise ValueError(msg)
    if found.tzinfo is not None or found.second or found.microsecond:
        msg = "时间是会场当地的，写到分钟，例如 2027-05-18T09:20"
        raise ValueError(msg)
    return stamp(found)


LocalTime = Annotated[str, Field(max_length=30), AfterValidator(_local)]
"""A time at the place of the event, to the minute."""


def _interval(value: tuple[str, str]) -> tuple[str, str]:
    if value[0] >= value[1]:
        msg = f"时间段的结束（{value[1]}）应在开始（{value[0]}）之后"
        raise ValueError(msg)
    return value


Period = Annotated[tuple[LocalTime, LocalTime], AfterValidator(_interval)]
"""Begin and end."""


def _one_day(value: tuple[str, str]) -> tuple[str, str]:
    if value[0][:10] != value[1][:10]:
        msg = f"一个时间段应在同一天（{value[0]} 到 {value[1]}）"
        raise ValueError(msg)
    return value


class TableIn(Input):
    """A table, the room in which it stands, and when it cannot be used."""

    id: Annotated[str, Line(1, 40)]
    room: Annotated[str, Line(0, 60)] = ""
    closed: Annotated[list[Annotated[Period, AfterValidator(_one_day)]], Field(max_length=30)] = []


class Terms(Input):
    """Under which the schedule is made; see `matcher.agenda.event`."""

    caps: Caps = Caps()
    shares: Shares = Shares()
    rules: Rules = Rules()
    least_probability: Annotated[float, Field(ge=0, le=1)] = 0.3
    """Pairs that are less likely to suit are left out, unless a side insists."""


class EventIn(Input):
    """An event with its hours and tables."""

    name: Annotated[str, Line(2, 80)]
    place: Annotated[str, Line(0, 120)] = ""
    slot_minutes: Annotated[int, Field(ge=5, le=240, strict=True)] = 20
    periods: Annotated[
        list[Annotated[Period, AfterValidator(_one_day)]], Field(min_length=1, max_length=60)
    ]
    tables: Annotated[list[TableIn], Field(min_length=1, max_length=MOST_TABLES)]
    terms: Terms = Terms()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [table.id for table in self.tables]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            msg = f"桌号重复：{twice}"
            raise ValueError(msg)
        ordered = sorted(self.periods)
        for before, after in zip(ordered, ordered[1:], strict=False):
            if after[0] < before[1]:
                msg = f"时间段重叠：{'–'.join(before)} 与 {'–'.join(after)}"
                raise ValueError(msg)
        length = timedelta(minutes=self.slot_minutes)
        count = sum(
            (datetime.fromisoformat(end) - datetime.fromisoformat(begin)) // length
            for begin, end in ordered
        )
        if not 1 <= count <= MOST_SLOTS:
            msg = f"时间段里排得下 {count} 个时段，应为 1–{MOST_SLOTS} 个"
            raise ValueError(msg)
        return self


class EventChange(Input):
    """An event as it shall be; `version` is the one that was read."""

    version: Version
    event: EventIn


class OrderIn(Input):
    """Pin a pair (to a slot and a table where they are given), rule it out, or leave it to the solver."""

    need_id: Id
    achievement_id: Id
    op: Literal["pin", "forbid", "clear"]
    slot: LocalTime | None = None
    table_id: Annotated[str, Text(1, 40)] | None = None


class WishIn(Input):
    """What a side wants of a pair, told to the organiser; null takes it back."""

    need_id: Id
    achievement_id: Id
    side: Kind
    wish: Wish | None = None


class AbsenceIn(Input):
    """Times at which a person is away after all; null: the whole event; an empty list: present."""

    attendee_id: Id
    away: Annotated[list[Period], Field(max_length=50)] | None


class PlanIn(Input):
    """How long to look for a schedule, and whether to keep to the present one where possible."""

    seconds: Annotated[int, Field(ge=1, le=600)] = 60
    keep: bool = True


class StepIn(Input):
    """A step of an event's course; what is published is a schedule."""

    event: Literal["invite", "close", "reopen"]
    reason: Annotated[str, Text(0, 1000)] = ""
