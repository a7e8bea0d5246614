"""Rows of a file that read nearly like a stored record or like an earlier row of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine
from sqlmodel import col, select

from corpora.records import Record
from matcher.duplicates import TwinIndex
from matcher.listing import Kind
from service.db import reading
from service.tables import ListingRow
from service.twins import TwinFinder, listing_of

Row = tuple[int, str | None, Record]
"""Row number, own identifier and record, as `corpora.readers.ReadResult` has them."""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ImportTwin:
    """A row and what it reads like: the stored record `id`, or with `other_row` a row before it.

    `id` is "" for a row without an identifier; `similarity` is the exact Jaccard, 0 to 1.
    """

    row: int
    title: str
    id: str
    other_title: str
    other_row: int | None
    similarity: float

    def as_row(self) -> dict[str, Any]:
        """As JSON; the similarity to three digits."""
        return asdict(self) | {"similarity": round(self.similarity, 3)}

    def __str__(self) -> str:
        other = self.id if self.other_row is None else f"第 {self.other_row} 行"
        named = f"“{self.other_title}”" if self.other_title else ""
        own = f"“{self.title}”" if self.title else ""
        return f"第 {self.row} 行{own}与 {other}{named}近似（{self.similarity:.0%}）"


def suspected(
    engine: Engine, kind: Kind, rows: Sequence[Row], find: TwinFinder
) -> list[ImportTwin]:
    """Suspected twins of the rows, in their order; call it before the rows are stored.

    A row that would replace a record is no twin of it, nor is one that is stored already as it is.
    """
    own = {id_ for _, id_, _ in rows if id_}
    stored = [
        (number, record, twin)
        for number, _, record in rows
        for twin in find(listing_of(record))
        if twin.id not in own
    ]
    hashes = _content_hashes(engine, kind, sorted({twin.id for _, _, twin in stored}))
    found = [
        ImportTwin(number, record.title, twin.id, twin.title, None, twin.similarity)
        for number, record, twin in stored
        if record.id is not None or hashes.get(twin.id) != record.content_hash()
    ]
    return sorted([*found, *_within(rows)], key=lambda twin: twin.row)


def _within(rows: Sequence[Row]) -> Iterator[ImportTwin]:
    """Rows with a twin among the rows before them, each with the most similar one."""
    index = TwinIndex()
    earlier: dict[str, tuple[int, str | None, Record]] = {}
    for number, id_, record in rows:
        key = str(number)
        listing = record.to_listing(key)
        for twin in index.twins(listing, 1):
            row, other_id, other = earlier[twin.id]
            yield ImportTwin(
                number, record.title, other_id or "", other.title, row, twin.similarity
            )
        index.add(listing)
        earlier[key] = (number, id_, record)


def _content_hashes(engine: Engine, kind: Kind, ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    with reading(engine) as session:
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            query = select(ListingRow.id, ListingRow.content_hash).where(
                ListingRow.kind == kind, col(ListingRow.id).in_(part)
            )
            found.update(dict(session.exec(query).all()))
    return found
