"""`bench query`: one hybrid query at a time, the encoding of its text included."""

from __future__ import annotations

from functools import partial

import numpy as np

from corpora.beir import load_dataset
from eval.bench.corpus import needs, tenth
from eval.bench.indexes import encoder_of, opened
from eval.bench.setup import Row, Setup, seconds, times_row
from eval.systems import SYSTEMS
from matcher.encoder import Encoder
from matcher.filters import Filter
from matcher.index import ListingIndex
from matcher.listing import Listing
from matcher.pipeline import Matcher

QUERIES = 250
WARM_UP = 10
TOP_K = 10

_SCAN = "the dense arm alone without an index: encode, multiply all vectors in numpy, mask, cut"


def run(setup: Setup) -> list[Row]:
    """p50 and p99 with a filter that a tenth passes, without one, and with explanations.

    Every query is another text and encoded anew. For each of them all variants are run in turn, so
    that other load on the machine meets all of them; the full answer comes first, while nothing
    that it reads has been read for this query before. The first `WARM_UP` queries are not counted:
    the runtime of the model prepares a kernel for each input length it has not seen.
    """
    encoder = encoder_of(setup)
    index = opened(setup, encoder)
    matcher = Matcher({index.kind: index}, encoder, SYSTEMS["served"].config)
    condition = tenth()
    names = ("full", "filter", "filter scan", "all", "all scan", "explained", "encoding")
    times: dict[str, list[float]] = {name: [] for name in names}
    queries = needs(setup.source, WARM_UP + QUERIES)
    for done, query in enumerate(queries, start=1):
        measured = _measure(matcher, encoder, index, query, condition)
        setup.progress(done, len(queries))
        if done > WARM_UP:
            for name, value in measured.items():
                times[name].append(value)
    whole = load_dataset(setup.sample, "train").queries
    needs_ms = [
        seconds(partial(matcher.match, need, top_k=TOP_K, with_explanations=True)) for need in whole
    ]
    passing = sum(int(s.facets.mask(condition).sum()) for s in index.segments) / len(index)
    return [
        times_row("query.explained", times["full"], times["all"], "without explanations"),
        times_row(
            "query.need_explained", needs_ms, note="needs of the sample with all their fields"
        ),
        times_row("query.filtered", times["filter"], times["filter scan"], _SCAN),
        times_row("query.unfiltered", times["all"], times["all scan"], _SCAN),
        times_row(
            "query.filtered_explained", times["explained"], times["filter"], "without explanations"
        ),
        times_row("query.encoding", times["encoding"], note="part of each of the above"),
        Row("query.filter_passes", passing * 100, "%"),
        Row("query.records", float(len(index)), "records"),
    ]


def _measure(
    matcher: Matcher, encoder: Encoder, index: ListingIndex, query: Listing, condition: Filter
) -> dict[str, float]:
    return {
        "full": seconds(lambda: matcher.match(query, top_k=TOP_K, with_explanations=True)),
        "filter": seconds(lambda: matcher.match(query, top_k=TOP_K, condition=condition)),
        "filter scan": seconds(lambda: _scan(encoder, index, query, condition)),
        "all": seconds(lambda: matcher.match(query, top_k=TOP_K)),
        "all scan": seconds(lambda: _scan(encoder, index, query, None)),
        "explained": seconds(
            lambda: matcher.match(query, top_k=TOP_K, condition=condition, with_explanations=True)
        ),
        "encoding": seconds(lambda: encoder.encode_query(query.text)),
    }


def _scan(
    encoder: Encoder, index: ListingIndex, query: Listing, condition: Filter | None
) -> list[str]:
    """What a semantic search without an index does: the best passage of every record."""
    vector = encoder.encode_query(query.text)
    segment = index.segments[0]
    values = np.maximum.reduceat(segment.dense.vectors @ vector, segment.dense.starts[:-1])
    if condition is not None:
        values[~segment.facets.mask(condition)] = -np.inf
    best = np.argpartition(-values, TOP_K)[:TOP_K]
    return [str(segment.facets.ids[row]) for row in best[np.argsort(-values[best])]]
