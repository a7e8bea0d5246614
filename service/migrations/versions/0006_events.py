"""events: rosters, wishes, orders, schedules, outcomes and follow-ups; words of participants without account

Revision: 0006, after 0005
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _text(name: str, *, nullable: bool = False, key: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable, primary_key=key)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _day(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=False)


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


def _json(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=nullable)


def _flag(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=nullable)


def _to(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"])


def _index(table: str, *columns: str) -> None:
    for column in columns:
        op.create_index(f"ix_{table}_{column}", table, [column])


def upgrade() -> None:
    """Apply the revision."""
    _create_rosters()
    _create_schedules()
    _create_results()
    with _todos_aside(), op.batch_alter_table("broker_case") as batch:
        batch.alter_column("created_by", existing_type=sa.String(), nullable=True)
    with op.batch_alter_table("stance") as batch:
        batch.add_column(_text("event_id", nullable=True))
        batch.alter_column("user_id", existing_type=sa.String(), nullable=True)


@contextmanager
def _todos_aside() -> Iterator[None]:
    """SQLite changes a table by making it anew, which it refuses while rows refer to it."""
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    op.execute("CREATE TEMPORARY TABLE kept_todo AS SELECT * FROM todo")
    op.execute("DELETE FROM todo")
    yield
    op.execute("INSERT INTO todo SELECT * FROM kept_todo")
    op.execute("DROP TABLE kept_todo")


def _create_rosters() -> None:
    op.create_table(
        "event",
        _text("id", key=True),
        _text("name"),
        _text("place"),
        _text("state"),
        _whole("version"),
        _whole("slot_minutes"),
        _json("periods"),
        _json("tables"),
        _json("terms"),
        _text("run_id", nullable=True),
        _text("matching_id", nullable=True),
        _text("roster"),
        _text("salt"),
        _text("created_by", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
        _moment("closed_at", nullable=True),
        _to("batch_run", "run_id"),
        _to("batch_run", "matching_id"),
        _to("user", "created_by"),
    )
    _index("event", "state")
    op.create_table(
        "event_party",
        _text("id", key=True),
        _text("event_id"),
        _text("organisation_id", nullable=True),
        _text("name"),
        _text("uscc"),
        _text("org_type"),
        _text("region_code"),
        _flag("small"),
        _whole("max_meetings", nullable=True),
        _whole("version"),
        _to("event", "event_id"),
        _to("organisation", "organisation_id"),
        sa.UniqueConstraint("event_id", "name"),
    )
    _index("event_party", "event_id")
    op.create_table(
        "event_attendee",
        _text("id", key=True),
        _text("event_id"),
        _text("party_id"),
        _text("name"),
        _text("mail"),
        _json("free", nullable=True),
        _json("away"),
        _text("digest", nullable=True),
        _moment("invited_at", nullable=True),
        _moment("opened_at", nullable=True),
        _flag("coming", nullable=True),
        _moment("reminded_at", nullable=True),
        _moment("checked_in_at", nullable=True),
        _whole("version"),
        _to("event", "event_id"),
        _to("event_party", "party_id"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("party_id", "name"),
    )
    _index("event_attendee", "event_id", "party_id")
    op.create_table(
        "event_entry",
        _text("event_id", key=True),
        _text("kind", key=True),
        _text("listing_id", key=True),
        _text("party_id"),
        _json("people"),
        _amount("priority"),
        _whole("max_meetings", nullable=True),
        _to("event", "event_id"),
        _to("event_party", "party_id"),
    )
    _index("event_entry", "party_id")


def _create_schedules() -> None:
    op.create_table(
        "event_wish",
        _text("event_id", key=True),
        _text("need_id", key=True),
        _text("achievement_id", key=True),
        _text("side", key=True),
        _text("wish"),
        _text("attendee_id", nullable=True),
        _text("user_id", nullable=True),
        _moment("at"),
        _to("event", "event_id"),
        _to("event_attendee", "attendee_id"),
        _to("user", "user_id"),
    )
    op.create_table(
        "event_order",
        sa.Column("id", sa.Integer(), primary_key=True),
        _text("event_id"),
        _text("need_id"),
        _text("achievement_id"),
        _text("op"),
        _text("slot", nullable=True),
        _text("table_id", nullable=True),
        _text("user_id"),
        _moment("at"),
        _to("event", "event_id"),
        _to("user", "user_id"),
        sa.UniqueConstraint("event_id", "need_id", "achievement_id"),
    )
    _index("event_order", "event_id")
    op.create_table(
        "event_schedule",
        _text("id", key=True),
        _text("event_id"),
        _whole("number"),
        _text("state"),
        _text("told"),
        _moment("deadline"),
        _json("problem"),
        _text("previous", nullable=True),
        _json("schedule", nullable=True),
        _text("created_by", nullable=True),
        _moment("created_at"),
        _moment("published_at", nullable=True),
        _to("event", "event_id"),
        _to("user", "created_by"),
        sa.UniqueConstraint("event_id", "number"),
    )
    _index("event_schedule", "event_id")


def _create_results() -> None:
    op.create_table(
        "event_outcome",
        _text("event_id", key=True),
        _text("need_id", key=True),
        _text("achievement_id", key=True),
        _text("side", key=True),
        _flag("met"),
        _flag("interested", nullable=True),
        _flag("follow_up"),
        _text("reason_code", nullable=True),
        _text("note"),
        _text("attendee_id", nullable=True),
        _text("user_id", nullable=True),
        _whole("version"),
        _moment("at"),
        _to("event", "event_id"),
        _to("event_attendee", "attendee_id"),
        _to("user", "user_id"),
    )
    op.create_table(
        "event_follow_up",
        _text("event_id", key=True),
        _text("need_id", key=True),
        _text("achievement_id", key=True),
        _whole("days", key=True),
        _day("due"),
        _text("result"),
        _amount("amount_wan", nullable=True),
        _text("note"),
        _text("user_id", nullable=True),
        _whole("version"),
        _moment("done_at", nullable=True),
        _moment("reminded_at", nullable=True),
        _to("event", "event_id"),
        _to("user", "user_id"),
    )


def downgrade() -> None:
    """Undo the revision; what participants without account said of pairs is lost."""
    op.execute("DELETE FROM stance WHERE user_id IS NULL")
    with op.batch_alter_table("stance") as batch:
        batch.alter_column("user_id", existing_type=sa.String(), nullable=False)
        batch.drop_column("event_id")
    nameless = "SELECT id FROM broker_case WHERE created_by IS NULL"
    op.execute(f"DELETE FROM todo WHERE case_id IN ({nameless})")
    op.execute("DELETE FROM broker_case WHERE created_by IS NULL")
    with _todos_aside(), op.batch_alter_table("broker_case") as batch:
        batch.alter_column("created_by", existing_type=sa.String(), nullable=False)
    for table in (
        "event_follow_up",
        "event_outcome",
        "event_schedule",
        "event_order",
        "event_wish",
        "event_entry",
        "event_attendee",
        "event_party",
        "event",
    ):
        op.drop_table(table)
