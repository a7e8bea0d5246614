"""From the rows of an event to what is solved (`matcher.agenda.event.Event`). It holds no title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, func, select

from corpora.taxonomy import taxonomy
from matcher.agenda import event as agenda
from matcher.listing import Kind
from service.events import candidates, events, grid
from service.events.candidates import Pair
from service.events.inputs import Terms
from service.events.tables import (
    EventAttendeeRow,
    EventEntryRow,
    EventOrderRow,
    EventPartyRow,
    EventRow,
    EventWishRow,
)
from service.tables import ListingRow


@dataclass(frozen=True)
class Stated:
    """What is solved, what of the roster cannot take part (kind, id and why), and every pair found."""

    event: agenda.Event
    left_out: Sequence[tuple[Kind, str, str]]
    pairs: Mapping[tuple[str, str], Pair]


_BROUGHT = (col(EventEntryRow.kind) == ListingRow.kind) & (
    col(EventEntryRow.listing_id) == ListingRow.id
)
NOBODY = "没有能到场的人"
UNPUBLISHED = "已不在发布状态"


def state(session: Session, row: EventRow) -> Stated:
    """The scheduling problem of an event as it stands."""
    people = there(events.attendees(session, row.id))
    parties = {party.id: party for party in events.parties(session, row.id)}
    entries, left_out = _entries(session, row, people)
    entered = {(entry.kind, entry.listing_id) for entry in entries}
    terms = Terms.model_validate(row.terms)
    found = grid.slots(row)
    names = {slot.id for slot in found}
    tables = {table["id"] for table in row.tables}

    def both(need: str, achievement: str) -> bool:
        return (Kind.NEED, need) in entered and (Kind.ACHIEVEMENT, achievement) in entered

    said = (
        select(EventOrderRow)
        .where(EventOrderRow.event_id == row.id)
        .order_by(col(EventOrderRow.id))
    )
    orders = [order for order in session.exec(said) if both(order.need_id, order.achievement_id)]
    wanted = select(EventWishRow).where(EventWishRow.event_id == row.id)
    wishes = [wish for wish in session.exec(wanted) if both(wish.need_id, wish.achievement_id)]
    pairs = candidates.pairs(session, row)
    pinned = {(o.need_id, o.achievement_id) for o in orders if o.op == "pin"}
    barred = {(o.need_id, o.achievement_id) for o in orders if o.op == "forbid"}
    insisted = pinned | {(w.need_id, w.achievement_id) for w in wishes if w.wish != agenda.Wish.NO}
    likely = [
        pair
        for key, pair in sorted(pairs.items())
        if both(*key) and (pair.probability >= terms.least_probability or key in insisted)
    ]
    named = {entry.party_id for entry in entries}
    event = agenda.Event(
        name=row.name,
        place=row.place,
        slot_minutes=row.slot_minutes,
        days=[
            agenda.Day(
                date=day, slots=[agenda.Slot(id=s.id, start=f"{s.begin:%H:%M}") for s in of_day]
            )
            for day, of_day in grid.days(found).items()
        ],
        tables=[_table(table, found) for table in row.tables],
        organisations=[_organisation(parties[id_]) for id_ in sorted(named)],
        people=[_person(p, found) for p in sorted(people, key=_id) if p.party_id in named],
        needs=[_entry(e, people) for e in entries if e.kind == Kind.NEED],
        achievements=[_entry(e, people) for e in entries if e.kind == Kind.ACHIEVEMENT],
        candidates=[
            agenda.Candidate(
                need_id=pair.need_id,
                achievement_id=pair.achievement_id,
                probability=round(pair.probability, 6),
            )
            for pair in likely
        ],
        preferences=[
            agenda.Preference(
                side=agenda.ListingKind(wish.side),
                need_id=wish.need_id,
                achievement_id=wish.achievement_id,
                wish=agenda.Wish(wish.wish),
            )
            for wish in sorted(wishes, key=lambda w: (w.need_id, w.achievement_id, w.side))
            # a side that insists on what the organiser ruled out must not stop everybody else
            if (wish.need_id, wish.achievement_id) not in barred
        ],
        pins=[
            agenda.Pin(
                need_id=order.need_id,
                achievement_id=order.achievement_id,
                slot=order.slot if order.slot in names else None,
                table=order.table_id if order.table_id in tables else None,
            )
            for order in orders
            if order.op == "pin"
        ],
        forbids=[
            agenda.Forbid(need_id=order.need_id, achievement_id=order.achievement_id)
            for order in orders
            if order.op == "forbid"
        ],
        caps=terms.caps,
        shares=terms.shares,
        rules=terms.rules,
    )
    return Stated(event, left_out, pairs)


def there(people: Sequence[EventAttendeeRow]) -> list[EventAttendeeRow]:
    """Those who can be scheduled: all but who declined, and came not all the same."""
    return [p for p in people if p.coming is not False or p.checked_in_at is not None]


def seats(entry: EventEntryRow, people: Sequence[EventAttendeeRow]) -> list[EventAttendeeRow]:
    """Who sits in the meetings of an entry, out of those who come."""
    own = [person for person in people if person.party_id == entry.party_id]
    return [person for person in own if person.id in entry.people] or own


def _entries(
    session: Session, row: EventRow, people: Sequence[EventAttendeeRow]
) -> tuple[list[EventEntryRow], list[tuple[Kind, str, str]]]:
    """The entries that can take part, and those that cannot."""
    kept: list[EventEntryRow] = []
    left_out: list[tuple[Kind, str, str]] = []
    live = published(session, row)
    for entry in events.entries(session, row.id):
        kind = Kind(entry.kind)
        if (kind, entry.listing_id) not in live:
            left_out.append((kind, entry.listing_id, UNPUBLISHED))
        elif not seats(entry, people):
            left_out.append((kind, entry.listing_id, NOBODY))
        else:
            kept.append(entry)
    return kept, left_out


def last_change(session: Session, row: EventRow) -> int:
    """The last change of any record that is brought to an event; 0 without any."""
    query = select(func.max(ListingRow.seq)).select_from(ListingRow).join(EventEntryRow, _BROUGHT)
    return session.exec(query.where(EventEntryRow.event_id == row.id)).one() or 0


def published(session: Session, row: EventRow) -> set[tuple[Kind, str]]:
    """Kind and id of the entries of an event whose records are published."""
    query = (
        select(ListingRow.kind, ListingRow.id)
        .join(EventEntryRow, _BROUGHT)
        .where(EventEntryRow.event_id == row.id, ListingRow.status == "published")
    )
    return {(Kind(kind), id_) for kind, id_ in session.exec(query)}


def _table(table: dict[str, Any], found: Sequence[grid.Slot]) -> agenda.Table:
    gone = [slot.id for slot in grid.closed(found, table["closed"])]
    return agenda.Table(id=table["id"], room=table["room"], closed=gone)


def _organisation(party: EventPartyRow) -> agenda.Organisation:
    return agenda.Organisation(
        id=party.id,
        name=party.name,
        type=party.org_type,
        city=taxonomy("region").label(party.region_code) if party.region_code else "",
        small=party.small,
        max_meetings=party.max_meetings,
    )


def _person(person: EventAttendeeRow, found: Sequence[grid.Slot]) -> agenda.Person:
    """Their free slots; all of them is told apart, so that later slots count too."""
    free = None
    if person.free is not None or person.away:
        free = [slot.id for slot in grid.free(found, person.free, person.away)]
    return agenda.Person(id=person.id, name=person.name, organisation=person.party_id, free=free)


def _entry(entry: EventEntryRow, people: Sequence[EventAttendeeRow]) -> agenda.Entry:
    return agenda.Entry(
        id=entry.listing_id,
        organisation=entry.party_id,
        people=[person.id for person in sorted(seats(entry, people), key=_id)],
        priority=entry.priority,
        max_meetings=entry.max_meetings,
    )


def _id(person: EventAttendeeRow) -> str:
    return person.id
