"""Who may read what of a record. Everything that shows, finds or tells of one goes through here.

| tier | owner, technology managers, administrators | agreed or named | everybody else |
|---|---|---|---|
| public | all | all | all |
| masked | all | all, once both sides agreed | the masked view |
| broker_only | all | all, once both sides agreed | nothing |
| named | all | all: named organisations, and once both sides agreed | nothing |

A record that is not published is its owner's and the house's. Contact data is a matter of
`service.consents`. What is read in full of a record that is not public is written down.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, case, false, or_, true, tuple_
from sqlmodel import Session, col, select

from corpora.records import RECORDS, Record
from matcher.listing import KINDS, Kind, Listing
from service import changes, store
from service.access import HOUSE, Principal
from service.consents import agreed_at_all, agreed_with
from service.db import reading, writing
from service.tables import DisclosureRow, ListingRow, Tier, now

_AGAIN = timedelta(hours=1)
"""Reading the same version again within this time is not written down again."""

_INSIDE = ("named_orgs",)
"""Fields that only the owner and the house read: who else was let in."""


KNOWN_TO_ALL = col(ListingRow.disclosure).in_((Tier.PUBLIC.value, Tier.MASKED.value))
"""The SQL condition for tiers of which everybody may know that a published record exists."""


class Sight(IntEnum):
    """How much of a record somebody may see."""

    NONE = 0
    """Not even that it exists."""
    MASK = 1
    FULL = 2


@dataclass(frozen=True)
class View:
    """A record as one reader may see it."""

    kind: Kind
    id: str
    sight: Sight
    stated: dict[str, Any]
    """The fields of the record, or of its mask."""
    listing: Listing
    """Texts and facets of what is shown: of the mask where no more may be seen."""
    status: str
    disclosure: str
    version: int
    seq: int
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    confirmed_at: datetime | None
    expires_at: datetime | None

    @property
    def title(self) -> str:
        """The title, or what stands for it."""
        return self.listing.title

    @property
    def masked(self) -> bool:
        """Whether this is the masked view."""
        return self.sight is Sight.MASK

    @property
    def org(self) -> str:
        """The organisation, as far as it may be known."""
        return str(self.stated.get("org", ""))

    @cached_property
    def record(self) -> Record:
        """What is shown, as a record."""
        return RECORDS[self.kind].model_validate(
            {**self.stated, KINDS[self.kind].id_field: self.id}
        )


class Reader:
    """One person reading within one session: `view` is the way to a record."""

    def __init__(self, session: Session, principal: Principal) -> None:
        self.session = session
        self.principal = principal
        self.seen: dict[tuple[str, str, str], ListingRow] = {}

    @cached_property
    def _agreed(self) -> frozenset[tuple[str, str]]:
        return agreed_with(self.session, self.principal.organisation_id)

    def owns(self, row: ListingRow) -> bool:
        """Whether the record belongs to the reader's organisation."""
        return row.owner_id is not None and row.owner_id == self.principal.organisation_id

    def sight(self, row: ListingRow) -> Sight:
        """How much of the record the reader may see."""
        if self.principal.role in HOUSE or self.owns(row):
            return Sight.FULL
        if row.status != "published":
            return Sight.NONE
        if row.disclosure == Tier.PUBLIC or self._entitled(row):
            return Sight.FULL
        return Sight.MASK if row.disclosure == Tier.MASKED else Sight.NONE

    def _entitled(self, row: ListingRow) -> bool:
        code = self.principal.uscc
        named = bool(code) and row.disclosure == Tier.NAMED and f"|{code}|" in row.named
        return named or (row.kind, row.id) in self._agreed

    def view(self, row: ListingRow) -> View | None:
        """The record as the reader may see it; None where he may not know of it."""
        sight = self.sight(row)
        if sight is Sight.NONE:
            return None
        if sight is Sight.FULL:
            self.note(row, "full")
        inside = self.principal.role in HOUSE or self.owns(row)
        return _view(row, sight, left_out=() if inside else _INSIDE)

    def note(self, row: ListingRow, what: str) -> None:
        """Have it written down that the reader saw `what` of a record that is not his."""
        public = row.disclosure == Tier.PUBLIC and what == "full"
        if self.principal.user_id and not public and not self.owns(row):
            self.seen[(row.kind, row.id, what)] = row

    def note_quoted(self, kind: Kind, ids: Collection[str]) -> None:
        """`note` for those of `ids` that are not public, of which the reader is shown sentences."""
        for part in changes.chunks(sorted(ids)):
            hidden = select(ListingRow).where(
                ListingRow.kind == kind,
                col(ListingRow.id).in_(part),
                col(ListingRow.disclosure) != Tier.PUBLIC.value,
            )
            for row in self.session.exec(hidden):
                self.note(row, "full")

    def get(self, kind: Kind, id_: str) -> View:
        """The view of one record; raises NotFoundError where there is none."""
        found = self.view(store.get(self.session, kind, id_))
        return found if found is not None else store.missing(kind, id_)

    def contact(self, row: ListingRow) -> dict[str, Any] | None:
        """The contact data of a record, which is written down; None for who may not see it.

        Its owner always may; others once both sides of a pair agreed, and then the house too, which
        brings them together.
        """
        house = self.principal.role in HOUSE
        owner = self.owns(row) or (house and row.owner_id is None)
        agreed = (
            agreed_at_all(self.session, Kind(row.kind), row.id)
            if house
            else (row.kind, row.id) in self._agreed
        )
        if not (owner or (agreed and self.sight(row) is Sight.FULL)):
            return None
        self.note(row, "contact")
        return row.contact or {}

    # conditions for lists

    @property
    def visible(self) -> ColumnElement[bool]:
        """The SQL condition for records that the reader may know of."""
        if self.principal.role in HOUSE:
            return true()
        known = or_(KNOWN_TO_ALL, self._entitled_condition)
        found = and_(col(ListingRow.status) == "published", known)
        return or_(found, self._own_condition)

    @property
    def search_text(self) -> ColumnElement[str]:
        """The SQL column of the text that the reader may search."""
        if self.principal.role in HOUSE:
            return col(ListingRow.search_text)  # type: ignore[return-value]
        full = or_(
            col(ListingRow.disclosure) == Tier.PUBLIC.value,
            self._own_condition,
            self._entitled_condition,
        )
        return case((full, col(ListingRow.search_text)), else_=col(ListingRow.mask_text))

    @property
    def _own_condition(self) -> ColumnElement[bool]:
        mine = self.principal.organisation_id
        return col(ListingRow.owner_id) == mine if mine else false()

    @property
    def _entitled_condition(self) -> ColumnElement[bool]:
        code = self.principal.uscc
        named = (
            and_(
                col(ListingRow.disclosure) == Tier.NAMED.value,
                col(ListingRow.named).contains(f"|{code}|", autoescape=True),
            )
            if code
            else false()
        )
        if not self._agreed:
            return named
        pair = tuple_(col(ListingRow.kind), col(ListingRow.id))
        return or_(named, pair.in_(sorted(self._agreed)))

    def reserved(self, kind: Kind, least: Sight) -> list[str]:
        """Ids of the published records that are not public of which the reader sees `least`."""
        statement = select(ListingRow).where(
            ListingRow.kind == kind, changes.Shelf.RESERVED.condition
        )
        if self.principal.role in HOUSE:
            ids = select(ListingRow.id).where(
                ListingRow.kind == kind, changes.Shelf.RESERVED.condition
            )
            return list(self.session.exec(ids))
        rows = self.session.exec(statement.where(self.visible))
        return [row.id for row in rows if self.sight(row) >= least]


