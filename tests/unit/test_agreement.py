"""Cohen's kappa of judges, against values worked out by hand."""

from __future__ import annotations

import pytest

from service.cases.agreement import agreements, pooled


def graded(grades: list[int]) -> dict[tuple[str, str], int]:
    return {(f"N{i}", "A"): grade for i, grade in enumerate(grades)}


def test_kappa_is_the_one_of_the_textbook() -> None:
    """Ten pairs: observed 0.7; by chance 0.4·0.5 + 0.6·0.5 = 0.5; kappa (0.7 - 0.5) / 0.5."""
    one = [0, 0, 0, 0, 3, 3, 3, 3, 3, 3]
    other = [0, 0, 0, 3, 3, 3, 3, 3, 0, 0]
    (found,) = agreements({"乙": graded(other), "甲": graded(one)})
    assert found.judges == ("乙", "甲")
    assert (found.pairs, found.equal) == (10, 0.7)
    assert found.kappa == pytest.approx(0.4)
    # of two grades, order changes nothing
    assert found.weighted == found.suitable == found.kappa


def test_quadratic_weights_forgive_near_misses() -> None:
    near, far = [0, 1, 2, 3, 3, 2], [0, 1, 2, 3, 0, 2]
    truth = [0, 1, 2, 3, 2, 2]
    by = {k: graded(v) for k, v in (("far", far), ("near", near), ("truth", truth))}
    found = {a.judges: a for a in agreements(by)}
    close, wide = found["near", "truth"], found["far", "truth"]
    assert close.equal == wide.equal
    assert close.weighted is not None
    assert wide.weighted is not None
    assert close.weighted > wide.weighted


def test_only_common_pairs_count_and_undefined_is_not_a_number() -> None:
    by = {
        "a": {("N1", "A1"): 2, ("N2", "A1"): 2, ("N3", "A1"): 0},
        "b": {("N1", "A1"): 2, ("N2", "A1"): 2},
        "c": {("N9", "A1"): 1},
    }
    (found,) = agreements(by)
    assert (found.judges, found.pairs, found.equal) == (("a", "b"), 2, 1.0)
    assert found.kappa is found.weighted is found.suitable is None
    assert pooled([found]) is None
    assert agreements({"a": by["a"]}) == []
