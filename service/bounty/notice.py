"""Objections during the public notice of a task, and their answers."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from service.access import Principal
from service.bounty.tables import BountyRow, ObjectionRow
from service.errors import ConflictError, NotFoundError
from service.tables import now


def object_to(session: Session, bounty: BountyRow, text: str, principal: Principal) -> ObjectionRow:
    """Note an objection; raises ConflictError outside the notice."""
    over = bounty.notice_until is None or now() >= bounty.notice_until
    if bounty.state != "publicised" or over:
        raise ConflictError("现在不在公示期", cure="异议在公示期内提出")
    row = ObjectionRow(bounty_id=bounty.id, user_id=principal.user_id, text=text)
    session.add(row)
    session.flush()
    return row


def answer(
    session: Session, bounty: BountyRow, id_: int, text: str, principal: Principal
) -> ObjectionRow:
    """Answer an objection; raises NotFoundError, and ConflictError where it has an answer."""
    row = session.get(ObjectionRow, id_, with_for_update=True)
    if row is None or row.bounty_id != bounty.id:
        raise NotFoundError(f"本榜没有第 {id_} 号异议", cure="核对编号")
    if row.answered_at is not None:
        raise ConflictError("这条异议已经答复", cure="查看已有答复")
    row.answer, row.answered_by, row.answered_at = text, principal.user_id, now()
    session.add(row)
    return row


def objections(session: Session, bounty_id: str) -> list[ObjectionRow]:
    """The objections to a task in their order."""
    query = select(ObjectionRow).where(ObjectionRow.bounty_id == bounty_id)
    return list(session.exec(query.order_by(col(ObjectionRow.id))))


def present(row: ObjectionRow) -> dict[str, Any]:
    """An objection as JSON; who raised it stays with the house."""
    names = ("id", "text", "at", "answer", "answered_at")
    return {name: getattr(row, name) for name in names}
