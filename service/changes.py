"""The change log: numbers that commit in order, written in the caller's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import ColumnElement, Engine, and_
from sqlalchemy import update as sql_update
from sqlmodel import Session, col, func, select

from matcher.index import Change, Op
from matcher.listing import Facets, Kind, Listing
from service.db import reading, writing
from service.tables import ChangeRow, HeadRow, ListingRow, Tier


def take(session: Session, count: int) -> range:
    """The next `count` numbers of the log, which nobody else gets.

    Call it last before the rows are written: on PostgreSQL it locks the counter row until the
    transaction ends.
    """
    statement = sql_update(HeadRow).values(n=HeadRow.n + count).returning(col(HeadRow.n))
    last = session.execute(statement).scalar_one()
    return range(last - count + 1, last + 1)


def record(session: Session, seq: int, kind: Kind, listing_id: str, op: Op) -> None:
    """Log one change under a number from `take`."""
    session.add(ChangeRow(seq=seq, kind=kind, listing_id=listing_id, op=op))


def head(session: Session) -> HeadRow:
    """The counter row; raises NoResultFound on a database without schema data."""
    return session.exec(select(HeadRow)).one()


def ensure_head(engine: Engine, *, renew: bool = False) -> None:
    """Create the counter row, or give a restored database an identity of its own.

    A new identity makes every index snapshot of the former content invalid.
    """
    with writing(engine) as session:
        row = session.get(HeadRow, 1)
        if row is None:
            session.add(HeadRow(n=0, database_id=uuid.uuid4().hex))
        elif renew:
            row.database_id = uuid.uuid4().hex
            session.add(row)


class Shelf(StrEnum):
    """Where a published listing is kept for matching.

    The index holds public ones only, so that nothing confidential can show in its statistics, its
    size or its feedback. The others compete as guests, for those who may know of them.
    """

    OPEN = "open"
    RESERVED = "reserved"

    def holds(self, row: ListingRow) -> bool:
        """Whether a row stands here."""
        public = row.disclosure == Tier.PUBLIC
        return row.status == "published" and public == (self is Shelf.OPEN)

    @property
    def condition(self) -> ColumnElement[bool]:
        """`holds` in SQL, by the tiers themselves, which an index can look up."""
        tiers = [t.value for t in Tier if (t is Tier.PUBLIC) == (self is Shelf.OPEN)]
        return and_(col(ListingRow.status) == "published", col(ListingRow.disclosure).in_(tiers))


def to_listing(row: ListingRow) -> Listing:
    """The listing that is matched for a row: its full text, with the facets that others may know."""
    stated = row.mask if row.mask is not None else row.record
    return Listing(
        id=row.id,
        kind=Kind(row.kind),
        title=row.title,
        body=row.body,
        facets=Facets(
            chain=row.chain,
            region=row.region,
            trl_low=row.trl_low,
            trl_high=row.trl_high,
            money_low=row.money_low,
            money_high=row.money_high,
            coop_modes=tuple(mode for mode in row.coop_modes.split("|") if mode),
            status=row.status,
            ownership=stated.get("ip_ownership"),
            term_months=stated.get("duration_months"),
            price_mode="negotiable" if stated.get("negotiable") else stated.get("price_mode"),
            org=stated.get("org"),
        ),
    )


def read_after(
    session: Session, seq: int, limit: int = 5000, shelf: Shelf = Shelf.OPEN
) -> list[Change]:
    """Changes with numbers above `seq`, in order, with the listing as it is now.

    One that does not stand on the shelf is a deletion. A listing that was changed again, withdrawn
    or deleted since then comes as its latest state;
    applying the log in order ends in the same index.
    """
    statement = select(ChangeRow).where(ChangeRow.seq > seq).order_by(col(ChangeRow.seq))
    rows = session.exec(statement.limit(limit)).all()
    current: dict[tuple[str, str], ListingRow] = {}
    for kind in Kind:
        ids = [row.listing_id for row in rows if row.kind == kind]
        for part in chunks(ids):
            found = session.exec(
                select(ListingRow).where(ListingRow.kind == kind, col(ListingRow.id).in_(part))
            )
            current.update({(kind, row.id): row for row in found})
    return [_change(row, current.get((row.kind, row.listing_id)), shelf) for row in rows]


def published(session: Session, kind: Kind, shelf: Shelf = Shelf.OPEN) -> list[Listing]:
    """Every published listing of `kind` on a shelf, by id."""
    statement = (
        select(ListingRow)
        .where(ListingRow.kind == kind, shelf.condition)
        .order_by(col(ListingRow.id))
    )
    return [to_listing(row) for row in session.exec(statement)]


def published_count(engine: Engine, kind: Kind) -> int:
    """How many public listings of `kind` are published."""
    with reading(engine) as session:
        return session.exec(
            select(func.count())
            .select_from(ListingRow)
            .where(ListingRow.kind == kind, Shelf.OPEN.condition)
        ).one()


def _change(row: ChangeRow, current: ListingRow | None, shelf: Shelf) -> Change:
    kind = Kind(row.kind)
    if current is None or not shelf.holds(current):
        return Change(row.seq, kind, row.listing_id, Op.DELETE)
    return Change(row.seq, kind, row.listing_id, Op.PUT, to_listing(current))


def chunks(ids: Sequence[str], size: int = 500) -> list[Sequence[str]]:
    """Parts that fit the parameter limit of every database."""
    return [ids[start : start + size] for start in range(0, len(ids), size)]
