"""What each side wants of a pair; a single `no` excludes it."""

from __future__ import annotations

from sqlmodel import Session, select

from matcher.agenda.event import Wish
from matcher.listing import Kind
from service.access import Principal
from service.errors import NotFoundError
from service.events.inputs import WishIn
from service.events.tables import EventEntryRow, EventRow, EventWishRow
from service.tables import now

Pair = tuple[str, str]
"""Ids of need and achievement."""

WISHES = {Wish.MUST: "一定要见", Wish.LIKE: "愿意见", Wish.NO: "不见"}


def put(
    session: Session,
    event_id: str,
    pair: Pair,
    side: Kind,
    wish: Wish | None,
    *,
    attendee_id: str | None = None,
    user_id: str | None = None,
) -> EventWishRow | None:
    """Write down what a side wants, in place of what it wanted; None takes it back.

    Raises NotFoundError where a record is not brought to the event.
    """
    for kind, id_ in zip(Kind, pair, strict=True):
        # the entry of one's own side is locked: two people of a party may answer at once
        lock = kind is side or None
        if session.get(EventEntryRow, (event_id, kind, id_), with_for_update=lock) is None:
            raise NotFoundError(f"编号为 {id_} 的条目不在活动名单里", cure="刷新页面，或核对编号")
    row = session.get(EventWishRow, (event_id, *pair, side))
    if wish is None:
        if row is not None:
            session.delete(row)
        return None
    if row is None:
        row = EventWishRow(
            event_id=event_id, need_id=pair[0], achievement_id=pair[1], side=side, wish=wish
        )
    row.wish, row.at = wish.value, now()
    row.attendee_id, row.user_id = attendee_id, user_id
    session.add(row)
    return row


def state(session: Session, event: EventRow, asked: WishIn, principal: Principal) -> None:
    """Write down what a side told the organiser; raises as `put` does."""
    pair = asked.need_id, asked.achievement_id
    put(session, event.id, pair, asked.side, asked.wish, user_id=principal.user_id)


def of_event(session: Session, event_id: str) -> dict[Pair, dict[Kind, EventWishRow]]:
    """What was wished at an event, by pair and side."""
    found: dict[Pair, dict[Kind, EventWishRow]] = {}
    for row in session.exec(select(EventWishRow).where(EventWishRow.event_id == event_id)):
        found.setdefault((row.need_id, row.achievement_id), {})[Kind(row.side)] = row
    return found
