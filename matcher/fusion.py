"""Fusion of the two arms' scores into one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.index import Candidate

DECIMALS = 6
"""Scores are rounded to this many decimals before they are compared, so that the last bits of a
floating-point sum never decide an order."""


@dataclass(frozen=True, slots=True)
class Fused:
    """A candidate with its fused score in [0, 1]."""

    candidate: Candidate
    score: float


def fuse(candidates: Sequence[Candidate], dense_weight: float) -> list[Fused]:
    """Weighted sum of both arms, each scaled to [0, 1] over the candidates; best first, ties by id.

    Scaling per query is what E5's narrow band of cosines needs; an arm whose scores all tie says
    nothing and counts as 0.
    """
    lexical = _min_max([c.lexical for c in candidates])
    dense = _min_max([c.dense for c in candidates])
    fused = [
        Fused(c, round((1 - dense_weight) * x + dense_weight * y, DECIMALS))
        for c, x, y in zip(candidates, lexical, dense, strict=True)
    ]
    return sorted(fused, key=lambda f: (-f.score, f.candidate.id))


def _min_max(values: Sequence[float]) -> list[float]:
    low, high = min(values, default=0.0), max(values, default=0.0)
    span = high - low
    return [(v - low) / span if span > 0 else 0.0 for v in values]
