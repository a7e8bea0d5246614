"""Second stage over the fused candidates: structured fit from both sides, and figures.

The text score of a pair is the same from either side; what differs is how well the terms suit each.
The list is in the order of whoever asks. Embeddings are blind to magnitudes, so the figures that a
need demands are read and compared for the first candidates; a pair further down keeps its score.
What figures change is in proportion to the text score above a floor: among achievements that fit
the wording about equally met and missed figures decide, on a pair that hardly fits they say nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matcher.candidate import Candidate
from matcher.config import MatcherConfig
from matcher.fit import Fit, Names, combine, fits, reciprocal
from matcher.fusion import DECIMALS, Fused
from matcher.index import ListingIndex
from matcher.indicators import Comparison, compare
from matcher.listing import KINDS, Facets, Listing, Side

_BLANK = Facets()
_KNOCKED_OUT = 1.0
"""Part of what the other figures are worth that a figure missed by far takes away."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its final score and what each side makes of the pair.

    `text` is the fused score. `forward` is the score as whoever posted the need sees it, `backward`
    as whoever offers the achievement does; `score` is the one of the side that asks.
    """

    candidate: Candidate
    text: float
    score: float
    forward: float
    backward: float
    figures: float = 0.0
    """What figures met or missed changed in `score`."""
    age: float = 0.0
    """What staleness took off `score`."""
    fits: tuple[Fit, ...] = ()
    comparisons: tuple[Comparison, ...] | None = None
    """The need's demanded figures against the achievement's; None where they were not compared."""

    @property
    def reciprocal(self) -> float:
        """Harmonic mean of both sides' scores, in [0, 1]."""
        clipped = (min(max(score, 0.0), 1.0) for score in (self.forward, self.backward))
        return round(reciprocal(*clipped), DECIMALS)

    def aged(self, factor: float) -> Ranked:
        """The same with scores that are good multiplied by `factor`, in (0, 1]."""
        if factor == 1.0:
            return self
        score, forward, backward = (
            round(value * factor, DECIMALS) if value > 0 else value
            for value in (self.score, self.forward, self.backward)
        )
        age = round(score - self.score, DECIMALS)
        return replace(self, score=score, forward=forward, backward=backward, age=age)


def rerank(
    query: Listing,
    fused: Sequence[Fused],
    index: ListingIndex,
    config: MatcherConfig,
    names: Names,
) -> list[Ranked]:
    """All of `fused` by the asker's score, best first, ties by id.

    A pair of which either side states nothing keeps its text score.
    """
    # most pasted texts state no facets at all: nothing to look up then
    stated = config.fit_share > 0 and query.facets != _BLANK
    ranked = [
        _ranked(query, item, index, config, names)
        if stated
        else Ranked(item.candidate, item.score, item.score, item.score, item.score)
        for item in fused
    ]
    ranked.sort(key=_order)
    if config.indicator_share:
        first, rest = ranked[: config.indicator_depth], ranked[config.indicator_depth :]
        ranked = sorted([*_with_figures(query, first, index, config), *rest], key=_order)
    return ranked


def _order(ranked: Ranked) -> tuple[float, str]:
    return -ranked.score, ranked.candidate.id


def sides(query: Listing, other: Listing) -> tuple[Listing, Listing]:
    """Need and achievement of a pair, whoever asks."""
    return (query, other) if KINDS[query.kind].side is Side.DEMAND else (other, query)


def _with_figures(
    query: Listing, first: Sequence[Ranked], index: ListingIndex, config: MatcherConfig
) -> list[Ranked]:
    """`first` with the demanded figures met less those missed in every score."""
    asks = KINDS[query.kind].side is Side.DEMAND
    compared = []
    for item in first:
        need, achievement = sides(query, index[item.candidate.id])
        found = tuple(compare(need.text, achievement.text))
        change = config.indicator_share * max(0.0, item.text - config.indicator_floor)
        forward = change * _balance(found)
        backward = config.indicator_backward * forward
        own = round(forward if asks else backward, DECIMALS)
        compared.append(
            replace(
                item,
                score=round(item.score + own, DECIMALS),
                forward=round(item.forward + forward, DECIMALS),
                backward=round(item.backward + backward, DECIMALS),
                figures=own,
                comparisons=found,
            )
        )
    return compared


def _balance(comparisons: Sequence[Comparison]) -> float:
    """Figures met less figures missed, by weight and confidence, in [-1, 1]; 0 without any.

    The sum is divided by the fourth root of all weights: each further demand says a little less. What is
    met counts for less where something is missed: conditions that are kept do not make up for one that is not.
    """
    worth = [c.weight * c.effect for c in comparisons]
    worst = max((-w for w in worth if w < 0), default=0.0)
    met = math.fsum(w for w in worth if w > 0) * (1 - _KNOCKED_OUT * worst)
    missed = math.fsum(w for w in worth if w < 0)
    weight = math.fsum(c.weight for c in comparisons)
    return min(1.0, max(-1.0, (met + missed) / math.pow(max(1.0, weight), 0.25)))


def _ranked(
    query: Listing, fused: Fused, index: ListingIndex, config: MatcherConfig, names: Names
) -> Ranked:
    asks = KINDS[query.kind].side is Side.DEMAND
    need, achievement = sides(query, index[fused.candidate.id])
    found = fits(need, achievement, names)
    forward, backward = (
        round(fused.score + config.fit_share * adjustment, DECIMALS)
        for adjustment in combine(found, config.fit_weights)
    )
    score = forward if asks else backward
    return Ranked(fused.candidate, fused.score, score, forward, backward, fits=found)
