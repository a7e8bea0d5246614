"""lifecycle: history of transitions, earlier versions, moments of listings, disclosure

Revision: 0003, after 0002
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

from service.migrations.append_only import drop_append_only, make_append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_MOMENTS = ("published_at", "confirmed_at", "expires_at", "reminded_at")
_HALL = ["kind", "status", "disclosure", "confirmed_at", "published_at", "updated_at", "id"]


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "transition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("entity_kind", sa.String(), nullable=False),
        sa.Column("entity_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=True),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_transition_entity", "transition", ["entity_kind", "entity_id", "id"])
    make_append_only("transition")
    _create_tables()
    with op.batch_alter_table("listing") as batch:
        batch.add_column(
            sa.Column("disclosure", sa.String(), nullable=False, server_default="public")
        )
        batch.add_column(sa.Column("named", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("mask", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("mask_text", sa.String(), nullable=False, server_default=""))
        for name in _MOMENTS:
            batch.add_column(sa.Column(name, _MOMENT, nullable=True))
        batch.create_index("ix_listing_expires_at", ["expires_at"])
        batch.create_index("ix_listing_hall", _HALL)
    _shut_what_was_not_public()


def _create_tables() -> None:
    op.create_table(
        "listing_version",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("listing_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "listing_id", "version"),
    )
    op.create_table(
        "consent",
        sa.Column("need_id", sa.String(), nullable=False),
        sa.Column("achievement_id", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("need_id", "achievement_id", "side"),
    )
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("listing_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=True),
        sa.Column("route", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_disclosure_listing", "disclosure", ["kind", "listing_id", "user_id"])
    make_append_only("disclosure")
    op.create_table(
        "inbox",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("listing_id", sa.String(), nullable=False),
        sa.Column("other_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("read_at", _MOMENT, nullable=True),
        sa.Column("mailed_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("kind", "listing_id", "other_id"),
    )
    op.create_index("ix_inbox_organisation", "inbox", ["organisation_id", "at"])
    op.create_table(
        "follower",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _shut_what_was_not_public() -> None:
    """Records that asked for another tier before there were tiers: only brokers see them until
    their owners or the house write them anew, which makes their masks."""
    listing = sa.table(
        "listing",
        sa.column("kind", sa.String()),
        sa.column("id", sa.String()),
        sa.column("record", sa.JSON()),
        sa.column("disclosure", sa.String()),
    )
    connection = op.get_bind()
    # index snapshots of before must not serve what is shut now
    op.execute(sa.text("UPDATE head SET database_id = :id").bindparams(id=uuid.uuid4().hex))
    for kind, id_, record in connection.execute(
        sa.select(listing.c.kind, listing.c.id, listing.c.record)
    ).all():
        if record.get("disclosure", "public") != "public":
            connection.execute(
                sa.update(listing)
                .where(listing.c.kind == kind, listing.c.id == id_)
                .values(disclosure="broker_only")
            )


def downgrade() -> None:
    """Undo the revision."""
    with op.batch_alter_table("listing") as batch:
        batch.drop_index("ix_listing_expires_at")
        batch.drop_index("ix_listing_hall")
        for name in ("disclosure", "named", "mask", "mask_text", *_MOMENTS):
            batch.drop_column(name)
    drop_append_only("disclosure")
    op.drop_table("follower")
    op.drop_table("inbox")
    op.drop_table("consent")
    op.drop_table("listing_version")
    drop_append_only("transition")
