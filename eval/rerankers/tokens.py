"""Token vectors of texts from the offline encoder, centred as sentence vectors are in matching."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.lexical import Bm25
from models.runtime import OpenVinoEncoder

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]

_CHUNK = 64


@dataclass(frozen=True)
class Tokens:
    """The n tokens of a text without prefix and special tokens: ids (n,), states (n, dimension)."""

    ids: Ids
    states: Vectors


class TokenModel:
    """Reads the last hidden states of the model in a directory made by `models.build`."""

    def __init__(self, directory: Path) -> None:
        """Raises `models.errors.ModelError` where there is none."""
        self._encoder = OpenVinoEncoder(directory)

    @property
    def vocabulary_size(self) -> int:
        """Token ids lie below it."""
        return int(self._encoder.tokenizer.get_vocab_size())

    def tokens(self, texts: Sequence[str], prefix: str) -> list[Tokens]:
        """The tokens of each text, read behind `prefix` and cut at the model's window."""
        skipped = 1 + len(self._encoder.tokenizer.encode(prefix, add_special_tokens=False).ids)
        found = []
        for start in range(0, len(texts), _CHUNK):
            inputs = self._inputs([prefix + text for text in texts[start : start + _CHUNK]])
            for ids, states in zip(inputs, self._encoder.embed_tokens(inputs), strict=True):
                found.append(Tokens(np.array(ids[skipped:-1]), states[skipped:-1]))
        return found

    def _inputs(self, texts: Sequence[str]) -> list[list[int]]:
        window = self._encoder.info.window
        rows = [e.ids for e in self._encoder.tokenizer.encode_batch(list(texts))]
        return [ids if len(ids) <= window else [*ids[: window - 1], ids[-1]] for ids in rows]


@dataclass(frozen=True)
class Space:
    """What token vectors are compared in: without their mean, perhaps projected, at unit length."""

    mean: Vectors
    """(dimension,) mean token state of one role."""
    axes: Vectors | None = None
    """(dimension, k) orthonormal directions that are kept; None keeps all."""

    def place(self, states: Vectors) -> Vectors:
        """(n, dimension) states to (n, k) unit vectors."""
        moved = states - self.mean
        if self.axes is not None:
            # centred and at unit length before the projection, so that no long token rules it
            moved = _unit(moved) @ self.axes
        return _unit(moved)


def mean_state(tokens: Sequence[Tokens]) -> Vectors:
    """(dimension,) mean over all tokens of all texts."""
    total = np.sum([t.states.sum(axis=0, dtype=np.float64) for t in tokens], axis=0)
    return np.asarray(total / sum(len(t.ids) for t in tokens), dtype=np.float32)


def principal_axes(vectors: Vectors, count: int) -> Vectors:
    """(dimension, count) directions of the largest second moment of (n, dimension) unit vectors."""
    moments = vectors.T.astype(np.float64) @ vectors / len(vectors)
    _, axes = np.linalg.eigh(moments)
    return np.ascontiguousarray(axes[:, ::-1][:, :count], dtype=np.float32)


def inverse_frequencies(tokens: Sequence[Tokens], size: int) -> Vectors:
    """(size,) BM25's idf of every token id over texts as documents."""
    counts: Counter[int] = Counter()
    for text in tokens:
        counts.update(set(text.ids.tolist()))
    bm25 = Bm25()
    return np.array([bm25.idf(len(tokens), counts[i]) for i in range(size)], dtype=np.float32)


def _unit(vectors: Vectors) -> Vectors:
    norms = np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    result: Vectors = (vectors / norms).astype(np.float32)
    return result
