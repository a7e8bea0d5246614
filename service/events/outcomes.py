"""What each side says of a meeting: whether it took place, whether there is interest, what follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from sqlmodel import Session, select

from corpora.taxonomy import taxonomy
from matcher.listing import Kind
from service.access import Principal
from service.accounts.inputs import Input
from service.errors import ConflictError, ForbiddenError
from service.events import effects, follow_ups
from service.events.local import here
from service.events.meetings import Meeting
from service.events.tables import EventAttendeeRow, EventOutcomeRow, EventRow
from service.inputs import Code, Text, Version
from service.tables import now
from service.versions import EditedError, require_version

AFTER = ("published", "closed")
"""States of an event in which meetings have an outcome."""


class OutcomeIn(Input):
    """One side's word on a meeting; `version` is the one that was read, none for the first word."""

    met: Annotated[bool, Field(strict=True)]
    interested: Annotated[bool, Field(strict=True)] | None = None
    follow_up: Annotated[bool, Field(strict=True)] = False
    reason_code: Annotated[str, Code("reason")] | None = None
    note: Annotated[str, Text(0, 1000)] = ""
    version: Version | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.met and self.interested is None:
            msg = "见了面要说明有没有意向"
        elif not self.met and self.interested is not None:
            msg = "没有见面时不填意向"
        elif self.interested is False and self.reason_code is None:
            msg = f"没有意向要选原因：{'、'.join(taxonomy('reason').labels.values())}"
        elif self.interested is not False and self.reason_code is not None:
            msg = "原因只在没有意向时填"
        elif self.interested is False and self.follow_up:
            msg = "没有意向时不能选“希望后续跟进”"
        else:
            return self
        raise ValueError(msg)


@dataclass(frozen=True)
class Speaker:
    """Who says it: a participant by the link, or an organiser or somebody of the house."""

    attendee: EventAttendeeRow | None = None
    principal: Principal = Principal()


def of_event(session: Session, event_id: str) -> dict[tuple[str, str], dict[Kind, EventOutcomeRow]]:
    """What was said of the meetings of an event, by pair and side."""
    found: dict[tuple[str, str], dict[Kind, EventOutcomeRow]] = {}
    for row in session.exec(select(EventOutcomeRow).where(EventOutcomeRow.event_id == event_id)):
        found.setdefault((row.need_id, row.achievement_id), {})[Kind(row.side)] = row
    return found


def put(
    session: Session,
    event: EventRow,
    meeting: Meeting,
    side: Kind,
    asked: OutcomeIn,
    speaker: Speaker,
) -> EventOutcomeRow:
    """Write down what a side says of a meeting, with what follows from it (`effects`).

    A participant speaks for the side that he sits on, from the hour of the meeting on; an
    organiser for either side and at any time, since meetings are also held early.
    """
    # words of both sides must not miss each other: together they open a lead
    session.refresh(event, with_for_update=True)
    _require_due(event, meeting, side, speaker)
    row = session.get(EventOutcomeRow, (event.id, *meeting.pair, side))
    if row is None:
        if asked.version is not None:
            raise EditedError(asked.version, 0, {})
        row = EventOutcomeRow(
            event_id=event.id,
            need_id=meeting.need_id,
            achievement_id=meeting.achievement_id,
            side=side,
            met=asked.met,
        )
        before = None
    else:
        known = row
        require_version(session, row, asked.version, lambda: present(known))
        row.version += 1
        before = _word(row)
    kept = row.note if _another(row, speaker) and not asked.note else asked.note
    for name, value in asked.model_dump(exclude={"version"}).items():
        setattr(row, name, value)
    row.note = kept
    row.attendee_id = speaker.attendee.id if speaker.attendee else None
    row.user_id, row.at = speaker.principal.user_id or None, now()
    session.add(row)
    session.flush()
    if _word(row) != before:
        effects.apply(session, event, meeting.parties[side], row, speaker.principal)
        if event.state == "closed":
            follow_ups.plan(session, event)
    return row


def present(row: EventOutcomeRow) -> dict[str, Any]:
    """An outcome as JSON."""
    reason = taxonomy("reason").label(row.reason_code) if row.reason_code else None
    return row.model_dump(exclude={"event_id"}) | {"reason": reason}


def may_speak(event: EventRow, meeting: Meeting) -> bool:
    """Whether a participant may say by now how a meeting was."""
    return event.state in AFTER and meeting.begin <= here()


def _require_due(event: EventRow, meeting: Meeting, side: Kind, speaker: Speaker) -> None:
    if event.state not in AFTER:
        raise ConflictError("日程还没有发布，没有可以反馈的会面", cure="日程发布之后再反馈")
    if speaker.attendee is None:
        return
    if speaker.attendee.id not in {person.id for person in meeting.people[side]}:
        raise ForbiddenError("这场会面没有安排您参加", cure="请由参加会面的人反馈")
    if not may_speak(event, meeting):
        raise ConflictError(
            f"这场会面 {meeting.begin:%m-%d %H:%M} 才开始", cure="会面开始之后再反馈"
        )


def note_of(row: EventOutcomeRow | None, attendee_id: str) -> str:
    """The note, for whoever wrote it: it was meant for the organisers, not for colleagues."""
    return row.note if row is not None and row.attendee_id == attendee_id else ""


def _another(row: EventOutcomeRow, speaker: Speaker) -> bool:
    """Whether a participant speaks where somebody else did, whose note he has not seen."""
    return speaker.attendee is not None and row.attendee_id != speaker.attendee.id


def _word(row: EventOutcomeRow) -> tuple[object, ...]:
    return row.met, row.interested, row.follow_up, row.reason_code
