"""Near-duplicates among matches: one card for a group, with a note of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from matcher.listing import Kind
from service.twins import TwinBook
from service.web.cards import Card


def folded(cards: Sequence[Card], kind: Kind, book: TwinBook) -> tuple[Card, ...]:
    """The cards in their order without those that a better one of their group stands for.

    The card that stays names the rest of its group, shown or not; ranks are left as they were.
    """
    kept: list[Card] = []
    told: set[str] = set()
    for card in cards:
        id_ = card.match.listing.id
        if id_ in told:
            continue
        twins = tuple(book.others(kind, id_))
        told.update(other for other, _ in twins)
        kept.append(replace(card, twins=twins))
    return tuple(kept)
