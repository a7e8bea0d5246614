"""Second stage over the fused candidates: structured fit, seen from both sides.

The text score of a pair is the same from either side; what differs is how well the terms suit each.
The list is in the order of whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.config import MatcherConfig
from matcher.fit import Fit, Names, combine, fits, reciprocal
from matcher.fusion import DECIMALS, Fused
from matcher.index import Candidate, ListingIndex
from matcher.listing import KINDS, Facets, Listing, Side

_BLANK = Facets()


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
    fits: tuple[Fit, ...] = ()

    @property
    def reciprocal(self) -> float:
        """Harmonic mean of both sides' scores, in [0, 1]."""
        sides = (min(max(score, 0.0), 1.0) for score in (self.forward, self.backward))
        return round(reciprocal(*sides), DECIMALS)


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
    return sorted(ranked, key=lambda r: (-r.score, r.candidate.id))


def _ranked(
    query: Listing, fused: Fused, index: ListingIndex, config: MatcherConfig, names: Names
) -> Ranked:
    other = index.get(fused.candidate.id)
    if other is None:
        raise KeyError(fused.candidate.id)
    asks = KINDS[query.kind].side is Side.DEMAND
    need, achievement = (query, other) if asks else (other, query)
    found = fits(need, achievement, names)
    forward, backward = (
        round(fused.score + config.fit_share * adjustment, DECIMALS)
        for adjustment in combine(found, config.fit_weights)
    )
    score = forward if asks else backward
    return Ranked(fused.candidate, fused.score, score, forward, backward, found)
