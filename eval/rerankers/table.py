"""The comparison: baselines, the served pipeline, and the served pipeline with each second stage.

Weights, rankers and the cross-encoder are learned from train judgements alone; the split that is asked
for is only measured on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from corpora import training
from corpora.beir import Dataset
from eval import measures
from eval.compare import Paired, paired
from eval.experiment import Arm, topic
from eval.rerankers.cross import CrossConfig, CrossStage
from eval.rerankers.cross_training import judged_lists, train, written_lists
from eval.rerankers.features import Features
from eval.rerankers.late_interaction import LateInteraction
from eval.rerankers.learned import RANKERS, Examples, Learned
from eval.rerankers.stage import (
    Pool,
    Scored,
    Stage,
    best,
    grid_means,
    ndcg,
    pools,
    scored,
)
from eval.rerankers.token_space import TokenSpace
from eval.significance import Estimate, estimate
from eval.systems import SYSTEMS, Encoders
from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.index import ListingIndex
from matcher.listing import Direction, Listing
from matcher.pipeline import Matcher

Told = Callable[[str, int, int], None]
"""Told (what, done, total)."""

SERVED = "served"
SHOWN = 10
WEIGHTS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Grid that the weight of a stage is chosen from."""
CROSS_DEPTHS = (5, 10)
_HELD_OUT = 3
"""Every third train need is kept from the cross-encoder and chooses its weight."""


