"""Exact inner product over passage vectors in FAISS, under a mask.

A record has one row per passage. A row is `title_weight * title + (1 - title_weight) * passage`: the
inner product with a query is then the weighted sum of its similarity to the title and to the passage,
so that title and body are scored apart in one search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import faiss
import numpy as np
from numpy.typing import NDArray

from matcher.encoder import Vectors

_SPARE = 16
"""Rows searched for beyond those wanted, to see that no near tie was cut."""
_NOISE = 1e-5
"""More than the error of an inner product of unit vectors in single precision."""


@dataclass(frozen=True, slots=True)
class ListingVectors:
    """Encoded fields of one listing: title (dimension,) or None where empty; body (p, dimension)."""

    title: Vectors | None
    body: Vectors

    def rows(self, title_weight: float) -> Vectors:
        """(p, dimension) rows for the index; an empty title leaves the passages as they are."""
        if self.title is None:
            return self.body
        rows: Vectors = title_weight * self.title + (1 - title_weight) * self.body
        return rows.astype(np.float32)


@dataclass(frozen=True)
class DenseField:
    """Rows of n listings: `vectors` (rows, dimension); `starts` (n + 1,) first row of each."""

    vectors: Vectors
    starts: NDArray[np.int64]

    @classmethod
    def build(cls, rows: Sequence[Vectors], dimension: int) -> DenseField:
        """Stack the rows of the listings in their order."""
        starts = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(r) for r in rows], out=starts[1:])
        vectors = np.concatenate(rows) if rows else np.empty((0, dimension), dtype=np.float32)
        return cls(np.ascontiguousarray(vectors, dtype=np.float32), starts)

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """(rows,) the listing that each row belongs to."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @cached_property
    def _flat(self) -> faiss.IndexFlatIP:
        flat = faiss.IndexFlatIP(self.vectors.shape[1])
        flat.add(self.vectors)
        return flat

    def rows_of(self, listing: int) -> Vectors:
        """(p, dimension) rows of one listing."""
        return self.vectors[self.starts[listing] : self.starts[listing + 1]]

    def warm(self) -> None:
        """Build what the first search would otherwise build, FAISS threads included."""
        if len(self.owners):
            self._search(self.vectors[0], 1, np.ones(len(self.owners), dtype=bool), 0)

    def nearest(self, query: Vectors, depth: int, mask: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Distinct listings under `mask`, among them the `depth` nearest by their best passage.

        Exact: the search is widened until the first listing left out is farther than the last of
        those `depth` by more than single precision can err. So a caller who scores them in double
        precision and cuts there finds the same listings however the rows are laid out.
        """
        owners = self.owners
        allowed = mask[owners]
        total = int(allowed.sum())
        wanted = min(depth, int(mask.sum()))
        if not wanted:
            return np.empty(0, dtype=np.int64)
        width = min(total, wanted + _SPARE)
        while True:
            values, rows = self._search(query, width, allowed, total)
            distinct, firsts = np.unique(owners[rows], return_index=True)
            if width >= total:
                return distinct
            if len(distinct) > wanted:
                last = values[np.sort(firsts)[wanted - 1]]
                if values[-1] < last - _NOISE:
                    return distinct
            width = min(total, width * 2)

    def _search(
        self, query: Vectors, width: int, allowed: NDArray[np.bool_], total: int
    ) -> tuple[Vectors, NDArray[np.int64]]:
        """Inner products and rows of the `width` best allowed rows, best first."""
        parameters = None
        if total < len(allowed):
            bitmap = np.packbits(allowed, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bitmap))  # type: ignore[call-arg, arg-type]
        # One query is one scan, bound by memory: a second thread gains nothing, and where encoding
        # keeps the cores busy its barriers cost tens of milliseconds. The setting is per thread.
        faiss.omp_set_num_threads(1)
        values, rows = self._flat.search(query[None, :], width, params=parameters)
        there = rows[0] >= 0
        return values[0][there], rows[0][there]

    def scores(
        self, query: Vectors, listings: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """For each of `listings` the score of its best passage and that passage's number.

        Computed row by row in double precision: the value for a listing does not depend on what
        else is in the batch or the index.
        """
        counts = self.starts[listings + 1] - self.starts[listings]
        firsts = np.cumsum(counts) - counts
        offsets = np.arange(int(counts.sum())) - np.repeat(firsts, counts)
        rows = np.repeat(self.starts[listings], counts) + offsets
        values = (self.vectors[rows].astype(np.float64) * query.astype(np.float64)).sum(axis=1)
        best = np.maximum.reduceat(values, firsts) if len(listings) else np.empty(0)
        passages = np.array(
            [
                int(values[f : f + c].argmax())
                for f, c in zip(firsts.tolist(), counts.tolist(), strict=True)
            ],
            dtype=np.int64,
        )
        return best, passages
