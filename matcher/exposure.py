"""How evenly places are spread over those who could hold them."""

from __future__ import annotations

from collections.abc import Sequence


def gini(counts: Sequence[int]) -> float:
    """The Gini coefficient of `counts`: 0 where all are equal, near 1 where one has everything.

    0 of nothing. From the mean difference of ascending values x: sum((2i - n - 1) x_i) / (n sum(x)).
    """
    ordered = sorted(counts)
    total, n = sum(ordered), len(ordered)
    if not total:
        return 0.0
    return sum((2 * i - n - 1) * x for i, x in enumerate(ordered, start=1)) / (n * total)
