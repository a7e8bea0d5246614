"""Near-duplicates among listings of one kind: the same need posted twice, a year or a source apart.

A text is the set of its character 5-grams, in normal form and without punctuation and blanks. Two
listings are twins when the Jaccard similarity of their sets is at least `THRESHOLD`. MinHash with
banded LSH finds candidates, and every candidate is compared exactly, so what is reported is right;
with 16 bands of 4 rows a pair of similarity s is found with probability 1 − (1 − s⁴)¹⁶: 0.89 at the
threshold, 0.99 at 0.7 (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from matcher.analyzer import normalise
from matcher.listing import Listing

THRESHOLD = 0.6
_GRAM = 5
_BANDS, _ROWS = 16, 4
_SILENT = re.compile(r"[\W_]+")
# odd constants that spread bits well, those of FNV-1a and of Fibonacci hashing
_PRIME = np.uint64(0x100000001B3)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)

Shingles = NDArray[np.uint32]
"""(n,) distinct hashes of the 5-grams of a text, ascending."""


@dataclass(frozen=True, slots=True)
class Twin:
    """A listing that reads nearly the same; `similarity` is the exact Jaccard, 0 to 1."""

    id: str
    similarity: float


def shingles(text: str) -> Shingles:
    """The 5-grams of `text` as hashes of 32 bits; a shorter text is one gram, a blank one none."""
    plain = _SILENT.sub("", normalise(text))
    points = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if not len(points):
        return np.empty(0, dtype=np.uint32)
    width = min(_GRAM, len(points))
    grams = np.lib.stride_tricks.sliding_window_view(points.astype(np.uint64), width)
    hashes = np.zeros(len(grams), dtype=np.uint64)
    for place in range(width):  # wraps around at 64 bits, as meant
        hashes = (hashes ^ grams[:, place]) * _PRIME
    return np.unique((hashes * _SPREAD) >> _HALF).astype(np.uint32)


def jaccard(one: Shingles, other: Shingles) -> float:
    """Shared grams over all grams of both; 0 where neither has any."""
    shared = len(np.intersect1d(one, other, assume_unique=True))
    union = len(one) + len(other) - shared
    return shared / union if union else 0.0


class TwinIndex:
    """Twins among the listings that it holds. Not safe for threads: whoever shares it locks."""

    def __init__(self) -> None:
        self._lsh = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))
        self._empty = MinHash(num_perm=_BANDS * _ROWS, hashfunc=int)
        self._shingles: dict[str, Shingles] = {}
        self._near: dict[str, dict[str, float]] = {}

    @classmethod
    def build(cls, listings: Iterable[Listing]) -> TwinIndex:
        """An index of `listings`; of several with one id the last counts."""
        index = cls()
        for listing in listings:
            index.add(listing)
        return index

    def __len__(self) -> int:
        return len(self._shingles)

    def add(self, listing: Listing) -> None:
        """Hold `listing`, in the place of an earlier one with its id."""
        self.remove(listing.id)
        grams = shingles(listing.text)
        sketch = self._sketch(grams)
        near = self._verified(grams, sketch)
        self._lsh.insert(listing.id, sketch)
        self._shingles[listing.id] = grams
        self._link(listing.id, near)

    def remove(self, id_: str) -> None:
        """Forget the listing; nothing happens where it is not held."""
        if id_ not in self._shingles:
            return
        self._lsh.remove(id_)
        del self._shingles[id_]
        for other in self._near.pop(id_, {}):
            self._near[other].pop(id_)
            if not self._near[other]:
                del self._near[other]

    def twins(self, listing: Listing) -> list[Twin]:
        """Held listings that read nearly like this one, the most similar first, ties by id.

        The listing itself need not be held; what is held under its own id is not its twin.
        """
        grams = shingles(listing.text)
        near = self._verified(grams, self._sketch(grams))
        near.pop(listing.id, None)
        return [Twin(id_, near[id_]) for id_ in sorted(near, key=lambda i: (-near[i], i))]

    def group(self, id_: str) -> Sequence[str]:
        """Everything that twins link to the held listing, itself included, sorted by id."""
        found, waiting = {id_}, [id_]
        while waiting:
            for other in self._near.get(waiting.pop(), ()):
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return sorted(found)

    def groups(self) -> dict[str, str]:
        """Each listing that has a twin, with the representative of its group: the first id."""
        representatives: dict[str, str] = {}
        for id_ in self._near:
            if id_ not in representatives:
                members = self.group(id_)
                representatives.update(dict.fromkeys(members, members[0]))
        return representatives

    def _sketch(self, grams: Shingles) -> MinHash:
        sketch = self._empty.copy()
        sketch.update_batch(grams.tolist())
        return sketch

    def _verified(self, grams: Shingles, sketch: MinHash) -> dict[str, float]:
        if not len(grams):
            return {}
        similar = {id_: jaccard(grams, self._shingles[id_]) for id_ in self._lsh.query(sketch)}
        return {id_: value for id_, value in similar.items() if value >= THRESHOLD}

    def _link(self, id_: str, near: dict[str, float]) -> None:
        if near:
            self._near[id_] = near
        for other, similarity in near.items():
            self._near.setdefault(other, {})[id_] = similarity
