"""What organisers see of the people, meetings and words of an event, as JSON and for pages."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from matcher.listing import Kind
from service.disclosure import Reader
from service.errors import NotFoundError
from service.events import check_in, events, meetings, outcomes
from service.events.meetings import Meeting
from service.events.naming import CONFIDENTIAL, Names, keys_of, other_of
from service.events.tables import EventRow


def held(session: Session, event: EventRow) -> list[Meeting]:
    """The meetings of the schedule that is public, in order of time."""
    return meetings.scheduled(session, event, meetings.current(session, event.id, published=True))


def meeting_of(session: Session, event: EventRow, need_id: str, achievement_id: str) -> Meeting:
    """The scheduled meeting of a pair; raises NotFoundError."""
    for meeting in held(session, event):
        if meeting.pair == (need_id, achievement_id):
            return meeting
    raise NotFoundError("日程里没有这一对的会面", cure="日程可能改过，刷新页面后再试")


def people(reader: Reader, event: EventRow, search: str = "") -> list[dict[str, Any]]:
    """Everybody of an event, or those found: whether there, and where to sit next."""
    found = held(reader.session, event)
    rows = []
    for seat in check_in.seats(reader.session, event, found, search):
        meeting, person = seat.meeting, seat.person
        rows.append(
            {
                "attendee_id": person.id,
                "name": person.name,
                "party": seat.party.name,
                "coming": person.coming,
                "checked_in_at": person.checked_in_at,
                "next": None
                if meeting is None or seat.side is None
                else {
                    "begin": meeting.begin.isoformat(timespec="minutes"),
                    "table": meeting.table,
                    "room": meeting.room,
                    "with": meeting.parties[other_of(seat.side)].name,
                },
            }
        )
    return rows


def said(reader: Reader, event: EventRow) -> list[dict[str, Any]]:
    """Every meeting in order of time with its parties, titles and what both sides said of it."""
    found = held(reader.session, event)
    names = Names.of(reader, keys_of(found))
    words = outcomes.of_event(reader.session, event.id)
    return [
        {
            "need_id": meeting.need_id,
            "achievement_id": meeting.achievement_id,
            "begin": meeting.begin.isoformat(timespec="minutes"),
            "end": meeting.end.isoformat(timespec="minutes"),
            "table": meeting.table,
            "room": meeting.room,
            "sides": {
                kind.value: {
                    "title": names.title(kind, meeting.id_of(kind)),
                    "party": meeting.parties[kind].name,
                    "people": [person.name for person in meeting.people[kind]],
                    "outcome": outcomes.present(words[meeting.pair][kind])
                    if kind in words.get(meeting.pair, {})
                    else None,
                }
                for kind in Kind
            },
        }
        for meeting in found
    ]


def labels(
    reader: Reader, event: EventRow, pairs: set[tuple[str, str]]
) -> dict[tuple[Kind, str], tuple[str, str]]:
    """Title and party of the records of `pairs`, as far as the organiser may read them."""
    wanted = {key for pair in pairs for key in zip(Kind, pair, strict=True)}
    names = Names.of(reader, wanted)
    parties = {party.id: party.name for party in events.parties(reader.session, event.id)}
    brings = {
        (Kind(entry.kind), entry.listing_id): parties[entry.party_id]
        for entry in events.entries(reader.session, event.id)
    }
    return {key: (names.title(*key) or CONFIDENTIAL, brings.get(key, "")) for key in wanted}
