"""SQL tables of 揭榜挂帅: tasks, bids, reviews, objections, contracts; and offers to takers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from service.accounts.tables import new_key
from service.tables import moment, now


def _json() -> Any:  # noqa: ANN401
    return Column(JSON, nullable=False)


class BountyRow(SQLModel, table=True):
    """A task made from a need; `mode` names a row of `service.bounty.modes.MODES`."""

    __tablename__ = "bounty"

    id: str = Field(default_factory=lambda: new_key("B"), primary_key=True)
    need_id: str = Field(index=True)
    title: str
    brief: str
    """What solvers read: written for the task, so that it says no more than the owner wants to."""
    mode: str
    state: str = Field(default="draft", index=True)
    version: int = 1
    owner_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    created_by: str | None = Field(default=None, foreign_key="user.id")
    invited: list[str] = Field(default_factory=list, sa_column=_json())
    """Ids of the organisations that may bid, where the mode names them."""
    reward_wan: float | None = None
    posted_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    """Since when others than the owner and the house may know of it."""
    bid_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    notice_until: datetime | None = Field(default=None, sa_column=moment(nullable=True))
    criteria: list[dict[str, Any]] = Field(default_factory=list, sa_column=_json())
    """What bids are scored by: code, label, and weight; the weights sum to 100."""
    created_at: datetime = Field(default_factory=now, sa_column=moment())
    updated_at: datetime = Field(default_factory=now, sa_column=moment())


class BidRow(SQLModel, table=True):
    """The one proposal of an organisation for a task."""

    __tablename__ = "bid"
    __table_args__ = (UniqueConstraint("bounty_id", "organisation_id"),)

    id: str = Field(default_factory=lambda: new_key("D"), primary_key=True)
    bounty_id: str = Field(foreign_key="bounty.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    created_by: str = Field(foreign_key="user.id")
    version: int = 1
    plan: str
    indicators: list[dict[str, Any]] = Field(default_factory=list, sa_column=_json())
    price_wan: float
    term_months: int
    ip_ownership: str
    team: str = ""
    withdrawn: bool = False
    shortlisted: bool = False
    awarded: bool = False
    created_at: datetime = Field(default_factory=now, sa_column=moment())
    updated_at: datetime = Field(default_factory=now, sa_column=moment())


class ReviewerRow(SQLModel, table=True):
    """A person who was asked to review the bids of a task."""

    __tablename__ = "bounty_reviewer"

    bounty_id: str = Field(foreign_key="bounty.id", primary_key=True)
    user_id: str = Field(foreign_key="user.id", primary_key=True)
    assigned_by: str = Field(foreign_key="user.id")
    assigned_at: datetime = Field(default_factory=now, sa_column=moment())


class ConflictRow(SQLModel, table=True):
    """A conflict of interest that a reviewer declared; an empty `bid_id` means the whole task."""

    __tablename__ = "bounty_conflict"

    bounty_id: str = Field(foreign_key="bounty.id", primary_key=True)
    user_id: str = Field(foreign_key="user.id", primary_key=True)
    bid_id: str = Field(default="", primary_key=True)
    reason: str
    at: datetime = Field(default_factory=now, sa_column=moment())


class ReviewRow(SQLModel, table=True):
    """What a reviewer says of a bid: points by criterion (0 to 100), and a vote."""

    __tablename__ = "bid_review"

    bid_id: str = Field(foreign_key="bid.id", primary_key=True)
    user_id: str = Field(foreign_key="user.id", primary_key=True)
    version: int = 1
    scores: dict[str, float] = Field(sa_column=_json())
    advance: bool
    comment: str = ""
    at: datetime = Field(default_factory=now, sa_column=moment())


class ObjectionRow(SQLModel, table=True):
    """An objection during the public notice, and its answer."""

    __tablename__ = "bounty_objection"

    id: int | None = Field(default=None, primary_key=True)
    bounty_id: str = Field(foreign_key="bounty.id", index=True)
    user_id: str = Field(foreign_key="user.id")
    text: str
    at: datetime = Field(default_factory=now, sa_column=moment())
    answer: str = ""
    answered_by: str | None = Field(default=None, foreign_key="user.id")
    answered_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class ContractRow(SQLModel, table=True):
    """A technology contract; `subject` is what it came from: a bid, an interest or a case."""

    __tablename__ = "contract"
    __table_args__ = (UniqueConstraint("subject_kind", "subject_id"),)

    id: str = Field(default_factory=lambda: new_key("K"), primary_key=True)
    subject_kind: str
    subject_id: str
    bounty_id: str | None = Field(default=None, foreign_key="bounty.id", index=True)
    kind: str
    number: str = ""
    """The contract's own number."""
    registration: str = ""
    """The number under which it was registered (技术合同登记)."""
    amount_wan: float
    technology_wan: float | None = None
    """核定技术交易额."""
    signed_on: date
    created_by: str = Field(foreign_key="user.id")
    created_at: datetime = Field(default_factory=now, sa_column=moment())


class MilestoneRow(SQLModel, table=True):
    """A part of a contract that is delivered, accepted and paid on its own."""

    __tablename__ = "milestone"

    contract_id: str = Field(foreign_key="contract.id", primary_key=True)
    position: int = Field(primary_key=True)
    name: str
    due: date
    amount_wan: float = 0.0
    passed: bool | None = None
    """The outcome of its acceptance; None while it is open."""
    note: str = ""
    decided_by: str | None = Field(default=None, foreign_key="user.id")
    decided_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class OfferRow(SQLModel, table=True):
    """An achievement that its institute lists for takers (成果找市场)."""

    __tablename__ = "offer"

    id: str = Field(default_factory=lambda: new_key("F"), primary_key=True)
    achievement_id: str = Field(index=True)
    title: str
    brief: str
    state: str = Field(default="posted", index=True)
    version: int = 1
    owner_id: str | None = Field(default=None, foreign_key="organisation.id", index=True)
    created_by: str | None = Field(default=None, foreign_key="user.id")
    price_wan: float | None = None
    """The price asked; None where it is open to talk."""
    trial_months: int | None = None
    """How long it may be used before it is paid (先使用后付费); None without a trial."""
    trial_trigger: str = ""
    """What makes the payment due."""
    created_at: datetime = Field(default_factory=now, sa_column=moment())
    updated_at: datetime = Field(default_factory=now, sa_column=moment())


class TakeRow(SQLModel, table=True):
    """The course of one enterprise with an offer: interest, trial, price, contract."""

    __tablename__ = "take"
    __table_args__ = (UniqueConstraint("offer_id", "organisation_id"),)

    id: str = Field(default_factory=lambda: new_key("I"), primary_key=True)
    offer_id: str = Field(foreign_key="offer.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    created_by: str = Field(foreign_key="user.id")
    state: str = "interest"
    version: int = 1
    message: str = ""
    trial_months: int | None = None
    trial_trigger: str = ""
    trial_until: date | None = None
    price_wan: float | None = None
    created_at: datetime = Field(default_factory=now, sa_column=moment())
    updated_at: datetime = Field(default_factory=now, sa_column=moment())
