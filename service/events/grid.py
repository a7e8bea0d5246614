"""The slots of an event. A slot is named by its beginning, so that meetings survive a change of hours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.events.tables import EventRow, EventScheduleRow, Interval


@dataclass(frozen=True, slots=True)
class Slot:
    """A time in which meetings are held, local to the place."""

    begin: datetime
    end: datetime

    @property
    def id(self) -> str:
        """Its name: `2027-05-18T09:20`."""
        return stamp(self.begin)

    @property
    def label(self) -> str:
        """Its hours: `09:20–09:40`."""
        return f"{self.begin:%H:%M}–{self.end:%H:%M}"


def stamp(time: datetime) -> str:
    """A time as it is written everywhere."""
    return time.isoformat(timespec="minutes")


def slots(event: EventRow) -> list[Slot]:
    """Every slot of the event in order of time; what is left of a period is not used."""
    step = timedelta(minutes=event.slot_minutes)
    found = []
    for begin, end in sorted(map(_times, event.periods)):
        at = begin
        while at + step <= end:
            found.append(Slot(at, at + step))
            at += step
    return found


def days(found: Sequence[Slot]) -> dict[str, list[Slot]]:
    """Slots by day (`2027-05-18`)."""
    by_day: dict[str, list[Slot]] = {}
    for slot in found:
        by_day.setdefault(slot.begin.date().isoformat(), []).append(slot)
    return by_day


@dataclass(frozen=True, slots=True)
class Grid:
    """Hours and tables that a schedule was made for, whatever became of those of its event."""

    days: dict[str, list[Slot]]
    """Slots by day."""
    tables: dict[str, str]
    """Rooms by table."""


def of_schedule(row: EventScheduleRow) -> Grid:
    """The hours and tables of a schedule."""
    step = timedelta(minutes=row.problem["slot_minutes"])
    begins = [
        datetime.fromisoformat(slot["id"]) for day in row.problem["days"] for slot in day["slots"]
    ]
    tables = {table["id"]: table["room"] for table in row.problem["tables"]}
    return Grid(days([Slot(begin, begin + step) for begin in begins]), tables)


def free(
    found: Iterable[Slot], stated: Sequence[Interval] | None, away: Sequence[Interval] = ()
) -> list[Slot]:
    """The slots that lie within one of the `stated` times (all where None) and meet none of `away`."""
    hours = None if stated is None else [_times(interval) for interval in stated]
    gone = [_times(interval) for interval in away]
    return [
        slot
        for slot in found
        if (hours is None or any(b <= slot.begin and slot.end <= e for b, e in hours))
        and not any(b < slot.end and slot.begin < e for b, e in gone)
    ]


def closed(found: Sequence[Slot], hours: Sequence[Interval]) -> list[Slot]:
    """The slots that meet one of the `hours`."""
    left = set(free(found, None, hours)) if hours else set(found)
    return [slot for slot in found if slot not in left]


def span(found: Sequence[Slot]) -> Interval:
    """From the first slot to the end of the last; raises IndexError without any."""
    return [stamp(found[0].begin), stamp(found[-1].end)]


def _times(interval: Interval) -> tuple[datetime, datetime]:
    begin, end = interval
    return datetime.fromisoformat(begin), datetime.fromisoformat(end)
