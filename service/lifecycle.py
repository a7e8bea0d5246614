"""The life of a listing: its states, who may take it further, and how long it holds.

    draft -> submitted -> published -> closed / withdrawn / expired
                |  ^
                v  |
             returned

What a member changes of a published record goes through review again, and is neither listed nor
matched until then: what people find has been read by somebody.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import ClassVar

from sqlmodel import Session
from statemachine import Event, State

from corpora.records import Record
from service import workflow
from service.errors import FieldProblem, InvalidRecordError
from service.tables import ListingRow, now
from service.workflow import Flow


class ListingFlow(Flow):
    """States of needs and achievements."""

    column: ClassVar[str] = "status"
    label_zh: ClassVar[str] = "记录"
    needs_reason: ClassVar[frozenset[str]] = frozenset({"send_back"})

    draft = State("草稿", value="draft", initial=True)
    submitted = State("待审核", value="submitted")
    returned = State("已退回", value="returned")
    published = State("已发布", value="published")
    withdrawn = State("已撤回", value="withdrawn")
    expired = State("已过期", value="expired")
    closed = State("已办结", value="closed")

    submit = Event(draft.to(submitted) | returned.to(submitted), name="提交审核")
    approve = Event(submitted.to(published), name="通过并发布")
    send_back = Event(submitted.to(returned), name="退回修改")
    publish = Event(
        draft.to(published)
        | returned.to(published)
        | withdrawn.to(published)
        | expired.to(published)
        | closed.to(published),
        name="直接发布",
    )
    confirm = Event(published.to(published) | expired.to(published), name="确认仍然有效")
    withdraw = Event(
        draft.to(withdrawn)
        | submitted.to(withdrawn)
        | returned.to(withdrawn)
        | published.to(withdrawn)
        | expired.to(withdrawn),
        name="撤回",
    )
    close = Event(published.to(closed) | expired.to(closed), name="办结")
    reopen = Event(
        withdrawn.to(submitted) | closed.to(submitted) | expired.to(submitted), name="重新提交"
    )
    expire = Event(published.to(expired), name="到期")
    revise = Event(
        published.to(submitted)
        | withdrawn.to(draft)
        | expired.to(draft)
        | closed.to(draft)
        | submitted.to(submitted)
        | returned.to(returned),
        name="修改内容",
    )

    @classmethod
    def subject(cls, row: ListingRow) -> tuple[str, str]:
        """Needs and achievements have ids of their own kind."""
        return row.kind, row.id


STATES = workflow.state_names(ListingFlow)
OWNER_EVENTS = frozenset({"submit", "withdraw", "close", "reopen", "confirm"})
"""What members may do with a record of their organisation."""
REVIEW_EVENTS = frozenset({"approve", "send_back", "withdraw", "close", "reopen"})
"""What technology managers may do with any record."""
HOUSE_EVENTS = REVIEW_EVENTS | {"publish", "confirm", "submit", "expire"}
"""What administrators may do with any record."""
_MEMBER_ENTRY = {"draft": "draft", "submitted": "submitted", "published": "submitted"}
_TOWARDS = {
    "published": ("approve", "publish"),
    "submitted": ("submit", "reopen"),
    "returned": ("send_back",),
    "withdrawn": ("withdraw",),
    "expired": ("expire",),
    "closed": ("close",),
    "draft": ("revise",),
}


def entry(record: Record, *, bound: bool) -> str:
    """The state in which a posted record begins; what a member publishes is submitted first.

    Raises InvalidRecordError where a member asks for a state that only comes later.
    """
    if not bound:
        return record.status if record.status in STATES else "draft"
    if record.status not in _MEMBER_ENTRY:
        raise InvalidRecordError(
            "新记录只能存为草稿或提交审核",
            cure="状态填 draft 或 submitted，或不填",
            errors=[FieldProblem(field="status", problem="不能以这个状态开始")],
        )
    return _MEMBER_ENTRY[record.status]


def towards(row: ListingRow, state: str, *, bound: bool) -> str | None:
    """The event that leads `row` to `state`, or None where it is there already.

    What a member would publish is submitted. Where no legal event leads there, the one that
    `fire` will refuse, with the legal ones named.
    """
    if bound and state == "published":
        state = "published" if row.status == "published" else "submitted"
    if row.status == state or state not in _TOWARDS:
        return None
    events = _TOWARDS[state]
    allowed = OWNER_EVENTS if bound else HOUSE_EVENTS | {"revise"}
    legal = {step.event for step in workflow.steps(ListingFlow, row)} & allowed
    return next((event for event in events if event in legal), events[0])


def enter(session: Session, row: ListingRow, actor: str | None) -> None:
    """Write down that a record came into being, and from when on it counts.

    A record of the house holds from the day that it states, or has no date at all.
    """
    workflow.begin(session, ListingFlow, row, actor=actor)
    if row.status == "published" and row.owner_id is not None:
        _confirm(row)
    elif row.owner_id is None:
        row.published_at = _moment(row.record.get("published_at"), time.min)
        row.confirmed_at = _moment(row.record.get("confirmed_at"), time.min)
        row.expires_at = _moment(row.record.get("expires_at"), time.max)


def step(
    session: Session,
    row: ListingRow,
    event: str,
    *,
    actor: str | None,
    reason: str = "",
) -> None:
    """Fire `event` and keep the moments of the record; raises as `workflow.fire` does."""
    workflow.fire(session, ListingFlow, row, event, actor=actor, reason=reason)
    if event in ("approve", "publish", "confirm"):
        _confirm(row)


def _confirm(row: ListingRow) -> None:
    """The record holds as of now: until the day that it states, if that is still to come."""
    moment = now()
    row.published_at = row.published_at or moment
    row.confirmed_at = moment
    stated = _moment(row.record.get("expires_at"), time.max)
    row.expires_at = stated if stated and stated > moment else None
    row.reminded_at = None


def end_of(row: ListingRow, life: timedelta) -> datetime | None:
    """When a published record expires: on its own day, or `life` after it was last confirmed.

    None for a record of the house that states neither.
    """
    if row.expires_at is not None or row.confirmed_at is None:
        return row.expires_at
    return row.confirmed_at + life


def _moment(day: object, at: time) -> datetime | None:
    if not isinstance(day, str):
        return None
    return datetime.combine(datetime.fromisoformat(day).date(), at, UTC)
