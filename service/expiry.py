"""Records that run out: reminders before, and the step to `expired` when the time has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import Engine
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from matcher.listing import KINDS, Kind
from service import store
from service.accounts.mail import Mailer
from service.accounts.tables import State, UserRow
from service.db import reading, writing
from service.errors import IllegalTransitionError, StaleError
from service.lifecycle import end_of
from service.settings import Settings
from service.tables import ListingRow, now

TICK_SECONDS = 900.0
"""How often a running service looks for what is due."""


@dataclass(frozen=True)
class Ticked:
    """How many records ran out, and for how many a reminder was sent."""

    expired: int = 0
    reminded: int = 0


def tick(
    engine: Engine, mailer: Mailer, settings: Settings, moment: datetime | None = None
) -> Ticked:
    """Let what has run out expire, and remind the owners of what soon will.

    Each record is a transaction of its own, so that one that somebody changes meanwhile stops no
    other. A reminder names the record by its number only: mail may be read by others.
    """
    moment = moment or now()
    life = timedelta(days=settings.listing_days)
    warning = timedelta(days=settings.reminder_days)
    with reading(engine) as session:
        due = [
            (Kind(row.kind), row.id, row.version, end)
            for row in session.exec(_dated(moment + warning, life))
            if (end := end_of(row, life)) is not None and end <= moment + warning
        ]
    expired = reminded = 0
    for kind, id_, version, end in due:
        if end <= moment:
            expired += _expire(engine, kind, id_, version)
        else:
            reminded += _remind(engine, mailer, settings, kind, id_, end)
    return Ticked(expired, reminded)


def _dated(horizon: datetime, life: timedelta) -> SelectOfScalar[ListingRow]:
    return select(ListingRow).where(
        ListingRow.status == "published",
        (col(ListingRow.expires_at) <= horizon)
        | (col(ListingRow.expires_at).is_(None) & (col(ListingRow.confirmed_at) <= horizon - life)),
    )


def _expire(engine: Engine, kind: Kind, id_: str, version: int) -> bool:
    try:
        with writing(engine) as session:
            row = store.get(session, kind, id_, lock=True)
            store.step(session, row, "expire", actor=None, expected_version=version)
    except (IllegalTransitionError, StaleError):
        return False  # changed meanwhile: the next tick looks again
    return True


def _remind(
    engine: Engine, mailer: Mailer, settings: Settings, kind: Kind, id_: str, end: datetime
) -> bool:
    with writing(engine) as session:
        row = store.get(session, kind, id_, lock=True)
        if row.reminded_at is not None or row.owner_id is None:
            return False
        row.reminded_at = now()
        session.add(row)
        addresses = _members(session, row)
    label = KINDS[kind].label_zh
    url = f"{settings.base_url.rstrip('/')}/{KINDS[kind].plural}/{quote(id_, safe='')}"
    for address in addresses:
        mailer.send(
            address,
            f"揭榜：{label}快到期了",
            f"贵单位发布的{label} {id_} 将于 {end:%Y-%m-%d} 到期，之后不再参与匹配。\n"
            f"仍然有效的，请登录后点“确认仍然有效”：\n{url}\n",
        )
    return bool(addresses)


def _members(session: Session, row: ListingRow) -> list[str]:
    statement = select(UserRow.login).where(
        UserRow.organisation_id == row.owner_id, UserRow.state == State.APPROVED
    )
    return list(session.exec(statement.order_by(col(UserRow.login))))
