"""Changes of the roster, one thing at a time: what is stated is set, what is not stays.

Everything is checked before anything is changed, so that a refusal leaves no trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlmodel import Session, select

from matcher.listing import KINDS, Kind
from service.accounts.office import note
from service.accounts.tables import OrganisationRow, State
from service.disclosure import Reader
from service.errors import NotFoundError
from service.events.roster.entering import admit, keeps_entries, known, no_such, refuse
from service.events.tables import (
    EventAttendeeRow,
    EventEntryRow,
    EventPartyRow,
    EventRow,
    EventWishRow,
)
from service.tables import ListingRow, now


class Done(StrEnum):
    """What came of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


def party_of(session: Session, event: EventRow, id_: str) -> EventPartyRow:
    """A party of the event; raises NotFoundError."""
    row = session.get(EventPartyRow, id_)
    if row is None or row.event_id != event.id:
        raise NotFoundError(f"名单里没有单位 {id_}", cure="刷新名单，再从页面上选择")
    return row


def person_of(session: Session, event: EventRow, id_: str) -> EventAttendeeRow:
    """A person of the event; raises NotFoundError."""
    row = session.get(EventAttendeeRow, id_)
    if row is None or row.event_id != event.id:
        raise NotFoundError(f"名单里没有人员 {id_}", cure="刷新名单，再从页面上选择")
    return row


def put_party(
    session: Session,
    event: EventRow,
    row: EventPartyRow | None,
    values: Mapping[str, Any],
    actor_id: str,
) -> tuple[EventPartyRow, Done]:
    """Add a party, or set what is stated of one.

    For which organisation it stands is written down, for its people speak for that by their links.
    """
    wanted = dict(values)
    _require_alone(session, event, row, wanted)
    if "uscc" in wanted:
        same = row is not None and row.uscc == wanted["uscc"]
        found = _organisation(session, wanted["uscc"])
        wanted["organisation_id"] = found or (row.organisation_id if row and same else None)
        changed = row is not None and row.organisation_id != wanted["organisation_id"]
        if row and changed and not keeps_entries(session, row, wanted["organisation_id"]):
            refuse(
                "uscc",
                f"“{row.name}”带来的条目属于另一个信用代码的单位",
                "先移出那些条目，再改代码",
            )
    if row is None:
        row = EventPartyRow(event_id=event.id, **wanted)
        session.add(row)
        session.flush()
        _note_organisation(session, row, None, actor_id)
        return row, Done.CREATED
    before = row.organisation_id
    done = _set(session, row, wanted)
    _note_organisation(session, row, before, actor_id)
    return row, done


def put_person(
    session: Session,
    party: EventPartyRow,
    row: EventAttendeeRow | None,
    values: Mapping[str, Any],
) -> tuple[EventAttendeeRow, Done]:
    """Add a person, or set what is stated of one; with another address the link stops working."""
    wanted = dict(values)
    if "name" in wanted and (row is None or row.name != wanted["name"]):
        query = select(EventAttendeeRow.id).where(
            EventAttendeeRow.party_id == party.id, EventAttendeeRow.name == wanted["name"]
        )
        if session.exec(query).first():
            refuse("name", f"“{party.name}”已有一位{wanted['name']}", "同名的人在姓名后加部门区分")
    if row is None:
        row = EventAttendeeRow(event_id=party.event_id, party_id=party.id, **wanted)
        session.add(row)
        session.flush()
        return row, Done.CREATED
    if wanted.get("mail", row.mail) != row.mail:
        wanted |= dict.fromkeys(("digest", "invited_at", "opened_at", "reminded_at"))
    return row, _set(session, row, wanted)


def named(session: Session, party: EventPartyRow, names: Sequence[str]) -> list[str]:
    """Ids of people of a party by their names; raises InvalidRecordError for a name it lacks."""
    people = _people(session, party) if names else {}
    unknown = [name for name in names if name not in people]
    if unknown:
        told = f"“{party.name}”的参会人员里没有{'、'.join(unknown)}"
        refuse("people", told, "先登记参会人员，或核对姓名；都参加就留空")
    return [people[name] for name in names]


