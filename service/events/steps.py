"""Steps of an event's course that organisers take themselves, and what follows from them."""

from __future__ import annotations

from sqlmodel import Session

from service.access import Principal
from service.errors import ConflictError
from service.events import events
from service.events.inputs import StepIn
from service.events.tables import EventRow
from service.tables import now


def fire(session: Session, event: EventRow, asked: StepIn, principal: Principal) -> EventRow:
    """Take a step; where this raises, the caller's transaction must not commit."""
    if asked.event == "publish":
        raise ConflictError("发布的是某一版日程", cure="在日程页上选一版发布")
    events.fire(session, event, asked.event, principal, asked.reason)
    event.closed_at = now() if event.state == "closed" else None
    session.add(event)
    return event
