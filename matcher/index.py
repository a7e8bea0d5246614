"""ListingIndex: both arms over the listings of one kind, immutable, changed by making the next one.

Readers keep the reference they took; `apply` shares every untouched segment with its predecessor.
Corpus statistics are sums over the live documents, so scores do not depend on how the index came to
hold them.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matcher.candidate import Candidate
from matcher.config import MatcherConfig
from matcher.dense import ListingVectors
from matcher.encoder import Encoder, Progress, Role, Vectors
from matcher.filters import Filter
from matcher.fusion import fuse
from matcher.lexical import FieldStatistics
from matcher.listing import Kind, Listing
from matcher.segment import FIELDS, Segment, field_text

FLAT_LIMIT = 300_000
"""Listings a side up to which exact search is meant to be used."""
_SMALL_SEGMENTS = 8
_BASE_SHARE = 0.1
_FEEDBACK_POOL = 50
"""Listings with the best lexical scores, among which the first ones of a query are looked for."""
_BACKGROUND_FROM = 10
"""So many of that pool may be answers; the others are what the query meets by chance."""
_BACKGROUND_LEAST = 20
"""Fewer others than this say nothing of what is usual."""


class Op(StrEnum):
    """What a change does."""

    PUT = "put"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the change log. `listing` is there for PUT."""

    seq: int
    kind: Kind
    id: str
    op: Op
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for: token counts per analyzer and the unit vector of the text.

    `expansion` holds further tokens with the part of an occurrence that each counts as.
    """

    terms: Counter[str]
    vector: Vectors
    expansion: Mapping[str, float] = dataclass_field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What a search found: candidates in no order, and the query's background.

    `background` is the mean fused score of those listings of the whole index that share its words
    and are not among its first; None where there are too few. A query of common words scores
    higher everywhere, so it tells how much of a score is no merit of a listing.
    """

    candidates: list[Candidate]
    background: float | None


def embed_listings(
    listings: Sequence[Listing],
    encoder: Encoder,
    progress: Progress | None = None,
    *,
    centred: bool = False,
) -> list[ListingVectors]:
    """Encode title and body of each listing through the encoder's cache; `centred` if asked for."""
    titled = [listing.title for listing in listings if listing.title.strip()]
    titles = iter(encoder.encode(titled, Role.TITLE))
    # a listing without a body is represented by its title, so that every listing has a row
    bodies = encoder.encode([item.body or item.title for item in listings], Role.BODY, progress)

    def placed(vectors: Vectors, listing: Listing, role: Role) -> Vectors:
        return encoder.centred(vectors, listing.kind, role) if centred else vectors

    return [
        ListingVectors(
            placed(next(titles).mean(axis=0), listing, Role.TITLE)
            if listing.title.strip()
            else None,
            # a title that stands in for a missing body is a body here: it was encoded as one
            placed(body, listing, Role.BODY),
        )
        for listing, body in zip(listings, bodies, strict=True)
    ]


