"""Events: making one, changing it, its steps, and what belongs to it."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select
from sqlmodel import delete as sql_delete

from service import workflow
from service.access import Principal
from service.accounts.office import note
from service.errors import ConflictError, NotFoundError
from service.events import follow_ups
from service.events.flow import EventFlow
from service.events.inputs import EventIn
from service.events.tables import (
    EventAttendeeRow,
    EventEntryRow,
    EventOrderRow,
    EventPartyRow,
    EventRow,
    EventScheduleRow,
    EventWishRow,
)
from service.tables import now
from service.versions import require_version


def get(session: Session, id_: str, *, lock: bool = False) -> EventRow:
    """The event, with `lock` to be changed (`hold`); raises NotFoundError."""
    row = session.get(EventRow, id_)
    if row is None:
        raise NotFoundError(f"没有编号为 {id_} 的活动", cure="核对编号，或在列表中查找")
    if lock:
        hold(session, row)
    return row


def hold(session: Session, row: EventRow) -> None:
    """Keep other writers of the event waiting until the transaction ends.

    Raises ConflictError for an event that is over.
    """
    session.refresh(row, with_for_update=True)
    if row.state == "closed":
        raise ConflictError("活动已经结束，不再改动", cure="确要改动时先恢复活动")


def listed(session: Session) -> list[EventRow]:
    """Every event, the newest first."""
    return list(
        session.exec(
            select(EventRow).order_by(col(EventRow.created_at).desc(), col(EventRow.id).desc())
        )
    )


def create(session: Session, asked: EventIn, principal: Principal) -> EventRow:
    """A new event in preparation."""
    row = EventRow(created_by=principal.user_id or None, **_values(asked))
    session.add(row)
    session.flush()
    workflow.begin(session, EventFlow, row, actor=principal.user_id or None)
    return row


def change(session: Session, row: EventRow, asked: EventIn, version: int) -> EventRow:
    """Rewrite an event; meetings in hours or at tables that are gone fall out with the next schedule."""
    hold(session, row)
    require_version(session, row, version, lambda: content(row))
    for name, value in _values(asked).items():
        setattr(row, name, value)
    return touched(session, row)


def fire(
    session: Session, row: EventRow, event: str, principal: Principal, reason: str = ""
) -> EventRow:
    """Take a step of the event's course; with its end it is planned who is asked later."""
    workflow.fire(session, EventFlow, row, event, actor=principal.user_id or None, reason=reason)
    if event == "close":
        row.closed_at = now()
        follow_ups.plan(session, row)
    elif event == "reopen":
        row.closed_at = None
    return touched(session, row)


def delete(session: Session, row: EventRow, principal: Principal) -> None:
    """Remove an event with its roster; raises ConflictError once its schedule was published.

    What was published is history: people read it, and what they say of it hangs on it.
    """
    published = select(EventScheduleRow.id).where(
        EventScheduleRow.event_id == row.id, col(EventScheduleRow.published_at).is_not(None)
    )
    if session.exec(published).first() is not None:
        raise ConflictError("发布过日程的活动不能删除", cure="不再用的活动，请“结束活动”")
    for table in (EventWishRow, EventOrderRow, EventScheduleRow, EventEntryRow):
        session.exec(sql_delete(table).where(col(table.event_id) == row.id))
    for people in (EventAttendeeRow, EventPartyRow):
        session.exec(sql_delete(people).where(col(people.event_id) == row.id))
    session.delete(row)
    note(session, "event-deleted", ("event", row.id), principal.user_id, name=row.name)


def touched(session: Session, row: EventRow) -> EventRow:
    """Count a change of the event."""
    row.version, row.updated_at = row.version + 1, now()
    session.add(row)
    return row


def content(row: EventRow) -> dict[str, Any]:
    """What a change of an event can change, and where it stands."""
    names = ("name", "place", "slot_minutes", "periods", "tables", "terms", "state", "version")
    return {name: getattr(row, name) for name in names}


def parties(session: Session, event_id: str) -> list[EventPartyRow]:
    """Who takes part, by name."""
    query = select(EventPartyRow).where(EventPartyRow.event_id == event_id)
    return list(session.exec(query.order_by(EventPartyRow.name)))


def attendees(session: Session, event_id: str) -> list[EventAttendeeRow]:
    """The people of an event, by name."""
    query = select(EventAttendeeRow).where(EventAttendeeRow.event_id == event_id)
    return list(session.exec(query.order_by(EventAttendeeRow.name, EventAttendeeRow.id)))


def entries(session: Session, event_id: str) -> list[EventEntryRow]:
    """What is brought to an event, needs before achievements, by id."""
    query = select(EventEntryRow).where(EventEntryRow.event_id == event_id)
    return list(
        session.exec(query.order_by(col(EventEntryRow.kind).desc(), EventEntryRow.listing_id))
    )


def _values(asked: EventIn) -> dict[str, Any]:
    found = asked.model_dump(include={"name", "place", "slot_minutes"})
    found["periods"] = [list(period) for period in asked.periods]
    found["tables"] = [table.model_dump(mode="json") for table in asked.tables]
    found["terms"] = asked.terms.model_dump(mode="json")
    return found
