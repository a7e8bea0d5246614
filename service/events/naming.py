"""How records and parties of an event are called towards one reader, and what stands for the hidden ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matcher.listing import KINDS, Kind
from service.disclosure import Reader, Sight, View
from service.events.meetings import Meeting, views
from service.events.tables import EventRow

CONFIDENTIAL = "保密条目"
OWN_CONFIDENTIAL = "本单位的条目（保密，登录后查看）"
UNNAMED = "脱敏参会方"

Key = tuple[Kind, str]
"""Kind and id of a record."""


@dataclass(frozen=True)
class Names:
    """What one reader may read of the records of an event."""

    views: Mapping[Key, View]

    @classmethod
    def of(cls, reader: Reader, wanted: Iterable[Key]) -> Names:
        """What `reader` may read of the `wanted` records."""
        return cls(views(reader, set(wanted)))

    def title(self, kind: Kind, id_: str, *, own: bool = False) -> str:
        """The title of a record, or what stands for it; `own` where it is the reader's party's."""
        view = self.views.get((kind, id_))
        return view.title if view else OWN_CONFIDENTIAL if own else CONFIDENTIAL

    def known(self, pair: tuple[str, str]) -> bool:
        """Whether the reader may know of both records of a pair."""
        return all(side in self.views for side in zip(Kind, pair, strict=True))

    def full(self, kind: Kind, id_: str) -> bool:
        """Whether the reader sees the whole record, and so may know who brings it."""
        view = self.views.get((kind, id_))
        return view is not None and view.sight is Sight.FULL

    def both_full(self, pair: tuple[str, str]) -> bool:
        """Whether the reader sees both records of a pair in full, and so may read why they fit."""
        return all(self.full(kind, id_) for kind, id_ in zip(Kind, pair, strict=True))

    def party(self, name: str, kind: Kind, id_: str) -> str:
        """The `name` of who brings a record, towards a participant of the other side."""
        return name if self.full(kind, id_) else UNNAMED


def keys_of(found: Iterable[Meeting]) -> set[Key]:
    """The records of meetings."""
    return {(kind, meeting.id_of(kind)) for meeting in found for kind in Kind}


def other_of(kind: Kind) -> Kind:
    """The kind on the other side of the table."""
    return KINDS[kind].counterpart


def ref(event: EventRow, *ids: str) -> str:
    """What pages and calendars of participants call a pair or a record.

    An id of a hidden record may tell of it, so it is hashed with what only the service knows.
    """
    return hashlib.sha256("\n".join((event.salt, *ids)).encode()).hexdigest()[:24]
