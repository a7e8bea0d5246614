"""The desk on the day: who is there, and who sits where next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from matcher.listing import Kind
from service.errors import ConflictError, NotFoundError
from service.events import events
from service.events.local import here
from service.events.meetings import Meeting
from service.events.tables import EventAttendeeRow, EventPartyRow, EventRow
from service.tables import now


@dataclass(frozen=True)
class Seat:
    """A person of an event, with the meeting that comes next."""

    person: EventAttendeeRow
    party: EventPartyRow
    meeting: Meeting | None = None
    side: Kind | None = None


def check_in(
    session: Session, event: EventRow, attendee_id: str, *, undo: bool = False
) -> EventAttendeeRow:
    """Write down that a person has arrived, or that this was a mistake; raises NotFoundError.

    Who is checked in already keeps the time at which he came.
    """
    if event.state == "draft":
        raise ConflictError("活动还在筹备，不能签到", cure="先开始邀请或发布日程")
    person = session.get(EventAttendeeRow, attendee_id, with_for_update=True)
    if person is None or person.event_id != event.id:
        raise NotFoundError("名单里没有这个人", cure="刷新页面后再试")
    arrived = None if undo else person.checked_in_at or now()
    if arrived != person.checked_in_at:
        person.checked_in_at, person.version = arrived, person.version + 1
        session.add(person)
    return person


def seats(
    session: Session, event: EventRow, found: Sequence[Meeting], search: str = ""
) -> list[Seat]:
    """The people of an event whose name, or that of whose party, holds `search`, by party and name.

    `found` are the meetings of the schedule that holds, in order of time.
    """
    parties = {party.id: party for party in events.parties(session, event.id)}
    wanted = search.strip().casefold()
    coming: dict[str, tuple[Meeting, Kind]] = {}
    at = here()
    for meeting in found:
        if meeting.end <= at:
            continue
        for kind, people in meeting.people.items():
            for person in people:
                coming.setdefault(person.id, (meeting, kind))
    rows = [
        Seat(person, parties[person.party_id], *coming.get(person.id, ()))
        for person in events.attendees(session, event.id)
        if wanted in f"{person.name}\n{parties[person.party_id].name}".casefold()
    ]
    return sorted(rows, key=lambda seat: (seat.party.name, seat.person.name, seat.person.id))
