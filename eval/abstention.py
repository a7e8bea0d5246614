"""What refusing costs and brings: precision against coverage, and refusals of either kind.

A query's confidence is the probability of its first match or, without a calibration, its score. The
curve shows every threshold on it; the operating point is what the system did answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from eval.experiment import SystemRun, Topic
from eval.measures import SUITABLE

_POINTS = 100


@dataclass(frozen=True, slots=True)
class Point:
    """What answering some of the queries comes to; `threshold` is the lowest confidence answered.

    `coverage` is the share of all queries that is answered and `precision` the share of those whose
    first match is suitable, None where nothing is answered. The other two are shares of the
    unanswerable and of the answerable queries, None where there are none of them.
    """

    threshold: float | None
    coverage: float
    precision: float | None
    unanswerable_refused: float | None
    answerable_refused: float | None


@dataclass(frozen=True, slots=True)
class Abstention:
    """The curve from few to all queries answered, and the operating point of the system."""

    confidence: str
    """`probability` or `score`: what the thresholds are on."""
    curve: tuple[Point, ...]
    operating: Point


@dataclass(frozen=True, slots=True)
class _Query:
    confidence: float
    answered: bool
    answerable: bool
    suitable: bool


def abstention(topic: Topic, run: SystemRun) -> Abstention:
    """The abstention of `run` over all queries of `topic`; at most about 100 points."""
    answerable = set(topic.answerable)
    calibrated = any(p is not None for found in run.probabilities.values() for p in found)
    queries = [_query(topic, run, q.id, q.id in answerable, calibrated) for q in topic.queries]
    levels = sorted({q.confidence for q in queries if q.confidence > -math.inf}, reverse=True)
    step = math.ceil(len(levels) / _POINTS) or 1
    chosen = levels[step - 1 :: step]
    if levels and (not chosen or chosen[-1] != levels[-1]):
        chosen.append(levels[-1])
    return Abstention(
        confidence="probability" if calibrated else "score",
        curve=tuple(_point([(q, q.confidence >= t) for q in queries], t) for t in chosen),
        operating=_point([(q, q.answered) for q in queries], None),
    )


def _query(topic: Topic, run: SystemRun, id_: str, answerable: bool, calibrated: bool) -> _Query:
    ranked = run.run.get(id_, [])
    first = (run.probabilities.get(id_) or [None])[0] if calibrated else None
    score = ranked[0][1] if ranked else -math.inf
    return _Query(
        confidence=score if first is None else first,
        answered=run.answered.get(id_, False),
        answerable=answerable,
        suitable=bool(ranked) and topic.qrels.get(id_, {}).get(ranked[0][0], 0) >= SUITABLE,
    )


def _point(decisions: Iterable[tuple[_Query, bool]], threshold: float | None) -> Point:
    decided = list(decisions)
    return Point(
        threshold=threshold,
        coverage=_share(taken for _, taken in decided) or 0.0,
        precision=_share(q.suitable for q, taken in decided if taken),
        unanswerable_refused=_share(not taken for q, taken in decided if not q.answerable),
        answerable_refused=_share(not taken for q, taken in decided if q.answerable),
    )


def _share(flags: Iterable[bool]) -> float | None:
    values = list(flags)
    return sum(values) / len(values) if values else None
