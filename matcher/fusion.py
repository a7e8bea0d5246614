"""Fusion of the two arms' scores into one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.candidate import Candidate
from matcher.config import MatcherConfig

DECIMALS = 6
"""Scores are rounded to this many decimals before they are compared, so that the last bits of a
floating-point sum never decide an order."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A candidate with its fused score, at most 1."""

    candidate: Candidate
    score: float


def fuse(candidates: Sequence[Candidate], config: MatcherConfig) -> list[Fused]:
    """Weighted sum of both arms; best first, ties by id.

    Both scores are absolute: the lexical one is a share of its bound, the cosine is stretched from
    [`dense_floor`, 1], the narrow band in which E5's plain cosines lie (0 for centred ones). So the
    score of a pair depends neither on the filter nor on how many candidates were asked for, unlike
    scaling over the list.
    """
    weight, floor = config.dense_weight, config.dense_floor
    fused = [
        Fused(
            c,
            round((1 - weight) * c.lexical + weight * (c.dense - floor) / (1 - floor), DECIMALS),
        )
        for c in candidates
    ]
    return sorted(fused, key=lambda f: (-f.score, f.candidate.id))
