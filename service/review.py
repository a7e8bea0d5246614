"""The queue of records that wait for review, each with its check-up and suspected twins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from corpora.records import NeedRecord
from matcher.checkup import Checkup, check
from matcher.listing import Kind
from service import changes, store
from service.accounts.tables import OrganisationRow
from service.checkup import checkup_row, draft_of
from service.context import Context
from service.db import reading
from service.tables import ListingRow
from service.twins import SHOWN, NamedTwin


@dataclass(frozen=True)
class Waiting:
    """A submitted record. `checkup` is None for achievements, `twins` while their index is built."""

    row: ListingRow
    organisation: str
    checkup: Checkup | None
    twins: tuple[NamedTwin, ...] | None

    def checkup_row(self) -> dict[str, Any] | None:
        """The check-up as JSON."""
        return checkup_row(self.checkup) if self.checkup else None


def queue(ctx: Context, limit: int) -> list[Waiting]:
    """The records that have waited longest."""
    with reading(ctx.engine) as session:
        statement = (
            select(ListingRow, OrganisationRow.name)
            .outerjoin(OrganisationRow, col(OrganisationRow.id) == col(ListingRow.owner_id))
            .where(ListingRow.status == "submitted")
            .order_by(col(ListingRow.updated_at), col(ListingRow.kind), col(ListingRow.id))
        )
        rows = session.exec(statement.limit(limit)).all()
    return [_waiting(ctx, row, name or "") for row, name in rows]


def _waiting(ctx: Context, row: ListingRow, organisation: str) -> Waiting:
    checkup = None
    if row.kind == Kind.NEED:
        record = store.to_record(row)
        checkup = check(draft_of(record)) if isinstance(record, NeedRecord) else None
    book = ctx.replica.twins
    twins = None
    if book.ready():
        listing = changes.to_listing(row)
        # whoever reviews reads every tier, so a confidential twin is named to him too
        found = (*book.twins(listing), *ctx.replica.reserve.twins(listing))
        twins = tuple(t for t in sorted(found, key=_by_similarity) if t.id != row.id)[:SHOWN]
    return Waiting(row, organisation, checkup, twins)


def _by_similarity(twin: NamedTwin) -> tuple[float, str]:
    return -twin.similarity, twin.id
