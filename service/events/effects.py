"""What follows from the word of a side on a meeting: a stance, a verdict, a lead.

What changes with a later word changes here again. A lead that was opened stays: whoever works on it
sees what both sides say now.
"""

from __future__ import annotations

from sqlmodel import Session, select

from matcher.listing import Kind
from service.access import Principal
from service.cases import cases, stances
from service.cases.tables import StanceRow
from service.events.tables import EventOutcomeRow, EventPartyRow, EventRow
from service.tables import EVENT_JUDGE, ListingRow, VerdictRow, now

_OFF_TOPIC = "out_of_scope"


def apply(
    session: Session,
    event: EventRow,
    party: EventPartyRow,
    row: EventOutcomeRow,
    principal: Principal,
) -> None:
    """Do what follows from an outcome; nothing for a record that was deleted since."""
    records = {
        kind: session.get(ListingRow, (kind, id_))
        for kind, id_ in zip(Kind, (row.need_id, row.achievement_id), strict=True)
    }
    own = records[Kind(row.side)]
    if own is None or None in records.values():
        return
    if _speaks_for(party, own):
        _stance(session, row, principal)
    _verdict(session, row)
    session.flush()
    if _mutual(session, row):
        summary = f"在活动“{event.name}”上见面后，双方都有意向。"
        cases.ensure_lead(session, row.need_id, row.achievement_id, principal, summary)


def grade(row: EventOutcomeRow) -> int | None:
    """The grade of a pair that a side's word amounts to; None where it did not meet.

    3 is interest that goes on, 2 interest; without interest the topic still fits (1), unless it is
    said not to (0).
    """
    if not row.met or row.interested is None:
        return None
    if row.interested:
        return 3 if row.follow_up else 2
    return 0 if row.reason_code == _OFF_TOPIC else 1


def judge(event_id: str, side: str) -> str:
    """Under which name the word of a side counts as a verdict."""
    return f"{EVENT_JUDGE}{event_id}:{side}"


def _speaks_for(party: EventPartyRow, own: ListingRow) -> bool:
    """A party with an account does not say for another account's record whether it is interested."""
    return party.organisation_id is None or own.owner_id in (None, party.organisation_id)


def _stance(session: Session, row: EventOutcomeRow, principal: Principal) -> None:
    known = stances.of_pair(session, row.need_id, row.achievement_id).get(Kind(row.side))
    if row.interested is None:
        if known is not None and known.event_id == row.event_id:
            session.delete(known)
        return
    if known is None:
        known = StanceRow(
            need_id=row.need_id,
            achievement_id=row.achievement_id,
            side=row.side,
            interested=row.interested,
        )
    else:
        known.version += 1
    # the note was written for the organisers, and the other side reads stances
    known.interested, known.reason_code, known.note = row.interested, row.reason_code, ""
    known.user_id, known.event_id, known.at = principal.user_id or None, row.event_id, now()
    session.add(known)


def _verdict(session: Session, row: EventOutcomeRow) -> None:
    name = judge(row.event_id, row.side)
    known = session.exec(
        select(VerdictRow).where(
            VerdictRow.need_id == row.need_id,
            VerdictRow.achievement_id == row.achievement_id,
            VerdictRow.judge == name,
        )
    ).first()
    value = grade(row)
    if value is None:
        if known is not None:
            session.delete(known)
        return
    if known is None:
        known = VerdictRow(
            need_id=row.need_id, achievement_id=row.achievement_id, judge=name, grade=value
        )
    known.grade, known.reason_code, known.at = value, row.reason_code, now()
    session.add(known)


def _mutual(session: Session, row: EventOutcomeRow) -> bool:
    """Whether both sides are interested, by what they said here or on the platform."""
    said = {
        kind: session.get(EventOutcomeRow, (row.event_id, row.need_id, row.achievement_id, kind))
        for kind in Kind
    }
    if all(word is not None and word.interested for word in said.values()):
        return True
    return stances.is_mutual(session, row.need_id, row.achievement_id)
