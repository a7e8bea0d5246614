"""The meetings of an event as rows to be shown: when, where, who, and what either side brings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from matcher.agenda.schedule import Schedule
from matcher.listing import Kind
from service.disclosure import Reader, Sight, View
from service.events import events, grid
from service.events.tables import EventAttendeeRow, EventPartyRow, EventRow, EventScheduleRow
from service.tables import ListingRow

_CHUNK = 500


@dataclass(frozen=True)
class Meeting:
    """A need and an achievement at a table; parties and people by the side that they sit on."""

    need_id: str
    achievement_id: str
    begin: datetime
    end: datetime
    table: str
    room: str
    pinned: bool
    parties: Mapping[Kind, EventPartyRow]
    people: Mapping[Kind, Sequence[EventAttendeeRow]]

    @property
    def pair(self) -> tuple[str, str]:
        """Ids of need and achievement."""
        return self.need_id, self.achievement_id

    def id_of(self, kind: Kind) -> str:
        """The id of the record on one side."""
        return self.need_id if kind is Kind.NEED else self.achievement_id

    def sides_of(self, party_id: str) -> list[Kind]:
        """The sides that a party sits on."""
        return [kind for kind, party in self.parties.items() if party.id == party_id]


def current(session: Session, event_id: str, *, published: bool = False) -> EventScheduleRow | None:
    """The schedule that holds: the last one found, or the last published."""
    query = select(EventScheduleRow).where(
        EventScheduleRow.event_id == event_id, EventScheduleRow.state == "done"
    )
    if published:
        query = query.where(col(EventScheduleRow.published_at).is_not(None))
    return session.exec(query.order_by(col(EventScheduleRow.number).desc()).limit(1)).first()


def scheduled(session: Session, event: EventRow, row: EventScheduleRow | None) -> list[Meeting]:
    """The meetings of a schedule in order of time and table; none without a schedule.

    A meeting is left out whose record was taken off the roster since.
    """
    if row is None or row.schedule is None:
        return []
    parties = {party.id: party for party in events.parties(session, event.id)}
    people = {person.id: person for person in events.attendees(session, event.id)}
    entries = {(e.kind, e.listing_id): e for e in events.entries(session, event.id)}
    rooms = grid.of_schedule(row).tables
    order = {name: place for place, name in enumerate(rooms)}
    minutes = timedelta(minutes=row.problem["slot_minutes"])
    found = []
    for held in Schedule.model_validate(row.schedule).meetings:
        sides = {
            Kind.NEED: entries.get((Kind.NEED, held.need_id)),
            Kind.ACHIEVEMENT: entries.get((Kind.ACHIEVEMENT, held.achievement_id)),
        }
        known = {kind: entry for kind, entry in sides.items() if entry is not None}
        if len(known) < len(sides):
            continue
        begin = datetime.fromisoformat(held.slot)
        present = [people[id_] for id_ in held.people if id_ in people]
        found.append(
            Meeting(
                held.need_id,
                held.achievement_id,
                begin,
                begin + minutes,
                held.table,
                rooms.get(held.table, ""),
                held.pinned,
                {kind: parties[entry.party_id] for kind, entry in known.items()},
                {
                    kind: [a for a in present if a.party_id == entry.party_id]
                    for kind, entry in known.items()
                },
            )
        )
    return sorted(found, key=lambda m: (m.begin, order.get(m.table, len(order)), m.pair))


def views(reader: Reader, wanted: Collection[tuple[Kind, str]]) -> dict[tuple[Kind, str], View]:
    """Records of both kinds as the reader may see them; those he may not know of are left out.

    What he sees in full is not written down here: that is for whoever shows more than a title.
    """
    found: dict[tuple[Kind, str], View] = {}
    for kind in Kind:
        ids = sorted({id_ for of_kind, id_ in wanted if of_kind is kind})
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            rows = reader.session.exec(
                select(ListingRow).where(ListingRow.kind == kind, col(ListingRow.id).in_(part))
            )
            for row in rows:
                if reader.sight(row) is not Sight.NONE and (view := reader.view(row)):
                    found[kind, row.id] = view
    return found
