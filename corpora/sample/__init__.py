"""The sample corpus: written for this project, judged, in BEIR layout; see CARD.md beside it."""

from __future__ import annotations

from pathlib import Path

from corpora.beir import load_dataset
from corpora.readers import read_records
from corpora.records import Record
from matcher.listing import Kind, Listing

DIRECTORY = Path(__file__).parent
_CENTRING = 128
_FILES = {Kind.NEED: "queries.jsonl", Kind.ACHIEVEMENT: "corpus.jsonl"}


def rows(kind: Kind) -> list[Record]:
    """The records of one kind, in the order of the file."""
    read = read_records(DIRECTORY / _FILES[kind], _FILES[kind], kind, strict=True)
    if read.errors:
        msg = f"the sample corpus is damaged: {read.errors[0]}"
        raise ValueError(msg)
    return [record for _, _, record in read.records]


def centring_listings() -> list[Listing]:
    """Listings of both kinds from the train split, over which a model's mean vectors are taken."""
    train = load_dataset(DIRECTORY, "train")
    relevant = {id_ for grades in train.qrels.values() for id_, grade in grades.items() if grade}
    achievements = [item for item in train.corpus if item.id in relevant]
    return [*train.queries[:_CENTRING], *achievements[:_CENTRING]]
