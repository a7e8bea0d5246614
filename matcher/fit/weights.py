"""From single aspects to one adjustment per side, and from two one-sided scores to one."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib.resources import files

from matcher.fit.model import Fit


@dataclass(frozen=True, slots=True)
class FitWeights:
    """Log odds that a full point of each aspect adds to a pair; none is below 0.

    The values here are what was assumed before any data; `served_weights` gives those in use.
    """

    chain: float = 0.5
    region: float = 0.3
    maturity: float = 0.5
    money: float = 0.5
    cooperation: float = 0.3
    rights: float = 0.2

    def __post_init__(self) -> None:
        """Raise ValueError for a weight that is negative or not finite."""
        for name, value in asdict(self).items():
            if not (math.isfinite(value) and value >= 0):
                msg = f"the weight of {name} is {value}; it must be 0 or more"
                raise ValueError(msg)

    @classmethod
    def of(cls, values: Mapping[str, object]) -> FitWeights:
        """Weights by name of aspect; raises ValueError unless exactly every aspect has a number."""
        names = [f.name for f in fields(cls)]
        if sorted(values) != sorted(names):
            msg = f"expected the weights {', '.join(names)}, got {', '.join(values)}"
            raise ValueError(msg)
        numbers = {k: float(v) for k, v in values.items() if isinstance(v, int | float)}
        if len(numbers) < len(names):
            msg = f"weights must be numbers, got {dict(values)}"
            raise ValueError(msg)
        return cls(**numbers)


@cache
def served_weights() -> FitWeights:
    """The weights of `weights.toml`, which `jiebang fit-weights` writes."""
    text = files("matcher.fit").joinpath("weights.toml").read_text(encoding="utf-8")
    return FitWeights.of(tomllib.loads(text)["weights"])


def combine(fits: Iterable[Fit], weights: FitWeights) -> tuple[float, float]:
    """Forward and backward adjustment of a pair, each in [-1, 1]; 0 where every aspect is neutral.

    With z the sum of weight times value it is tanh(z / 2) = 2 / (1 + exp(-z)) - 1: an even chance,
    shifted by z log odds, on the scale from -1 to 1. So weights of 0 adjust nothing.
    """
    forward = backward = 0.0
    for fit in fits:
        weight: float = getattr(weights, fit.aspect.value)
        forward += weight * fit.forward
        backward += weight * fit.backward
    return math.tanh(forward / 2), math.tanh(backward / 2)


def reciprocal(forward: float, backward: float) -> float:
    """Harmonic mean of two scores in [0, 1]; raises ValueError outside.

    A match comes about only if both sides want it. The harmonic mean lies nearest to the smaller of
    the two, so a pair that one side would refuse cannot be carried by the other side's wish, as it
    can under the arithmetic mean. Ways to fuse both sides are surveyed by Palomares et al.
    (arXiv 2007.16120).
    """
    if not (0 <= forward <= 1 and 0 <= backward <= 1):
        msg = f"scores must lie in [0, 1], got {forward} and {backward}"
        raise ValueError(msg)
    total = forward + backward
    return 2 * forward * backward / total if total else 0.0
