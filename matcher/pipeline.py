"""Matcher: the one pipeline behind service, files, batch runs and evaluation, in either direction.

retrieve (both arms under the filter) -> fuse -> structured fit and figures -> calibrate -> explain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from matcher.confidence import Band, Calibration, Evidence
from matcher.config import MatcherConfig
from matcher.encoder import Encoder, Progress, Role, Vectors
from matcher.expansion import expansion
from matcher.explain import Explainer, Explanation
from matcher.filters import Filter
from matcher.fit import Fit, Names
from matcher.fusion import fuse
from matcher.index import ListingIndex, Query
from matcher.indicators import compare
from matcher.listing import KINDS, Direction, Kind, Listing
from matcher.rerank import Ranked, rerank, sides
from matcher.summary import Facts, summarise

DECISIVE = 10
"""First matches of which one must be suitable for a query to count as answered, however many are
returned."""


@dataclass(frozen=True, slots=True)
class Match:
    """A counterpart at `rank` (from 1) with its score: the fused text score and structured fit.

    `forward` and `backward` are the scores as the need's and the achievement's side see them,
    `reciprocal` is their harmonic mean; `fits` has the reasons. `score` is that of the asking side.
    `probability` (of a grade of 2 or 3) follows from `evidence`, which leaves fit out. It and
    `band` are None where the configuration is not calibrated. `explanation` is there when asked for.
    """

    listing: Listing
    rank: int
    score: float
    lexical: float
    dense: float
    forward: float
    backward: float
    reciprocal: float
    evidence: Evidence
    fits: tuple[Fit, ...] = ()
    probability: float | None = None
    band: Band | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The ranked matches of one query; `answered` is False when none of them is suitable.

    Without a calibration every query that has a match counts as answered.
    """

    query: Listing
    matches: tuple[Match, ...]
    answered: bool
    corpus_size: int
    watermark: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where one listing stands for a query: rank (None when a filter excludes it), parts, filters.

    `failed_filters` names the conditions it fails.
    """

    match: Match
    rank: int | None
    corpus_size: int
    failed_filters: tuple[str, ...]


@dataclass(frozen=True)
class Guests:
    """Listings outside the index that compete as if they stood in it, without changing it.

    `index` is one that `ListingIndex.guests` made; only those of `ids` compete.
    """

    index: ListingIndex
    ids: frozenset[str]


class Matcher:
    """Matches listings of either kind against the index of the counterpart kind."""

    def __init__(
        self,
        indexes: Mapping[Kind, ListingIndex],
        encoder: Encoder,
        config: MatcherConfig,
        names: Names | None = None,
        freshness: Mapping[Kind, Mapping[str, float]] | None = None,
    ) -> None:
        """`names` are the Chinese labels of codes, for the reasons of structured fit.

        `freshness` holds the factors in (0, 1] that scores of stale listings are multiplied by.
        """
        for index in indexes.values():
            if index.encoder_fingerprint != encoder.fingerprint:
                msg = (
                    f"the {index.kind} index was made by model {index.encoder_fingerprint}, "
                    f"queries would be encoded by {encoder.fingerprint}: rebuild the index"
                )
                raise ValueError(msg)
        self._indexes = dict(indexes)
        self._encoder = encoder
        self._config = config
        self._names: Names = names or {}
        self._freshness = freshness or {}

    def aged(self, freshness: Mapping[Kind, Mapping[str, float]]) -> Matcher:
        """The same matcher with other factors for stale listings."""
        return Matcher(self._indexes, self._encoder, self._config, self._names, freshness)

    def index(self, kind: Kind) -> ListingIndex:
        """The index of the listings of `kind`."""
        return self._indexes[kind]

    def match(
        self,
        query: Listing,
        *,
        top_k: int = 10,
        condition: Filter | None = None,
        with_explanations: bool = False,
        guests: Guests | None = None,
    ) -> Answer:
        """The best `top_k` counterparts of `query` that pass `condition`.

        There are min(top_k, passing listings) of them, by score, ties by id. A listing never
        matches itself, since it is searched among its counterparts only. `guests` compete with
        those of the index, whose scores are the same with and without them.
        """
        prepared = self._prepare(query, self._encoder.encode_query(query.text))
        return self._answer(query, prepared, top_k, condition, with_explanations, guests)

    def _answer(
        self,
        query: Listing,
        prepared: Query,
        top_k: int,
        condition: Filter | None,
        with_explanations: bool,
        guests: Guests | None = None,
    ) -> Answer:
        index = self._counterparts(query)
        depth = max(top_k, self._config.depth)
        ranked, background = self._rank(index, query, prepared, condition, depth)
        if guests is not None:
            ranked = _by_score([*ranked, *self._invited(index, query, prepared, condition, guests)])
        explainer = self._explainer(index, query, prepared) if with_explanations else None
        calibration = self._calibration(query)
        matches = tuple(
            self._match(
                query, _home(index, guests, item), item, rank, explainer, calibration, background
            )
            for rank, item in enumerate(ranked[:top_k], start=1)
        )
        size = len(index) + (len(guests.ids) if guests else 0)
        answered = bool(ranked) and (
            calibration is None
            or any(
                calibration.suitable(calibration.probability(_evidence(item, background)))
                for item in ranked[:DECISIVE]
            )
        )
        return Answer(query, matches, answered, size, index.watermark)

    def match_all(
        self,
        queries: Sequence[Listing],
        *,
        top_k: int,
        condition: Filter | None = None,
        with_explanations: bool = False,
        guests: Guests | None = None,
        progress: Progress | None = None,
    ) -> list[Answer]:
        """`match` for each query; their texts are encoded together first."""
        vectors = self._encoder.encode_queries([query.text for query in queries])
        answers = []
        for done, (query, vector) in enumerate(zip(queries, vectors, strict=True), start=1):
            prepared = self._prepare(query, vector)
            answers.append(
                self._answer(query, prepared, top_k, condition, with_explanations, guests)
            )
            if progress is not None:
                progress(done, len(queries))
        return answers

    def position(
        self,
        query: Listing,
        id_: str,
        condition: Filter | None = None,
        guests: Guests | None = None,
    ) -> Position:
        """Why the listing `id_` stands where it stands for `query`, or is filtered out.

        Raises KeyError where neither the index nor `guests` hold it.
        """
        index = self._counterparts(query)
        listing = guests.index[id_] if guests and id_ in guests.ids else index[id_]
        failed = tuple(condition.failures(listing)) if condition else ()
        prepared = self._prepare(query, self._encoder.encode_query(query.text))
        # a failed filter must not hide the parts of the score: the rank is then taken without it
        wanted = None if failed else condition
        ranked, background = self._rank(index, query, prepared, wanted, len(index))
        if guests is not None:
            ranked = _by_score([*ranked, *self._invited(index, query, prepared, wanted, guests)])
        rank, item = next(
            (rank, r) for rank, r in enumerate(ranked, start=1) if r.candidate.id == id_
        )
        explainer = self._explainer(index, query, prepared)
        home = _home(index, guests, item)
        match = self._match(
            query, home, item, rank, explainer, self._calibration(query), background
        )
        size = len(index) + (len(guests.ids) if guests else 0)
        return Position(match, None if failed else rank, size, failed)

    def appraise(self, query: Listing, others: Sequence[Listing]) -> list[float]:
        """The score that each of `others` would have for `query` if it stood in the index.

        Nothing of the index changes: they are weighed by its statistics. Their ids must differ.
        """
        index = self._counterparts(query)
        guests = index.guests(others, self._encoder)
        prepared = self._prepare(query, self._encoder.encode_query(query.text))
        fused = fuse(index.appraised(prepared, guests), self._config)
        ranked = rerank(query, fused, guests, self._config, self._names)
        scores = {item.candidate.id: item.score for item in ranked}
        return [scores[other.id] for other in others]

    def _counterparts(self, query: Listing) -> ListingIndex:
        return self._indexes[KINDS[query.kind].counterpart]

    def _prepare(self, query: Listing, vector: Vectors) -> Query:
        if self._config.centred:
            vector = self._encoder.centred(vector, query.kind, Role.QUERY)
        terms = Counter(self._config.analyzer.tokens(query.text))
        further = expansion(query, self._counterparts(query), self._config)
        return Query(terms, vector, further)

    def _rank(
        self,
        index: ListingIndex,
        query: Listing,
        prepared: Query,
        condition: Filter | None,
        depth: int,
    ) -> tuple[list[Ranked], float | None]:
        """All candidates in order, and the query's background."""
        found = index.search(prepared, condition, depth)
        fused = fuse(found.candidates, self._config)
        ranked = rerank(query, fused, index, self._config, self._names)
        return self._weathered(query, ranked), found.background

    def _invited(
        self,
        index: ListingIndex,
        query: Listing,
        prepared: Query,
        condition: Filter | None,
        guests: Guests,
    ) -> list[Ranked]:
        """The guests that pass `condition`, scored by the statistics of `index`."""
        passing = [
            candidate
            for candidate in index.appraised(prepared, guests.index)
            if candidate.id in guests.ids
            and not (condition and condition.failures(guests.index[candidate.id]))
        ]
        fused = fuse(passing, self._config)
        return self._weathered(query, rerank(query, fused, guests.index, self._config, self._names))

    def _weathered(self, query: Listing, ranked: list[Ranked]) -> list[Ranked]:
        """`ranked` in order, with the scores of stale listings lowered."""
        factors = self._freshness.get(KINDS[query.kind].counterpart)
        if not factors:
            return ranked
        return _by_score([item.aged(factors.get(item.candidate.id, 1.0)) for item in ranked])

    def _explainer(self, index: ListingIndex, query: Listing, prepared: Query) -> Explainer:
        weights = index.term_weights("text", prepared.terms)
        return Explainer(query, weights, self._config, self._encoder)

    def _calibration(self, query: Listing) -> Calibration | None:
        return self._config.confidence.of(
            Direction.of_query(query.kind), self._encoder.model, self._config.scoring_fingerprint
        )

    def _match(
        self,
        query: Listing,
        index: ListingIndex,
        ranked: Ranked,
        rank: int,
        explainer: Explainer | None,
        calibration: Calibration | None,
        background: float | None,
    ) -> Match:
        candidate = ranked.candidate
        found = index[candidate.id]
        parts = {
            "lexical": round(candidate.lexical, 6),
            "dense": round(candidate.dense, 6),
            "fused": ranked.text,
            "fit": round(ranked.score - ranked.text - ranked.figures - ranked.age, 6),
            "figures": ranked.figures,
            "age": ranked.age,
        }
        evidence = _evidence(ranked, background)
        probability = calibration.probability(evidence) if calibration else None
        band = calibration.band(probability) if calibration and probability is not None else None
        explanation = (
            self._explain(query, found, ranked, parts, explainer, band) if explainer else None
        )
        return Match(
            listing=found,
            rank=rank,
            score=ranked.score,
            lexical=candidate.lexical,
            dense=candidate.dense,
            forward=ranked.forward,
            backward=ranked.backward,
            reciprocal=ranked.reciprocal,
            evidence=evidence,
            fits=ranked.fits,
            probability=probability,
            band=band,
            explanation=explanation,
        )

    def _explain(
        self,
        query: Listing,
        found: Listing,
        ranked: Ranked,
        parts: Mapping[str, float],
        explainer: Explainer,
        band: Band | None,
    ) -> Explanation:
        told = explainer.explain(found, parts)
        need, achievement = sides(query, found)
        comparisons = ranked.comparisons
        if comparisons is None:
            comparisons = tuple(compare(need.text, achievement.text))
        told = replace(told, indicators=comparisons)
        facts = Facts(need.text, achievement.text, told, ranked.fits, band)
        return replace(told, summary=summarise(facts))


def _by_score(ranked: list[Ranked]) -> list[Ranked]:
    return sorted(ranked, key=lambda item: (-item.score, item.candidate.id))


def _home(index: ListingIndex, guests: Guests | None, item: Ranked) -> ListingIndex:
    """The index that holds a candidate; no id is both in the index and among the guests."""
    return guests.index if guests and item.candidate.id in guests.ids else index


def _evidence(ranked: Ranked, background: float | None) -> Evidence:
    return Evidence(ranked.text, ranked.figures, background)
