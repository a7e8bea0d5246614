"""Learning to rank over the features of all stages, from the train judgements of the sample.

Three models, each of them small: 5,800 judgements of 129 needs carry no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from eval import measures
from eval.rerankers.features import Features, Matrix
from eval.rerankers.stage import Pool, Scored, Scores

FOLDS = 5
_SEED = 0


class Ranker(Protocol):
    """Learns from judged pairs and scores others."""

    def fit(self, design: Matrix, grades: NDArray[np.int64], needs: NDArray[np.int64]) -> Ranker:
        """Learn from n pairs: design (n, features), grades and number of the need (n,)."""

    def scores(self, design: Matrix) -> Scores:
        """(n,) higher is better; differences within a need mean something, levels need not."""


class Logistic:
    """Log odds of a suitable grade, linear in the features."""

    def __init__(self) -> None:
        self._model: Any = make_pipeline(StandardScaler(), LogisticRegression(C=0.3, max_iter=2000))

    def fit(self, design: Matrix, grades: NDArray[np.int64], needs: NDArray[np.int64]) -> Logistic:
        """See `Ranker.fit`; pairs are taken one by one."""
        self._model.fit(design, grades >= measures.SUITABLE)
        return self

    def scores(self, design: Matrix) -> Scores:
        """See `Ranker.scores`."""
        return np.asarray(self._model.decision_function(design), dtype=np.float64)


class Pairwise:
    """Linear; log odds that the better graded of two records of a need comes first (RankNet's loss)."""

    def __init__(self) -> None:
        self._scaler: Any = StandardScaler()
        self._model: Any = LogisticRegression(C=0.01, fit_intercept=False, max_iter=2000)

    def fit(self, design: Matrix, grades: NDArray[np.int64], needs: NDArray[np.int64]) -> Pairwise:
        """See `Ranker.fit`; every two records of a need with different grades are one example."""
        placed = self._scaler.fit_transform(design)
        better, worse = preferences(grades, needs)
        differences = placed[better] - placed[worse]
        gaps = (grades[better] - grades[worse]).astype(np.float64)
        # both signs, so that there are two classes and no intercept is wanted
        self._model.fit(
            np.concatenate([differences, -differences]),
            np.repeat([1, 0], len(differences)),
            sample_weight=np.concatenate([gaps, gaps]),
        )
        return self

    def scores(self, design: Matrix) -> Scores:
        """See `Ranker.scores`."""
        placed = self._scaler.transform(design)
        return np.asarray(placed @ self._model.coef_[0], dtype=np.float64)


class Boosting:
    """The grade itself by shallow boosted trees."""

    def __init__(self) -> None:
        self._model: Any = HistGradientBoostingRegressor(
            max_iter=120, learning_rate=0.05, max_leaf_nodes=8, min_samples_leaf=30,
            l2_regularization=1.0, random_state=_SEED,
        )  # fmt: skip

    def fit(self, design: Matrix, grades: NDArray[np.int64], needs: NDArray[np.int64]) -> Boosting:
        """See `Ranker.fit`; pairs are taken one by one."""
        self._model.fit(design, grades.astype(np.float64))
        return self

    def scores(self, design: Matrix) -> Scores:
        """See `Ranker.scores`."""
        return np.asarray(self._model.predict(design), dtype=np.float64)


RANKERS: Mapping[str, Callable[[], Ranker]] = {
    "logistic": Logistic,
    "pairwise": Pairwise,
    "boosting": Boosting,
}


def preferences(
    grades: NDArray[np.int64], needs: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row numbers (better, worse) of every two records of one need whose grades differ."""
    pairs = [
        (a, b)
        for need in np.unique(needs)
        for a, b in product(np.flatnonzero(needs == need).tolist(), repeat=2)
        if grades[a] > grades[b]
    ]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


@dataclass(frozen=True)
class Learned:
    """A fitted ranker as a stage."""

    features: Features
    ranker: Ranker

    @property
    def depth(self) -> int:
        """That of the late interaction among the features."""
        return self.features.late.depth

    def scores(self, pool: Pool) -> Scores:
        """See `Stage.scores`."""
        return self.ranker.scores(self.features.matrix(pool))


@dataclass(frozen=True)
class Examples:
    """Designs of the candidates of needs, with their judgements."""

    pools: Sequence[Pool]
    designs: Sequence[Matrix]
    qrels: measures.Qrels

    @classmethod
    def of(cls, features: Features, pools: Sequence[Pool], qrels: measures.Qrels) -> Examples:
        """Work out the design of every pool."""
        return cls(pools, [features.matrix(pool) for pool in pools], qrels)

    def fit(self, ranker: Ranker, chosen: Sequence[int]) -> Ranker:
        """`ranker` fitted on the judged candidates of the pools in the places `chosen`."""
        rows, grades, needs = [], [], []
        for number in chosen:
            judged = self.qrels[self.pools[number].query.id]
            ids = [m.listing.id for m in self.pools[number].matches[: len(self.designs[number])]]
            for row, id_ in zip(self.designs[number], ids, strict=True):
                if id_ in judged:
                    rows.append(row)
                    grades.append(judged[id_])
                    needs.append(number)
        return ranker.fit(np.array(rows), np.array(grades), np.array(needs))

    def cross_fitted(self, make: Callable[[], Ranker]) -> list[Scored]:
        """Every pool scored by a ranker that saw none of its need."""
        numbers = np.arange(len(self.pools))
        found: dict[int, Scored] = {}
        for known, held_out in GroupKFold(FOLDS).split(numbers, groups=numbers):
            ranker = self.fit(make(), known.tolist())
            for number in held_out.tolist():
                scores = ranker.scores(self.designs[number])
                found[number] = Scored(self.pools[number], scores)
        return [found[number] for number in range(len(self.pools))]
