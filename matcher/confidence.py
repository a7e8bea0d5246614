"""From a score to the probability that an expert grades the pair 2 or 3, and to "nothing suitable".

Platt scaling (Platt 1999): p = 1 / (1 + exp(-(slope * score + intercept))), so probabilities are in
the order of the scores. The numbers are fitted by `jiebang fit-confidence` on the dev part of the
sample corpus and stand in `confidence.toml` with what they were fitted on. They hold for one model
and one set of scoring parameters; for any other there is no probability rather than a wrong one.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from matcher.listing import Direction

HIGH = 0.5
"""From here on a pair is more likely suitable than not."""
DECIMALS = 6


class Band(StrEnum):
    """What a probability is called: `HIGH` from 0.5, `LOW` below the direction's threshold."""

    HIGH = "high"
    MIDDLE = "middle"
    LOW = "low"

    @property
    def label_zh(self) -> str:
        """The word a reader sees."""
        return {"high": "高", "middle": "中", "low": "低"}[self.value]


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted numbers of one direction.

    A query is answered when its best match has a probability of at least `threshold`.
    """

    slope: float
    intercept: float
    threshold: float

    def probability(self, score: float) -> float:
        """Probability in [0, 1] of a grade of 2 or 3 for a pair with this score."""
        return round(1 / (1 + math.exp(-(self.slope * score + self.intercept))), DECIMALS)

    def suitable(self, probability: float) -> bool:
        """Whether a match of this probability passes for an answer."""
        return probability >= self.threshold

    def band(self, probability: float) -> Band:
        """The band of a probability."""
        if probability < self.threshold:
            return Band.LOW
        return Band.HIGH if probability >= HIGH else Band.MIDDLE


@dataclass(frozen=True)
class Confidence:
    """Calibrations by direction, with the model and scoring parameters that they belong to."""

    model: str
    scoring: str
    calibrations: dict[Direction, Calibration]

    def of(self, direction: Direction, model: str, scoring: str) -> Calibration | None:
        """The calibration of a direction; None for another model or other parameters."""
        if (model, scoring) != (self.model, self.scoring):
            return None
        return self.calibrations.get(direction)


@lru_cache(maxsize=1)
def shipped() -> Confidence:
    """The numbers that come with the matcher."""
    text = files("matcher").joinpath("confidence.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Confidence(
        data["model"],
        data["scoring"],
        {
            direction: Calibration(
                **{name: data[direction][name] for name in ("slope", "intercept", "threshold")}
            )
            for direction in Direction
        },
    )
