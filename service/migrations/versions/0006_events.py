"""events: rosters, schedules, meetings, outcomes

Revision: 0006, after 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("slot_minutes", sa.Integer(), nullable=False),
        sa.Column("days", sa.JSON(), nullable=False),
        sa.Column("tables", sa.JSON(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("schedule_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_event_state", "event", ["state"])

    op.create_table(
        "event_party",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=True),
        sa.Column("org_type", sa.String(), nullable=False),
        sa.Column("region_code", sa.String(), nullable=False),
        sa.Column("small", sa.Boolean(), nullable=False),
        sa.Column("max_meetings", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "name"),
    )
    op.create_index("ix_event_party_event_id", "event_party", ["event_id"])
    op.create_index("ix_event_party_organisation_id", "event_party", ["organisation_id"])

    op.create_table(
        "event_schedule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event_version", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_event_schedule_event_id", "event_schedule", ["event_id"])

    op.create_table(
        "event_attendee",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("free", sa.JSON(), nullable=True),
        sa.Column("away", sa.JSON(), nullable=True),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
        sa.ForeignKeyConstraint(["party_id"], ["event_party.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
        sa.UniqueConstraint("party_id", "name"),
    )
    op.create_index("ix_event_attendee_event_id", "event_attendee", ["event_id"])
    op.create_index("ix_event_attendee_party_id", "event_attendee", ["party_id"])

    op.create_table(
        "event_entry",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("listing_id", sa.String(), nullable=False),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("max_meetings", sa.Integer(), nullable=True),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
        sa.ForeignKeyConstraint(["party_id"], ["event_party.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("event_id", "kind", "listing_id"),
    )
    op.create_index("ix_event_entry_event_id", "event_entry", ["event_id"])
    op.create_index("ix_event_entry_party_id", "event_entry", ["party_id"])

    op.create_table(
        "event_candidate",
        sa.Column("need_entry", sa.String(), nullable=False),
        sa.Column("achievement_entry", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["achievement_entry"], ["event_entry.id"]),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
        sa.ForeignKeyConstraint(["need_entry"], ["event_entry.id"]),
        sa.PrimaryKeyConstraint("need_entry", "achievement_entry"),
    )
    op.create_index("ix_event_candidate_event_id", "event_candidate", ["event_id"])

    op.create_table(
        "event_meeting",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("need_entry", sa.String(), nullable=False),
        sa.Column("achievement_entry", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("table", sa.String(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["achievement_entry"], ["event_entry.id"]),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
        sa.ForeignKeyConstraint(["need_entry"], ["event_entry.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("need_entry", "achievement_entry"),
    )
    op.create_index("ix_event_meeting_slot", "event_meeting", ["event_id", "slot"])

    op.create_table(
        "event_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("need_entry", sa.String(), nullable=False),
        sa.Column("achievement_entry", sa.String(), nullable=False),
        sa.Column("order", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=True),
        sa.Column("table", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["achievement_entry"], ["event_entry.id"]),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
        sa.ForeignKeyConstraint(["need_entry"], ["event_entry.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("need_entry", "achievement_entry"),
    )
    op.create_index("ix_event_order_event_id", "event_order", ["event_id"])

    op.create_table(
        "event_wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("need_entry", sa.String(), nullable=False),
        sa.Column("achievement_entry", sa.String(), nullable=False),
        sa.Column("wish", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["achievement_entry"], ["event_entry.id"]),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"]),
        sa.ForeignKeyConstraint(["need_entry"], ["event_entry.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("need_entry", "achievement_entry", "side"),
    )
    op.create_index("ix_event_wish_event_id", "event_wish", ["event_id"])

    op.create_table(
        "event_follow_up",
        sa.Column("meeting_id", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["event_meeting.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("meeting_id", "days"),
    )
    op.create_table(
        "event_outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("interested", sa.Boolean(), nullable=True),
        sa.Column("follow_up", sa.Boolean(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("attendee_id", sa.String(), nullable=True),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attendee_id"], ["event_attendee.id"]),
        sa.ForeignKeyConstraint(["meeting_id"], ["event_meeting.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("meeting_id", "side"),
    )
    op.create_index("ix_event_outcome_meeting_id", "event_outcome", ["meeting_id"])


def downgrade() -> None:
    """Undo the revision."""
    op.drop_table("event_outcome")
    op.drop_table("event_follow_up")
    op.drop_table("event_wish")
    op.drop_table("event_order")
    op.drop_table("event_meeting")
    op.drop_table("event_candidate")
    op.drop_table("event_entry")
    op.drop_table("event_attendee")
    op.drop_table("event_schedule")
    op.drop_table("event_party")
    op.drop_table("event")
