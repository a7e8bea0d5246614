"""From a score to the probability that an expert grades the pair 2 or 3, and to "nothing suitable".

Platt scaling (Platt 1999) over `Evidence`: p = 1 / (1 + exp(-(slope * text + figures_slope * figures +
background_slope * background + intercept))). Structured fit is no part of it, because an expert who
grades whether an achievement solves a problem looks at the texts; so a probability does not depend on
what either side states of place and money, and may depart from the order of the scores by as much as
fit moves them.

The numbers are fitted by `jiebang fit-confidence` on the dev part of the sample corpus and stand in
`confidence.toml` with what they were fitted on. They hold for one model and one set of scoring
parameters; for any other there is no probability rather than a wrong one.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, fields
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
class Evidence:
    """What the probability of a pair rests on.

    `text` is the fused score, `figures` what figures changed in it, `background` what the query
    scores with listings that share its words by chance (`matcher.index.Retrieved`).
    """

    text: float
    figures: float
    background: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted numbers of one direction.

    A query is answered when one of its matches has a probability of at least `threshold`.
    `usual_background` stands in where a query has no background, as in a corpus of a few records.
    """

    slope: float
    figures_slope: float
    background_slope: float
    intercept: float
    usual_background: float
    threshold: float

    def probability(self, evidence: Evidence) -> float:
        """Probability in [0, 1] of a grade of 2 or 3 for a pair."""
        background = evidence.background
        logit = (
            self.slope * evidence.text
            + self.figures_slope * evidence.figures
            + self.background_slope * (self.usual_background if background is None else background)
            + self.intercept
        )
        return round(1 / (1 + math.exp(-logit)), DECIMALS)

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
    return read(files("matcher").joinpath("confidence.toml").read_text(encoding="utf-8"))


def read(text: str) -> Confidence:
    """The numbers in the text of a file that `jiebang fit-confidence` wrote.

    Raises ValueError or KeyError for any other text.
    """
    data = tomllib.loads(text)
    names = [f.name for f in fields(Calibration)]
    return Confidence(
        data["model"],
        data["scoring"],
        {
            direction: Calibration(**{name: float(data[direction][name]) for name in names})
            for direction in Direction
        },
    )
