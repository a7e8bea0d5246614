"""An immutable part of an index: the texts, facets, postings and vectors of some listings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.config import MatcherConfig
from matcher.dense import DenseField, ListingVectors
from matcher.filters import FacetColumns
from matcher.lexical import LexicalField
from matcher.listing import Kind, Listing

FIELDS = ("text", "title")
"""Lexical fields: title and body together, and the title alone."""


def field_text(listing: Listing, field: str) -> str:
    """What of `listing` a lexical field counts."""
    return listing.text if field == "text" else listing.title


@dataclass(frozen=True)
class Texts:
    """Strings in one UTF-8 buffer, so that opening a large index creates no string objects."""

    buffer: NDArray[np.uint8]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts:
        """Pack `texts`."""
        encoded = [text.encode() for text in texts]
        buffer = np.frombuffer(b"".join(encoded), dtype=np.uint8)
        return cls(buffer, np.cumsum([len(e) for e in encoded], dtype=np.int64))

    def __getitem__(self, row: int) -> str:
        start = int(self.ends[row - 1]) if row else 0
        return self.buffer[start : int(self.ends[row])].tobytes().decode()

    def kept(self, keep: NDArray[np.bool_]) -> list[str]:
        """The texts of the rows that `keep` marks."""
        return [self[int(row)] for row in np.flatnonzero(keep)]


@dataclass(frozen=True)
class Segment:
    """n listings of one kind in columns; row numbers are local to the segment."""

    kind: Kind
    titles: Texts
    bodies: Texts
    facets: FacetColumns
    fields: dict[str, LexicalField]
    dense: DenseField

    @classmethod
    def build(
        cls,
        kind: Kind,
        listings: Sequence[Listing],
        vectors: Sequence[ListingVectors],
        config: MatcherConfig,
        dimension: int,
    ) -> Segment:
        """Columns of `listings`, whose encoded fields are `vectors`, in their order."""
        return cls(
            kind=kind,
            titles=Texts.of([listing.title for listing in listings]),
            bodies=Texts.of([listing.body for listing in listings]),
            facets=FacetColumns.of(listings),
            fields={
                field: LexicalField.build(
                    (config.analyzer.tokens(field_text(item, field)) for item in listings),
                    config.bm25,
                )
                for field in FIELDS
            },
            dense=DenseField.build([v.rows(config.dense_title_weight) for v in vectors], dimension),
        )

    @classmethod
    def merge(
        cls, parts: Sequence[tuple[Segment, NDArray[np.bool_]]], config: MatcherConfig
    ) -> Segment:
        """One segment of the rows kept in each part, in order."""
        first = parts[0][0]
        columns = {
            name: np.concatenate([getattr(part.facets, name)[keep] for part, keep in parts])
            for name in first.facets.__dataclass_fields__
        }
        rows = [
            part.dense.rows_of(row) for part, keep in parts for row in np.flatnonzero(keep).tolist()
        ]
        return cls(
            kind=first.kind,
            titles=Texts.of([t for part, keep in parts for t in part.titles.kept(keep)]),
            bodies=Texts.of([t for part, keep in parts for t in part.bodies.kept(keep)]),
            facets=FacetColumns(**columns),
            fields={
                field: LexicalField.merge(
                    [(part.fields[field], keep) for part, keep in parts], config.bm25
                )
                for field in FIELDS
            },
            dense=DenseField.build(rows, first.dense.vectors.shape[1]),
        )

    def __len__(self) -> int:
        return len(self.facets.ids)

    @property
    def rows(self) -> dict[str, int]:
        """Row of each id."""
        return self.facets.rows

    def warm(self) -> None:
        """Make what the first search would otherwise make."""
        self.dense.warm()
        self.facets.warm()

    def listing(self, row: int) -> Listing:
        """The listing in `row`."""
        return Listing(
            id=str(self.facets.ids[row]),
            kind=self.kind,
            title=self.titles[row],
            body=self.bodies[row],
            facets=self.facets.facets(row),
        )
