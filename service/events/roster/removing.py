"""What leaves the roster takes its wishes and orders along; what has outcomes stays."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, select, update

from matcher.listing import KINDS, Kind
from service.accounts.office import note
from service.disclosure import Reader
from service.errors import ConflictError, NotFoundError
from service.events import events
from service.events.roster.entering import known
from service.events.tables import (
    EventAttendeeRow,
    EventEntryRow,
    EventFollowUpRow,
    EventOrderRow,
    EventOutcomeRow,
    EventPartyRow,
    EventRow,
    EventWishRow,
)
from service.tables import ListingRow

_Pairs = type[EventWishRow] | type[EventOrderRow] | type[EventOutcomeRow] | type[EventFollowUpRow]
_HELD = "已有对接结果或跟踪，不能移出"
_CURE = "留在名单里；不再参加的，把场次上限填 0"


def remove_party(session: Session, event: EventRow, party: EventPartyRow, actor_id: str) -> None:
    """Remove a party with its people and entries; raises ConflictError where outcomes exist."""
    brought = [entry for entry in events.entries(session, event.id) if entry.party_id == party.id]
    people = [p for p in events.attendees(session, event.id) if p.party_id == party.id]
    _remove_entries(session, event, brought, f"“{party.name}”")
    for person in people:
        _release(session, person)
        session.delete(person)
    session.flush()
    session.delete(party)
    note(
        session, "event-party-removed", ("event", event.id), actor_id, party=party.name,
        people=len(people), entries=len(brought),
    )  # fmt: skip


def remove_person(
    session: Session, event: EventRow, person: EventAttendeeRow, actor_id: str
) -> None:
    """Remove a person, and from the entries that name him."""
    _release(session, person)
    for entry in events.entries(session, event.id):
        if person.id in entry.people:
            entry.people = [id_ for id_ in entry.people if id_ != person.id]
            session.add(entry)
    session.delete(person)
    note(
        session, "event-person-removed", ("event", event.id), actor_id, attendee=person.id,
        party_id=person.party_id,
    )  # fmt: skip


def remove_entry(reader: Reader, event: EventRow, kind: Kind, id_: str) -> None:
    """Take a record off the roster; raises NotFoundError for one that is not on it."""
    session = reader.session
    row = session.get(EventEntryRow, (event.id, kind, id_))
    if row is None or not known(reader, session.get(ListingRow, (kind, id_))):
        label = KINDS[kind].label_zh
        raise NotFoundError(f"名单里没有编号为 {id_} 的{label}", cure="刷新名单，核对编号")
    _remove_entries(session, event, [row], f"{KINDS[kind].label_zh} {id_} ")
    note(
        session, "event-entry-removed", ("event", event.id), reader.principal.user_id, kind=kind,
        listing_id=id_, party_id=row.party_id,
    )  # fmt: skip


def _remove_entries(
    session: Session, event: EventRow, rows: Collection[EventEntryRow], what: str
) -> None:
    for row in rows:
        for table in (EventOutcomeRow, EventFollowUpRow):
            if session.exec(select(table).where(*_of(table, row)).limit(1)).first():
                raise ConflictError(f"{what}{_HELD}", cure=_CURE)
    for row in rows:
        for found in (EventWishRow, EventOrderRow):
            session.exec(delete(found).where(*_of(found, row)))
        session.delete(row)
    session.flush()


def _of(table: _Pairs, row: EventEntryRow) -> tuple[ColumnElement[bool], ...]:
    column = table.need_id if row.kind == Kind.NEED else table.achievement_id
    return col(table.event_id) == row.event_id, col(column) == row.listing_id


def _release(session: Session, person: EventAttendeeRow) -> None:
    """Wishes stay without the person who told them; an outcome is his word and holds him."""
    told = select(EventOutcomeRow).where(EventOutcomeRow.attendee_id == person.id).limit(1)
    if session.exec(told).first():
        raise ConflictError(f"{person.name}填写过对接结果，不能移出", cure="留在名单里")
    session.exec(
        update(EventWishRow)
        .where(col(EventWishRow.attendee_id) == person.id)
        .values(attendee_id=None)
    )
