"""The queue of the desk: pairs that the pipeline suggests for published needs."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from matcher.listing import Kind, Listing
from matcher.pipeline import Guests, Match, Matcher
from service import changes
from service.access import Principal
from service.cases import cases
from service.cases.tables import StanceRow
from service.tables import ListingRow, VerdictRow

_DEPTH = 10
"""Matches of a need from which its suggestions are taken."""
_KEPT = 5000


@dataclass(frozen=True)
class Suggestion:
    """A pair that nobody declined, works on, or, in this queue, has judged already."""

    need: Listing
    match: Match


@dataclass(frozen=True)
class Asked:
    """What a queue is narrowed to: chain and region of the need; `after` is the last need seen."""

    chain: str = ""
    region: str = ""
    after: str = ""
    needs: int = 20
    per_need: int = 3


@dataclass(frozen=True)
class Source:
    """What suggestions come from: the pipeline, and the confidential achievements that compete."""

    matcher: Matcher
    guests: Guests | None = None


class Suggestions:
    """The first matches of needs, kept until a change of any record."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seq = -1
        self._found: OrderedDict[str, tuple[Match, ...]] = OrderedDict()

    def matches(self, source: Source, need: Listing) -> tuple[Match, ...]:
        """The first matches of a need as of the change that the matcher reflects."""
        seq = source.matcher.index(Kind.ACHIEVEMENT).watermark
        key = f"{source.guests is not None} {need.id} {need.text_hash}"
        with self._lock:
            if seq > self._seq:
                self._seq = seq
                self._found.clear()
            known = self._found.get(key) if seq == self._seq else None
        if known is not None:
            return known
        found = source.matcher.match(need, top_k=_DEPTH, guests=source.guests).matches
        with self._lock:
            if seq == self._seq:
                self._found[key] = found
                if len(self._found) > _KEPT:
                    self._found.popitem(last=False)
        return found

    def queue(
        self, session: Session, source: Source, asked: Asked, principal: Principal
    ) -> tuple[list[Suggestion], str]:
        """Pairs for one page of needs, newest needs first, best pairs first within the page.

        They are for the house, which may read every record. The second value is the need to go on
        after; empty on the last page.
        """
        rows = _needs(session, asked)
        taken = cases.pairs_in_work(session) | _settled(session, principal)
        found: list[Suggestion] = []
        for row in rows[: asked.needs]:
            need = changes.to_listing(row)
            matches = self.matches(source, need)
            fresh = [m for m in matches if (need.id, m.listing.id) not in taken]
            found += [Suggestion(need, match) for match in fresh[: asked.per_need]]
        found.sort(key=lambda s: (-s.match.score, s.need.id, s.match.listing.id))
        return found, rows[asked.needs - 1].id if len(rows) > asked.needs else ""


def _needs(session: Session, asked: Asked) -> list[ListingRow]:
    moment, id_ = col(ListingRow.updated_at), col(ListingRow.id)
    query = select(ListingRow).where(ListingRow.kind == Kind.NEED, ListingRow.status == "published")
    if asked.chain:
        query = query.where(ListingRow.chain == asked.chain)
    if asked.region:
        query = query.where(ListingRow.region == asked.region)
    last = session.get(ListingRow, (Kind.NEED, asked.after)) if asked.after else None
    if last is not None:
        query = query.where(
            or_(moment < last.updated_at, (moment == last.updated_at) & (id_ > last.id))
        )
    return list(session.exec(query.order_by(moment.desc(), id_).limit(asked.needs + 1)))


def _settled(session: Session, principal: Principal) -> set[tuple[str, str]]:
    """Pairs that a side declined, and those that `principal` has judged."""
    declined = session.exec(
        select(StanceRow.need_id, StanceRow.achievement_id).where(
            col(StanceRow.interested).is_(False)
        )
    )
    judged = session.exec(
        select(VerdictRow.need_id, VerdictRow.achievement_id).where(
            VerdictRow.user_id == principal.user_id
        )
    )
    return {*declined.all(), *judged.all()}
