"""Shares with what they are of, and how sure they are."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Rate:
    """`count` of `total`, with the 95 % Wilson interval of their ratio; (0, 1) where total is 0.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical inference.
    """

    name: str
    label: str
    count: int
    total: int

    @property
    def value(self) -> float | None:
        """The ratio; None of nothing."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound."""
        n = self.total
        if not n:
            return 0.0, 1.0
        p, z2 = self.count / n, _Z * _Z
        middle = (p + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)
