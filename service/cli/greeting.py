"""What a first start shows: the sample corpus in the database, one need and its matches."""

from __future__ import annotations

from collections.abc import Mapping

from rich.panel import Panel

from corpora.sample import rows as sample_rows
from corpora.taxonomy import fit_labels
from matcher.config import MatcherConfig
from matcher.index import ListingIndex, embed_listings
from matcher.listing import KINDS, Kind
from matcher.pipeline import Matcher
from service import store as listings
from service.changes import published_count
from service.cli.console import console, progress
from service.cli.matching import table
from service.context import Store
from service.db import writing

_SHOWN = 5


def load_sample(store: Store) -> None:
    """Load the sample corpus into an empty database; a database with records is left alone."""
    if any(published_count(store.engine, kind) for kind in Kind):
        return
    for kind in Kind:
        records = sample_rows(kind)
        texts = [record.to_listing() for record in records]
        with progress(f"编码样本{KINDS[kind].label_zh}") as report:
            embed_listings(texts, store.encoder, report)
        with writing(store.engine) as session:
            listings.import_records(session, kind, records)


def greet(store: Store, indexes: Mapping[Kind, ListingIndex], config: MatcherConfig) -> None:
    """Print the first need of the database and its best achievements."""
    need = min(indexes[Kind.NEED], key=lambda item: item.id, default=None)
    if need is None or not len(indexes[Kind.ACHIEVEMENT]):
        return
    matcher = Matcher(indexes, store.encoder, config, fit_labels())
    answer = matcher.match(need, top_k=_SHOWN, with_explanations=True)
    console.print(Panel(need.body, title=f"企业找技术 · {need.title}", title_align="left"))
    console.print(table(answer))
