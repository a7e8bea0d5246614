"""Mail that reminds technology managers of what is due."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine

from service.accounts.mail import Mailer
from service.cases import todos
from service.db import writing


def send(engine: Engine, mailer: Mailer, base_url: str, day: date) -> int:
    """Mail everybody their open to-dos due up to `day` that were not mailed yet; returns how many
    letters went out.

    A letter names days and cases only: what a to-do says may be about records that mail must not
    carry.
    """
    with writing(engine) as session:
        due = todos.to_remind(session, day)
    for login, rows in due.items():
        lines = [f"- {row.due:%Y-%m-%d}　案件 {row.case_id}" for row in rows]
        text = "\n".join(
            (f"有 {len(rows)} 项待办到期：", *lines, "", f"{base_url.rstrip('/')}/desk/todos")
        )
        mailer.send(login, f"揭榜：{len(rows)} 项待办到期", f"{text}\n")
    return len(due)
