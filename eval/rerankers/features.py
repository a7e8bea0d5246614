"""What every stage of the pipeline says of a pair, as numbers to learn from.

The chain is left out: all suitable pairs of the sample lie within one chain because it was written so
(see `eval/README.md`). The served score and rank are left out for the same reason, as they hold it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.rerankers.stage import Pool, Stage
from matcher.analyzer import Analyzer, TokenSet
from matcher.candidate import Candidate
from matcher.config import MatcherConfig
from matcher.dense import ListingVectors
from matcher.encoder import Encoder, Role, Vectors
from matcher.fit import Aspect, combine
from matcher.fusion import fuse
from matcher.index import ListingIndex, embed_listings
from matcher.listing import Listing
from matcher.pipeline import Match
from matcher.segment import FIELDS

Matrix = NDArray[np.float64]

ASPECTS = tuple(aspect for aspect in Aspect if aspect is not Aspect.CHAIN)
NAMES = (
    "lexical text",
    "lexical title",
    "cosine title",
    "cosine passage",
    "cosine reversed",
    "max-sim",
    "bigrams shared",
    "log rank lexical",
    "log rank dense",
    "figures",
    *(f"fit {aspect}" for aspect in ASPECTS),
)
_GRAMS = Analyzer(TokenSet.CHARACTERS)


@dataclass(frozen=True)
class Features:
    """Makes the design of a query's candidates; what belongs to the records is worked out once."""

    index: ListingIndex
    encoder: Encoder
    late: Stage
    vectors: Mapping[str, ListingVectors]
    asking: Mapping[str, Vectors]
    """(dimension,) the centred vector of each record as a query."""
    grams: Mapping[str, frozenset[str]]

    @classmethod
    def of(
        cls, index: ListingIndex, encoder: Encoder, late: Stage, records: Sequence[Listing]
    ) -> Features:
        """Prepare `records`, which `index` holds as its only segment."""
        vectors = embed_listings(records, encoder, centred=True)
        asking = encoder.encode_queries([record.text for record in records])
        return cls(
            index=index,
            encoder=encoder,
            late=late,
            vectors={r.id: v for r, v in zip(records, vectors, strict=True)},
            asking={
                r.id: encoder.centred(v, r.kind, Role.QUERY)
                for r, v in zip(records, asking, strict=True)
            },
            grams={r.id: frozenset(_GRAMS.tokens(r.text)) for r in records},
        )

    def matrix(self, pool: Pool) -> Matrix:
        """(min(depth, n), len(NAMES)) of the first candidates."""
        matches = pool.matches[: self.late.depth]
        dense = [match.dense for match in matches]
        lexical = [match.lexical for match in matches]
        columns = [
            *self._lexical(pool.query, matches),
            *self._cosines(pool.query, matches),
            self.late.scores(pool),
            self._shared(pool.query, matches),
            _log_ranks(lexical),
            _log_ranks(dense),
            [_figures(match, self.index.config) for match in matches],
            *([_aspect(match, aspect) for match in matches] for aspect in ASPECTS),
        ]
        return np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])

    @property
    def bytes_per_record(self) -> float:
        """What is kept beyond index and token vectors: titles apart, vectors of records that ask."""
        titles = sum(v.title.nbytes for v in self.vectors.values() if v.title is not None)
        asking = sum(v.nbytes for v in self.asking.values())
        return (titles + asking) / max(1, len(self.asking))

    def _lexical(self, query: Listing, matches: Sequence[Match]) -> list[Matrix]:
        terms = Counter(self.index.config.analyzer.tokens(query.text))
        segment = self.index.segments[0]
        rows = [segment.rows[match.listing.id] for match in matches]
        found = []
        for field in FIELDS:
            weights = self.index.term_weights(field, terms)
            bound = max(sum(weights.values()), 1e-12)
            found.append(segment.fields[field].scores(weights)[rows] / bound)
        return found

    def _cosines(self, query: Listing, matches: Sequence[Match]) -> list[list[float]]:
        asks = self.encoder.centred(self.encoder.encode_query(query.text), query.kind, Role.QUERY)
        (windows,) = self.encoder.encode([query.body or query.title], Role.BODY)
        searched = self.encoder.centred(windows, query.kind, Role.BODY)
        kept = [self.vectors[match.listing.id] for match in matches]
        return [
            [float(v.title @ asks) if v.title is not None else 0.0 for v in kept],
            [float((v.body @ asks).max()) for v in kept],
            [float((searched @ self.asking[match.listing.id]).max()) for match in matches],
        ]

    def _shared(self, query: Listing, matches: Sequence[Match]) -> list[float]:
        own = {gram for gram in _GRAMS.tokens(query.text) if len(gram) > 1}
        size = max(1, len(own))
        return [len(own & self.grams[match.listing.id]) / size for match in matches]


def _log_ranks(values: Sequence[float]) -> Matrix:
    order = np.argsort(-np.asarray(values), kind="stable")
    ranks = np.empty(len(order))
    ranks[order] = np.arange(1, len(order) + 1)
    return np.log(ranks)


def _figures(match: Match, config: MatcherConfig) -> float:
    """What figures gave the score beyond text and fit, over the largest share that they can give."""
    if not config.indicator_share:
        return 0.0
    text = fuse([Candidate(match.listing.id, match.lexical, match.dense, 0)], config)[0].score
    fit = config.fit_share * combine(match.fits, config.fit_weights)[0]
    return (match.score - text - fit) / config.indicator_share


def _aspect(match: Match, aspect: Aspect) -> float:
    """The mean of both sides; 0 where the pair states nothing of it."""
    return next((f.forward + f.backward for f in match.fits if f.aspect is aspect), 0.0) / 2
