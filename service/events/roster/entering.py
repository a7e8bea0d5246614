"""Who may bring what to an event.

An organiser brings what he reads in full. A masked record is brought by the house: that an owner
fits would tell him who stands behind the mask. Of what he may not know of he hears the same as of an
id that nobody has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NoReturn

from sqlmodel import Session, col, select

from matcher.listing import KINDS, Kind
from service.access import HOUSE
from service.disclosure import Reader, Sight
from service.errors import FieldProblem, InvalidRecordError
from service.events.tables import EventEntryRow, EventPartyRow
from service.lifecycle import ListingFlow
from service.tables import ListingRow, Tier
from service.workflow import state_names

Key = tuple[str, str]
"""Kind and id of a record."""
_CHUNK = 500


def refuse(field: str, problem: str, cure: str) -> NoReturn:
    """Raise InvalidRecordError over one field."""
    told = [FieldProblem(field=field, problem=problem, cure=cure)]
    raise InvalidRecordError(problem, cure=cure, errors=told)


def known(reader: Reader, row: ListingRow | None) -> bool:
    """Whether the reader may name a record that is on a roster; public ones also once withdrawn."""
    if reader.principal.role in HOUSE:
        return True
    if row is None:
        return False
    open_tier = row.disclosure in (Tier.PUBLIC, Tier.MASKED)
    return open_tier or reader.sight(row) is not Sight.NONE


def listings(session: Session, wanted: Collection[Key]) -> Mapping[Key, ListingRow]:
    """The records by kind and id, as far as they exist."""
    found: dict[Key, ListingRow] = {}
    for kind in Kind:
        ids = sorted({id_ for of_kind, id_ in wanted if of_kind == kind})
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            rows = session.exec(
                select(ListingRow).where(ListingRow.kind == kind, col(ListingRow.id).in_(part))
            )
            found.update({(kind.value, row.id): row for row in rows})
    return found


def no_such(field: str, kind: str, id_: str) -> NoReturn:
    """Raise what is said of an unknown id, and of one that may not be known."""
    label = KINDS[Kind(kind)].label_zh
    refuse(
        field,
        f"没有编号为 {id_} 的{label}",
        "核对编号；记录须已发布，保密的由技术经理人或管理员加入",
    )


def admit(reader: Reader, party: EventPartyRow, row: ListingRow | None, key: Key) -> None:
    """Raise InvalidRecordError unless the reader may put the record down for the party."""
    kind, id_ = key
    sight = Sight.NONE if row is None else reader.sight(row)
    if row is None or sight is Sight.NONE:
        no_such("listing_id", kind, id_)
    label = KINDS[Kind(kind)].label_zh
    if row.status != "published":
        state = state_names(ListingFlow).get(row.status, row.status)
        refuse("listing_id", f"{label} {id_} 没有发布（现在是“{state}”）", "发布之后再加入名单")
    if sight is Sight.MASK:
        refuse("listing_id", f"{label} {id_} 是脱敏公开的", "请技术经理人或管理员把它加入名单")
    if row.owner_id is not None and row.owner_id != party.organisation_id:
        refuse(
            "listing_id",
            f"{label} {id_} 是别的单位发布的，不能由“{party.name}”带来",
            "核对编号和单位的统一社会信用代码：须与发布单位的一致",
        )


def keeps_entries(session: Session, party: EventPartyRow, organisation_id: str | None) -> bool:
    """Whether what the party brings would still be its own as that organisation."""
    brought = session.exec(
        select(EventEntryRow.kind, EventEntryRow.listing_id).where(
            EventEntryRow.party_id == party.id
        )
    ).all()
    owners = {row.owner_id for row in listings(session, brought).values()} - {None}
    return owners <= {organisation_id}
