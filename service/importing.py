"""Import of a file: read everything, encode outside the transaction, store in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Engine

from corpora.readers import ReadResult, read_records
from corpora.records import Record
from matcher.encoder import Encoder, Progress
from matcher.index import embed_listings
from matcher.listing import Kind
from service import store
from service.db import writing
from service.import_twins import ImportTwin, suspected
from service.store import HOUSE, ImportOutcome, Poster
from service.twins import TwinFinder


@dataclass(frozen=True)
class Import:
    """A file that was read: what can be stored, what was refused, and what happened on storing.

    `outcome` is None after a dry run. `twins` is empty where they were not asked for.
    """

    read: ReadResult
    outcome: ImportOutcome | None
    twins: tuple[ImportTwin, ...] = ()

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
    find_twins: TwinFinder | None = None,
    poster: Poster = HOUSE,
) -> Import:
    """Import the good rows of a file; the faulty ones are in `Import.read`.

    With `find_twins` the rows that read like stored records or like each other are reported; they
    are imported all the same.

    New records belong to `poster`. Raises ConflictError where he may not replace a record, and
    `corpora.problems.FileError` where the file as a whole cannot be read. Either all good
    rows are stored or none.
    """
    read = read_records(source, filename, kind, strict=True)
    twins = suspected(engine, kind, read.records, find_twins) if find_twins else []
    done = Import(read, None, tuple(twins))
    if dry_run or not done.records:
        return done
    listings = [record.to_listing(record.id or "new") for record in done.records]
    embed_listings(listings, encoder, progress)
    with writing(engine) as session:
        outcome = store.import_records(session, kind, done.records, poster)
    return replace(done, outcome=outcome)
