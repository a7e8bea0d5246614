"""What retrieval hands on: a listing with the scores of both arms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A retrieved listing with the scores of both arms.

    `lexical` lies in [0, 1): BM25 over its upper bound for the query. `dense` is a cosine mixture in
    [-1, 1]. `passage` numbers the window of the body that scored best.
    """

    id: str
    lexical: float
    dense: float
    passage: int
