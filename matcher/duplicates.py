"""Near-duplicates among listings of one kind: the same need posted twice, a year or a source apart.

A text is the set of its character 5-grams, in normal form and without punctuation and blanks. Two
listings are twins when the Jaccard similarity of their sets is at least `THRESHOLD`. MinHash with
banded LSH finds candidates, and every candidate is compared exactly, so what is reported is right;
with 16 bands of 4 rows a pair of similarity s is found with probability 1 − (1 − s⁴)¹⁶: 0.89 at the
threshold, 0.99 at 0.7 (Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, section 3.4).
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from datasketch import MinHash, MinHashLSH
from numpy.typing import NDArray

from matcher.analyzer import normalise
from matcher.listing import Listing

THRESHOLD = 0.6
GRAM = 5
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


def letters(text: str) -> str:
    """The letters, digits and Han characters of `text` in normal form; nothing else counts."""
    return _SILENT.sub("", normalise(text))


def shingles(text: str) -> Shingles:
    """The 5-grams of `text` as hashes of 32 bits; a shorter text is one gram, a blank one none."""
    points = np.frombuffer(letters(text).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    if not len(points):
        return np.empty(0, dtype=np.uint32)
    width = min(GRAM, len(points))
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


@dataclass(slots=True)
class _Content:
    """What the listings of one and the same set of 5-grams share; `near` are other contents."""

    grams: Shingles
    ids: set[str]
    near: dict[bytes, float]


class TwinIndex:
    """Twins among the listings that it holds. Not safe for threads: whoever shares it locks.

    Listings that read the same share one entry, so a thousand copies cost no more than one.
    """

    def __init__(self) -> None:
        self._lsh = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))
        self._empty = MinHash(num_perm=_BANDS * _ROWS, hashfunc=int)
        self._contents: dict[bytes, _Content] = {}
        self._keys: dict[str, bytes] = {}

    @classmethod
    def build(cls, listings: Iterable[Listing]) -> TwinIndex:
        """An index of `listings`; of several with one id the last counts."""
        index = cls()
        for listing in listings:
            index.add(listing)
        return index

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, listing: Listing) -> None:
        """Hold `listing`, in the place of an earlier one with its id."""
        self.remove(listing.id)
        grams = shingles(listing.text)
        key = self._keys[listing.id] = _key(grams)
        if not len(grams):
            return  # a blank text is no twin of anything
        if key in self._contents:
            self._contents[key].ids.add(listing.id)
            return
        sketch = self._sketch(grams)
        near = self._verified(grams, sketch)
        self._lsh.insert(key, sketch)
        self._contents[key] = _Content(grams, {listing.id}, near)
        for other, similarity in near.items():
            self._contents[other].near[key] = similarity

    def remove(self, id_: str) -> None:
        """Forget the listing; nothing happens where it is not held."""
        key = self._keys.pop(id_, None)
        content = self._contents.get(key) if key is not None else None
        if key is None or content is None:
            return
        content.ids.discard(id_)
        if content.ids:
            return
        self._lsh.remove(key)
        del self._contents[key]
        for other in content.near:
            del self._contents[other].near[key]

    def twins(self, listing: Listing, limit: int | None = None) -> list[Twin]:
        """Held listings that read nearly like this one, the most similar first, ties by id.

        The listing itself need not be held; what is held under its own id is not its twin.
        """
        grams = shingles(listing.text)
        near = self._verified(grams, self._sketch(grams))
        found = (
            (-similarity, id_)
            for key, similarity in near.items()
            for id_ in self._contents[key].ids
            if id_ != listing.id
        )
        ranked = sorted(found) if limit is None else heapq.nsmallest(limit, found)
        return [Twin(id_, -negative) for negative, id_ in ranked]

    def group(self, id_: str) -> list[str]:
        """Everything that twins link to the listing, itself included, sorted by id."""
        key = self._keys.get(id_)
        if key is None or key not in self._contents:
            return [id_]
        return sorted(i for k in self._linked(key) for i in self._contents[k].ids)

    def groups(self) -> dict[str, str]:
        """Each listing that has a twin, with the representative of its group: the first id."""
        representatives: dict[str, str] = {}
        seen: set[bytes] = set()
        for key in self._contents:
            if key in seen:
                continue
            linked = self._linked(key)
            seen |= linked
            members = [id_ for k in linked for id_ in self._contents[k].ids]
            if len(members) > 1:
                representatives.update(dict.fromkeys(members, min(members)))
        return representatives

    def _linked(self, key: bytes) -> set[bytes]:
        """The contents that can be reached from one over near ones, itself included."""
        found, waiting = {key}, [key]
        while waiting:
            fresh = self._contents[waiting.pop()].near.keys() - found
            found |= fresh
            waiting.extend(fresh)
        return found

    def _sketch(self, grams: Shingles) -> MinHash:
        sketch = self._empty.copy()
        sketch.update_batch(grams.tolist())
        return sketch

    def _verified(self, grams: Shingles, sketch: MinHash) -> dict[bytes, float]:
        if not len(grams):
            return {}
        similar = {
            key: jaccard(grams, self._contents[key].grams) for key in self._lsh.query(sketch)
        }
        return {key: value for key, value in similar.items() if value >= THRESHOLD}


def _key(grams: Shingles) -> bytes:
    return hashlib.blake2b(grams.tobytes(), digest_size=16).digest()
