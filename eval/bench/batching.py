"""`bench batch`: many needs at once through `Matcher.match_all`, as before an event."""

from __future__ import annotations

import statistics

from eval.bench.corpus import needs
from eval.bench.indexes import encoder_of, opened
from eval.bench.setup import Row, Setup, seconds
from eval.systems import SYSTEMS
from matcher.pipeline import Matcher

NEEDS = 256
GROUP = 32
TOP_K = 50


def run(setup: Setup) -> list[Row]:
    """Milliseconds a need in groups, against the same needs one at a time, in turn by group."""
    encoder = encoder_of(setup)
    index = opened(setup, encoder)
    matcher = Matcher({index.kind: index}, encoder, SYSTEMS["served"].config)
    queries = needs(setup.source, NEEDS)
    matcher.match_all(queries[:GROUP], top_k=TOP_K)  # warms the model's runtime up
    together, single = [], []
    for start in range(0, NEEDS, GROUP):
        group = queries[start : start + GROUP]
        together.append(
            seconds(lambda group=group: matcher.match_all(group, top_k=TOP_K)) / GROUP  # type: ignore[misc]
        )
        single.append(
            seconds(lambda group=group: [matcher.match(q, top_k=TOP_K) for q in group]) / GROUP  # type: ignore[misc]
        )
        setup.progress(start + len(group), NEEDS)
    value, baseline = (statistics.median(times) * 1000 for times in (together, single))
    return [
        Row(
            "batch.need",
            value,
            "ms",
            baseline,
            statistics.median(b / a for a, b in zip(together, single, strict=True)),
            note=f"the same needs one at a time; groups of {GROUP}, {TOP_K} matches each",
        ),
        Row("batch.records", float(len(index)), "records"),
    ]
