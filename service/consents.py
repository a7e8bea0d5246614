"""Agreement of both sides of a pair, which opens confidential records and contact data to them."""

from __future__ import annotations

from sqlalchemy.orm import aliased
from sqlmodel import Session, select

from matcher.listing import KINDS, Kind
from service.access import Principal, Role
from service.errors import ForbiddenError
from service.tables import ConsentRow, ListingRow


def agreed_with(session: Session, organisation_id: str | None) -> frozenset[tuple[str, str]]:
    """Kinds and ids of the records whose owners and `organisation_id` have agreed on a pair."""
    if organisation_id is None:
        return frozenset()
    mine, theirs = aliased(ConsentRow), aliased(ConsentRow)
    statement = (
        select(theirs.side, theirs.need_id, theirs.achievement_id)
        .join(
            mine,
            (mine.need_id == theirs.need_id) & (mine.achievement_id == theirs.achievement_id),  # type: ignore[arg-type]
        )
        .where(mine.organisation_id == organisation_id, mine.side != theirs.side)
    )
    return frozenset(
        (side, need if side == Kind.NEED else achievement)
        for side, need, achievement in session.exec(statement)
    )


def agreed_at_all(session: Session, kind: Kind, id_: str) -> bool:
    """Whether the owner of a record has agreed with anybody on a pair, and they with him."""
    own, other = aliased(ConsentRow), aliased(ConsentRow)
    named = own.need_id if kind is Kind.NEED else own.achievement_id
    statement = (
        select(own.need_id)
        .join(
            other,
            (own.need_id == other.need_id) & (own.achievement_id == other.achievement_id),  # type: ignore[arg-type]
        )
        .where(named == id_, own.side == kind.value, other.side == KINDS[kind].counterpart.value)
    )
    return session.exec(statement).first() is not None


def agree(session: Session, own: ListingRow, other: ListingRow, principal: Principal) -> bool:
    """Write down that the owner of `own` agrees on the pair; true where both sides now have.

    Raises ForbiddenError for somebody who does not speak for the owner of `own`: the house speaks
    for its own records only.
    """
    house = own.owner_id is None and principal.role in (Role.MANAGER, Role.ADMIN)
    member = own.owner_id is not None and own.owner_id == principal.organisation_id
    if not (house or member):
        raise ForbiddenError(
            "只有这条记录的发布单位可以表示同意",
            cure="用本单位发布的记录来表示同意",
            missing={"owner": "这条记录的发布单位"},
        )
    pair = {Kind(row.kind): row.id for row in (own, other)}
    key = (pair[Kind.NEED], pair[Kind.ACHIEVEMENT])
    if session.get(ConsentRow, (*key, own.kind)) is None:
        session.add(
            ConsentRow(
                need_id=key[0],
                achievement_id=key[1],
                side=own.kind,
                user_id=principal.user_id,
                organisation_id=principal.organisation_id,
            )
        )
        session.flush()
    return session.get(ConsentRow, (*key, other.kind)) is not None
