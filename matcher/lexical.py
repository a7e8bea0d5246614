"""BM25 over one text field, exact under live changes.

A `LexicalField` is immutable. Document frequencies, document count and mean length are given to
`scores` from outside, because they belong to the whole index and not to one of its segments: an index
that took its records one by one scores like one that was built at once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

_GRID = 1.02


@dataclass(frozen=True, slots=True)
class Bm25:
    """Parameters of BM25 in the form of Lucene 8 and later (no `k1 + 1` in the numerator).

    Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework"; defaults of Lucene.
    """

    k1: float = 1.2
    b: float = 0.75

    def idf(self, documents: int, frequency: int) -> float:
        """Lucene's idf, never negative: ln(1 + (N - df + 0.5) / (df + 0.5))."""
        return math.log1p((documents - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True, slots=True)
class FieldStatistics:
    """Counts of one field over all live documents."""

    documents: int
    total_length: int

    @property
    def mean_length(self) -> float:
        """Mean length in tokens on a grid of 2 % steps, at least 1.

        On the grid, one more record seldom changes it, so the stored weights stay valid; and it
        is a function of the corpus alone, so a rebuilt index scores as the live one does.
        """
        if not self.documents or not self.total_length:
            return 1.0
        steps = round(math.log(self.total_length / self.documents, _GRID))
        return max(1.0, _GRID**steps)


@dataclass(frozen=True)
class LexicalField:
    """Postings of one field of n documents, sorted by term and document (CSR, terms x documents)."""

    vocabulary: Mapping[str, int]
    indptr: NDArray[np.int64]
    """(terms + 1,) where the postings of a term begin."""
    documents: NDArray[np.int32]
    """(postings,) document numbers."""
    frequencies: NDArray[np.uint16]
    """(postings,) term frequency, at most 65,535."""
    lengths: NDArray[np.int32]
    """(n,) tokens of each document."""
    weights: NDArray[np.float32]
    """(postings,) tf / (tf + k1 * (1 - b + b * length / mean)) for `mean_length`."""
    mean_length: float

    @classmethod
    def build(
        cls, documents: Iterable[Sequence[str]], bm25: Bm25, mean_length: float | None = None
    ) -> LexicalField:
        """Count the tokens of each document, weighted for `mean_length` or for their own mean."""
        vocabulary: dict[str, int] = {}
        terms: list[int] = []
        counts: list[int] = []
        sizes: list[int] = []
        lengths: list[int] = []
        for tokens in documents:
            counted = Counter(tokens)
            terms.extend(vocabulary.setdefault(token, len(vocabulary)) for token in counted)
            counts.extend(counted.values())
            sizes.append(len(counted))
            lengths.append(len(tokens))
        owners = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        return cls._from_postings(
            vocabulary,
            np.array(terms, dtype=np.int64),
            owners,
            np.array(counts, dtype=np.int64),
            np.array(lengths, dtype=np.int32),
            bm25,
            mean_length,
        )

    @classmethod
    def merge(
        cls,
        parts: Sequence[tuple[LexicalField, NDArray[np.bool_]]],
        bm25: Bm25,
        mean_length: float | None = None,
    ) -> LexicalField:
        """One field of the documents kept in each part, in order; nothing is analysed again."""
        vocabulary: dict[str, int] = {}
        terms, owners, counts, lengths = [], [], [], []
        offset = 0
        for part, keep in parts:
            mapping = np.fromiter(
                (vocabulary.setdefault(term, len(vocabulary)) for term in part.vocabulary),
                dtype=np.int64,
                count=len(part.vocabulary),
            )
            kept = keep[part.documents]
            numbers = np.cumsum(keep) - 1 + offset
            terms.append(np.repeat(mapping, np.diff(part.indptr))[kept])
            owners.append(numbers[part.documents[kept]].astype(np.int32))
            counts.append(part.frequencies[kept].astype(np.int64))
            lengths.append(part.lengths[keep])
            offset += int(keep.sum())
        return cls._from_postings(
            vocabulary,
            np.concatenate(terms),
            np.concatenate(owners),
            np.concatenate(counts),
            np.concatenate(lengths),
            bm25,
            mean_length,
        )

    @classmethod
    def _from_postings(
        cls,
        vocabulary: dict[str, int],
        terms: NDArray[np.int64],
        owners: NDArray[np.int32],
        counts: NDArray[np.int64],
        lengths: NDArray[np.int32],
        bm25: Bm25,
        mean_length: float | None,
    ) -> LexicalField:
        matrix = sp.coo_array(
            (np.minimum(counts, np.iinfo(np.uint16).max).astype(np.uint16), (terms, owners)),
            shape=(len(vocabulary), len(lengths)),
        ).tocsr()
        matrix.sort_indices()
        mean = mean_length or FieldStatistics(len(lengths), int(lengths.sum())).mean_length
        documents = matrix.indices.astype(np.int32)
        return cls(
            vocabulary,
            matrix.indptr.astype(np.int64),
            documents,
            matrix.data,
            lengths,
            _weigh(documents, matrix.data, lengths, bm25, mean),
            mean,
        )

    def reweighed(self, bm25: Bm25, mean_length: float) -> LexicalField:
        """The same postings with weights for another mean length; itself where nothing changes."""
        if math.isclose(mean_length, self.mean_length):
            return self
        weights = _weigh(self.documents, self.frequencies, self.lengths, bm25, mean_length)
        return replace(self, weights=weights, mean_length=mean_length)

    def document_frequency(self, term: str) -> int:
        """How many documents of this field hold `term`."""
        row = self.vocabulary.get(term)
        return 0 if row is None else int(self.indptr[row + 1] - self.indptr[row])

    def document_frequencies(self) -> dict[str, int]:
        """`document_frequency` of every term."""
        return dict(zip(self.vocabulary, np.diff(self.indptr).tolist(), strict=True))

    def scores(self, term_weights: Mapping[str, float]) -> NDArray[np.float64]:
        """(n,) sum over the terms of their weight (query frequency times idf) and BM25 part."""
        spans = [
            (self.indptr[row], self.indptr[row + 1], weight)
            for term, weight in term_weights.items()
            if (row := self.vocabulary.get(term)) is not None
        ]
        size = len(self.lengths)
        if not spans:
            return np.zeros(size)
        documents = np.concatenate([self.documents[start:end] for start, end, _ in spans])
        parts = np.concatenate(
            [self.weights[start:end] * np.float32(w) for start, end, w in spans], dtype=np.float64
        )
        # a sparse row made dense adds up its duplicates in their order, as `bincount` does, without
        # first widening the document numbers: a million postings in two thirds of the time
        ends = np.array([0, len(documents)], dtype=np.int32)
        line = sp.csr_array((parts, documents, ends), shape=(1, size))
        scores: NDArray[np.float64] = line.toarray()[0]
        return scores


def _weigh(
    documents: NDArray[np.int32],
    frequencies: NDArray[np.uint16],
    lengths: NDArray[np.int32],
    bm25: Bm25,
    mean_length: float,
) -> NDArray[np.float32]:
    norms = (bm25.k1 * (1 - bm25.b + bm25.b * lengths / mean_length)).astype(np.float32)
    weights: NDArray[np.float32] = frequencies / (frequencies + norms[documents])
    return weights.astype(np.float32)
