"""Measures the exported encoder against plain sentence-transformers, both in one run.

Absolute speeds depend on the machine and on its other load; only ratios of interleaved runs
are worth quoting. Tokenisation is left out on both sides.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.calibration import calibration_text
from models.runtime import OpenVinoEncoder

LENGTHS = (64, 256)
"""Tokens a text."""

_TEXTS = 64
_BATCH = 32
_QUERY_TOKENS = 24
_QUERIES = 30

Batch = Sequence[Sequence[int]]
Encode = Callable[[Batch], object]


@dataclass(frozen=True)
class Speed:
    """Median rates in texts a second at one length, 1 text at a time for ``batch`` 1."""

    tokens: int
    batch: int
    reference: float
    export: float

    @property
    def ratio(self) -> float:
        """How many times faster the export is than the reference."""
        return self.export / self.reference


def measure(directory: Path, *, repeats: int = 5) -> list[Speed]:
    """Return the speeds of both engines over the model in ``directory``.

    The reference is the float32 checkpoint in PyTorch, in batches of 32; the export batches as
    it sees fit. The last row holds single queries. Takes about a minute on two cores.
    """
    encoder = OpenVinoEncoder(directory)
    reference = _reference(directory)
    stream = encoder.tokenizer.encode(calibration_text(), add_special_tokens=False).ids
    rows = []
    for tokens, texts, batch in [
        *((length, _TEXTS, _BATCH) for length in LENGTHS),
        (_QUERY_TOKENS, _QUERIES, 1),
    ]:
        items = _items(stream, tokens, texts)
        groups = [items[at : at + batch] for at in range(0, texts, batch)]
        # The export sees all texts at once, unless it is single queries that are timed.
        own = groups if batch == 1 else [items]
        engines = [(reference, groups), (encoder.encode_tokens, own)]
        rates: list[list[float]] = [[], []]
        for repeat in range(repeats + 1):
            for number, (encode, parts) in enumerate(engines):
                rate = texts / _seconds(encode, parts)
                if repeat:  # the first round warms up
                    rates[number].append(rate)
        rows.append(Speed(tokens, batch, *map(statistics.median, rates)))
    return rows


def _items(stream: Sequence[int], tokens: int, texts: int) -> list[list[int]]:
    """Cut a long stream of ids into ``texts`` overlapping inputs of exactly ``tokens`` ids."""
    body, begin, end = tokens - 2, 0, 2  # the ids of <s> and </s> in this vocabulary
    steps = np.linspace(0, len(stream) - body, texts).astype(int)
    return [[begin, *stream[at : at + body], end] for at in steps.tolist()]


def _seconds(encode: Encode, parts: Sequence[Batch]) -> float:
    start = time.perf_counter()
    for part in parts:
        encode(part)
    return time.perf_counter() - start


def _reference(directory: Path) -> Encode:
    # PyTorch is a matter of training and evaluation; running the export never needs it.
    import torch  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    model = SentenceTransformer(str(directory), device="cpu", local_files_only=True)
    model.eval()

    def encode(batch: Batch) -> object:
        ids = torch.tensor([list(item) for item in batch])
        with torch.inference_mode():
            features = model({"input_ids": ids, "attention_mask": torch.ones_like(ids)})
        return features["sentence_embedding"].numpy()

    return encode
