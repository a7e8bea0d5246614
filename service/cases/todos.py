"""To-dos of cases, and the reminders that go out for them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from service.access import Principal
from service.accounts.tables import UserRow
from service.cases import cases
from service.cases.inputs import TodoChange, TodoIn
from service.cases.tables import CaseRow, TodoRow
from service.errors import ForbiddenError, NotFoundError
from service.inputs import today
from service.tables import now
from service.versions import require_version


def create(session: Session, case: CaseRow, asked: TodoIn, principal: Principal) -> TodoRow:
    """A to-do of one's own for a case that one works on."""
    if not cases.may_change(case, principal):
        raise ForbiddenError("只能给自己办理的案件加待办", cure="先认领案件")
    row = TodoRow(case_id=case.id, user_id=principal.user_id, **asked.model_dump())
    session.add(row)
    session.flush()
    return row


def change(session: Session, id_: str, asked: TodoChange, principal: Principal) -> TodoRow:
    """Rewrite, finish or take up again a to-do of one's own."""
    row = session.get(TodoRow, id_)
    if row is None or row.user_id != principal.user_id:
        raise NotFoundError(f"没有编号为 {id_} 的待办", cure="核对编号")
    require_version(session, row, asked.version, lambda: present(row))
    if row.due != asked.due:
        row.reminded_at = None
    row.text, row.due = asked.text, asked.due
    row.done_at = (row.done_at or now()) if asked.done else None
    row.version += 1
    session.add(row)
    return row


def of_user(
    session: Session, user_id: str, *, until: date | None = None, done: bool = False
) -> list[TodoRow]:
    """Open to-dos of a user by their day, or the finished ones; `until` is the last day."""
    finished = col(TodoRow.done_at)
    query = select(TodoRow).where(
        TodoRow.user_id == user_id, finished.is_not(None) if done else finished.is_(None)
    )
    if until is not None:
        query = query.where(TodoRow.due <= until)
    return list(session.exec(query.order_by(col(TodoRow.due), TodoRow.id)))


def of_case(session: Session, case_id: str) -> list[TodoRow]:
    """The to-dos of a case by their day."""
    query = select(TodoRow).where(TodoRow.case_id == case_id)
    return list(session.exec(query.order_by(col(TodoRow.due), TodoRow.id)))


def to_remind(session: Session, day: date) -> dict[str, list[TodoRow]]:
    """Open to-dos due on or before `day` of which nobody was reminded yet, by the user's login.

    Each of them counts as reminded from now on.
    """
    found: dict[str, list[TodoRow]] = {}
    query = (
        select(TodoRow, UserRow.login)
        .join(UserRow, col(UserRow.id) == TodoRow.user_id)
        .where(
            col(TodoRow.done_at).is_(None),
            col(TodoRow.reminded_at).is_(None),
            TodoRow.due <= day,
            UserRow.state == "approved",
        )
        .order_by(col(TodoRow.due), TodoRow.id)
    )
    for row, login in session.exec(query).all():
        row.reminded_at = now()
        session.add(row)
        found.setdefault(login, []).append(row)
    return found


def present(row: TodoRow) -> dict[str, Any]:
    """A to-do as JSON."""
    return row.model_dump(exclude={"user_id"}) | {
        "done": row.done_at is not None,
        "overdue": row.done_at is None and row.due < today(),
    }
