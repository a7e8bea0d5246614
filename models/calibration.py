"""Calibration inputs for quantisation: own sentences in the register of needs and achievements.

Activation ranges depend on length as well as on words, so consecutive lines are joined into
samples from one sentence to about three hundred tokens.
"""

from __future__ import annotations

from importlib import resources

import numpy as np
from tokenizers import Tokenizer

SAMPLES = 128
PREFIXES = ("query: ", "passage: ")

_LINES_PER_SAMPLE = (1, 1, 2, 4, 7, 12)
_SEED = 7


def calibration_text() -> str:
    """Return the committed sentences, one a line."""
    return resources.files("models").joinpath("calibration.txt").read_text(encoding="utf-8")


def calibration_ids(tokenizer: Tokenizer, window: int) -> list[list[int]]:
    """Return :data:`SAMPLES` token lists of at most ``window`` ids, the same at every call."""
    lines = calibration_text().splitlines()
    generator = np.random.default_rng(_SEED)
    samples = []
    for number in range(SAMPLES):
        count = _LINES_PER_SAMPLE[number % len(_LINES_PER_SAMPLE)]
        start = int(generator.integers(0, len(lines) - count))
        text = PREFIXES[number % len(PREFIXES)] + "".join(lines[start : start + count])
        samples.append(tokenizer.encode(text).ids[:window])
    return samples
