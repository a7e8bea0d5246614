"""Near duplicates: Jaccard similarity of character 5-grams over all pairs of a collection."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from matcher.duplicates import GRAM, letters


def grams(text: str) -> set[str]:
    """Character 5-grams of the normalised letters, digits and Han characters of `text`.

    Punctuation and white space do not count; a text of less than five characters is one gram.
    """
    plain = letters(text)
    return {plain[i : i + GRAM] for i in range(max(1, len(plain) - GRAM + 1))} if plain else set()


def similar_pairs(texts: Sequence[str], above: float) -> list[tuple[int, int, float]]:
    """Pairs (i, j, Jaccard) with i < j and a similarity greater than `above`, most similar first.

    All pairs are compared through an inverted index: only those that share a gram cost anything.
    `above` is at least 0.
    """
    vocabulary: dict[str, int] = {}
    columns: list[int] = []
    sizes: list[int] = []
    for text in texts:
        found = grams(text)
        sizes.append(len(found))
        columns.extend(vocabulary.setdefault(gram, len(vocabulary)) for gram in found)
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    matrix = sp.csr_array(
        (np.ones(len(columns), dtype=np.int32), np.array(columns, dtype=np.int64), ends),
        shape=(len(texts), max(1, len(vocabulary))),
    )
    shared = sp.triu(matrix @ matrix.T, k=1).tocoo()
    size = np.array(sizes, dtype=np.int64)
    left, right = shared.row.astype(np.int64), shared.col.astype(np.int64)
    values = shared.data / (size[left] + size[right] - shared.data)
    keep = values > above
    rows = zip(left[keep].tolist(), right[keep].tolist(), values[keep].tolist(), strict=True)
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))
