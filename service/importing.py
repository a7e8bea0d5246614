"""Import of a file: read everything, encode outside the transaction, store in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from corpora.readers import ReadResult, read_records
from corpora.records import Record
from matcher.encoder import Encoder, Progress
from matcher.index import embed_listings
from matcher.listing import Kind
from service import store
from service.db import writing
from service.store import ImportOutcome


@dataclass(frozen=True)
class Import:
    """A file that was read: what can be stored, what was refused, and what happened on storing.

    `outcome` is None after a dry run.
    """

    read: ReadResult
    outcome: ImportOutcome | None

    @property
    def records(self) -> list[Record]:
        """The records that can be stored."""
        return [record for _, _, record in self.read.records]


def import_file(
    engine: Engine,
    encoder: Encoder,
    source: Path | bytes,
    filename: str,
    kind: Kind,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Import:
    """Import the good rows of a file; the faulty ones are in `Import.read`.

    Raises `corpora.problems.FileError` where the file as a whole cannot be read. Either all good
    rows are stored or none.
    """
    done = Import(read_records(source, filename, kind, strict=True), None)
    if dry_run or not done.records:
        return done
    listings = [record.to_listing(record.id or "new") for record in done.records]
    embed_listings(listings, encoder, progress)
    with writing(engine) as session:
        outcome = store.import_records(session, kind, done.records)
    return Import(done.read, outcome)
