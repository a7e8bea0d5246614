"""Scores and votes of reviewers, and the ranking of bids that follows from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from service.access import Principal
from service.bounty import bidding, reviewers
from service.bounty.inputs import ReviewIn
from service.bounty.tables import BidRow, BountyRow, ReviewRow
from service.errors import ConflictError, FieldProblem, ForbiddenError, InvalidRecordError
from service.tables import now
from service.versions import require_version

_DECIMALS = 2


@dataclass(frozen=True)
class Standing:
    """Where a bid stands: rank from 1, mean of the reviewers' weighted points, votes for it.

    `rank` and `points` are None while nobody who counts has reviewed it.
    """

    bid: BidRow
    rank: int | None
    points: float | None
    reviews: int
    votes: int


def points(criteria: Sequence[dict[str, Any]], scores: dict[str, float]) -> float:
    """The weighted points (0 to 100) of one review; the weights sum to 100."""
    total = sum(criterion["weight"] * scores[criterion["code"]] for criterion in criteria)
    return float(round(total / 100, _DECIMALS))


def put(
    session: Session, bounty: BountyRow, bid: BidRow, asked: ReviewIn, principal: Principal
) -> ReviewRow:
    """Store or change one's review of a bid, with the task locked.

    Raises ConflictError outside the review, ForbiddenError for those who are excluded, and
    InvalidRecordError where the scores are not those of the task's criteria.
    """
    session.refresh(bounty, with_for_update=True)
    if bounty.state != "reviewing":
        raise ConflictError("现在不在评榜阶段", cure="评榜开始后再打分，结束后不能再改")
    if reason := reviewers.excluded(session, bounty, bid, principal.user_id):
        raise ForbiddenError(f"不能评审这个方案：{reason}", cure="由其他评审人打分")
    _require_criteria(bounty, asked)
    row = session.get(ReviewRow, (bid.id, principal.user_id))
    if row is None:
        if asked.version is not None:
            raise ConflictError("还没有打过分", cure="第一次打分时不要带 version")
        row = ReviewRow(
            bid_id=bid.id,
            user_id=principal.user_id,
            **asked.model_dump(exclude={"version"}),
        )
    else:
        stored = row
        require_version(session, row, asked.version, lambda: present(bounty, stored))
        row.scores, row.advance, row.comment = asked.scores, asked.advance, asked.comment
        row.version, row.at = row.version + 1, now()
    session.add(row)
    return row


def own(session: Session, bid_id: str, user_id: str) -> ReviewRow | None:
    """The review that a user gave a bid."""
    return session.get(ReviewRow, (bid_id, user_id)) if user_id else None


def counted(session: Session, bounty: BountyRow, bid: BidRow) -> list[ReviewRow]:
    """The reviews of a bid by people who are not excluded from it."""
    rows = session.exec(
        select(ReviewRow).where(ReviewRow.bid_id == bid.id).order_by(col(ReviewRow.user_id))
    )
    return [r for r in rows if reviewers.excluded(session, bounty, bid, r.user_id) is None]


def ranking(session: Session, bounty: BountyRow) -> list[Standing]:
    """The bids by mean points, then share of votes, then the earlier id; unreviewed ones last.

    Equal points and votes give equal ranks: which of them goes on is for people to say.
    """
    found = []
    for bid in bidding.bids_of(session, bounty.id):
        reviews = counted(session, bounty, bid)
        given = [points(bounty.criteria, review.scores) for review in reviews]
        mean = round(sum(given) / len(given), _DECIMALS) if given else None
        found.append((bid, mean, len(reviews), sum(review.advance for review in reviews)))

    def order(item: tuple[BidRow, float | None, int, int]) -> tuple[float, float]:
        _, mean, reviews, votes = item
        return (-mean, -votes / reviews) if mean is not None else (1.0, 0.0)

    found.sort(key=lambda item: (*order(item), item[0].id))
    keys = [order(item) for item in found]
    return [
        Standing(bid, None if mean is None else keys.index(order(item)) + 1, mean, reviews, votes)
        for item in found
        for bid, mean, reviews, votes in (item,)
    ]


def present(bounty: BountyRow, row: ReviewRow) -> dict[str, Any]:
    """A review as JSON."""
    return {
        "bid_id": row.bid_id,
        "reviewer_id": row.user_id,
        "scores": row.scores,
        "points": points(bounty.criteria, row.scores),
        "advance": row.advance,
        "comment": row.comment,
        "version": row.version,
        "at": row.at,
    }


def present_standing(session: Session, standing: Standing) -> dict[str, Any]:
    """A line of the ranking as JSON."""
    shown = bidding.present(session, standing.bid)
    names = ("id", "organisation", "price_wan", "term_months", "shortlisted", "awarded")
    return {
        "rank": standing.rank,
        "points": standing.points,
        "reviews": standing.reviews,
        "votes": standing.votes,
        **{("bid_id" if name == "id" else name): shown[name] for name in names},
    }


def _require_criteria(bounty: BountyRow, asked: ReviewIn) -> None:
    wanted = {criterion["code"]: criterion["label"] for criterion in bounty.criteria}
    problems = [
        FieldProblem(field=f"scores.{code}", problem=f"没有给“{label}”打分", cure="0–100 分")
        for code, label in wanted.items()
        if code not in asked.scores
    ]
    problems += [
        FieldProblem(field=f"scores.{code[:40]}", problem="不是本榜的评审指标")
        for code in asked.scores
        if code not in wanted
    ]
    if problems:
        raise InvalidRecordError(f"{len(problems)} 处打分不对", errors=problems)
