"""Agreement of both sides of a pair, which opens confidential records and contact data to them."""

from __future__ import annotations

from sqlalchemy.orm import aliased
from sqlmodel import Session, select

from matcher.listing import KINDS, Kind
from service.access import HOUSE, Principal
from service.accounts.office import note
from service.errors import ForbiddenError, NotFoundError
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
    _speaks_for(own, principal)
    key = _pair(own, other)
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


def withdraw(session: Session, own: ListingRow, other: ListingRow, principal: Principal) -> None:
    """Take back what `agree` wrote down; from now on neither side reads the other by this pair.

    What was read before stays in the log of disclosures. Raises ForbiddenError like `agree`, and
    NotFoundError where the owner of `own` never agreed.
    """
    _speaks_for(own, principal)
    given = session.get(ConsentRow, (*_pair(own, other), own.kind))
    if given is None:
        raise NotFoundError("本单位没有对这一对表示过同意", cure="刷新页面，看现在的状态")
    session.delete(given)
    note(
        session,
        "consent-withdrawn",
        (own.kind, own.id),
        principal.user_id,
        other=other.id,
        agreed_at=given.at.isoformat(),
    )


def _speaks_for(own: ListingRow, principal: Principal) -> None:
    house = own.owner_id is None and principal.role in HOUSE
    member = own.owner_id is not None and own.owner_id == principal.organisation_id
    if not (house or member):
        raise ForbiddenError(
            "只有这条记录的发布单位可以表示或收回同意",
            cure="用本单位发布的记录来表示",
            missing={"owner": "这条记录的发布单位"},
        )


def _pair(own: ListingRow, other: ListingRow) -> tuple[str, str]:
    ids = {Kind(row.kind): row.id for row in (own, other)}
    return ids[Kind.NEED], ids[Kind.ACHIEVEMENT]
