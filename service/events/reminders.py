"""Mail that reminds organisers and technology managers of follow-ups that are due."""

from __future__ import annotations

from collections import Counter
from datetime import date

from sqlalchemy import Engine
from sqlmodel import Session, col, or_, select

from service.access import Role
from service.accounts.mail import Mailer
from service.accounts.registry import SIGNATURE
from service.accounts.tables import State, UserRow
from service.cases.tables import CaseRow
from service.db import writing
from service.events.tables import EventFollowUpRow, EventRow
from service.tables import now


def send(engine: Engine, mailer: Mailer, base_url: str, day: date) -> int:
    """Mail what is due up to `day` and was not mailed yet; returns how many letters went out.

    It goes to whoever made the event and to the manager who works on the pair, or else to every
    technology manager. A letter names events and numbers only: mail must not carry records.
    """
    with writing(engine) as session:
        due = _to_remind(session, day)
    for login, counts in due.items():
        total = sum(counts.values())
        lines = [
            f"- “{name}” {count} 项：{base_url.rstrip('/')}/events/{id_}/follow-ups"
            for (id_, name), count in sorted(counts.items())
        ]
        text = "\n".join((f"有 {total} 项活动回访到期：", *lines))
        mailer.send(login, f"揭榜：{total} 项活动回访到期", f"{text}{SIGNATURE}")
    return len(due)


def _to_remind(session: Session, day: date) -> dict[str, Counter[tuple[str, str]]]:
    """How many follow-ups of each event are due, by login; from now on they count as mailed."""
    query = (
        select(EventFollowUpRow, EventRow, CaseRow.manager_id)
        .join(EventRow, col(EventRow.id) == EventFollowUpRow.event_id)
        .outerjoin(
            CaseRow,
            (col(CaseRow.need_id) == EventFollowUpRow.need_id)
            & (col(CaseRow.achievement_id) == EventFollowUpRow.achievement_id),
        )
        .where(
            col(EventFollowUpRow.done_at).is_(None),
            col(EventFollowUpRow.reminded_at).is_(None),
            EventFollowUpRow.due <= day,
        )
    )
    rows = session.exec(query).all()
    if not rows:
        return {}
    logins = dict(
        session.exec(select(UserRow.id, UserRow.login).where(UserRow.state == State.APPROVED)).all()
    )
    managers = session.exec(
        select(UserRow.id).where(
            UserRow.state == State.APPROVED,
            or_(UserRow.role == Role.MANAGER, UserRow.role == Role.ADMIN),
        )
    ).all()
    found: dict[str, Counter[tuple[str, str]]] = {}
    for row, event, manager_id in rows:
        named = {id_ for id_ in (event.created_by, manager_id) if id_ in logins}
        for id_ in named or managers:
            found.setdefault(logins[id_], Counter())[event.id, event.name] += 1
        row.reminded_at = now()
        session.add(row)
    return found
