"""Sentences that are near in meaning, for pairs of texts that no word joins.

Encoding sentences is the dearest thing that an explanation can do (5 to 10 ms each on two cores), so
an answer has an allowance. Sentences are encoded as queries: both sides are short, and what is encoded
as a query leaves no trace in a store.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from matcher.encoder import Encoder, Role, Vectors
from matcher.listing import KINDS, Kind

ALLOWANCE = 16
"""Sentences that are encoded for one answer at most."""


class Meaning:
    """Compares the sentences of one query with those of its counterparts, in the order of asking."""

    def __init__(
        self, encoder: Encoder, kind: Kind, sentences: Sequence[str], *, centred: bool
    ) -> None:
        """`sentences` are those of the query, a listing of `kind`."""
        self._encoder, self._kind, self._centred = encoder, kind, centred
        self._sentences = list(sentences)
        self._left = ALLOWANCE - len(self._sentences)

    @cached_property
    def _asked(self) -> Vectors:
        return self._vectors(self._sentences, self._kind)

    def nearest(self, found: Sequence[str]) -> tuple[int, int] | None:
        """Numbers of the two nearest sentences (query, found), the earlier ones among equals.

        None where either text has no sentence, or when the allowance is used up.
        """
        if not self._sentences or not found or len(found) > self._left:
            return None
        self._left -= len(found)
        cosines = self._asked @ self._vectors(found, KINDS[self._kind].counterpart).T
        mine, theirs = divmod(int(cosines.argmax()), len(found))
        return mine, theirs

    def _vectors(self, sentences: Sequence[str], kind: Kind) -> Vectors:
        vectors = np.array(self._encoder.encode_queries(list(sentences)))
        return self._encoder.centred(vectors, kind, Role.QUERY) if self._centred else vectors
