"""Fits and checks the calibration of `served`: Platt scaling on dev, looked at again on train.

A pair counts as suitable when it is graded 2 or 3. Fitted are the judged pairs among the first ten of
every dev query, unanswerable ones included, because those are the pairs that a reader sees. The
threshold is the one that recognises the most unanswerable dev queries while a further answerable one is
refused with a probability of at most `REFUSED`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from corpora.beir import load_dataset
from eval import experiment
from eval.calibration_report import CalibrationReport, assess
from eval.errors import EvaluationError
from eval.experiment import SHOWN, StepProgress, SystemRun, Topic
from eval.measures import SUITABLE
from matcher.confidence import Calibration, Evidence
from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.listing import Direction

REFUSED = 0.10
"""Largest share of answerable queries, of the kind of the fitted ones, that the threshold may refuse."""
_NO_PENALTY = 1e6
_SMALLEST = 1e-9
_CLASSES = 2

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Check:
    """How a calibration does on one split: its errors, and abstention."""

    calibration: CalibrationReport
    unanswerable: int
    recognised: int
    answerable: int
    refused: int


def judged_pairs(topic: Topic, run: SystemRun) -> tuple[Floats, Floats]:
    """Judged pairs in the top ten: (n, 3) text, figures, background; (n,) 1 for a grade of 2 or 3.

    Pairs of queries without a background are left out.
    """
    rows, labels = [], []
    for evidence, grade in _judged(topic, run):
        if evidence.background is not None:
            rows.append((evidence.text, evidence.figures, evidence.background))
            labels.append(float(grade >= SUITABLE))
    return np.array(rows).reshape(-1, 3), np.array(labels)


def _judged(topic: Topic, run: SystemRun) -> Iterator[tuple[Evidence, int]]:
    for query, ranked in run.run.items():
        grades = topic.qrels.get(query, {})
        for (document, _), evidence in zip(ranked[:SHOWN], run.evidence[query], strict=True):
            if document in grades:
                yield evidence, grades[document]


def fit(topic: Topic, run: SystemRun) -> Calibration:
    """Platt scaling over the judged pairs, and the threshold, both from this split.

    Raises EvaluationError where they are all suitable, all unsuitable, or none.
    """
    rows, labels = judged_pairs(topic, run)
    if len(set(labels.tolist())) < _CLASSES:
        msg = (
            f"{topic.direction}：前 {SHOWN} 名里已评判的对不够（要有适合的，也要有不适合的，"
            "语料至少三十条），无法校准"
        )
        raise EvaluationError(msg)
    # standardised for the solver: the values are small and lie close together
    mean, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), _SMALLEST)
    model = LogisticRegression(C=_NO_PENALTY).fit((rows - mean) / spread, labels)
    slopes = model.coef_[0] / spread
    slope, figures_slope, background_slope = slopes.tolist()
    intercept = float(model.intercept_[0] - slopes @ mean)
    plain = Calibration(
        slope=round(slope, 6),
        figures_slope=round(figures_slope, 6),
        background_slope=round(background_slope, 6),
        intercept=round(intercept, 6),
        usual_background=round(float(mean[2]), 6),
        threshold=0.0,
    )
    suitable, unsuitable = _best_probabilities(topic, run, plain)
    return replace(plain, threshold=threshold(suitable, unsuitable))


def threshold(suitable: Sequence[float], unsuitable: Sequence[float]) -> float:
    """The cut on a query's best probability; in the middle of the gap that it falls into.

    `suitable` and `unsuitable` are the best probabilities of answerable and of unanswerable
    queries. A further answerable query lies below it with a probability of at most `REFUSED`, which is the
    split-conformal quantile (Papadopoulos et al. 2002): of n fitted ones floor(REFUSED (n + 1)) - 1 may.
    """
    ordered = sorted(suitable)
    allowed = max(0, int(REFUSED * (len(ordered) + 1)) - 1)
    upper = ordered[allowed]
    below = [p for p in [*ordered[:allowed], *unsuitable] if p < upper]
    return round((upper + max(below, default=0.0)) / 2, 4)


def check(topic: Topic, run: SystemRun, calibration: Calibration) -> Check:
    """Calibration and abstention of `calibration` on a split."""
    pairs = [
        (calibration.probability(evidence), float(grade >= SUITABLE))
        for evidence, grade in _judged(topic, run)
    ]
    suitable, unsuitable = _best_probabilities(topic, run, calibration)
    return Check(
        calibration=assess(pairs),
        unanswerable=len(unsuitable),
        recognised=sum(not calibration.suitable(p) for p in unsuitable),
        answerable=len(suitable),
        refused=sum(not calibration.suitable(p) for p in suitable),
    )


def _best_probabilities(
    topic: Topic, run: SystemRun, calibration: Calibration
) -> tuple[list[float], list[float]]:
    """The highest probability among the shown matches, of answerable and unanswerable queries."""
    answerable = set(topic.answerable)
    found: tuple[list[float], list[float]] = ([], [])
    for query, evidence in run.evidence.items():
        if evidence:
            best = max(map(calibration.probability, evidence))
            found[query not in answerable].append(best)
    return found


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The calibration of one direction, fitted on dev, and how it does on dev and on train."""

    calibration: Calibration
    dev: Check
    train: Check


def calibrate(
    folder: Path, config: MatcherConfig, encoder: Encoder, progress: StepProgress | None = None
) -> dict[Direction, Calibrated]:
    """Fit both directions of `config` on the dev part of the collection in `folder`."""
    found = {}
    for direction in Direction:
        topics = {s: experiment.topic(load_dataset(folder, s), direction) for s in ("dev", "train")}
        runs = {
            s: experiment.run_config("served", config, t, encoder, progress)
            for s, t in topics.items()
        }
        fitted = fit(topics["dev"], runs["dev"])
        dev, train = (check(topics[s], runs[s], fitted) for s in ("dev", "train"))
        found[direction] = Calibrated(fitted, dev, train)
    return found


def as_toml(model: str, scoring: str, fitted: Mapping[Direction, Calibrated]) -> str:
    """The text of a `confidence.toml`."""
    lines = [
        "# Written by `jiebang fit-confidence`; see eval/README.md. Fitted on the dev part of the",
        "# sample corpus for this model and these scoring parameters, and for no others.",
        f'model = "{model}"',
        f'scoring = "{scoring}"',
    ]
    for direction, found in fitted.items():
        lines += [
            "",
            f"[{direction}]",
            *(f"{name} = {value}" for name, value in asdict(found.calibration).items()),
            f"fitted_pairs = {found.dev.calibration.pairs}",
            f"fitted_base_rate = {found.dev.calibration.base_rate:.4f}",
        ]
    return "\n".join(lines) + "\n"
