"""A small deterministic backend for tests of the core that do not need the language model."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from matcher.encoder import Progress, Vectors


class HashedCharacters:
    """Unit vectors of hashed character bigrams: equal texts are equal, similar ones are near."""

    name = "hashed-characters"
    fingerprint = "hashed-characters-1"
    dimension = 64
    query_prefix = "query: "
    passage_prefix = "passage: "

    def __init__(self, window: int = 56) -> None:
        self.window = window
        self.encoded = 0

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        return [(i, i + 1) for i, c in enumerate(text) if not c.isspace()]

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.encoded += len(texts)
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 1.0
            plain = text.partition(": ")[2]
            for i in range(len(plain) - 1):
                row[zlib.crc32(plain[i : i + 2].encode()) % self.dimension] += 1.0
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
