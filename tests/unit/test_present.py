"""How a probability is told to readers."""

from __future__ import annotations

import pytest

from service.present import chance


@pytest.mark.parametrize(
    ("probability", "told"),
    [
        (0.0, "1% 以下"),
        (0.004, "1% 以下"),
        (0.006, "1%"),
        (0.554, "55%"),
        (0.994, "99%"),
        (0.996, "99% 以上"),
        (1.0, "99% 以上"),
    ],
)
def test_a_probability_is_never_told_as_certain(probability: float, told: str) -> None:
    assert chance(probability) == told
