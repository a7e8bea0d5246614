"""Published listings that are not public: they compete in matches as guests, outside the index.

They are scored by the statistics and the feedback of the index and change nothing in it, so that
the matches of whoever may not know of them are what they would be without them.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping

from sqlalchemy import Engine

from matcher.duplicates import TwinIndex
from matcher.encoder import Encoder
from matcher.index import ListingIndex
from matcher.listing import Kind, Listing
from matcher.pipeline import Guests
from matcher.segment import FIELDS
from service import changes
from service.changes import Shelf
from service.db import reading
from service.twins import SHOWN, NamedTwin

_Means = tuple[float, ...]


class Reserve:
    """The reserved listings of both kinds at one position of the log; it never changes."""

    def __init__(self, listings: Mapping[Kind, Mapping[str, Listing]], watermark: int) -> None:
        self._listings = listings
        self.watermark = watermark
        self._lock = threading.Lock()
        self._built: dict[Kind, tuple[_Means, ListingIndex]] = {}
        self._twins: dict[Kind, TwinIndex] = {}

    @classmethod
    def load(cls, engine: Engine) -> Reserve:
        """What is reserved now."""
        with reading(engine) as session:
            watermark = changes.head(session).n
            listings = {
                kind: {item.id: item for item in changes.published(session, kind, Shelf.RESERVED)}
                for kind in Kind
            }
        return cls(listings, watermark)

    def caught_up(self, engine: Engine) -> Reserve:
        """This one, or the next with every committed change applied."""
        with reading(engine) as session:
            entries = changes.read_after(session, self.watermark, shelf=Shelf.RESERVED)
        if not entries:
            return self
        listings = {kind: dict(held) for kind, held in self._listings.items()}
        for entry in entries:
            if entry.listing is None:
                listings[entry.kind].pop(entry.id, None)
            else:
                listings[entry.kind][entry.id] = entry.listing
        found = Reserve(listings, entries[-1].seq)
        if listings == self._listings:
            found._built, found._twins = self._built, self._twins
        return found.caught_up(engine)

    def guests(
        self, kind: Kind, index: ListingIndex, encoder: Encoder, ids: Collection[str]
    ) -> Guests | None:
        """Those of `ids` that are reserved, ready to compete with `index`; None without any."""
        held = self._listings[kind]
        allowed = frozenset(id_ for id_ in ids if id_ in held)
        return Guests(self._index(kind, index, encoder), allowed) if allowed else None

    def twins(self, listing: Listing) -> list[NamedTwin]:
        """Reserved listings that are much the same as `listing`; for readers of the house only."""
        held = self._listings[listing.kind]
        with self._lock:
            index = self._twins.get(listing.kind)
            if index is None:
                index = self._twins[listing.kind] = TwinIndex.build(list(held.values()))
            found = index.twins(listing, SHOWN)
        return [NamedTwin(t.id, held[t.id].title, t.similarity) for t in found]

    def _index(self, kind: Kind, index: ListingIndex, encoder: Encoder) -> ListingIndex:
        means = tuple(index.statistics(field).mean_length for field in FIELDS)
        with self._lock:
            known = self._built.get(kind)
            if known is None or known[0] != means:
                known = means, index.guests(list(self._listings[kind].values()), encoder)
                self._built[kind] = known
            return known[1]
