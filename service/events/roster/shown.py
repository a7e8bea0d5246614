"""The roster as its reader may see it: parties with people and entries, and wishes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from corpora.taxonomy import taxonomy
from matcher.listing import Kind
from service.disclosure import Reader
from service.events import events
from service.events.naming import CONFIDENTIAL
from service.events.roster.entering import Key, known, listings
from service.events.roster.times import show_times
from service.events.tables import (
    EventAttendeeRow,
    EventEntryRow,
    EventPartyRow,
    EventRow,
    EventWishRow,
)
from service.tables import ListingRow

GONE = "记录已下架"


@dataclass(frozen=True)
class Entry:
    """An entry, the record behind it, and what its reader may know of it."""

    row: EventEntryRow
    listing: ListingRow | None
    known: bool
    """Whether the id may be named."""
    title: str
    masked: bool

    @property
    def key(self) -> Key:
        """Kind and id of the record."""
        return self.row.kind, self.row.listing_id

    @property
    def published(self) -> bool:
        """Whether the record is there for all that may know of it."""
        return self.listing is not None and self.listing.status == "published"


def entries(reader: Reader, event: EventRow) -> list[Entry]:
    """Everything that is brought, under the title that the reader may see."""
    rows = events.entries(reader.session, event.id)
    records = listings(reader.session, [(row.kind, row.listing_id) for row in rows])
    return [_entry(reader, row, records.get((row.kind, row.listing_id))) for row in rows]


def wishes(session: Session, event: EventRow) -> list[EventWishRow]:
    """What was wished, by pair and side."""
    query = select(EventWishRow).where(EventWishRow.event_id == event.id)
    order = (EventWishRow.need_id, EventWishRow.achievement_id, EventWishRow.side)
    return list(session.exec(query.order_by(*order)))


def known_wishes(
    reader: Reader, event: EventRow, brought: list[Entry]
) -> tuple[list[EventWishRow], int]:
    """The wishes of which the reader may know both records, and how many others there are."""
    named = {entry.key for entry in brought if entry.known}
    every = wishes(reader.session, event)
    shown = [
        wish
        for wish in every
        if (Kind.NEED.value, wish.need_id) in named
        and (Kind.ACHIEVEMENT.value, wish.achievement_id) in named
    ]
    return shown, len(every) - len(shown)


def roster(reader: Reader, event: EventRow) -> dict[str, Any]:
    """The whole roster with counts, as JSON."""
    session = reader.session
    parties = events.parties(session, event.id)
    people = events.attendees(session, event.id)
    brought = entries(reader, event)
    shown, hidden = known_wishes(reader, event, brought)
    kinds = Counter(entry.row.kind for entry in brought)
    names = {person.id: person.name for person in people}
    return {
        "event_id": event.id,
        "name": event.name,
        "state": event.state,
        "counts": {
            "parties": len(parties),
            "people": len(people),
            "needs": kinds[Kind.NEED.value],
            "achievements": kinds[Kind.ACHIEVEMENT.value],
            "wishes": len(shown) + hidden,
            "invited": sum(person.invited_at is not None for person in people),
            "coming": sum(person.coming is True for person in people),
        },
        "parties": [
            party_row(party)
            | {
                "people": [person_row(p) for p in people if p.party_id == party.id],
                "entries": [
                    entry_row(entry, names) for entry in brought if entry.row.party_id == party.id
                ],
            }
            for party in parties
        ],
        "wishes": [
            {
                "need_id": wish.need_id,
                "achievement_id": wish.achievement_id,
                "side": wish.side,
                "wish": wish.wish,
                "at": wish.at,
            }
            for wish in shown
        ],
        "wishes_about_confidential": hidden,
    }


def party_row(party: EventPartyRow) -> dict[str, Any]:
    """A party as JSON."""
    names = ("id", "name", "uscc", "org_type", "region_code", "small", "max_meetings", "version")
    return {name: getattr(party, name) for name in names} | {
        "org_type_zh": taxonomy("org_type").label(party.org_type),
        "region_zh": taxonomy("region").label(party.region_code),
        "registered": party.organisation_id is not None,
    }


def person_row(person: EventAttendeeRow) -> dict[str, Any]:
    """A person as JSON."""
    names = ["id", "party_id", "name", "mail", "free", "away"]
    names += ["invited_at", "opened_at", "coming", "version"]
    return {name: getattr(person, name) for name in names} | {"free_zh": show_times(person.free)}


def entry_row(entry: Entry, names: dict[str, str]) -> dict[str, Any]:
    """An entry as JSON; `listing_id` is null where the reader may not know it."""
    row = entry.row
    return {
        "kind": row.kind,
        "listing_id": row.listing_id if entry.known else None,
        "title": entry.title,
        "masked": entry.masked,
        "published": entry.published,
        "priority": row.priority,
        "max_meetings": row.max_meetings,
        "people": [{"id": id_, "name": names[id_]} for id_ in row.people if id_ in names],
    }


def _entry(reader: Reader, row: EventEntryRow, listing: ListingRow | None) -> Entry:
    view = reader.view(listing) if listing is not None else None
    may_name = known(reader, listing)
    title = view.title if view is not None else GONE if may_name else CONFIDENTIAL
    return Entry(row, listing, may_name, title, view is not None and view.masked)
