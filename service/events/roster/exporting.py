"""The form for a roster, and the roster itself in the same layout, so that it can be read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from corpora.form_book import FilledSheet, form_book
from corpora.taxonomy import taxonomy
from matcher.listing import Kind
from service.disclosure import Reader
from service.events import events
from service.events.roster import shown
from service.events.roster.cells import EVERYBODY, UNBOUNDED
from service.events.roster.layout import (
    ENTRIES,
    EXAMPLES,
    GUIDE,
    PARTIES,
    PEOPLE,
    SHEETS,
    SIDES,
    WANTED,
    WISHES,
)
from service.events.roster.times import show_times
from service.events.tables import EventRow

_SIDE = {code: word for word, code in SIDES.items()}
_WISH = {code: word for word, code in WISHES.items()}
_KIND = {Kind.NEED.value: "需求", Kind.ACHIEVEMENT.value: "成果"}


def template() -> bytes:
    """The empty form with examples, which are passed over when it is read."""
    return _book(EXAMPLES, example=True)


def export(reader: Reader, event: EventRow) -> bytes:
    """The roster; entries of which the reader may not know are left out, and their wishes."""
    parties = events.parties(reader.session, event.id)
    people = events.attendees(reader.session, event.id)
    names = {party.id: party.name for party in parties}
    persons = {person.id: person.name for person in people}
    brought = shown.entries(reader, event)
    wanted, _ = shown.known_wishes(reader, event, brought)
    return _book(
        {
            PARTIES.name: [
                (p.name, p.uscc, taxonomy("org_type").label(p.org_type),
                 taxonomy("region").label(p.region_code), p.small, _cap(p.max_meetings))
                for p in parties
            ],
            PEOPLE.name: [
                (names[p.party_id], p.name, p.mail, show_times(p.free)) for p in people
            ],
            ENTRIES.name: [
                (names[e.row.party_id], _KIND[e.row.kind], e.row.listing_id, e.row.priority,
                 _cap(e.row.max_meetings),
                 [persons[id_] for id_ in e.row.people if id_ in persons] or EVERYBODY)
                for e in brought
                if e.known
            ],
            WANTED.name: [
                (w.need_id, w.achievement_id, _SIDE[w.side], _WISH[w.wish]) for w in wanted
            ],
        },
        example=False,
    )  # fmt: skip


def _cap(value: int | None) -> int | str:
    return UNBOUNDED if value is None else value


def _book(rows: Mapping[str, Iterable[Sequence[object]]], *, example: bool) -> bytes:
    sheets = [
        FilledSheet(sheet.name, [f.column for f in sheet.fields], rows[sheet.name], example)
        for sheet in SHEETS
    ]
    return form_book(sheets, GUIDE)
