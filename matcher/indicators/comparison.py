"""What a need demands in figures, held against what an achievement states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from matcher.analyzer import sentences
from matcher.indicators.assignment import Candidate, candidates
from matcher.indicators.comparators import Comparator
from matcher.indicators.figures import Figure, figures, pairs
from matcher.indicators.numerals import fold
from matcher.indicators.parsing import Indicator
from matcher.indicators.requirements import Demand, demands
from matcher.indicators.satisfaction import satisfies, shortfall

_REMEMBERED = 4096
_MET_FROM, _MISSED_FROM = 0.6, 0.7
"""Confidence from which a verdict is given: to call a figure missed wrongly does more harm."""
_COUNTED_FROM, _SHOWN_FROM = 0.05, 0.2
"""Confidence below which a figure counts for nothing, and below which it is not worth showing."""
_SLIGHT, _WHOLE = 0.54, 0.9
"""What the slightest and a whole miss weigh; a figure met weighs 1."""


class Verdict(StrEnum):
    """What the achievement says of a demanded figure."""

    MET = "met"
    NOT_MET = "not-met"
    NOT_STATED = "not-stated"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A demanded indicator of the need and what the achievement states about the same thing.

    `found` is the indicator of the achievement that most probably states the same, `evidence` the offsets
    of its sentence; both None where there is none. `effect` is what it is worth to the ranking, from
    -1 (missed by far) to 1 (met), by the confidence that both are of one quantity. Where that is too
    doubtful for a verdict the demand counts as not stated, and `found` is what the ranking went by.
    `weight` is how much the demand counts among those of the need.
    """

    indicator: Indicator
    verdict: Verdict
    evidence: tuple[int, int] | None
    found: Indicator | None
    effect: float = 0.0
    weight: float = 1.0

    @property
    def doubtful(self) -> bool:
        """Whether a figure moved the ranking that is not surely of the demanded quantity."""
        return self.verdict is Verdict.NOT_STATED and self.found is not None


def compare(need_text: str, achievement_text: str) -> list[Comparison]:
    """Each demanded indicator of the need with the verdict of the achievement, in reading order.

    Of the achievement's figures the one that most probably states the same quantity counts; no
    figure answers two demands.
    """
    required = _required(need_text)
    if not required:
        return []
    stated = figures(achievement_text)
    chosen = _assign(required, stated, _topic(need_text))
    spans = sentences(achievement_text) if chosen else []
    return [_judged(demand, chosen.get(at), spans) for at, demand in enumerate(required)]


@lru_cache(maxsize=_REMEMBERED)
def _required(text: str) -> tuple[Demand, ...]:
    return tuple(demands(text))


@lru_cache(maxsize=_REMEMBERED)
def _topic(text: str) -> frozenset[str]:
    return pairs(fold(text))


def _assign(
    required: Sequence[Demand], stated: Sequence[Figure], topic: frozenset[str]
) -> dict[int, Candidate]:
    """By the place of each demand its figure, the surest pairs first; equal ones met first."""
    pool = [
        (
            round(candidate.confidence, 3),
            satisfies(candidate.wanted, candidate.stated),
            -at,
            candidate,
        )
        for at, demand in enumerate(required)
        for candidate in candidates(demand, stated, topic)
    ]
    chosen: dict[int, Candidate] = {}
    taken: set[int] = set()
    for _, _, place, candidate in sorted(pool, key=lambda entry: entry[:3], reverse=True):
        start = candidate.stated.start
        if -place not in chosen and start not in taken:
            chosen[-place] = candidate
            taken.add(start)
    return chosen


def _judged(
    demand: Demand, candidate: Candidate | None, spans: list[tuple[int, int]]
) -> Comparison:
    wanted = demand.indicator
    if candidate is None or candidate.confidence < _COUNTED_FROM:
        return Comparison(wanted, Verdict.NOT_STATED, None, None, weight=demand.weight)
    met = satisfies(candidate.wanted, candidate.stated)
    effect = _effect(demand, candidate, met=met)
    found = candidate.figure.indicator
    shown = effect and candidate.confidence >= _SHOWN_FROM
    evidence = next((span for span in spans if span[0] <= found.start < span[1]), None)
    return Comparison(
        wanted,
        _verdict(demand, candidate, met=met),
        evidence if shown else None,
        found if shown else None,
        effect,
        demand.weight,
    )


def _verdict(demand: Demand, candidate: Candidate, *, met: bool) -> Verdict:
    if met:
        return Verdict.MET if candidate.confidence >= _MET_FROM else Verdict.NOT_STATED
    missed = demand.settled and candidate.confidence >= _MISSED_FROM
    return Verdict.NOT_MET if missed else Verdict.NOT_STATED


def _effect(demand: Demand, candidate: Candidate, *, met: bool) -> float:
    if met:
        return candidate.confidence
    if not demand.settled:
        return 0.0
    exact = candidate.wanted.comparator is Comparator.EQ
    short = 1.0 if exact else shortfall(candidate.wanted, candidate.stated)
    missed = _SLIGHT + (_WHOLE - _SLIGHT) * short
    return -candidate.confidence * missed
