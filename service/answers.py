"""Matches as one reader may see them: who competes, and what is shown of whom.

A stored, published record has been read by a reviewer, so it is matched with everything that its
reader may at least see masked. Any other text is matched only with what he may read in full: what
anybody may type would else be a way to guess hidden words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlmodel import col, select

from matcher.explain import Explanation
from matcher.filters import Filter
from matcher.listing import KINDS, Kind, Listing
from matcher.pipeline import Answer, Guests, Match, Matcher, Position
from service.access import Principal
from service.cases import stances
from service.context import Context
from service.db import reading
from service.disclosure import Reader, Sight, View, reading_as
from service.tables import ListingRow

MASKED_SUMMARY = "对方脱敏公开：全文参与了匹配，细节和依据在双方同意后公开。"
_CHUNK = 500


@dataclass(frozen=True)
class Asked:
    """A query: its listing, whether a reviewer has read it, and whether it is a record."""

    listing: Listing
    reviewed: bool = False
    stored: bool = False

    @classmethod
    def of(cls, view: View) -> Asked:
        """A stored record that its reader sees in full."""
        return cls(view.listing, view.status == "published", stored=True)


@dataclass(frozen=True)
class Shown:
    """An answer in which nothing is left that its reader may not see; views by id."""

    answer: Answer
    views: Mapping[str, View]

    def masked(self, id_: str) -> bool:
        """Whether only the mask of a match is shown."""
        return self.views[id_].masked


class Asking:
    """One reader's way to matches; `route` is what is written down of what he saw."""

    def __init__(self, ctx: Context, principal: Principal, route: str) -> None:
        self._ctx = ctx
        self._principal = principal
        self._route = route

    def match(
        self,
        asked: Asked,
        *,
        top_k: int,
        condition: Filter,
        explain: bool,
        min_seq: int | None = None,
    ) -> Shown:
        """The best counterparts that the reader may see; raises NotReadyError."""
        matcher = self._ctx.matcher(min_seq)
        answer = matcher.match(
            asked.listing,
            top_k=top_k,
            condition=self._undeclined(asked, condition),
            with_explanations=explain,
            guests=self._guests(matcher, asked),
        )
        kind = KINDS[asked.listing.kind].counterpart
        views = self.views(kind, [match.listing.id for match in answer.matches])
        matches = tuple(
            shown(match, views[match.listing.id])
            for match in answer.matches
            if match.listing.id in views
        )
        return Shown(replace(answer, matches=matches), views)

    def position(
        self, asked: Asked, other_id: str, condition: Filter, min_seq: int | None = None
    ) -> Position:
        """Where a counterpart stands; raises KeyError where the reader may not know of it."""
        matcher = self._ctx.matcher(min_seq)
        guests = self._guests(matcher, asked)
        narrowed = self._undeclined(asked, condition)
        found = matcher.position(asked.listing, other_id, narrowed, guests)
        views = self.views(KINDS[asked.listing.kind].counterpart, [other_id])
        return replace(found, match=shown(found.match, views[other_id]))

    def _undeclined(self, asked: Asked, condition: Filter) -> Filter:
        """`condition` without the counterparts of a record that a side has declined."""
        if not asked.stored:
            return condition
        with reading(self._ctx.engine) as session:
            gone = stances.declined(session, asked.listing.kind, asked.listing.id)
        return replace(condition, excluded=gone)

    def _guests(self, matcher: Matcher, asked: Asked) -> Guests | None:
        least = Sight.MASK if asked.reviewed else Sight.FULL
        return self.guests(matcher, KINDS[asked.listing.kind].counterpart, least)

    def guests(self, matcher: Matcher, kind: Kind, least: Sight) -> Guests | None:
        """The records beyond the public ones of which the reader sees `least`; they compete too."""
        with reading_as(self._ctx.engine, self._principal, self._route) as reader:
            ids = reader.reserved(kind, least)
        return self._ctx.replica.reserve.guests(kind, matcher.index(kind), self._ctx.encoder, ids)

    def views(self, kind: Kind, ids: Iterable[str]) -> dict[str, View]:
        """The records of some ids as the reader may see them; those he may not see are left out."""
        wanted = list(ids)
        found: dict[str, View] = {}
        with reading_as(self._ctx.engine, self._principal, self._route) as reader:
            for start in range(0, len(wanted), _CHUNK):
                part = wanted[start : start + _CHUNK]
                rows = reader.session.exec(
                    select(ListingRow).where(ListingRow.kind == kind, col(ListingRow.id).in_(part))
                )
                found |= _seen(reader, rows)
        return found


def _seen(reader: Reader, rows: Iterable[ListingRow]) -> dict[str, View]:
    return {row.id: view for row in rows if (view := reader.view(row)) is not None}


def shown(match: Match, view: View) -> Match:
    """The match as its reader may see it: without a word of a counterpart that is masked."""
    if not view.masked:
        return match
    told = match.explanation
    bare = Explanation(told.parts, (), (), (), summary=MASKED_SUMMARY) if told else None
    return replace(match, listing=view.listing, explanation=bare)
