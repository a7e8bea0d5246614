"""What schedules that were published before said of the meetings: a calendar must take it back."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from matcher.agenda.schedule import Schedule
from matcher.listing import Kind
from service.events import events, grid
from service.events.book.content import Earlier
from service.events.tables import EventRow, EventScheduleRow


def earlier(session: Session, event: EventRow, row: EventScheduleRow | None) -> tuple[Earlier, ...]:
    """Every pair that a schedule published up to `row` had, as the last of them had it.

    Parties and people are those of all of them, whoever has left the pair since among them.
    """
    if row is None:
        return ()
    query = select(EventScheduleRow).where(
        EventScheduleRow.event_id == event.id,
        EventScheduleRow.state == "done",
        EventScheduleRow.number <= row.number,
        col(EventScheduleRow.published_at).is_not(None),
    )
    party_of = {person.id: person.party_id for person in events.attendees(session, event.id)}
    bringer = {(e.kind, e.listing_id): e.party_id for e in events.entries(session, event.id)}
    found: dict[tuple[str, str], Earlier] = {}
    for published in session.exec(query.order_by(col(EventScheduleRow.number))):
        minutes = timedelta(minutes=published.problem["slot_minutes"])
        rooms = grid.of_schedule(published).tables
        for held in Schedule.model_validate(published.schedule).meetings:
            begin = datetime.fromisoformat(held.slot)
            people = frozenset(held.people)
            parties = {party_of[id_] for id_ in people if id_ in party_of}
            for kind, id_ in ((Kind.NEED, held.need_id), (Kind.ACHIEVEMENT, held.achievement_id)):
                if party := bringer.get((kind, id_)):
                    parties.add(party)
            before = found.get((held.need_id, held.achievement_id))
            found[held.need_id, held.achievement_id] = Earlier(
                held.need_id,
                held.achievement_id,
                begin,
                begin + minutes,
                held.table,
                rooms.get(held.table, ""),
                frozenset(parties) | (before.party_ids if before else frozenset()),
                people | (before.attendee_ids if before else frozenset()),
            )
    return tuple(found.values())
