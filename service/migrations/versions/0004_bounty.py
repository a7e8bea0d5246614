"""bounty: tasks, bids, reviews, contracts, offers to takers; stances, cases and to-dos of the desk

Revision: 0004, after 0003
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable, primary_key=key)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _whole(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[Any]:
    return sa.Column(
        name,
        sa.Integer(),
        nullable=nullable,
        primary_key=key,
        autoincrement=False if key else "auto",
    )


def _amount(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Float(), nullable=nullable)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _flag(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=nullable)


def _to(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"])


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    """Apply the revision."""
    _create_tasks()
    _create_reviews()
    _create_contracts()
    _create_offers()
    _create_desk()


def _create_tasks() -> None:
    op.create_table(
        "bounty",
        _text("id", key=True),
        _text("need_id"),
        _text("title"),
        _text("brief"),
        _text("mode"),
        _text("state"),
        _whole("version"),
        _text("owner_id", nullable=True),
        _text("created_by", nullable=True),
        _json("invited"),
        _amount("reward_wan", nullable=True),
        _moment("posted_at", nullable=True),
        _moment("bid_until", nullable=True),
        _moment("notice_until", nullable=True),
        _json("criteria"),
        _moment("created_at"),
        _moment("updated_at"),
        _to("organisation", "owner_id"),
        _to("user", "created_by"),
    )
    _index("bounty", "need_id", "state", "owner_id")
    op.create_table(
        "bid",
        _text("id", key=True),
        _text("bounty_id"),
        _text("organisation_id"),
        _text("created_by"),
        _whole("version"),
        _text("plan"),
        _json("indicators"),
        _amount("price_wan"),
        _whole("term_months"),
        _text("ip_ownership"),
        _text("team"),
        _flag("withdrawn"),
        _flag("shortlisted"),
        _flag("awarded"),
        _moment("created_at"),
        _moment("updated_at"),
        _to("bounty", "bounty_id"),
        _to("organisation", "organisation_id"),
        _to("user", "created_by"),
        sa.UniqueConstraint("bounty_id", "organisation_id"),
    )
    _index("bid", "bounty_id", "organisation_id")


def _create_reviews() -> None:
    op.create_table(
        "bounty_reviewer",
        _text("bounty_id", key=True),
        _text("user_id", key=True),
        _text("assigned_by"),
        _moment("assigned_at"),
        _to("bounty", "bounty_id"),
        _to("user", "user_id"),
        _to("user", "assigned_by"),
    )
    op.create_table(
        "bounty_conflict",
        _text("bounty_id", key=True),
        _text("user_id", key=True),
        _text("bid_id", key=True),
        _text("reason"),
        _moment("at"),
        _to("bounty", "bounty_id"),
        _to("user", "user_id"),
    )
    op.create_table(
        "bid_review",
        _text("bid_id", key=True),
        _text("user_id", key=True),
        _whole("version"),
        _json("scores"),
        _flag("advance"),
        _text("comment"),
        _moment("at"),
        _to("bid", "bid_id"),
        _to("user", "user_id"),
    )
    op.create_table(
        "bounty_objection",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("bounty_id"),
        _text("user_id"),
        _text("text"),
        _moment("at"),
        _text("answer"),
        _text("answered_by", nullable=True),
        _moment("answered_at", nullable=True),
        _to("bounty", "bounty_id"),
        _to("user", "user_id"),
        _to("user", "answered_by"),
    )
    _index("bounty_objection", "bounty_id")


def _create_contracts() -> None:
    op.create_table(
        "contract",
        _text("id", key=True),
        _text("subject_kind"),
        _text("subject_id"),
        _text("bounty_id", nullable=True),
        _text("kind"),
        _text("number"),
        _text("registration"),
        _amount("amount_wan"),
        _amount("technology_wan", nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=False),
        _text("created_by"),
        _moment("created_at"),
        _to("bounty", "bounty_id"),
        _to("user", "created_by"),
        sa.UniqueConstraint("subject_kind", "subject_id"),
    )
    _index("contract", "bounty_id")
    op.create_table(
        "milestone",
        _text("contract_id", key=True),
        _whole("position", key=True),
        _text("name"),
        sa.Column("due", sa.Date(), nullable=False),
        _amount("amount_wan"),
        _flag("passed", nullable=True),
        _text("note"),
        _text("decided_by", nullable=True),
        _moment("decided_at", nullable=True),
        _to("contract", "contract_id"),
        _to("user", "decided_by"),
    )


def _create_offers() -> None:
    op.create_table(
        "offer",
        _text("id", key=True),
        _text("achievement_id"),
        _text("title"),
        _text("brief"),
        _text("state"),
        _whole("version"),
        _text("owner_id", nullable=True),
        _text("created_by", nullable=True),
        _amount("price_wan", nullable=True),
        _whole("trial_months", nullable=True),
        _text("trial_trigger"),
        _moment("created_at"),
        _moment("updated_at"),
        _to("organisation", "owner_id"),
        _to("user", "created_by"),
    )
    _index("offer", "achievement_id", "state", "owner_id")
    op.create_table(
        "take",
        _text("id", key=True),
        _text("offer_id"),
        _text("organisation_id"),
        _text("created_by"),
        _text("state"),
        _whole("version"),
        _text("message"),
        _whole("trial_months", nullable=True),
        _text("trial_trigger"),
        sa.Column("trial_until", sa.Date(), nullable=True),
        _amount("price_wan", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
        _to("offer", "offer_id"),
        _to("organisation", "organisation_id"),
        _to("user", "created_by"),
        sa.UniqueConstraint("offer_id", "organisation_id"),
    )
    _index("take", "offer_id", "organisation_id")


def _create_desk() -> None:
    op.create_table(
        "stance",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("need_id"),
        _text("achievement_id"),
        _text("side"),
        _flag("interested"),
        _text("reason_code", nullable=True),
        _text("note"),
        _text("user_id"),
        _whole("version"),
        _moment("at"),
        _to("user", "user_id"),
        sa.UniqueConstraint("need_id", "achievement_id", "side"),
    )
    _index("stance", "need_id", "achievement_id")
    op.create_table(
        "broker_case",
        _text("id", key=True),
        _text("need_id"),
        _text("achievement_id"),
        _text("state"),
        _whole("version"),
        _text("manager_id", nullable=True),
        _text("lost_reason", nullable=True),
        _text("summary"),
        _text("created_by"),
        _moment("created_at"),
        _moment("updated_at"),
        _to("user", "manager_id"),
        _to("user", "created_by"),
        sa.UniqueConstraint("need_id", "achievement_id"),
    )
    _index("broker_case", "need_id", "achievement_id", "state", "manager_id")
    op.create_table(
        "todo",
        _text("id", key=True),
        _text("case_id"),
        _text("user_id"),
        _text("text"),
        sa.Column("due", sa.Date(), nullable=False),
        _whole("version"),
        _moment("done_at", nullable=True),
        _moment("reminded_at", nullable=True),
        _moment("created_at"),
        _to("broker_case", "case_id"),
        _to("user", "user_id"),
    )
    _index("todo", "case_id", "user_id")


def downgrade() -> None:
    """Undo the revision."""
    for table in ("todo", "broker_case", "stance", "take", "offer", "milestone", "contract"):
        op.drop_table(table)
    for table in ("bounty_objection", "bid_review", "bounty_conflict", "bounty_reviewer"):
        op.drop_table(table)
    for table in ("bid", "bounty"):
        op.drop_table(table)