@dataclass(frozen=True)
class Row:
    """One line of the table; `stage_ms` and `test` are None where there is no stage or no difference.

    Times are medians over queries. `bytes_per_record` counts vectors, postings and what the stage
    keeps, without texts. `weights` has nDCG@10 by weight over the train needs that chose `weight`.
    """

    variant: str
    ndcg: Estimate
    grade_3_first: float
    test: Paired | None
    stage_ms: float | None
    total_ms: float
    bytes_per_record: float
    weight: float | None = None
    train: dict[float, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """The rows and what they hold for."""

    split: str
    queries: int
    records: int
    encoder: str
    config: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class _Timed:
    """A system over the asked split: its pools, seconds by query, bytes a record."""

    matcher: Matcher
    pools: list[Pool]
    seconds: list[float]
    bytes_per_record: float


class Comparison:
    """Makes the table for one dataset; `train_set` and `asked` share their corpus."""

    def __init__(
        self, train_set: Dataset, asked: Dataset, encoders: Encoders, model_dir: Path, told: Told
    ) -> None:
        """`model_dir` holds the model that the service uses."""
        self._train_set, self._model_dir, self._told = train_set, model_dir, told
        self._train = topic(train_set, Direction.NEED_TO_ACHIEVEMENT)
        self._asked = topic(asked, Direction.NEED_TO_ACHIEVEMENT)
        self._split = asked.split
        self._encoders = encoders
        self._encoder = encoders(SYSTEMS[SERVED].model)
        self._space = TokenSpace.of(model_dir, self._train, self._asked)

    def table(self, *, cross: bool) -> Table:
        """All rows; the cross-encoder takes minutes to train and is left out on request."""
        systems = {}
        for name in SYSTEMS:
            systems[name] = self._timed(name)
        served = systems[SERVED]
        base = ndcg(self._asked, _unstaged(served.pools), 0.0)
        rows = [
            self._row(name, _unstaged(system.pools), 0.0, base, system, None)
            for name, system in systems.items()
        ]
        train_pools = pools(served.matcher, self._train.queries)
        rows += self._late_rows(served, base, train_pools)
        rows += self._learned_rows(served, base, train_pools)
        if cross:
            rows += self._cross_rows(served, base, train_pools)
        return Table(
            split=self._split,
            queries=len(base),
            records=len(self._asked.corpus),
            encoder=self._encoder.fingerprint,
            config=MatcherConfig().fingerprint,
            rows=tuple(rows),
        )

    def _timed(self, name: str) -> _Timed:
        """Index and rank; a query's seconds are matching and, with a dense arm, its encoding."""
        system = SYSTEMS[name]
        encoder: Encoder = self._encoders(system.model)
        kind = Direction.NEED_TO_ACHIEVEMENT.corpus_kind
        index = ListingIndex.build(kind, self._asked.corpus, encoder, system.config)
        matcher = Matcher({kind: index}, encoder, system.config)
        found = pools(matcher, self._asked.queries)
        # the queries are encoded by now, so their encoding is added as it was measured
        encoding = Arm.of(system.config) is not Arm.LEXICAL
        seconds = [
            _seconds(matcher, pool.query)
            + (self._space.seconds[pool.query.text] if encoding else 0.0)
            for pool in found
        ]
        return _Timed(matcher, found, seconds, _index_bytes(index) / max(1, len(index)))

    def _late_rows(
        self, served: _Timed, base: dict[str, float], train_pools: Sequence[Pool]
    ) -> list[Row]:
        rows = []
        for name, stage in self._space.variants():
            of_train = scored(stage, train_pools)
            rows.append(
                self._stage_row(
                    f"served + {name}", stage, of_train, served, base, stage.store.bytes_per_record
                )
            )
        return rows

    def _learned_rows(
        self, served: _Timed, base: dict[str, float], train_pools: Sequence[Pool]
    ) -> list[Row]:
        late: LateInteraction = self._space.compact()
        index = served.matcher.index(Direction.NEED_TO_ACHIEVEMENT.corpus_kind)
        features = Features.of(index, self._encoder, late, self._asked.corpus)
        examples = Examples.of(features, train_pools, self._train.qrels)
        kept = features.bytes_per_record + late.store.bytes_per_record
        rows = []
        for name, make in RANKERS.items():
            ranker = examples.fit(make(), range(len(train_pools)))
            rows.append(
                self._stage_row(
                    f"served + learned, {name}",
                    Learned(features, ranker),
                    examples.cross_fitted(make),
                    served,
                    base,
                    kept,
                )
            )
        return rows

    def _cross_rows(
        self, served: _Timed, base: dict[str, float], train_pools: Sequence[Pool]
    ) -> list[Row]:
        ids = [query.id for query in self._train.queries]
        held_out = set(ids[::_HELD_OUT])
        lists = judged_lists(self._train_set, [i for i in ids if i not in held_out])
        lists += written_lists(training.load())
        network = train(
            self._model_dir,
            lists,
            CrossConfig(),
            lambda done, all_: self._told("cross", done, all_),
        )
        choosing = [pool for pool in train_pools if pool.query.id in held_out]
        rows = []
        for depth in CROSS_DEPTHS:
            stage = CrossStage(network, depth)
            of_train = scored(stage, choosing)
            # states of the candidates are made before anything is timed, as an index would keep them
            scored(stage, served.pools)
            rows.append(
                self._stage_row(
                    f"served + cross-encoder, first {depth}",
                    stage,
                    of_train,
                    served,
                    base,
                    network.bytes_per_record,
                )
            )
        return rows

    def _stage_row(
        self,
        name: str,
        stage: Stage,
        of_train: Sequence[Scored],
        served: _Timed,
        base: dict[str, float],
        kept: float,
    ) -> Row:
        """Weight from the scores of train needs, figures from the asked ones."""
        means = grid_means(self._train, of_train, WEIGHTS)
        found = scored(stage, served.pools)
        return self._row(name, found, best(means), base, served, kept, means)

    def _row(
        self,
        name: str,
        found: Sequence[Scored],
        weight: float,
        base: dict[str, float],
        system: _Timed,
        kept: float | None,
        means: dict[float, float] | None = None,
    ) -> Row:
        values = ndcg(self._asked, found, weight)
        run = {item.pool.query.id: item.ranked(weight) for item in found}
        first = measures.first_place(self._asked.qrels, run)
        self._told(f"{name}: {np.mean(list(values.values())):.4f}", 1, 1)
        staged = [item.seconds for item in found]
        totals = [a + b for a, b in zip(system.seconds, staged, strict=True)]
        return Row(
            variant=name,
            ndcg=estimate([values[query] for query in sorted(values)]),
            grade_3_first=sum(first.values()) / max(1, len(first)),
            test=None if name == SERVED else paired(base, values),
            stage_ms=None if kept is None else _median_ms(staged),
            total_ms=_median_ms(totals),
            bytes_per_record=system.bytes_per_record + (kept or 0.0),
            weight=None if kept is None else weight,
            train=means or {},
        )


def _unstaged(of: Sequence[Pool]) -> list[Scored]:
    return [Scored(pool, np.empty(0)) for pool in of]


def _seconds(matcher: Matcher, query: Listing) -> float:
    start = time.perf_counter()
    matcher.match(query, top_k=SHOWN)
    return time.perf_counter() - start


def _median_ms(seconds: Sequence[float]) -> float:
    return float(np.median(seconds)) * 1000


def _index_bytes(index: ListingIndex) -> int:
    """Of the vectors and postings that the configuration of `index` ranks by."""
    arm, total = Arm.of(index.config), 0
    for segment in index.segments:
        if arm is not Arm.LEXICAL:
            total += segment.dense.vectors.nbytes + segment.dense.starts.nbytes
        if arm is not Arm.DENSE:
            for name, postings in segment.fields.items():
                if name == "text" or index.config.lexical_title_weight:
                    total += postings.documents.nbytes + postings.frequencies.nbytes
                    total += postings.weights.nbytes + postings.indptr.nbytes
    return total
