"""Whether probabilities mean what they say: reliability bins, calibration errors, Brier score.

Over the judged pairs among the matches that a reader sees, unanswerable queries included. A pair is
positive when it is graded `eval.measures.SUITABLE` or more, which is what a probability is of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.experiment import SHOWN, SystemRun, Topic
from eval.measures import SUITABLE

BINS = 10

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Some pairs of similar probability: their lowest and highest, mean, and share of positives."""

    low: float
    high: float
    pairs: int
    predicted: float
    observed: float


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """Calibration of one system in one direction.

    `ece` is over equal-mass bins, `ece_equal_width` over bins of width 0.1. `brier_base_rate` is
    the Brier score of the share of positives given for every pair: what a useful system undercuts.
    """

    pairs: int
    base_rate: float
    ece: float
    ece_equal_width: float
    brier: float
    brier_base_rate: float
    bins: tuple[Bin, ...]
    bins_equal_width: tuple[Bin, ...]


def calibration_report(topic: Topic, run: SystemRun) -> CalibrationReport | None:
    """The calibration of `run`; None where it has no probabilities or no judged pair."""
    pairs = [
        (probability, float(topic.qrels[query][document] >= SUITABLE))
        for query, ranked in run.run.items()
        for (document, _), probability in zip(
            ranked[:SHOWN], run.probabilities.get(query, []), strict=False
        )
        if probability is not None and document in topic.qrels.get(query, {})
    ]
    return assess(pairs) if pairs else None


def assess(pairs: Iterable[tuple[float, float]]) -> CalibrationReport:
    """Calibration of (probability, 0 or 1) pairs, at least one of them."""
    # sorted by label too, so that equal probabilities are binned alike whatever their order
    ordered = np.array(sorted(pairs), dtype=float)
    probabilities, labels = ordered[:, 0], ordered[:, 1]
    base = float(labels.mean())
    number = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    mass = _bins(np.array_split(ordered, BINS))
    width = _bins([ordered[number == b] for b in range(BINS)])
    return CalibrationReport(
        pairs=len(ordered),
        base_rate=base,
        ece=_error(mass, len(ordered)),
        ece_equal_width=_error(width, len(ordered)),
        brier=float(((probabilities - labels) ** 2).mean()),
        brier_base_rate=base * (1 - base),
        bins=mass,
        bins_equal_width=width,
    )


def _bins(parts: Iterable[Floats]) -> tuple[Bin, ...]:
    return tuple(
        Bin(
            low=float(part[0, 0]),
            high=float(part[-1, 0]),
            pairs=len(part),
            predicted=float(part[:, 0].mean()),
            observed=float(part[:, 1].mean()),
        )
        for part in parts
        if len(part)
    )


def _error(bins: Iterable[Bin], pairs: int) -> float:
    """Expected calibration error (Naeini et al. 2015) of bins that hold `pairs` together."""
    return sum(abs(b.predicted - b.observed) * b.pairs for b in bins) / pairs
