"""Bids: one proposal of an organisation for a task, and who may see it."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from service.access import HOUSE, Principal
from service.accounts.tables import OrganisationRow
from service.bounty import reviewers
from service.bounty.inputs import BidIn
from service.bounty.machine import BEFORE_POSTING
from service.bounty.modes import MODES
from service.bounty.tables import BidRow, BountyRow
from service.errors import ConflictError, ForbiddenError, NotFoundError
from service.tables import now
from service.versions import require_version

SHOWN = ("plan", "indicators", "price_wan", "term_months", "ip_ownership", "team")


def get(session: Session, id_: str) -> BidRow:
    """The bid; raises NotFoundError."""
    row = session.get(BidRow, id_)
    if row is None:
        raise unknown(id_)
    return row


def unknown(id_: str) -> NotFoundError:
    """The answer for a bid that there is not, or that may not be seen."""
    return NotFoundError(f"没有编号为 {id_} 的揭榜方案", cure="核对编号，或在列表中查找")


def bids_of(session: Session, bounty_id: str, *, withdrawn: bool = False) -> list[BidRow]:
    """The bids of a task in the order in which they came; withdrawn ones only when asked for."""
    query = select(BidRow).where(BidRow.bounty_id == bounty_id)
    if not withdrawn:
        query = query.where(col(BidRow.withdrawn).is_(False))
    return list(session.exec(query.order_by(col(BidRow.created_at), col(BidRow.id))))


def is_open(bounty: BountyRow) -> bool:
    """Whether bids may be handed in and changed now."""
    if not MODES[bounty.mode].bidding:
        return bounty.state == "docking"
    return bounty.state == "bidding" and bounty.bid_until is not None and now() < bounty.bid_until


def is_closed(bounty: BountyRow) -> bool:
    """Whether the time of bidding is over, so that bids may be read by others."""
    if bounty.state in BEFORE_POSTING or bounty.state == "posted":
        return False
    return not (MODES[bounty.mode].bidding and is_open(bounty))


def may_see(session: Session, principal: Principal, bounty: BountyRow, bid: BidRow) -> bool:
    """Whether somebody may read a bid: never another bidder."""
    if principal.role in HOUSE:
        return True
    organisation = principal.organisation_id
    if organisation is not None and organisation == bid.organisation_id:
        return True
    if bid.withdrawn or not is_closed(bounty):
        return False
    if organisation is not None and organisation == bounty.owner_id:
        return True
    return reviewers.excluded(session, bounty, bid, principal.user_id) is None


def put(session: Session, bounty: BountyRow, asked: BidIn, principal: Principal) -> BidRow:
    """Hand in or change the bid of one's organisation.

    Raises ForbiddenError for an organisation that may not bid, ConflictError outside the time of
    bidding, and EditedError for another version than the present one.
    """
    organisation = _bidder(bounty, principal)
    session.refresh(bounty, with_for_update=True)
    if not is_open(bounty):
        raise _shut(bounty)
    row = _own(session, bounty, organisation)
    values = asked.model_dump(exclude={"version"})
    if row is None:
        if asked.version is not None:
            raise ConflictError("本单位还没有揭榜方案", cure="第一次提交时不要带 version")
        row = BidRow(
            bounty_id=bounty.id,
            organisation_id=organisation,
            created_by=principal.user_id,
            **values,
        )
        session.add(row)
        return row
    if not row.withdrawn or asked.version is not None:
        require_version(session, row, asked.version, lambda: present(session, row))
    for name, value in values.items():
        setattr(row, name, value)
    row.withdrawn, row.version, row.updated_at = False, row.version + 1, now()
    session.add(row)
    return row


def withdraw(session: Session, bounty: BountyRow, version: int, principal: Principal) -> BidRow:
    """Take one's bid back while bids may be changed."""
    session.refresh(bounty, with_for_update=True)
    row = _own(session, bounty, _bidder(bounty, principal))
    if row is None or row.withdrawn:
        raise NotFoundError("本单位没有揭榜方案", cure="核对榜单编号")
    if not is_open(bounty):
        raise _shut(bounty)
    require_version(session, row, version, lambda: present(session, row))
    row.withdrawn, row.version, row.updated_at = True, row.version + 1, now()
    session.add(row)
    return row


def own_bid(session: Session, bounty: BountyRow, principal: Principal) -> BidRow | None:
    """The bid of one's organisation, withdrawn or not."""
    if principal.organisation_id is None:
        return None
    return _own(session, bounty, principal.organisation_id)


def present(session: Session, row: BidRow) -> dict[str, Any]:
    """A bid as JSON, for whoever may see it."""
    organisation = session.get(OrganisationRow, row.organisation_id)
    return {
        "id": row.id,
        "bounty_id": row.bounty_id,
        "organisation_id": row.organisation_id,
        "organisation": organisation.name if organisation else "",
        **{name: getattr(row, name) for name in SHOWN},
        "withdrawn": row.withdrawn,
        "shortlisted": row.shortlisted,
        "awarded": row.awarded,
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }


def _bidder(bounty: BountyRow, principal: Principal) -> str:
    organisation = principal.organisation_id
    if organisation is None or organisation == bounty.owner_id:
        raise ForbiddenError("发榜单位不能揭自己的榜", cure="由其他单位揭榜")
    if MODES[bounty.mode].invited and organisation not in bounty.invited:
        raise ForbiddenError("这项任务定向委托给别的单位", cure="查看其他榜单")
    return organisation


def _own(session: Session, bounty: BountyRow, organisation: str) -> BidRow | None:
    return session.exec(
        select(BidRow).where(BidRow.bounty_id == bounty.id, BidRow.organisation_id == organisation)
    ).first()


def _shut(bounty: BountyRow) -> ConflictError:
    error = ConflictError("现在不收揭榜方案", cure="揭榜截止后方案不能再提交或修改")
    error.code = "bidding-closed"
    error.extensions = {"state": bounty.state, "bid_until": bounty.bid_until}
    return error
