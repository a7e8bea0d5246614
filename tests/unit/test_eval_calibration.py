"""Calibration errors and abstention curves against values worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from eval.abstention import abstention
from eval.calibration_report import assess, calibration_report
from eval.experiment import SystemRun, Topic
from matcher.listing import Direction, Kind, Listing

FORWARD = Direction.NEED_TO_ACHIEVEMENT


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The definition over ten bins of equal width, worked out another way than the report does."""
    bins = np.minimum((probabilities * 10).astype(int), 9)
    return sum(
        abs(probabilities[bins == b].mean() - labels[bins == b].mean()) * (bins == b).mean()
        for b in np.unique(bins)
    )


def topic(qrels: dict[str, dict[str, int]]) -> Topic:
    documents = sorted({d for grades in qrels.values() for d in grades})
    return Topic(
        FORWARD,
        [Listing(q, Kind.NEED, "", q) for q in qrels],
        [Listing(d, Kind.ACHIEVEMENT, "", d) for d in documents],
        qrels,
    )


def test_calibration_equals_the_values_worked_by_hand() -> None:
    # twenty pairs: ten at 0.2 of which three are positive, ten at 0.7 of which six are
    pairs = [(0.2, float(i < 3)) for i in range(10)] + [(0.7, float(i < 6)) for i in range(10)]
    found = assess(pairs)
    # equal width: two bins, each off by 0.1
    assert found.ece_equal_width == pytest.approx(0.1)
    assert [(b.pairs, b.predicted, b.observed) for b in found.bins_equal_width] == [
        (10, pytest.approx(0.2), pytest.approx(0.3)),
        (10, pytest.approx(0.7), pytest.approx(0.6)),
    ]
    # equal mass: ten bins of two; sorted by label, 0.2 has bins with 0, 0, 0, 1/2 and 1 observed
    # and 0.7 has 0, 0, 1, 1, 1
    assert [b.observed for b in found.bins] == [0, 0, 0, 0.5, 1, 0, 0, 1, 1, 1]
    off = [0.2, 0.2, 0.2, 0.3, 0.8, 0.7, 0.7, 0.3, 0.3, 0.3]
    assert found.ece == pytest.approx(sum(off) / 10)
    # Brier: 3 * 0.8^2 + 7 * 0.2^2 + 6 * 0.3^2 + 4 * 0.7^2, over 20; base rate 9 / 20
    assert found.brier == pytest.approx((1.92 + 0.28 + 0.54 + 1.96) / 20)
    assert found.base_rate == pytest.approx(0.45)
    assert found.brier_base_rate == pytest.approx(0.45 * 0.55)


def test_the_equal_width_error_is_that_of_the_fit() -> None:
    import numpy as np

    rng = np.random.default_rng(7)
    probabilities = rng.random(200)
    labels = (rng.random(200) < probabilities).astype(float)
    found = assess(zip(probabilities, labels, strict=True))
    assert found.ece_equal_width == pytest.approx(expected_calibration_error(probabilities, labels))


def test_order_of_the_pairs_does_not_matter_and_few_pairs_do() -> None:
    pairs = [(0.5, 1.0), (0.5, 0.0), (0.5, 0.0)] * 7
    assert assess(pairs) == assess(pairs[::-1])
    one = assess([(1.0, 1.0)])
    assert (one.ece, one.brier, one.pairs, len(one.bins)) == (0.0, 0.0, 1, 1)


def test_only_judged_pairs_of_the_first_ten_with_a_probability_count() -> None:
    ranked = [(f"d{i}", 1.0 - i / 100) for i in range(12)]
    qrels = {"q": {"d0": 3, "d1": 1, "d2": 2, "d11": 3}}
    run = SystemRun("s", FORWARD, {"q": ranked}, {"q": True}, "", {"q": [0.9] * 10})
    found = calibration_report(topic(qrels), run)
    assert found is not None
    assert found.pairs == 3  # d11 lies too deep, the others are not judged
    assert found.base_rate == pytest.approx(2 / 3)  # a grade of 1 is not suitable
    without = SystemRun("s", FORWARD, {"q": ranked}, {"q": True}, "", {"q": [None] * 10})
    assert calibration_report(topic(qrels), without) is None


QRELS = {"a": {"x": 3, "y": 0}, "b": {"x": 2, "y": 0}, "c": {"x": 1}, "none": {"x": 0, "y": 0}}
RUN = {
    "a": [("x", 0.9), ("y", 0.1)],
    "b": [("y", 0.6), ("x", 0.5)],
    "c": [("x", 0.3)],
    "none": [("y", 0.5), ("x", 0.2)],
}


def test_the_abstention_curve_equals_the_values_worked_by_hand() -> None:
    answered = {"a": True, "b": True, "c": False, "none": False}
    probabilities = {q: [score for _, score in ranked] for q, ranked in RUN.items()}
    found = abstention(topic(QRELS), SystemRun("s", FORWARD, RUN, answered, "", probabilities))
    assert found.confidence == "probability"
    curve = [
        (p.threshold, p.coverage, p.precision, p.unanswerable_refused, p.answerable_refused)
        for p in found.curve
    ]
    assert curve == [
        (0.9, 0.25, 1.0, 1.0, pytest.approx(2 / 3)),
        (0.6, 0.5, 0.5, 1.0, pytest.approx(1 / 3)),
        (0.5, 0.75, pytest.approx(1 / 3), 0.0, pytest.approx(1 / 3)),
        (0.3, 1.0, 0.25, 0.0, 0.0),
    ]
    point = found.operating
    assert (point.threshold, point.coverage, point.precision) == (None, 0.5, 0.5)
    assert (point.unanswerable_refused, point.answerable_refused) == (1.0, pytest.approx(1 / 3))


def test_without_probabilities_the_score_is_the_confidence() -> None:
    found = abstention(topic(QRELS), SystemRun("s", FORWARD, RUN, dict.fromkeys(RUN, True), ""))
    assert found.confidence == "score"
    assert [p.threshold for p in found.curve] == [0.9, 0.6, 0.5, 0.3]
    assert found.operating.coverage == 1.0


def test_a_query_without_matches_is_refused_everywhere() -> None:
    run = SystemRun("s", FORWARD, {**RUN, "b": []}, dict.fromkeys(RUN, False), "")
    found = abstention(topic(QRELS), run)
    assert found.curve[-1].coverage == 0.75
    assert found.operating.precision is None


def test_a_long_curve_is_thinned_and_keeps_its_end() -> None:
    qrels = {f"q{i}": {"x": 3} for i in range(501)}
    ranked = {q: [("x", i / 501)] for i, q in enumerate(qrels)}
    found = abstention(topic(qrels), SystemRun("s", FORWARD, ranked, {}, ""))
    assert len(found.curve) <= 101
    assert found.curve[-1].coverage == 1.0
    assert found.curve[0].unanswerable_refused is None