def _view(row: ListingRow, sight: Sight, left_out: Collection[str]) -> View:
    full = sight is Sight.FULL
    stated = row.record if full or row.mask is None else row.mask
    stated = {name: value for name, value in stated.items() if name not in ("status", *left_out)}
    kind = Kind(row.kind)
    listing = (
        changes.to_listing(row) if full else RECORDS[kind].model_validate(stated).to_listing(row.id)
    )
    return View(
        kind=kind,
        id=row.id,
        sight=sight,
        stated=stated,
        listing=listing,
        status=row.status,
        disclosure=row.disclosure,
        version=row.version,
        seq=row.seq,
        created_at=row.created_at,
        updated_at=row.updated_at,
        published_at=row.published_at,
        confirmed_at=row.confirmed_at,
        expires_at=row.expires_at,
    )


@contextmanager
def reading_as(engine: Engine, principal: Principal, route: str) -> Iterator[Reader]:
    """A reader in one consistent state; what he saw in full is written down when the block ends."""
    with reading(engine) as session:
        reader = Reader(session, principal)
        yield reader
        seen = reader.seen
        fresh = [key for key in seen if not _noted(session, reader, key)]
    if fresh:
        _write_down(engine, principal, route, [(key, seen[key].version) for key in fresh])


def _noted(session: Session, reader: Reader, key: tuple[str, str, str]) -> bool:
    kind, id_, what = key
    statement = select(DisclosureRow.id).where(
        DisclosureRow.kind == kind,
        DisclosureRow.listing_id == id_,
        DisclosureRow.user_id == reader.principal.user_id,
        DisclosureRow.what == what,
        DisclosureRow.version == reader.seen[key].version,
        DisclosureRow.at > now() - _AGAIN,
    )
    return session.exec(statement).first() is not None


def _write_down(
    engine: Engine,
    principal: Principal,
    route: str,
    seen: list[tuple[tuple[str, str, str], int]],
) -> None:
    with writing(engine) as session:
        for (kind, id_, what), version in seen:
            session.add(
                DisclosureRow(
                    kind=kind,
                    listing_id=id_,
                    version=version,
                    what=what,
                    user_id=principal.user_id,
                    organisation_id=principal.organisation_id,
                    route=route,
                )
            )
