"""The sample corpus: written for this project, judged, in BEIR layout; see CARD.md beside it."""

from __future__ import annotations

from pathlib import Path

from corpora.readers import read_records
from corpora.records import Record
from matcher.listing import Kind

DIRECTORY = Path(__file__).parent
_FILES = {Kind.NEED: "queries.jsonl", Kind.ACHIEVEMENT: "corpus.jsonl"}


def rows(kind: Kind) -> list[Record]:
    """The records of one kind, in the order of the file."""
    read = read_records(DIRECTORY / _FILES[kind], _FILES[kind], kind, strict=True)
    if read.errors:
        msg = f"the sample corpus is damaged: {read.errors[0]}"
        raise ValueError(msg)
    return [record for _, _, record in read.records]
