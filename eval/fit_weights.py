"""Learns the weights of the structured fit from judged pairs, and says what they are worth.

Logistic regression of "grade at least `measures.SUITABLE`" on the text score and the aspects of a pair. The
weights of the aspects have a Gaussian prior centred on the assumed ones (maximum a posteriori) and
are not below 0; intercept and slope of the text score are free. An aspect enters as the mean of its
two sides, since a judged pair has one grade.

An aspect of which the judgements can say nothing is held at its prior. In the sample corpus that is
the chain: all matches lie within one chain because the corpus was written so. Its judges looked at
the texts alone, so what is learned there of the other aspects is association, not preference.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.model_selection import GroupKFold

from corpora.beir import Dataset
from eval import experiment, measures
from eval.significance import Comparison, Estimate, compare, estimate
from eval.systems import Encoders
from matcher.fit import Aspect, FitWeights, fits
from matcher.listing import Direction, Listing

Vector = NDArray[np.float64]

SYSTEM = "hybrid"
FOLDS = 5
_FREE = 2  # intercept and slope of the text score come before the aspects


@dataclass(frozen=True)
class Pairs:
    """n judged pairs: query of each, design (n, 2 + aspects: one, text score, aspects), target."""

    queries: NDArray[np.str_]
    design: Vector
    relevant: Vector

    def rows(self, chosen: NDArray[np.int64]) -> Pairs:
        """The pairs in the rows `chosen`."""
        return Pairs(self.queries[chosen], self.design[chosen], self.relevant[chosen])


@dataclass(frozen=True)
class Prior:
    """Gaussian prior of the weights: means by aspect, one deviation, and which are held there."""

    mean: Vector
    sd: float
    held: NDArray[np.bool_]

    @classmethod
    def of(cls, sd: float, held: frozenset[Aspect] = frozenset()) -> Prior:
        """The prior around the assumed weights."""
        mean = np.array([getattr(FitWeights(), aspect) for aspect in Aspect])
        return cls(mean, sd, np.array([aspect in held for aspect in Aspect]))

    @property
    def precision(self) -> Vector:
        """Of intercept and slope, which are free, and of the weights."""
        return np.concatenate([np.zeros(_FREE), np.full(len(self.mean), 1 / self.sd**2)])


@dataclass(frozen=True)
class AspectWeight:
    """One line of the report.

    `unbounded` is the estimate with nothing held or kept from being negative, `sd` its posterior
    deviation.
    """

    aspect: Aspect
    prior: float
    weight: float
    unbounded: float
    sd: float
    stated: float
    """Share of the judged pairs in which the aspect is not 0."""
    separates: bool
    """Every match has the aspect's highest value and other pairs lie lower: the prior alone bounds
    such a weight, and more often than not it shows how the pairs came to be judged."""

    @property
    def odds_ratio(self) -> float:
        """Factor on the odds of a match for one full point of the aspect."""
        return float(np.exp(self.weight))


@dataclass(frozen=True)
class Ranking:
    """nDCG@10 on the held-out queries with one choice of weights, compared with text alone."""

    name: str
    ndcg: Estimate
    change: Comparison


@dataclass(frozen=True)
class Report:
    """What was learned. Log losses are means per pair over held-out folds, split by query."""

    pairs: int
    matches: int
    queries: int
    prior_sd: float
    held: frozenset[Aspect]
    aspects: tuple[AspectWeight, ...]
    loss_text: float
    loss_fit: float
    fold_changes: tuple[float, ...]
    """Change of the log loss by the fit in each fold; below 0 is better."""
    rankings: tuple[Ranking, ...]

    @property
    def weights(self) -> FitWeights:
        """The learned weights."""
        return FitWeights.of({str(a.aspect): round(a.weight, 3) for a in self.aspects})


def learn(
    train: Dataset,
    held_out: Dataset,
    encoders: Encoders,
    *,
    prior_sd: float,
    held: frozenset[Aspect] = frozenset(),
    progress: experiment.StepProgress | None = None,
) -> Report:
    """Fit on `train`, cross-validate there, and rank `held_out` with and without the fit.

    `prior_sd` is the standard deviation of the prior, in log odds per point of an aspect; the
    weights of `held` stay what was assumed.
    """
    prior = Prior.of(prior_sd, held)
    run = _run(train, encoders, progress)
    pairs = judged_pairs(train, run)
    learned = maximum_a_posteriori(pairs, prior)
    loose = maximum_a_posteriori(pairs, Prior.of(prior_sd), bounded=False)
    spread = _posterior_sd(pairs, loose, Prior.of(prior_sd))
    text, full = _cross_validated(pairs, prior)
    highest = pairs.design[:, _FREE:] == pairs.design[:, _FREE:].max(axis=0)
    separates = highest[pairs.relevant > 0].all(axis=0) & ~highest.all(axis=0)
    stated = (pairs.design[:, _FREE:] != 0).mean(axis=0)
    return Report(
        pairs=len(pairs.relevant),
        matches=int(pairs.relevant.sum()),
        queries=len(np.unique(pairs.queries)),
        prior_sd=prior_sd,
        held=held,
        aspects=tuple(
            AspectWeight(aspect, *values)
            for aspect, *values in zip(
                Aspect,
                prior.mean.tolist(),
                learned[_FREE:].tolist(),
                loose[_FREE:].tolist(),
                spread[_FREE:].tolist(),
                stated.tolist(),
                separates.tolist(),
                strict=True,
            )
        ),
        loss_text=float(np.average([t for t, _ in text], weights=[n for _, n in text])),
        loss_fit=float(np.average([f for f, _ in full], weights=[n for _, n in full])),
        fold_changes=tuple(f - t for (t, _), (f, _) in zip(text, full, strict=True)),
        rankings=_rankings(held_out, _run(held_out, encoders, progress), learned, prior.mean),
    )


def judged_pairs(dataset: Dataset, run: measures.Run) -> Pairs:
    """Every judged pair of `dataset` that `run` scores."""
    documents = {listing.id: listing for listing in dataset.corpus}
    queries, rows, relevant = [], [], []
    for query in dataset.queries:
        scores = dict(run[query.id])
        for id_, grade in dataset.qrels[query.id].items():
            if id_ in scores:
                queries.append(query.id)
                rows.append([1.0, scores[id_], *aspect_values(query, documents[id_])])
                relevant.append(float(grade >= measures.SUITABLE))
    return Pairs(np.array(queries), np.array(rows), np.array(relevant))


def aspect_values(need: Listing, achievement: Listing) -> list[float]:
    """The mean of both sides for each aspect, in the order of `Aspect`."""
    return [(fit.forward + fit.backward) / 2 for fit in fits(need, achievement)]


def maximum_a_posteriori(pairs: Pairs, prior: Prior, *, bounded: bool = True) -> Vector:
    """Intercept, slope and weights with the highest posterior density.

    The prior acts on the weights alone. Raises ValueError where no optimum is found.
    """
    centre, precision = np.concatenate([np.zeros(_FREE), prior.mean]), prior.precision

    def objective(beta: Vector) -> tuple[float, Vector]:
        logits = pairs.design @ beta
        off = beta - centre
        loss = np.logaddexp(0, logits).sum() - pairs.relevant @ logits
        gradient = pairs.design.T @ (expit(logits) - pairs.relevant)
        return float(loss + precision @ off**2 / 2), gradient + precision * off

    lowest = 0.0 if bounded else None
    limits: list[tuple[float | None, float | None]] = [(None, None)] * _FREE
    limits += [
        (mean, mean) if held else (lowest, None)
        for mean, held in zip(prior.mean.tolist(), prior.held.tolist(), strict=True)
    ]
    found = minimize(
        objective, centre, jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": 2000}
    )
    if not found.success:
        msg = f"no optimum: {found.message}"
        raise ValueError(msg)
    return np.asarray(found.x, dtype=np.float64)


def _posterior_sd(pairs: Pairs, beta: Vector, prior: Prior) -> Vector:
    """Standard deviations of the Gaussian approximation at the optimum."""
    chance = expit(pairs.design @ beta)
    hessian = (pairs.design * (chance * (1 - chance))[:, None]).T @ pairs.design
    hessian += np.diag(prior.precision)
    return np.asarray(np.sqrt(np.diag(np.linalg.inv(hessian))), dtype=np.float64)


def _cross_validated(
    pairs: Pairs, prior: Prior
) -> tuple[list[tuple[float, int]], list[tuple[float, int]]]:
    """Log loss and size of each held-out fold: from the text alone, and with the aspects."""
    text: list[tuple[float, int]] = []
    full: list[tuple[float, int]] = []
    bare = Pairs(pairs.queries, pairs.design[:, :_FREE], pairs.relevant)
    no_aspects = Prior(prior.mean[:0], prior.sd, prior.held[:0])
    for fit_on, test_on in GroupKFold(FOLDS).split(pairs.design, groups=pairs.queries):
        for found, source, centre in ((text, bare, no_aspects), (full, pairs, prior)):
            beta = maximum_a_posteriori(source.rows(fit_on), centre)
            found.append((_log_loss(source.rows(test_on), beta), len(test_on)))
    return text, full


def _log_loss(pairs: Pairs, beta: Vector) -> float:
    logits = pairs.design @ beta
    return float((np.logaddexp(0, logits) - pairs.relevant * logits).mean())


def _run(
    dataset: Dataset, encoders: Encoders, progress: experiment.StepProgress | None
) -> measures.Run:
    topic = experiment.topic(dataset, Direction.NEED_TO_ACHIEVEMENT)
    return experiment.run_named(SYSTEM, topic, encoders, progress).run


def _rankings(
    dataset: Dataset, run: measures.Run, learned: Vector, prior: Vector
) -> tuple[Ranking, ...]:
    """Text alone, then its slope with the assumed weights, the learned ones, and these but chain."""
    values = _values(dataset, run)
    slope, weights = learned[_FREE - 1], learned[_FREE:]
    without_chain = np.where([aspect is Aspect.CHAIN for aspect in Aspect], 0.0, weights)
    baseline = _ndcg(dataset, run, values, slope, np.zeros(len(weights)))
    found = [Ranking("text", estimate(baseline), compare(baseline, baseline))]
    for name, chosen in (
        ("prior", prior),
        ("learned", weights),
        ("learned, no chain", without_chain),
    ):
        ndcg = _ndcg(dataset, run, values, slope, chosen)
        found.append(Ranking(name, estimate(ndcg), compare(baseline, ndcg)))
    return tuple(found)


def _values(dataset: Dataset, run: measures.Run) -> dict[str, Vector]:
    """For each query (documents of its run, aspects)."""
    documents = {listing.id: listing for listing in dataset.corpus}
    return {
        query.id: np.array([aspect_values(query, documents[id_]) for id_, _ in run[query.id]])
        for query in dataset.queries
    }


def _ndcg(
    dataset: Dataset, run: measures.Run, values: dict[str, Vector], slope: float, weights: Vector
) -> list[float]:
    """nDCG@10 of every answerable query, in their order, ranked by text score and aspects."""
    ranked = {}
    for query, found in run.items():
        scores = slope * np.array([s for _, s in found]) + values[query] @ weights
        order = np.argsort(-scores, kind="stable")
        ranked[query] = [(found[i][0], float(scores[i])) for i in order]
    by_query = measures.per_query(dataset.qrels, ranked)["nDCG@10"]
    return [by_query[query] for query in measures.answerable(dataset.qrels)]


def as_toml(report: Report, corpus: str, fingerprint: str, today: date) -> str:
    """The file that `matcher.fit.served_weights` reads, with what it rests on as comments."""
    learned, change = report.rankings[2].ndcg.mean, report.rankings[2].change.difference
    held = ", ".join(sorted(report.held)) or "none"
    lines = [
        "# Log odds that a full point of each aspect adds to a pair. Written by `jiebang fit-weights`.",
        f"# {today.isoformat()}: {report.pairs} judged pairs of {report.queries} needs, {corpus};",
        f"# text score {SYSTEM}, model {fingerprint[:16]}, prior deviation {report.prior_sd:g},",
        f"# held at the prior: {held}.",
        f"# Cross-validated log loss {report.loss_text:.4f} by text, {report.loss_fit:.4f} with fit;",
        f"# held-out nDCG@10 {learned:.4f}, change {change.mean:+.4f} "
        f"[{change.low:+.4f}, {change.high:+.4f}].",
        "",
        "[weights]",
    ]
    lines += [f"{name} = {value}" for name, value in asdict(report.weights).items()]
    return "\n".join(lines) + "\n"
