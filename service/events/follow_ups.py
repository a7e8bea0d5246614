"""What becomes of the pairs of an event: they are asked after 30, 90 and 180 days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from sqlmodel import Session, col, select

from service.access import Principal
from service.accounts.inputs import Input
from service.errors import NotFoundError
from service.events.tables import EventFollowUpRow, EventOutcomeRow, EventRow
from service.inputs import Id, Text, Version
from service.tables import now
from service.versions import require_version

DAYS = (30, 90, 180)
"""Days after the last day of the event."""
RESULTS = {
    "talking": "在谈",
    "trial": "试用或中试",
    "signed": "已签合同",
    "delivered": "已交付",
    "ended": "已终止",
    "silent": "联系不上",
}
CONCLUDED = ("signed", "delivered")
"""Results that mean a contract."""
STATES = {"overdue": "逾期", "due": "到期", "later": "未到期", "done": "已回访"}
GRACE = timedelta(days=7)
"""What is due for longer is overdue."""


class FollowUpIn(Input):
    """What became of a pair by one of the days; `version` is the one that was read."""

    need_id: Id
    achievement_id: Id
    days: Literal[30, 90, 180]
    result: str
    amount_wan: Annotated[float, Field(gt=0, le=1e7, allow_inf_nan=False)] | None = None
    note: Annotated[str, Text(0, 1000)] = ""
    version: Version

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.result not in RESULTS:
            known = "、".join(f"{label}（{code}）" for code, label in RESULTS.items())
            msg = f"结果应为：{known}"
        elif self.result == "signed" and self.amount_wan is None:
            msg = "已签合同要填合同金额（万元）"
        elif self.result not in CONCLUDED and self.amount_wan is not None:
            msg = "合同金额只在已签合同或已交付时填"
        else:
            return self
        raise ValueError(msg)


@dataclass(frozen=True)
class Standing:
    """Follow-ups and where each stands on a day."""

    row: EventFollowUpRow
    state: str
    """A key of `STATES`."""

    @classmethod
    def of(cls, row: EventFollowUpRow, day: date) -> Standing:
        """Where `row` stands on `day`."""
        if row.done_at is not None:
            return cls(row, "done")
        if row.due > day:
            return cls(row, "later")
        return cls(row, "overdue" if row.due < day - GRACE else "due")


def plan(session: Session, event: EventRow) -> int:
    """Have every pair of which a side is interested or wants to go on asked; returns how many rows
    are new.

    To be called when the event is closed, again as often as wanted: what nobody has asked yet
    follows the hours of the event and the words of both sides, what was asked stays.
    """
    wanted = _wanted(session, event.id)
    known = {(r.need_id, r.achievement_id, r.days): r for r in listed(session, event.id)}
    last = last_day(event)
    new = 0
    for need, achievement in sorted(wanted):
        for days in DAYS:
            due = last + timedelta(days=days)
            row = known.pop((need, achievement, days), None)
            if row is None:
                row = EventFollowUpRow(
                    event_id=event.id, need_id=need, achievement_id=achievement, days=days, due=due
                )
                new += 1
            elif row.done_at is None and row.due != due:
                row.due, row.reminded_at = due, None
            session.add(row)
    for row in known.values():
        if row.done_at is None:
            session.delete(row)
    session.flush()
    return new


def last_day(event: EventRow) -> date:
    """The day on which the last meetings of the event are."""
    return max(datetime.fromisoformat(end) for _, end in event.periods).date()


def listed(session: Session, event_id: str) -> list[EventFollowUpRow]:
    """The follow-ups of an event by their day, then by ids."""
    query = select(EventFollowUpRow).where(EventFollowUpRow.event_id == event_id)
    return list(
        session.exec(
            query.order_by(
                col(EventFollowUpRow.due),
                col(EventFollowUpRow.need_id),
                col(EventFollowUpRow.achievement_id),
            )
        )
    )


def standing(rows: Iterable[EventFollowUpRow], day: date, state: str = "") -> list[Standing]:
    """Where each stands on `day`, those of one state only where it is named."""
    found = [Standing.of(row, day) for row in rows]
    return [one for one in found if not state or one.state == state]


def record(
    session: Session, event: EventRow, asked: FollowUpIn, principal: Principal
) -> EventFollowUpRow:
    """Write down what became of a pair; raises NotFoundError, and EditedError for another version."""
    key = (event.id, asked.need_id, asked.achievement_id, asked.days)
    row = session.get(EventFollowUpRow, key)
    if row is None:
        raise NotFoundError("没有这一条回访", cure="刷新页面后再试")
    found = row
    require_version(session, row, asked.version, lambda: present(found))
    row.result, row.amount_wan, row.note = asked.result, asked.amount_wan, asked.note
    row.user_id, row.done_at, row.version = principal.user_id, now(), row.version + 1
    session.add(row)
    return row


def present(row: EventFollowUpRow) -> dict[str, Any]:
    """A follow-up as JSON."""
    shown = row.model_dump(exclude={"event_id", "reminded_at", "user_id"})
    return shown | {"result_zh": RESULTS.get(row.result, "")}


def _wanted(session: Session, event_id: str) -> set[tuple[str, str]]:
    rows = session.exec(select(EventOutcomeRow).where(EventOutcomeRow.event_id == event_id))
    return {(row.need_id, row.achievement_id) for row in rows if row.interested or row.follow_up}
