"""One match as the pages show it: cards, or the reason why there are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import col, select

from matcher.filters import Filter
from matcher.listing import KINDS, Kind, Listing
from matcher.pipeline import Answer, Matcher
from service.context import Context
from service.db import reading
from service.errors import NotReadyError
from service.tables import ListingRow
from service.web.cards import Card
from service.web.facets import FacetForm, relaxed
from service.web.twins import folded


class State(StrEnum):
    """What there is to show."""

    FOUND = "found"
    FILTERED_OUT = "filtered-out"
    NO_RECORDS = "no-records"
    NOT_READY = "not-ready"


@dataclass(frozen=True)
class Finding:
    """The outcome of a match.

    `relaxations` names, where filters leave nothing, those that would leave something when taken
    back alone.
    """

    state: State
    corpus_kind: Kind
    cards: tuple[Card, ...] = ()
    corpus_size: int = 0
    answered: bool = False
    relaxations: tuple[str, ...] = ()


def answer_for(ctx: Context, query: Listing, facets: FacetForm, min_seq: int | None) -> Answer:
    """The explained answer; raises NotReadyError."""
    return ctx.matcher(min_seq).match(
        query, top_k=facets.top_k, condition=facets.condition, with_explanations=True
    )


def find(ctx: Context, query: Listing, facets: FacetForm, min_seq: int | None = None) -> Finding:
    """Match `query` under the filters of a form, after change `min_seq` where given."""
    other = KINDS[query.kind].counterpart
    try:
        answer = answer_for(ctx, query, facets, min_seq)
    except NotReadyError:
        return Finding(State.NOT_READY, other)
    if answer.matches:
        orgs = _orgs(ctx, other, [match.listing.id for match in answer.matches])
        cards = tuple(Card.of(query, m, orgs.get(m.listing.id, "")) for m in answer.matches)
        cards = folded(cards, other, ctx.replica.twins)
        return Finding(State.FOUND, other, cards, answer.corpus_size, answer.answered)
    if not answer.corpus_size:
        return Finding(State.NO_RECORDS, other)
    helpful = _helpful(ctx.matcher(min_seq), query, facets.condition)
    return Finding(State.FILTERED_OUT, other, corpus_size=answer.corpus_size, relaxations=helpful)


def _helpful(matcher: Matcher, query: Listing, condition: Filter) -> tuple[str, ...]:
    return tuple(
        label
        for label, wider in relaxed(condition).items()
        if matcher.match(query, top_k=1, condition=wider).matches
    )


def _orgs(ctx: Context, kind: Kind, ids: Sequence[str]) -> dict[str, str]:
    """Organisations of records: they are no part of what is matched, so the index has none."""
    query = select(ListingRow.id, ListingRow.record).where(
        ListingRow.kind == kind, col(ListingRow.id).in_(ids)
    )
    with reading(ctx.engine) as session:
        return {id_: str(record.get("org", "")) for id_, record in session.exec(query)}
