"""Whom to invite, and the course of the event that begins with the first invitation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from service.access import Principal
from service.accounts.office import Office
from service.accounts.registry import Letter
from service.events import events, invitations
from service.events.roster import editing
from service.events.roster.inputs import InvitationIn
from service.events.tables import EventAttendeeRow, EventRow


@dataclass(frozen=True)
class Invited:
    """Letters to be sent once this is committed, and who has no address to be written to."""

    letters: list[Letter] = field(default_factory=list)
    without_mail: list[str] = field(default_factory=list)

    def send(self) -> None:
        """Send every letter."""
        for letter in self.letters:
            letter()


def invite(
    office: Office, session: Session, event: EventRow, asked: InvitationIn, principal: Principal
) -> Invited:
    """Fresh links for whom `asked` means; the first of them opens the event."""
    events.hold(session, event)
    people = _meant(session, event, asked)
    letters = invitations.invite(office, session, event, people, principal.user_id)
    if letters and event.state == "draft":
        events.fire(session, event, "invite", principal, reason="发出第一批邀请")
    return Invited(letters, [person.name for person in people if not person.mail])


def _meant(session: Session, event: EventRow, asked: InvitationIn) -> Sequence[EventAttendeeRow]:
    if asked.to == "chosen":
        return [editing.person_of(session, event, id_) for id_ in dict.fromkeys(asked.people)]
    people = events.attendees(session, event.id)
    if asked.to == "new":
        return [p for p in people if p.invited_at is None and p.coming is None]
    return [p for p in people if p.invited_at is not None and p.coming is None]