@dataclass(frozen=True)
class ListingIndex:
    """The listings of one kind up to the change `watermark`, searchable by both arms."""

    kind: Kind
    config: MatcherConfig
    encoder_fingerprint: str
    dimension: int
    segments: tuple[Segment, ...]
    alive: tuple[NDArray[np.bool_], ...]
    """For each segment, (n,) which of its rows are current."""
    dead: dict[str, Counter[str]]
    """For each lexical field, in how many dead rows a term stands."""
    watermark: int = 0

    @classmethod
    def build(
        cls,
        kind: Kind,
        listings: Sequence[Listing],
        encoder: Encoder,
        config: MatcherConfig,
        *,
        watermark: int = 0,
        progress: Progress | None = None,
    ) -> ListingIndex:
        """Index `listings`; the encoder's cache decides what is encoded anew."""
        if len(listings) > FLAT_LIMIT:
            warnings.warn(
                f"{len(listings):,} listings of one kind: exact search grows linearly beyond "
                f"{FLAT_LIMIT:,}. Split the corpus by chain or region, or move retrieval to "
                "PostgreSQL (docs/architecture.md).",
                stacklevel=2,
            )
        vectors = embed_listings(listings, encoder, progress, centred=config.centred)
        segment = Segment.build(kind, listings, vectors, config, encoder.dimension)
        return cls(
            kind=kind,
            config=config,
            encoder_fingerprint=encoder.fingerprint,
            dimension=encoder.dimension,
            segments=(segment,),
            alive=(np.ones(len(segment), dtype=bool),),
            dead={field: Counter() for field in FIELDS},
            watermark=watermark,
        )._weighed()

    def __len__(self) -> int:
        return sum(int(alive.sum()) for alive in self.alive)

    def __contains__(self, id_: str) -> bool:
        return self._locate(id_) is not None

    def __iter__(self) -> Iterator[Listing]:
        for segment, alive in zip(self.segments, self.alive, strict=True):
            for row in np.flatnonzero(alive).tolist():
                yield segment.listing(row)

    def __getitem__(self, id_: str) -> Listing:
        """The current listing with this id; raises KeyError without one."""
        segment, row = self._place(id_)
        return self.segments[segment].listing(row)

    def get(self, id_: str) -> Listing | None:
        """The current listing with this id, or None."""
        place = self._locate(id_)
        return None if place is None else self.segments[place[0]].listing(place[1])

    def apply(self, changes: Sequence[Change], encoder: Encoder) -> ListingIndex:
        """The next index: `changes` in log order, the last one for an id counts."""
        if not changes:
            return self
        last = {change.id: change for change in changes}
        alive = [mask.copy() for mask in self.alive]
        dead = {field: Counter(counts) for field, counts in self.dead.items()}
        for id_ in last:
            place = self._locate(id_)
            if place is not None:
                alive[place[0]][place[1]] = False
                gone = self.segments[place[0]].listing(place[1])
                for field in FIELDS:
                    dead[field].update(set(self.config.analyzer.tokens(field_text(gone, field))))
        segments = self.segments
        put = [change.listing for change in last.values() if change.listing is not None]
        if put:
            vectors = embed_listings(put, encoder, centred=self.config.centred)
            fresh = Segment.build(self.kind, put, vectors, self.config, self.dimension)
            segments = (*segments, fresh)
            alive.append(np.ones(len(fresh), dtype=bool))
        changed = replace(
            self,
            segments=segments,
            alive=tuple(alive),
            dead=dead,
            watermark=max([self.watermark, *(change.seq for change in changes)]),
        )
        return changed._tidied()._weighed()

    def at(self, watermark: int) -> ListingIndex:
        """The same listings at a later position of the log that changed nothing of this kind."""
        return replace(self, watermark=watermark)

    def statistics(self, field: str) -> FieldStatistics:
        """Live document count and total length of a lexical field."""
        pairs = zip(self.segments, self.alive, strict=True)
        return FieldStatistics(
            len(self), sum(int(s.fields[field].lengths[keep].sum()) for s, keep in pairs)
        )

    def vectors(self) -> dict[str, Vectors]:
        """The stored rows of every live listing by id."""
        return {
            str(segment.facets.ids[row]): segment.dense.rows_of(row)
            for segment, alive in zip(self.segments, self.alive, strict=True)
            for row in np.flatnonzero(alive).tolist()
        }

    def document_frequencies(self, field: str) -> dict[str, int]:
        """In how many live documents each term of a lexical field stands."""
        counts: Counter[str] = Counter()
        for segment in self.segments:
            counts.update(segment.fields[field].document_frequencies())
        counts.subtract(self.dead[field])
        return dict(+counts)

    def search(self, query: Query, condition: Filter | None, depth: int) -> Retrieved:
        """Candidates of both arms under the filter, at least min(depth, passing) of each arm used.

        Complete: whoever is among the best `depth` of one arm is scored in both.
        """
        lexical = self._lexical_scores(query, self.segments)
        query, background = self._refined(query, lexical)
        masks = self._masks(condition)
        chosen: list[NDArray[np.int64]] = []
        threshold = _nth_largest(
            np.concatenate([s[m] for s, m in zip(lexical, masks, strict=True)]), depth
        )
        nearest = self._nearest(query, masks, depth)
        for segment, scores, mask, near in zip(self.segments, lexical, masks, nearest, strict=True):
            hits = np.zeros(len(segment), dtype=bool)
            if self.config.dense_weight < 1:
                hits |= mask & (scores >= threshold) & (scores > 0)
            # the lexical arm alone still returns enough records when few share a term
            hits[near] = True
            chosen.append(np.flatnonzero(hits))
        return Retrieved(self._score(query, lexical, chosen), background)

    def guests(self, listings: Sequence[Listing], encoder: Encoder) -> ListingIndex:
        """An index of `listings` alone, weighted by the mean lengths of this one.

        `appraised` scores them as if they stood here, without changing what is counted here.
        """
        vectors = embed_listings(listings, encoder, centred=self.config.centred)
        segment = Segment.build(self.kind, listings, vectors, self.config, self.dimension)
        fields = {
            name: field.reweighed(self.config.bm25, self.statistics(name).mean_length)
            for name, field in segment.fields.items()
        }
        return replace(
            self,
            segments=(replace(segment, fields=fields),),
            alive=(np.ones(len(segment), dtype=bool),),
            dead={name: Counter() for name in FIELDS},
        )

    def appraised(self, query: Query, guests: ListingIndex) -> list[Candidate]:
        """Both scores of every one of `guests`, by the statistics and the feedback of this index."""
        query, _ = self._refined(query, self._lexical_scores(query, self.segments))
        lexical = self._lexical_scores(query, guests.segments)
        rows = [np.arange(len(segment)) for segment in guests.segments]
        return guests._score(query, lexical, rows)

    def _refined(
        self, query: Query, lexical: list[NDArray[np.float64]]
    ) -> tuple[Query, float | None]:
        """The query moved towards the listings that come first for it (Rocchio 1971); background.

        They are the best by the fused score among those of the best lexical scores, of the whole
        index and not of what a filter passes: a filter must not change what a query means.
        """
        share, count = self.config.feedback_weight, self.config.feedback_count
        if not share:
            return query, None
        alive = zip(lexical, self.alive, strict=True)
        threshold = _nth_largest(np.concatenate([s[m] for s, m in alive]), _FEEDBACK_POOL)
        if threshold <= 0:
            return query, None
        pools = [
            np.flatnonzero(mask & (scores >= threshold))
            for scores, mask in zip(lexical, self.alive, strict=True)
        ]
        fused = fuse(self._score(query, lexical, pools), self.config)
        rows = [self._row(item.candidate) for item in fused[:count]]
        moved = query.vector + share * np.mean(rows, axis=0)
        vector = (moved / np.linalg.norm(moved)).astype(np.float32)
        return replace(query, vector=vector), _background([item.score for item in fused])

    def _row(self, candidate: Candidate) -> Vectors:
        """The stored row of the best passage of a candidate, as a unit vector."""
        segment, number = self._place(candidate.id)
        row = self.segments[segment].dense.rows_of(number)[candidate.passage]
        unit: Vectors = row / max(float(np.linalg.norm(row)), 1e-12)
        return unit

    def compacted(self) -> ListingIndex:
        """The same listings in one segment without dead rows."""
        if len(self.segments) == 1 and self.alive[0].all():
            return self
        return self._merged(0)._weighed()

    def term_weights(self, field: str, terms: Mapping[str, float]) -> dict[str, float]:
        """Query frequency times idf of the terms that occur in live documents, sorted by term."""
        documents = len(self)
        weights = {}
        for term, count in sorted(terms.items()):
            frequency = sum(s.fields[field].document_frequency(term) for s in self.segments)
            frequency -= self.dead[field][term]
            if frequency > 0:
                weights[term] = count * self.config.bm25.idf(documents, frequency)
        return weights

    def holds(self, field: str, terms: Iterable[str]) -> bool:
        """Whether each of `terms` stands in some live document."""
        counts = Counter(terms)
        return self.term_weights(field, counts).keys() == counts.keys()

    def _lexical_scores(
        self, query: Query, segments: Sequence[Segment]
    ) -> list[NDArray[np.float64]]:
        text, title = (self._field_scores(field, query, segments) for field in FIELDS)
        share = self.config.lexical_title_weight
        totals = []
        for segment, whole, heading in zip(segments, text, title, strict=True):
            # a listing without a title is judged by its text alone
            shares = np.where(segment.fields["title"].lengths > 0, share, 0.0)
            totals.append((1 - shares) * whole + shares * heading)
        return totals

    def _field_scores(
        self, field: str, query: Query, segments: Sequence[Segment]
    ) -> list[NDArray[np.float64]]:
        """Per segment, BM25 over the most that a document could score for the query's terms."""
        weights = self.term_weights(field, {**query.terms, **query.expansion})
        bound = sum(weights.values()) or 1.0
        return [segment.fields[field].scores(weights) / bound for segment in segments]

    def _nearest(
        self, query: Query, masks: list[NDArray[np.bool_]], depth: int
    ) -> list[NDArray[np.int64]]:
        """Per segment, the rows that score at least what the `depth`-th best of all does."""
        rows, values = [], []
        for segment, mask in zip(self.segments, masks, strict=True):
            rows.append(segment.dense.nearest(query.vector, depth, mask))
            values.append(segment.dense.scores(query.vector, rows[-1])[0])
        threshold = _nth_largest(np.concatenate(values), depth)
        return [r[v >= threshold] for r, v in zip(rows, values, strict=True)]

    def _masks(self, condition: Filter | None) -> list[NDArray[np.bool_]]:
        if condition is None or condition.empty:
            return list(self.alive)
        pairs = zip(self.segments, self.alive, strict=True)
        return [alive & segment.facets.mask(condition) for segment, alive in pairs]

    def _score(
        self,
        query: Query,
        lexical: list[NDArray[np.float64]],
        chosen: list[NDArray[np.int64]],
    ) -> list[Candidate]:
        found: list[Candidate] = []
        for segment, scores, rows in zip(self.segments, lexical, chosen, strict=True):
            if not len(rows):
                continue
            dense, passages = segment.dense.scores(query.vector, rows)
            found.extend(
                Candidate(str(segment.facets.ids[row]), float(scores[row]), float(d), int(p))
                for row, d, p in zip(rows.tolist(), dense, passages, strict=True)
            )
        return found

    def _locate(self, id_: str) -> tuple[int, int] | None:
        """(segment, row) of the current listing with this id; the newest segment is asked first."""
        for number in reversed(range(len(self.segments))):
            row = self.segments[number].rows.get(id_)
            if row is not None and self.alive[number][row]:
                return number, row
        return None

    def _place(self, id_: str) -> tuple[int, int]:
        place = self._locate(id_)
        if place is None:
            raise KeyError(id_)
        return place

    def _weighed(self) -> ListingIndex:
        """Postings weighted for the mean length over the whole index."""
        means = {field: self.statistics(field).mean_length for field in FIELDS}
        segments = tuple(
            replace(
                segment,
                fields={
                    field: segment.fields[field].reweighed(self.config.bm25, means[field])
                    for field in FIELDS
                },
            )
            if any(segment.fields[f].mean_length != means[f] for f in FIELDS)
            else segment
            for segment in self.segments
        )
        for segment in segments:
            segment.warm()
        return replace(self, segments=segments)

    def _tidied(self) -> ListingIndex:
        """Small segments merged when there are many, all of them when they outgrow the base."""
        total = sum(len(segment) for segment in self.segments)
        base = int(self.alive[0].sum()) if self.alive else 0
        if total - base > max(1000, _BASE_SHARE * base):
            return self._merged(0)
        if len(self.segments) > _SMALL_SEGMENTS:
            return self._merged(1)
        return self

    def _merged(self, first: int) -> ListingIndex:
        """Segments from number `first` on made into one; its dead rows leave the counts too."""
        parts = list(zip(self.segments[first:], self.alive[first:], strict=True))
        merged = Segment.merge(parts, self.config)
        dead = {field: Counter(counts) for field, counts in self.dead.items()}
        for segment, alive in parts:
            for row in np.flatnonzero(~alive).tolist():
                gone = segment.listing(row)
                for field in FIELDS:
                    dead[field].subtract(set(self.config.analyzer.tokens(field_text(gone, field))))
        return replace(
            self,
            segments=(*self.segments[:first], merged),
            alive=(*self.alive[:first], np.ones(len(merged), dtype=bool)),
            dead={field: +counts for field, counts in dead.items()},
        )


def _background(scores: Sequence[float]) -> float | None:
    """Mean of `scores`, which fall, without the first ones; None where few are left."""
    others = scores[_BACKGROUND_FROM:_FEEDBACK_POOL]
    return float(np.mean(others)) if len(others) >= _BACKGROUND_LEAST else None


def _nth_largest(values: NDArray[np.float64], n: int) -> float:
    """The n-th largest value, the smallest where there are fewer, 0 of none."""
    if not len(values):
        return 0.0
    if len(values) <= n:
        return float(values.min())
    return float(np.partition(values, len(values) - n)[len(values) - n])
