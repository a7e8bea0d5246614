"""What every second stage shares: the candidates of the served pipeline, and how a score is added.

A stage scores the first candidates of a query; `weight` times its score is added to the served one,
structured fit and figures included. Candidates beyond the stage's depth keep their places behind.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from eval import measures
from eval.experiment import Topic
from matcher.listing import Listing
from matcher.pipeline import Match, Matcher

Scores = NDArray[np.float64]

DEPTH = 100
"""Candidates that a stage may look at."""


@dataclass(frozen=True)
class Pool:
    """A query with the served matches, best first."""

    query: Listing
    matches: tuple[Match, ...]

    @property
    def served(self) -> Scores:
        """(n,) the served scores."""
        return np.array([m.score for m in self.matches])


class Stage(Protocol):
    """Scores the candidates of a query."""

    @property
    def depth(self) -> int:
        """How many of the first candidates it scores."""

    def scores(self, pool: Pool) -> Scores:
        """(min(depth, n),) a score for each of the first candidates of `pool`; higher is better."""


@dataclass(frozen=True)
class Scored:
    """A pool with the scores of a stage and the seconds that they took."""

    pool: Pool
    scores: Scores
    seconds: float = 0.0

    def ranked(self, weight: float) -> list[tuple[str, float]]:
        """Every match of the pool with its new score, in the new order; ties by id."""
        depth = len(self.scores)
        moved = np.round(self.pool.served[:depth] + weight * self.scores, 6)
        first = [
            (match.listing.id, float(score))
            for match, score in zip(self.pool.matches, moved, strict=False)
        ]
        first.sort(key=lambda item: (-item[1], item[0]))
        return first + [(m.listing.id, m.score) for m in self.pool.matches[depth:]]


def pools(matcher: Matcher, queries: Sequence[Listing], depth: int = DEPTH) -> list[Pool]:
    """The served candidates of each query."""
    return [
        Pool(answer.query, answer.matches) for answer in matcher.match_all(queries, top_k=depth)
    ]


def scored(stage: Stage, of: Sequence[Pool]) -> list[Scored]:
    """Run `stage` over every pool, one after the other as a service would."""
    found = []
    for pool in of:
        start = time.perf_counter()
        scores = stage.scores(pool)
        found.append(Scored(pool, scores, time.perf_counter() - start))
    return found


def ndcg(topic: Topic, found: Sequence[Scored], weight: float) -> dict[str, float]:
    """nDCG@10 of every answerable query of `topic` with the stage at `weight`."""
    run = {item.pool.query.id: item.ranked(weight) for item in found}
    return measures.per_query(topic.qrels, run)["nDCG@10"]


def grid_means(
    topic: Topic, found: Sequence[Scored], weights: Sequence[float]
) -> dict[float, float]:
    """Mean nDCG@10 over the queries of `found` at each weight."""
    ids = {item.pool.query.id for item in found}
    asked = Topic(
        topic.direction,
        [query for query in topic.queries if query.id in ids],
        topic.corpus,
        {query: grades for query, grades in topic.qrels.items() if query in ids},
    )
    means = {}
    for weight in weights:
        values = ndcg(asked, found, weight)
        means[weight] = float(np.mean(list(values.values()))) if values else 0.0
    return means


def best(means: Mapping[float, float]) -> float:
    """The weight with the highest mean, the smallest of several."""
    return min(means, key=lambda weight: (-round(means[weight], 6), weight))
