"""Who reviews the bids of a task, and who must not."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from service.access import Principal
from service.accounts.tables import State, UserRow
from service.bounty.inputs import ConflictIn
from service.bounty.tables import BidRow, BountyRow, ConflictRow, ReviewerRow, ReviewRow
from service.errors import ConflictError, ForbiddenError, InvalidRecordError, NotFoundError

ASSIGNABLE = frozenset(("posted", "bidding", "docking", "reviewing"))


def of(session: Session, bounty_id: str) -> list[UserRow]:
    """The people who were asked to review, by login."""
    return list(
        session.exec(
            select(UserRow)
            .join(ReviewerRow, col(ReviewerRow.user_id) == UserRow.id)
            .where(ReviewerRow.bounty_id == bounty_id)
            .order_by(UserRow.login)
        )
    )


def assign(
    session: Session, bounty: BountyRow, logins: Sequence[str], principal: Principal
) -> list[UserRow]:
    """Make `logins` the reviewers of a task; who has reviewed already stays.

    Raises InvalidRecordError for unknown people and those of the owner or of a bidder.
    """
    if bounty.state not in ASSIGNABLE:
        raise ConflictError("这个阶段不能指定评审人", cure="在发榜之后、评榜结束之前指定")
    wanted = {login.strip().lower() for login in logins}
    query = select(UserRow).where(
        col(UserRow.login).in_(wanted), UserRow.state == State.APPROVED.value
    )
    found = {user.login: user for user in session.exec(query)}
    if missing := sorted(wanted - set(found)):
        raise InvalidRecordError(f"没有这些用户：{'、'.join(missing)}", cure="核对邮箱")
    for user in found.values():
        if reason := own_interest(session, bounty, user):
            raise InvalidRecordError(f"{user.login} 不能评审：{reason}", cure="换一位评审人")
    ids = {user.id for user in found.values()}
    busy = _who_reviewed(session, bounty.id)
    for row in session.exec(select(ReviewerRow).where(ReviewerRow.bounty_id == bounty.id)):
        if row.user_id not in ids and row.user_id not in busy:
            session.delete(row)
        ids.discard(row.user_id)
    for id_ in sorted(ids):
        session.add(ReviewerRow(bounty_id=bounty.id, user_id=id_, assigned_by=principal.user_id))
    session.flush()
    return of(session, bounty.id)


def assigned_to(user_id: str) -> SelectOfScalar[str]:
    """The query for the ids of the tasks that a user was asked to review."""
    return select(ReviewerRow.bounty_id).where(ReviewerRow.user_id == user_id)


def own_interest(session: Session, bounty: BountyRow, user: UserRow) -> str | None:
    """Why a user is excluded from a task by the organisation they work for, or None."""
    if user.organisation_id is None:
        return None
    if user.organisation_id == bounty.owner_id:
        return "属于发榜单位"
    bids = session.exec(
        select(BidRow.organisation_id).where(
            BidRow.bounty_id == bounty.id, col(BidRow.withdrawn).is_(False)
        )
    )
    if user.organisation_id in {*bids, *bounty.invited}:
        return "属于揭榜单位"
    return None


def declare(
    session: Session, bounty: BountyRow, asked: ConflictIn, principal: Principal
) -> ConflictRow:
    """Declare a conflict of one's own; what one has scored in its range counts no longer."""
    if not is_reviewer(session, bounty.id, principal.user_id):
        raise ForbiddenError("只有本榜的评审人可以申报回避", cure="核对榜单")
    if asked.bid_id:
        bid = session.get(BidRow, asked.bid_id)
        if bid is None or bid.bounty_id != bounty.id:
            raise NotFoundError("本榜没有这个揭榜方案", cure="核对方案编号")
    key = (bounty.id, principal.user_id, asked.bid_id)
    row = session.get(ConflictRow, key) or ConflictRow(
        bounty_id=bounty.id, user_id=principal.user_id, bid_id=asked.bid_id, reason=asked.reason
    )
    row.reason = asked.reason
    session.add(row)
    return row


def conflicts(session: Session, bounty_id: str) -> list[ConflictRow]:
    """The declared conflicts of a task."""
    query = select(ConflictRow).where(ConflictRow.bounty_id == bounty_id)
    return list(session.exec(query.order_by(col(ConflictRow.at), ConflictRow.user_id)))


def is_reviewer(session: Session, bounty_id: str, user_id: str) -> bool:
    """Whether a user was asked to review a task."""
    return bool(user_id) and session.get(ReviewerRow, (bounty_id, user_id)) is not None


def excluded(session: Session, bounty: BountyRow, bid: BidRow, user_id: str) -> str | None:
    """Why a user may not review, nor read, a bid; None where they may."""
    user = session.get(UserRow, user_id) if user_id else None
    if user is None or not is_reviewer(session, bounty.id, user_id):
        return "没有被指定为评审人"
    if reason := own_interest(session, bounty, user):
        return reason
    for bid_id in ("", bid.id):
        if session.get(ConflictRow, (bounty.id, user_id, bid_id)) is not None:
            return "已申报回避"
    return None


def _who_reviewed(session: Session, bounty_id: str) -> set[str]:
    query = (
        select(ReviewRow.user_id)
        .join(BidRow, col(BidRow.id) == ReviewRow.bid_id)
        .where(BidRow.bounty_id == bounty_id)
    )
    return set(session.exec(query))
