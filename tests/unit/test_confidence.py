"""Calibrated probability, bands, abstention, and the fit behind them."""

from __future__ import annotations

import numpy as np
import pytest

from eval.calibration_report import assess
from eval.confidence import Calibrated, Check, as_toml, fit, threshold
from eval.experiment import SystemRun, Topic
from matcher import confidence
from matcher.confidence import Band, Calibration, Confidence, Evidence
from matcher.config import MatcherConfig
from matcher.listing import Direction

CALIBRATION = Calibration(
    slope=10.0,
    figures_slope=20.0,
    background_slope=-5.0,
    intercept=-1.0,
    usual_background=0.2,
    threshold=0.3,
)


def probability(text: float, background: float | None, figures: float = 0.0) -> float:
    return CALIBRATION.probability(Evidence(text, figures, background))


def test_probability_follows_the_logistic_by_hand() -> None:
    assert probability(0.2, 0.2) == pytest.approx(0.5)
    assert probability(0.0, 0.2) == pytest.approx(0.119203)
    assert probability(0.2, 0.0) == pytest.approx(0.731059)
    assert probability(0.2, 0.2, figures=-0.05) == pytest.approx(0.268941)
    assert probability(0.1, 0.2) < probability(0.11, 0.2)


def test_a_query_without_background_has_the_usual_one() -> None:
    assert probability(0.3, None) == probability(0.3, 0.2)


@pytest.mark.parametrize(
    ("probability", "band"),
    [(0.29, Band.LOW), (0.3, Band.MIDDLE), (0.49, Band.MIDDLE), (0.5, Band.HIGH)],
)
def test_bands(probability: float, band: Band) -> None:
    assert CALIBRATION.band(probability) is band
    assert CALIBRATION.suitable(probability) is (band is not Band.LOW)


def test_a_calibration_holds_for_its_model_and_parameters_only() -> None:
    direction = Direction.NEED_TO_ACHIEVEMENT
    known = Confidence("model", "parameters", {direction: CALIBRATION})
    assert known.of(direction, "model", "parameters") is CALIBRATION
    assert known.of(direction, "other", "parameters") is None
    assert known.of(direction, "model", "other") is None
    assert known.of(Direction.ACHIEVEMENT_TO_NEED, "model", "parameters") is None


def test_the_shipped_numbers_belong_to_the_shipped_parameters() -> None:
    assert confidence.shipped().scoring == MatcherConfig().scoring_fingerprint
    assert set(confidence.shipped().calibrations) == set(Direction)
    assert MatcherConfig(depth=7).scoring_fingerprint == MatcherConfig().scoring_fingerprint
    assert MatcherConfig(dense_weight=0.5).scoring_fingerprint != confidence.shipped().scoring


def test_expected_calibration_error_by_hand() -> None:
    def expected_calibration_error(labels: list[float]) -> float:
        return assess(zip([0.05, 0.05, 0.95, 0.95], labels, strict=True)).ece_equal_width

    assert expected_calibration_error([0.0, 0, 1, 1]) == pytest.approx(0.05)
    # the lower bin promises 0.05 and gives 0.5, the upper one promises 0.95 and gives 1
    assert expected_calibration_error([1.0, 0, 1, 1]) == pytest.approx(0.25)


def test_threshold_refuses_at_most_a_tenth_of_the_answerable() -> None:
    suitable = [i / 20 for i in range(1, 21)]
    cut = threshold(suitable, [0.02, 0.07, 0.6])
    assert sum(p < cut for p in suitable) == 1
    assert 0.07 < cut <= 0.10


def test_a_further_answerable_query_is_refused_in_at_most_a_tenth_of_cases() -> None:
    rng = np.random.default_rng(1)
    refused = [float(rng.random()) < threshold(rng.random(66).tolist(), []) for _ in range(4000)]
    assert np.mean(refused) <= 0.10


def test_fit_recovers_a_logistic_and_separates() -> None:
    rng = np.random.default_rng(0)
    run: dict[str, list[tuple[str, float]]] = {}
    qrels: dict[str, dict[str, int]] = {}
    evidence: dict[str, list[Evidence]] = {}
    for q in range(400):
        scores, background = np.sort(rng.random(10))[::-1], float(rng.random())
        figures = rng.random(10)
        logits = 8 * scores + 2 * figures - 3 * background - 3
        labels = rng.random(10) < 1 / (1 + np.exp(-logits))
        run[f"q{q}"] = [(f"d{i}", 0.0) for i in range(10)]  # the score with fit counts for nothing
        pairs = zip(scores.tolist(), figures.tolist(), strict=True)
        evidence[f"q{q}"] = [Evidence(text, more, background) for text, more in pairs]
        qrels[f"q{q}"] = {f"d{i}": 3 if label else 0 for i, label in enumerate(labels)}
    direction = Direction.NEED_TO_ACHIEVEMENT
    topic = Topic(direction, [], [], qrels)
    fitted = fit(topic, SystemRun("served", direction, run, {}, "", evidence=evidence))
    assert fitted.slope == pytest.approx(8, abs=1)
    assert fitted.figures_slope == pytest.approx(2, abs=0.6)
    assert fitted.background_slope == pytest.approx(-3, abs=0.8)
    assert fitted.intercept == pytest.approx(-3, abs=0.8)
    assert fitted.usual_background == pytest.approx(0.5, abs=0.05)


def test_the_written_file_is_read_back() -> None:
    checked = Check(assess([(0.1, 0.0), (0.9, 1.0)]), 1, 1, 1, 0)
    text = as_toml("m", "s", dict.fromkeys(Direction, Calibrated(CALIBRATION, checked, checked)))
    assert confidence.read(text) == Confidence("m", "s", dict.fromkeys(Direction, CALIBRATION))
