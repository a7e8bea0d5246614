"""Whether explanations name what the score rests on: take out what they highlight, and score again.

For every match shown, the passages of an explanation are removed from one side's text, and, by way of
control, random sentences of about the same length. Highlighted ones must cost the score more.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from eval.compare import Paired, paired
from eval.experiment import StepProgress, Topic
from eval.systems import SYSTEMS
from matcher.alignment import Span
from matcher.analyzer import sentences
from matcher.encoder import Encoder
from matcher.explain import Passage
from matcher.index import ListingIndex
from matcher.listing import Listing
from matcher.pipeline import Match, Matcher

SEED = 20251


class Removed(StrEnum):
    """Whose text loses passages."""

    FOUND = "found"
    """The match's, its body only: without a title a listing would be scored by another rule."""
    QUERY = "query"
    """The query's, its title included."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Mean drop of the score of one pair by removing highlighted and random passages.

    `highlighted_length` and `random_length` are characters, the second a mean over the draws.
    """

    highlighted: float
    random: float
    highlighted_length: int
    random_length: float


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Drops of the score, a query's being the mean over its pairs; `test` is highlighted - random.

    `skipped` pairs had no passage to remove, or nothing but such passages. The lengths are mean
    characters removed from a pair.
    """

    removed: Removed
    pairs: int
    skipped: int
    score: float
    highlighted_length: float
    random_length: float
    test: Paired


def evaluate(
    topic: Topic,
    encoder: Encoder,
    removed: Removed,
    *,
    top_k: int,
    draws: int,
    progress: StepProgress | None = None,
) -> Faithfulness:
    """Explain the first `top_k` matches of every query of `topic` and score them without passages.

    Each pair is compared with `draws` random removals. The configuration is that of `served`.
    """
    config = SYSTEMS["served"].config
    index = ListingIndex.build(topic.direction.corpus_kind, topic.corpus, encoder, config)
    matcher = Matcher({index.kind: index}, encoder, config)
    cuts: dict[str, list[Cut]] = {}
    scores: list[float] = []
    skipped = 0
    for done, query in enumerate(topic.queries, start=1):
        for match in matcher.match(query, top_k=top_k, with_explanations=True).matches:
            cut = _cut(matcher, query, match, removed, draws)
            if cut is None:
                skipped += 1
            else:
                cuts.setdefault(query.id, []).append(cut)
                scores.append(match.score)
        if progress is not None:
            progress(removed.value, done, len(topic.queries))
    flat = [cut for found in cuts.values() for cut in found]
    return Faithfulness(
        removed=removed,
        pairs=len(flat),
        skipped=skipped,
        score=_mean(scores),
        highlighted_length=_mean([float(cut.highlighted_length) for cut in flat]),
        random_length=_mean([cut.random_length for cut in flat]),
        test=paired(
            {q: _mean([cut.random for cut in found]) for q, found in cuts.items()},
            {q: _mean([cut.highlighted for cut in found]) for q, found in cuts.items()},
        ),
    )


def thinned(topic: Topic, queries: int) -> Topic:
    """At most `queries` queries of `topic`, evenly spread over the order of their ids."""
    ordered = sorted(topic.queries, key=lambda item: item.id)
    count = min(queries, len(ordered))
    return replace(topic, queries=[ordered[i * len(ordered) // count] for i in range(count)])


def _cut(
    matcher: Matcher, query: Listing, match: Match, removed: Removed, draws: int
) -> Cut | None:
    """What removing passages from one side of a pair costs; None where it cannot be compared."""
    side = match.listing if removed is Removed.FOUND else query
    first = len(side.text) - len(side.body) if removed is Removed.FOUND else 0
    choice = [span for span in sentences(side.text) if span[0] >= first]
    shown = {p.start for p in _passages(query, match, removed)}
    chosen = [span for span in choice if any(span[0] <= start < span[1] for start in shown)]
    if not chosen or len(chosen) == len(choice):
        return None
    # one generator for each pair: what is drawn does not depend on which pairs came before
    generator = random.Random(SEED + zlib.crc32(f"{query.id} {match.listing.id}".encode()))
    drawn = [drawn_spans(choice, _length(chosen), generator) for _ in range(draws)]
    variants = [
        replace(_without(side, spans), id=f"{side.id}-{number}")
        for number, spans in enumerate([[], chosen, *drawn])
    ]
    if removed is Removed.FOUND:
        whole, highlighted, *others = matcher.appraise(query, variants)
    else:
        whole, highlighted, *others = (matcher.appraise(v, [match.listing])[0] for v in variants)
    return Cut(
        highlighted=whole - highlighted,
        random=whole - _mean(others),
        highlighted_length=_length(chosen),
        random_length=_mean([float(_length(spans)) for spans in drawn]),
    )


def _passages(query: Listing, match: Match, removed: Removed) -> list[Passage]:
    rows = match.explanation.alignments if match.explanation else ()
    side = match.listing if removed is Removed.FOUND else query
    return [row.side(side.kind) for row in rows]


def drawn_spans(choice: Sequence[Span], length: int, generator: random.Random) -> list[Span]:
    """Random ones of `choice` whose length together comes near `length`, in reading order.

    At least one is drawn and one is left; the highlighted ones are not kept out, which makes the
    control a strict one.
    """
    order = generator.sample(choice, len(choice))
    drawn = order[:1]
    for span in order[1:-1] if len(order) > 1 else []:
        if abs(_length([*drawn, span]) - length) < abs(_length(drawn) - length):
            drawn.append(span)
    return sorted(drawn)


def _without(listing: Listing, spans: Sequence[Span]) -> Listing:
    """`listing` without the sentences at `spans` (offsets in its text); its title where it is one."""
    text, offset = listing.text, len(listing.text) - len(listing.body)
    kept = [True] * len(text)
    for start, end in spans:
        kept[start:end] = [False] * (end - start)
    left = ["" if not keep else c for c, keep in zip(text, kept, strict=True)]
    title = "".join(left[: max(0, offset - 1)])
    return replace(listing, title=title, body="".join(left[offset:]))


def _length(spans: Sequence[Span]) -> int:
    return sum(end - start for start, end in spans)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
