"""Confidence intervals and paired tests over queries, by resampling with a fixed seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

_RESAMPLES = 10_000
_SEED = 20251


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its 95 % percentile bootstrap interval over `n` queries."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Mean difference b - a over the same queries, its interval and the two-sided p value."""

    difference: Estimate
    p_value: float


def estimate(values: Sequence[float]) -> Estimate:
    """Mean of `values` with a bootstrap interval; a single value is its own interval."""
    sample = np.asarray(values, dtype=float)
    if not len(sample):
        return Estimate(0.0, 0.0, 0.0, 0)
    mean = float(sample.mean())
    if np.ptp(sample) == 0:
        return Estimate(mean, mean, mean, len(sample))
    interval = stats.bootstrap(
        (sample,),
        np.mean,
        n_resamples=_RESAMPLES,
        method="percentile",
        batch=1000,
        rng=np.random.default_rng(_SEED),
    ).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high), len(sample))


def compare(a: Sequence[float], b: Sequence[float]) -> Comparison:
    """Paired randomisation test of the mean of b - a (Smucker, Allan, Carterette 2007)."""
    difference = np.asarray(b, dtype=float) - np.asarray(a, dtype=float)
    if not len(difference) or not difference.any():
        return Comparison(estimate(difference.tolist()), 1.0)
    test = stats.permutation_test(
        (difference,),
        np.mean,
        permutation_type="samples",
        n_resamples=_RESAMPLES,
        batch=1000,
        rng=np.random.default_rng(_SEED),
    )
    return Comparison(estimate(difference.tolist()), float(test.pvalue))
