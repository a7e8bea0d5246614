"""What a participant answers to an invitation: whether he comes, and when he can."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session

from service.errors import ConflictError, InvalidRecordError
from service.events import grid
from service.events.grid import Slot
from service.events.tables import EventAttendeeRow, EventRow, Interval
from service.tables import now

BEFORE = ("draft", "open")
"""States of an event in which participants still say when and whom they want to meet."""


def opened(session: Session, person: EventAttendeeRow) -> None:
    """Write down that an invitation was opened for the first time."""
    if person.opened_at is None:
        person.opened_at = now()
        session.add(person)


def answer(session: Session, event: EventRow, person: EventAttendeeRow, *, coming: bool) -> None:
    """Say whether a person comes; possible until the event is over."""
    if event.state == "closed":
        raise ConflictError("活动已经结束，不能再改是否到场", cure="有出入请联系主办方")
    person.coming = coming
    _touch(session, person)


def state_free(
    session: Session, event: EventRow, person: EventAttendeeRow, chosen: Collection[str]
) -> None:
    """State the slots in which a person can come; what was told of absences is part of it."""
    require_before(event, "时间")
    slots = grid.slots(event)
    if unknown := sorted(set(chosen) - {slot.id for slot in slots}):
        raise InvalidRecordError(
            f"没有 {unknown[0]} 这个时段", cure="活动时间可能改过，刷新页面后重新勾选"
        )
    if not chosen:
        raise InvalidRecordError(
            "一个时段也没有勾选", cure="至少勾选一个时段；来不了请在上面选“不能到场”"
        )
    free = [slot for slot in slots if slot.id in set(chosen)]
    person.free = None if len(free) == len(slots) else intervals(free)
    person.away = []
    _touch(session, person)


def require_before(event: EventRow, what: str) -> None:
    """Raise ConflictError once the schedule is public."""
    if event.state not in BEFORE:
        raise ConflictError(f"日程已经发布，{what}不能再在这里改", cure="有变动请联系主办方")


def intervals(slots: Sequence[Slot]) -> list[Interval]:
    """Slots in order of time as times; slots that follow each other without a break become one."""
    found: list[Interval] = []
    for slot in slots:
        begin, end = grid.stamp(slot.begin), grid.stamp(slot.end)
        if found and found[-1][1] == begin:
            found[-1][1] = end
        else:
            found.append([begin, end])
    return found


def _touch(session: Session, person: EventAttendeeRow) -> None:
    person.version += 1
    session.add(person)
