"""Invitations: a link of one's own for everybody who takes part, good until the next one is mailed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, select

from service.accounts.office import Office, note
from service.accounts.registry import SIGNATURE, Letter
from service.errors import NotFoundError
from service.events.tables import EventAttendeeRow, EventPartyRow, EventRow
from service.tables import now

PATH = "meet"


def invite(
    office: Office,
    session: Session,
    event: EventRow,
    people: Sequence[EventAttendeeRow],
    actor_id: str,
) -> list[Letter]:
    """Letters to everybody of `people` with a mail address; earlier links stop working.

    Each is written down, with the party for which the person was listed: a link speaks for it.
    """
    letters = []
    for person in people:
        if not person.mail:
            continue
        token, person.digest = office.keys.fresh("jbe")
        person.invited_at = person.reminded_at = now()
        session.add(person)
        party = session.get_one(EventPartyRow, person.party_id)
        subject = ("event", event.id)
        note(
            session, "event-invited", subject, actor_id, to=person.mail, attendee=person.id,
            party=party.name, organisation_id=party.organisation_id,
        )  # fmt: skip
        letters.append(_letter(office, event, person, token))
    return letters


def holder(office: Office, session: Session, token: str) -> EventAttendeeRow:
    """Whose link it is; raises NotFoundError."""
    digest = office.keys.digest(token)
    row = session.exec(select(EventAttendeeRow).where(EventAttendeeRow.digest == digest)).first()
    if row is None:
        raise NotFoundError("链接无效，或已换成新的", cure="用最近一封邮件里的链接，或请主办方重发")
    return row


def _letter(office: Office, event: EventRow, person: EventAttendeeRow, token: str) -> Letter:
    days = "、".join(sorted({begin[:10] for begin, _ in event.periods}))
    to, link = person.mail, f"{office.base_url}/{PATH}?token={token}"
    text = (
        f"{person.name}，您好：\n\n邀请您参加“{event.name}”（{days}，{event.place or '地点另行通知'}）。\n"
        f"打开下面的链接确认是否到场、填写可参加的时间和意愿，日程发布后也在这里看：\n{link}\n\n"
        f"链接只供您本人使用，请勿转发。{SIGNATURE}"
    )
    return lambda: office.mailer.send(to, f"揭榜：邀请参加“{event.name}”", text)
