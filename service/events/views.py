"""Events and their schedules as JSON, as far as the reader may see the records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher.listing import Kind
from service import workflow
from service.disclosure import Reader
from service.events import events, grid
from service.events.flow import EventFlow
from service.events.meetings import Meeting
from service.events.naming import Names
from service.events.planning import stage
from service.events.tables import EventRow, EventScheduleRow

_STAGES = {"solving": "正在排", "done": "排成", "infeasible": "愿望互相矛盾", "failed": "没有排成"}
Titles = Mapping[tuple[Kind, str], str]


def roster_names(reader: Reader, event: EventRow) -> Names:
    """What the reader may know of everything that is brought to an event."""
    return Names.of(reader, _brought(reader, event))


def roster_titles(reader: Reader, event: EventRow) -> dict[tuple[Kind, str], str]:
    """The title of everything that is brought to an event, or what stands for it."""
    wanted = _brought(reader, event)
    names = Names.of(reader, wanted)
    return {key: names.title(*key) or key[1] for key in wanted}


def _brought(reader: Reader, event: EventRow) -> list[tuple[Kind, str]]:
    return [(Kind(e.kind), e.listing_id) for e in events.entries(reader.session, event.id)]


def present(row: EventRow) -> dict[str, Any]:
    """An event as JSON."""
    return {
        **events.content(row),
        "id": row.id,
        "state_zh": workflow.state_names(EventFlow)[row.state],
        "slots": [slot.id for slot in grid.slots(row)],
        "created_at": row.created_at,
        "closed_at": row.closed_at,
    }


def attempt(row: EventScheduleRow, *, whole: bool = False) -> dict[str, Any]:
    """A schedule as JSON: how it stands, and with `whole` what was found."""
    found = row.schedule or {}
    state = stage(row)
    shown: dict[str, Any] = {
        "number": row.number,
        "state": state,
        "state_zh": _STAGES[state],
        "told": row.told,
        "created_at": row.created_at,
        "published_at": row.published_at,
    }
    for name in ("status", "objective", "bound", "gap", "idle_gaps"):
        shown[name] = found.get(name)
    shown["meetings"] = len(found.get("meetings", ()))
    return shown | {"schedule": row.schedule} if whole else shown


def meeting(found: Meeting, names: Names) -> dict[str, Any]:
    """A meeting as JSON for an organiser; ids of records that he may not know of are left out."""
    seen = {kind: (kind, found.id_of(kind)) in names.views for kind in Kind}
    return {
        "need_id": found.need_id if seen[Kind.NEED] else None,
        "achievement_id": found.achievement_id if seen[Kind.ACHIEVEMENT] else None,
        "need": names.title(Kind.NEED, found.need_id),
        "achievement": names.title(Kind.ACHIEVEMENT, found.achievement_id),
        "begin": grid.stamp(found.begin),
        "end": grid.stamp(found.end),
        "table": found.table,
        "room": found.room,
        "pinned": found.pinned,
        "parties": {kind.value: party.name for kind, party in found.parties.items()},
        "people": {kind.value: [p.name for p in who] for kind, who in found.people.items()},
    }
