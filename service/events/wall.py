"""The wall timetable: what anybody may read of a published schedule. It names no person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcher.listing import Kind
from service.access import Principal
from service.disclosure import Reader, Sight
from service.errors import NotFoundError
from service.events import events, grid, meetings
from service.events.tables import EventRow

CONFIDENTIAL = "保密对接"


@dataclass(frozen=True)
class Cell:
    """A meeting at a table: what is said of either side, organisation first."""

    sides: Mapping[Kind, tuple[str, str]]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Organisation and title of the need's side, then of the achievement's."""
        return [self.sides[kind] for kind in (Kind.NEED, Kind.ACHIEVEMENT)]


@dataclass(frozen=True)
class Day:
    """A day as a timetable: a row for each slot, a column for each table that is used on it."""

    date: str
    tables: Sequence[tuple[str, str]]
    """Name and room."""
    rows: Sequence[tuple[grid.Slot, Sequence[Cell | None]]]


@dataclass(frozen=True)
class Wall:
    """The timetable of an event."""

    event: EventRow
    number: int
    days: Sequence[Day]


def wall(reader: Reader, event_id: str) -> Wall:
    """The published timetable of an event; raises NotFoundError while there is none.

    Nobody's reading is written down, as it is what everybody may see: `reader` should be nobody.
    """
    event = events.get(reader.session, event_id)
    row = meetings.current(reader.session, event_id, published=True)
    if row is None:
        raise NotFoundError("这场活动的日程还没有发布", cure="发布以后再来看")
    held = meetings.scheduled(reader.session, event, row)
    shown = meetings.views(
        reader, [(kind, m.id_of(kind)) for m in held for kind in (Kind.NEED, Kind.ACHIEVEMENT)]
    )
    cells: dict[tuple[str, str], Cell] = {}
    for meeting in held:
        sides = {}
        for kind in Kind:
            view = shown.get((kind, meeting.id_of(kind)))
            full = view is not None and view.sight is Sight.FULL
            sides[kind] = (
                (meeting.parties[kind].name, view.title) if view and full else (CONFIDENTIAL, "")
            )
        cells[grid.stamp(meeting.begin), meeting.table] = Cell(sides)
    return Wall(event, row.number, _days(grid.of_schedule(row), cells))


NOBODY = Principal()


def _days(found: grid.Grid, cells: Mapping[tuple[str, str], Cell]) -> list[Day]:
    """Days on which there is a meeting."""
    made = []
    for date, slots in found.days.items():
        used = {table for begin, table in cells if begin.startswith(date)}
        tables = [(name, room) for name, room in found.tables.items() if name in used]
        rows = [(slot, [cells.get((slot.id, name)) for name, _ in tables]) for slot in slots]
        if used:
            made.append(Day(date, tables, rows))
    return made