def put_entry(
    reader: Reader,
    party: EventPartyRow,
    key: tuple[str, str],
    values: Mapping[str, Any],
) -> Done:
    """Put a record down for a party, or set what is stated of an entry of the party."""
    session, (kind, id_) = reader.session, key
    people = set(values.get("people", ()))
    if people and people - set(_people(session, party).values()):
        refuse("people", f"对接人应是“{party.name}”的参会人员", "先登记参会人员，或留空表示都参加")
    listing = session.get(ListingRow, (kind, id_))
    row = session.get(EventEntryRow, (party.event_id, kind, id_))
    if row is None:
        admit(reader, party, listing, key)
        session.add(
            EventEntryRow(
                event_id=party.event_id, kind=kind, listing_id=id_, party_id=party.id, **values
            )
        )
        session.flush()
        return Done.CREATED
    if not known(reader, listing):
        no_such("listing_id", kind, id_)
    if row.party_id != party.id:
        owner = session.get_one(EventPartyRow, row.party_id)
        told = f"{KINDS[Kind(kind)].label_zh} {id_} 已由“{owner.name}”带来"
        refuse("listing_id", told, "一条记录在一场活动里只由一家单位带来；要换先移出")
    return _set(session, row, values)


def put_wish(reader: Reader, event: EventRow, pair: tuple[str, str], side: str, wish: str) -> Done:
    """Write down what a side wants of a pair; both records must be on the roster."""
    session = reader.session
    sides = zip(("need_id", "achievement_id"), (Kind.NEED, Kind.ACHIEVEMENT), pair, strict=True)
    for field, kind, id_ in sides:
        listing = session.get(ListingRow, (kind, id_))
        entry = session.get(EventEntryRow, (event.id, kind, id_))
        if entry is None or not known(reader, listing):
            told = f"名单里没有编号为 {id_} 的{KINDS[kind].label_zh}"
            refuse(field, told, "先在“对接条目”里加入它，或核对编号")
    row = session.get(EventWishRow, (event.id, *pair, side))
    if row is not None and row.wish == wish:
        return Done.UNCHANGED
    stated: dict[str, Any] = {
        "wish": wish,
        "user_id": reader.principal.user_id or None,
        "at": now(),
    }
    if row is None:
        need, achievement = pair
        session.add(
            EventWishRow(
                event_id=event.id, need_id=need, achievement_id=achievement, side=side, **stated
            )
        )
        session.flush()
        return Done.CREATED
    return _set(session, row, stated | {"attendee_id": None})


def _require_alone(
    session: Session, event: EventRow, row: EventPartyRow | None, wanted: Mapping[str, Any]
) -> None:
    for field, label in (("name", "名称"), ("uscc", "统一社会信用代码")):
        value = wanted.get(field)
        if not value or (row is not None and getattr(row, field) == value):
            continue
        query = select(EventPartyRow).where(
            EventPartyRow.event_id == event.id, getattr(EventPartyRow, field) == value
        )
        other = session.exec(query).first()
        if other is not None and (row is None or other.id != row.id):
            refuse(field, f"名单里的“{other.name}”已用这个{label}", "一家单位只登记一次")


def _note_organisation(
    session: Session, row: EventPartyRow, before: str | None, actor_id: str
) -> None:
    if row.organisation_id != before:
        note(
            session, "event-party-organisation", ("event", row.event_id), actor_id, party=row.name,
            organisation_id=row.organisation_id, before=before,
        )  # fmt: skip


def _organisation(session: Session, uscc: str) -> str | None:
    if not uscc:
        return None
    query = select(OrganisationRow.id).where(
        OrganisationRow.uscc == uscc, OrganisationRow.state == State.APPROVED
    )
    return session.exec(query).first()


def _people(session: Session, party: EventPartyRow) -> dict[str, str]:
    query = select(EventAttendeeRow.name, EventAttendeeRow.id).where(
        EventAttendeeRow.party_id == party.id
    )
    return dict(session.exec(query).all())


def _set(
    session: Session,
    row: EventPartyRow | EventAttendeeRow | EventEntryRow | EventWishRow,
    values: Mapping[str, Any],
) -> Done:
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return Done.UNCHANGED
    for name, value in changed.items():
        setattr(row, name, value)
    if isinstance(row, EventPartyRow | EventAttendeeRow):
        row.version += 1
    session.add(row)
    session.flush()
    return Done.UPDATED
