"""Paired comparison of two systems, or of two runs of one, over the same queries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from eval import significance
from eval.significance import Estimate

TIE = 1e-9
"""Differences up to this size are no win for anybody."""


@dataclass(frozen=True, slots=True)
class Effect:
    """How large a difference is beside how sure it is.

    `d_z` is Cohen's d of paired differences, mean over standard deviation (n - 1 degrees); None where
    it has no meaning (fewer than two pairs, or all differences equal). `wins` are queries on which b
    is better.
    """

    d_z: float | None
    wins: int
    ties: int
    losses: int


@dataclass(frozen=True, slots=True)
class Paired:
    """The comparison b - a over `queries` common ones: means, test and effect size."""

    queries: int
    a: float
    b: float
    difference: Estimate
    p_value: float
    effect: Effect


def effect(a: Sequence[float], b: Sequence[float]) -> Effect:
    """Effect size of b over a, paired by position."""
    difference = np.asarray(b, dtype=float) - np.asarray(a, dtype=float)
    wins, losses = int((difference > TIE).sum()), int((difference < -TIE).sum())
    spread = float(difference.std(ddof=1)) if len(difference) > 1 else 0.0
    return Effect(
        d_z=float(difference.mean()) / spread if spread > TIE else None,
        wins=wins,
        ties=len(difference) - wins - losses,
        losses=losses,
    )


def paired(a: Mapping[str, float], b: Mapping[str, float]) -> Paired:
    """Compare values by query over the queries that both have; without any, all is 0 and p is 1."""
    common = sorted(a.keys() & b.keys())
    before, after = [a[q] for q in common], [b[q] for q in common]
    test = significance.compare(before, after)
    return Paired(
        queries=len(common),
        a=_mean(before),
        b=_mean(after),
        difference=test.difference,
        p_value=test.p_value,
        effect=effect(before, after),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0


def extremes(
    a: Mapping[str, float], b: Mapping[str, float], count: int
) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """The `count` largest gains and losses (query, b - a) over common queries, largest first."""
    changes = sorted(
        ((q, b[q] - a[q]) for q in a.keys() & b.keys()), key=lambda item: (item[1], item[0])
    )
    gains = [item for item in reversed(changes) if item[1] > TIE]
    losses = [item for item in changes if item[1] < -TIE]
    return gains[:count], losses[:count]
