"""A task as somebody may see it: only what they may know of its bids, reviews and contracts."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from matcher.listing import Kind
from service.access import HOUSE, Principal
from service.accounts.tables import OrganisationRow
from service.bounty import bidding, contracts, notice, reviewers, reviewing, tasks
from service.bounty.machine import BountyFlow
from service.bounty.modes import MODES
from service.bounty.tables import BidRow, BountyRow
from service.disclosure import Reader, Sight
from service.sided import Party, open_steps, steps_json
from service.tables import ListingRow
from service.workflow import state_names

_AWARD_PUBLIC = frozenset(
    (
        "publicised",
        "signed",
        "running",
        "milestone",
        "accepted",
        "paid",
        "closed",
        "terminated",
        "failed_acceptance",
    )
)
"""States in which everybody who sees a task sees who is to win it."""
OPEN_STATES = _AWARD_PUBLIC | {"posted", "bidding", "docking", "reviewing", "shortlisted", "no_bid"}
"""States of which everybody who sees a task may know when they began."""
_RANKED = _AWARD_PUBLIC | {"reviewing", "shortlisted", "no_bid"}


def summary(session: Session, row: BountyRow, principal: Principal) -> dict[str, Any]:
    """A task in a list; it names its need only to whoever reads that in full.

    The task names its owner, which a masked need must not.
    """
    owner = session.get(OrganisationRow, row.owner_id) if row.owner_id else None
    need = session.get(ListingRow, (Kind.NEED, row.need_id))
    known = need is not None and Reader(session, principal).sight(need) is Sight.FULL
    return {
        **row.model_dump(exclude={"owner_id", "created_by", "invited"}),
        "need_id": row.need_id if known else None,
        "mode_zh": MODES[row.mode].label_zh,
        "state_zh": state_names(BountyFlow)[row.state],
        "owner": owner.name if owner else "",
    }


def whole(session: Session, row: BountyRow, principal: Principal) -> dict[str, Any]:
    """A task with everything that `principal` may know of it."""
    side = tasks.party(row, principal)
    shown = summary(session, row, principal)
    shown["steps"] = steps_json(open_steps(BountyFlow, row, side))
    shown["bidding_open"] = bidding.is_open(row)
    shown["reviewing_it"] = reviewers.is_reviewer(session, row.id, principal.user_id)
    bids = bidding.bids_of(session, row.id, withdrawn=True)
    seen = [bid for bid in bids if bidding.may_see(session, principal, row, bid)]
    shown["bids"] = [bidding.present(session, bid) for bid in seen]
    shown["bid_count"] = sum(not bid.withdrawn for bid in bids) if bidding.is_closed(row) else None
    if row.state in _AWARD_PUBLIC:
        shown["winners"] = [
            {"organisation": bid["organisation"], "price_wan": bid["price_wan"]}
            for bid in (bidding.present(session, b) for b in bids if b.awarded)
        ]
    if side is not None:
        shown["invited"] = row.invited
        shown["contracts"] = [
            contracts.present(session, contract)
            for contract in contracts.of_bounty(session, row.id)
        ]
    # whoever decides reads the ranking as it grows, the owner once it is settled
    if row.state in _RANKED and (side is Party.DESK or (side and row.state != "reviewing")):
        shown["ranking"] = [
            reviewing.present_standing(session, line) for line in reviewing.ranking(session, row)
        ]
    shown["objections"] = [notice.present(o) for o in notice.objections(session, row.id)]
    if principal.role in HOUSE:
        shown["reviewers"] = _reviewers(session, row)
        shown["reviews"] = [
            reviewing.present(row, review)
            for bid in bids
            for review in reviewing.counted(session, row, bid)
        ]
    return shown


def seen_bid(session: Session, id_: str, principal: Principal) -> tuple[BidRow, BountyRow]:
    """A bid and its task; raises NotFoundError, the same for one that may not be seen."""
    bid = bidding.get(session, id_)
    bounty = tasks.get(session, bid.bounty_id)
    if not bidding.may_see(session, principal, bounty, bid):
        raise bidding.unknown(id_)
    return bid, bounty


def _reviewers(session: Session, row: BountyRow) -> list[dict[str, Any]]:
    declared = reviewers.conflicts(session, row.id)
    return [
        {
            "login": user.login,
            "name": user.name,
            "excluded": reviewers.own_interest(session, row, user),
            "conflicts": [
                {"bid_id": c.bid_id, "reason": c.reason} for c in declared if c.user_id == user.id
            ],
        }
        for user in reviewers.of(session, row.id)
    ]
