"""What organisers decide by hand: pins, forbidden pairs, absences. The next schedule is made around it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from matcher.listing import Kind
from service.access import Principal
from service.errors import ConflictError, InvalidRecordError, NotFoundError
from service.events import events, grid, problem
from service.events.inputs import AbsenceIn, OrderIn
from service.events.tables import (
    EventAttendeeRow,
    EventEntryRow,
    EventOrderRow,
    EventRow,
    Interval,
)
from service.tables import now


def put(session: Session, event: EventRow, asked: OrderIn, principal: Principal) -> None:
    """Pin or forbid a pair, or take that back.

    Raises NotFoundError for what is not on the roster, InvalidRecordError for no slot or table of the
    event, and ConflictError for a pin that another pin or somebody's hours make impossible.
    """
    _require_entries(session, event, asked)
    row = _of_pair(session, event.id, asked.need_id, asked.achievement_id)
    if asked.op == "clear":
        if row is not None:
            session.delete(row)
        return
    slot, table = (asked.slot, asked.table_id) if asked.op == "pin" else (None, None)
    if asked.op == "pin":
        _require_place(event, slot, table)
        _require_possible(session, event, asked)
    if row is None:
        row = EventOrderRow(
            event_id=event.id,
            need_id=asked.need_id,
            achievement_id=asked.achievement_id,
            op=asked.op,
            user_id=principal.user_id,
        )
    row.op, row.slot, row.table_id = asked.op, slot, table
    row.user_id, row.at = principal.user_id, now()
    session.add(row)


def of_event(session: Session, event_id: str) -> list[EventOrderRow]:
    """Pins and forbidden pairs in the order in which they were made."""
    query = select(EventOrderRow).where(EventOrderRow.event_id == event_id)
    return list(session.exec(query.order_by(col(EventOrderRow.id))))


def absent(session: Session, event: EventRow, asked: AbsenceIn) -> EventAttendeeRow:
    """Say when a person is away after all; raises NotFoundError."""
    row = _person(session, event, asked.attendee_id)
    found = grid.slots(event)
    whole = [grid.span(found)] if found else []
    row.away = whole if asked.away is None else [list(times) for times in asked.away]
    # who declined and can come after all can be scheduled again
    row.coming = True if asked.away == [] else row.coming
    row.version += 1
    session.add(row)
    return row


def away(session: Session, event: EventRow, attendee_id: str) -> list[Interval]:
    """When a person is away; raises NotFoundError."""
    return list(_person(session, event, attendee_id).away)


def _person(session: Session, event: EventRow, id_: str) -> EventAttendeeRow:
    row = session.get(EventAttendeeRow, id_)
    if row is None or row.event_id != event.id:
        raise NotFoundError("名单里没有这个人", cure="在名单中查找")
    return row


def _of_pair(
    session: Session, event_id: str, need_id: str, achievement_id: str
) -> EventOrderRow | None:
    return session.exec(
        select(EventOrderRow).where(
            EventOrderRow.event_id == event_id,
            EventOrderRow.need_id == need_id,
            EventOrderRow.achievement_id == achievement_id,
        )
    ).first()


def _require_entries(session: Session, event: EventRow, asked: OrderIn) -> None:
    for kind, id_ in ((Kind.NEED, asked.need_id), (Kind.ACHIEVEMENT, asked.achievement_id)):
        if session.get(EventEntryRow, (event.id, kind, id_)) is None:
            raise NotFoundError(f"名单里没有编号为 {id_} 的条目", cure="先把它加进名单")


def _require_place(event: EventRow, slot: str | None, table: str | None) -> None:
    if slot is not None and slot not in {found.id for found in grid.slots(event)}:
        raise InvalidRecordError(f"活动没有 {slot} 开始的时段", cure="从时段列表中选")
    if table is not None and table not in {found["id"] for found in event.tables}:
        raise InvalidRecordError(f"活动没有桌号 {table}", cure="从桌号列表中选")


def _require_possible(session: Session, event: EventRow, asked: OrderIn) -> None:
    """What a pin with a slot would run into: hours, another pin of the same people or table."""
    if asked.slot is None:
        return
    begin = datetime.fromisoformat(asked.slot)
    wanted = grid.Slot(begin, begin + timedelta(minutes=event.slot_minutes))
    people = _people(session, event, asked.need_id, asked.achievement_id)
    for person in people.values():
        if not grid.free([wanted], person.free, person.away):
            raise ConflictError(f"{person.name} {wanted.label} 不能到场", cure="换一个时段")
    for table in event.tables:
        if table["id"] == asked.table_id and grid.closed([wanted], table["closed"]):
            raise ConflictError(f"{asked.table_id} {wanted.label} 停用", cure="换一个桌号或时段")
    for other in of_event(session, event.id):
        same = (other.need_id, other.achievement_id) == (asked.need_id, asked.achievement_id)
        if same or other.op != "pin" or other.slot != asked.slot:
            continue
        if asked.table_id is not None and other.table_id == asked.table_id:
            raise ConflictError(
                f"{asked.table_id} {wanted.label} 已固定给另一对会面", cure="换一个桌号或时段"
            )
        for id_ in _people(session, event, other.need_id, other.achievement_id):
            if id_ in people:
                raise ConflictError(
                    f"{people[id_].name} {wanted.label} 已固定在另一对会面里", cure="换一个时段"
                )


def _people(
    session: Session, event: EventRow, need_id: str, achievement_id: str
) -> dict[str, EventAttendeeRow]:
    everybody = problem.there(events.attendees(session, event.id))
    found: dict[str, EventAttendeeRow] = {}
    for kind, id_ in ((Kind.NEED, need_id), (Kind.ACHIEVEMENT, achievement_id)):
        entry = session.get(EventEntryRow, (event.id, kind, id_))
        if entry is not None:
            found |= {person.id: person for person in problem.seats(entry, everybody)}
    return found
