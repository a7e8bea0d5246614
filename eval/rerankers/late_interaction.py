"""Late interaction: each query token finds its best token in the text (ColBERT's max-sim).

Khattab and Zaharia 2020, "ColBERT", with the encoder as it is instead of one trained for the purpose.
The token vectors of every record are kept; those of the query come from the same pass that gives its
sentence vector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.rerankers.stage import DEPTH, Pool, Scores
from eval.rerankers.tokens import Space, Tokens, Vectors

_TOP = 127


@dataclass(frozen=True)
class Int8:
    """Vectors in 8 bits: row i is `codes[i] * scales[i]`; off by at most `scales[i] / 2` a component."""

    codes: NDArray[np.int8]
    scales: NDArray[np.float16]
    """(n,) the largest component of each row over 127, rounded up to half precision."""

    @classmethod
    def of(cls, vectors: Vectors) -> Int8:
        """Round (n, dimension) vectors."""
        exact = np.abs(vectors).max(axis=1) / _TOP
        scales = np.nextafter(exact.astype(np.float16), np.float16(np.inf))
        codes = np.rint(vectors / scales[:, None].astype(np.float32)).astype(np.int8)
        return cls(codes, scales)

    def restored(self) -> Vectors:
        """(n, dimension) in single precision."""
        values: Vectors = self.codes.astype(np.float32)
        values *= self.scales[:, None].astype(np.float32)
        return values


@dataclass(frozen=True)
class TokenStore:
    """Token vectors of n records, one after the other; record i has rows starts[i] to starts[i + 1]."""

    rows: Mapping[str, int]
    starts: NDArray[np.int64]
    vectors: Vectors | Int8

    @classmethod
    def of(cls, ids: Sequence[str], parts: Sequence[Vectors], *, int8: bool) -> TokenStore:
        """Keep `parts`, the (tokens, dimension) vectors of each record; a record has at least one."""
        starts = np.concatenate([[0], np.cumsum([len(p) for p in parts])]).astype(np.int64)
        vectors = np.concatenate(parts)
        stored = Int8.of(vectors) if int8 else vectors
        return cls({id_: row for row, id_ in enumerate(ids)}, starts, stored)

    @property
    def bytes_per_record(self) -> float:
        """What a record takes, its offset included."""
        kept = self.vectors
        size = kept.nbytes if not isinstance(kept, Int8) else kept.codes.nbytes + kept.scales.nbytes
        return (size + self.starts.nbytes) / len(self.rows)

    def take(self, ids: Sequence[str]) -> tuple[Vectors, NDArray[np.int64]]:
        """Vectors of those records in single precision, and where each of them begins."""
        spans = [(self.starts[self.rows[i]], self.starts[self.rows[i] + 1]) for i in ids]
        rows = np.concatenate([np.arange(start, end) for start, end in spans])
        lengths = [int(end - start) for start, end in spans]
        return self._read(rows), np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)

    def _read(self, rows: NDArray[np.int64]) -> Vectors:
        kept = self.vectors
        if isinstance(kept, Int8):
            return Int8(kept.codes[rows], kept.scales[rows]).restored()
        return kept[rows]


def max_sim(query: Vectors, weights: Vectors, tokens: Vectors, starts: NDArray[np.int64]) -> Scores:
    """For each record the weighted mean over query tokens of the best inner product with its tokens.

    `query` (q, d), `weights` (q,) with a positive sum, `tokens` (t, d), `starts` (n,) where each
    record begins. Records are not empty.
    """
    best = np.maximum.reduceat(query @ tokens.T, starts, axis=1)
    return np.asarray(weights @ best / weights.sum(), dtype=np.float64)


@dataclass(frozen=True)
class LateInteraction:
    """Max-sim over stored token vectors as a stage."""

    store: TokenStore
    space: Space
    """Of query tokens."""
    tokens_of: Callable[[str], Tokens]
    """Tokens of a query text."""
    idf: Vectors | None = None
    """Weight of every token id; None weighs all alike."""
    depth: int = DEPTH

    def scores(self, pool: Pool) -> Scores:
        """See `Stage.scores`."""
        query = self.tokens_of(pool.query.text)
        weights = np.ones(len(query.ids), np.float32) if self.idf is None else self.idf[query.ids]
        ids = [match.listing.id for match in pool.matches[: self.depth]]
        if not ids or weights.sum() <= 0:
            return np.zeros(len(ids))
        return max_sim(self.space.place(query.states), weights, *self.store.take(ids))
