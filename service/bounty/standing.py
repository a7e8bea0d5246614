"""Who has to do with a task, a bid, an offer or an interest: what the access table asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlmodel import Session, select

from service.access import Standing, Thing
from service.bounty.modes import MODES
from service.bounty.tables import BidRow, BountyRow, OfferRow, ReviewerRow, TakeRow


def _ids(*ids: str | None) -> frozenset[str]:
    return frozenset(id_ for id_ in ids if id_)


def _reviewers(session: Session, bounty_id: str) -> list[str]:
    return list(session.exec(select(ReviewerRow.user_id).where(ReviewerRow.bounty_id == bounty_id)))


def _bounty(session: Session, id_: str) -> Standing | None:
    row = session.get(BountyRow, id_)
    if row is None:
        return None
    posted = row.posted_at is not None
    return Standing(
        _ids(row.owner_id),
        _ids(*_reviewers(session, id_), *(row.invited if posted else ())),
        posted and not MODES[row.mode].invited,
    )


def _bid(session: Session, id_: str) -> Standing | None:
    row = session.get(BidRow, id_)
    bounty = session.get(BountyRow, row.bounty_id) if row else None
    if row is None or bounty is None:
        return None
    return Standing(
        _ids(row.organisation_id), _ids(bounty.owner_id, *_reviewers(session, row.bounty_id))
    )


def _offer(session: Session, id_: str) -> Standing | None:
    row = session.get(OfferRow, id_)
    if row is None:
        return None
    takers = session.exec(select(TakeRow.organisation_id).where(TakeRow.offer_id == id_))
    return Standing(_ids(row.owner_id), _ids(*takers), row.state == "posted")


def _take(session: Session, id_: str) -> Standing | None:
    row = session.get(TakeRow, id_)
    offer = session.get(OfferRow, row.offer_id) if row else None
    if row is None or offer is None:
        return None
    return Standing(_ids(offer.owner_id), _ids(row.organisation_id))


STANDINGS: Mapping[Thing, Callable[[Session, str], Standing | None]] = MappingProxyType(
    {Thing.BOUNTY: _bounty, Thing.BID: _bid, Thing.OFFER: _offer, Thing.TAKE: _take}
)
