"""One match as the pages show it: cards, or the reason why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matcher.filters import Filter
from matcher.listing import KINDS, Kind
from service.answers import Asked, Asking, Shown
from service.context import Context
from service.errors import NotReadyError
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


@dataclass(frozen=True)
class Question:
    """What is matched, for whom, and under which filters; after change `min_seq` where given."""

    asked: Asked
    asking: Asking
    facets: FacetForm
    min_seq: int | None = None

    def answer(self) -> Shown:
        """The explained answer as its reader may see it; raises NotReadyError."""
        return self._match(self.facets.top_k, self.facets.condition, explain=True)

    def helpful(self) -> tuple[str, ...]:
        """The filters that would leave something when taken back alone."""
        return tuple(
            label
            for label, wider in relaxed(self.facets.condition).items()
            if self._match(1, wider, explain=False).answer.matches
        )

    def _match(self, top_k: int, condition: Filter, *, explain: bool) -> Shown:
        return self.asking.match(
            self.asked, top_k=top_k, condition=condition, explain=explain, min_seq=self.min_seq
        )


def find(ctx: Context, question: Question) -> Finding:
    """The matches as cards, or why there are none."""
    query = question.asked.listing
    other = KINDS[query.kind].counterpart
    try:
        shown = question.answer()
    except NotReadyError:
        return Finding(State.NOT_READY, other)
    answer = shown.answer
    if answer.matches:
        cards = tuple(Card.of(query, m, shown.views[m.listing.id]) for m in answer.matches)
        cards = folded(cards, other, ctx.replica.twins)
        return Finding(State.FOUND, other, cards, answer.corpus_size, answer.answered)
    if not answer.corpus_size:
        return Finding(State.NO_RECORDS, other)
    helpful = question.helpful()
    return Finding(State.FILTERED_OUT, other, corpus_size=answer.corpus_size, relaxations=helpful)
