"""The meetings of a book as a calendar (RFC 5545) that replaces what was taken from it before."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vText

from matcher.listing import Kind
from service.events.book.content import Book, Talk
from service.inputs import BEIJING
from service.tables import now

_ZONE = BEIJING.key


class _Held(Protocol):
    @property
    def need_id(self) -> str: ...
    @property
    def achievement_id(self) -> str: ...
    @property
    def begin(self) -> datetime: ...
    @property
    def end(self) -> datetime: ...
    @property
    def table(self) -> str: ...
    @property
    def room(self) -> str: ...


def book_ics(book: Book, attendee_id: str | None = None) -> bytes:
    """The meetings of a book, or of one person; those that were published and fell out, as cancelled."""
    calendar = Calendar()
    calendar.add("prodid", "-//Jiebang//match book//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", book.title)
    calendar.add("x-wr-calname", book.title)
    calendar.add("x-wr-timezone", _ZONE)
    calendar.add_component(_zone())
    talks = [t for t in book.talks if attendee_id is None or attendee_id in t.attendee_ids]
    for talk in talks:
        calendar.add_component(_held(book, talk))
    kept = {talk.pair for talk in talks}
    for earlier in book.earlier:
        concerned = attendee_id is None or attendee_id in earlier.attendee_ids
        if concerned and earlier.pair not in kept:
            event = _event(book, earlier)
            event.add("summary", f"已取消：{book.name} 的一场会面")
            event.add("status", "CANCELLED")
            calendar.add_component(event)
    return bytes(calendar.to_ical())


def uid(salt: str, need_id: str, achievement_id: str) -> str:
    """The name of a meeting in every calendar; who knows no `salt` cannot even test ids of records."""
    told = "\x00".join((salt, need_id, achievement_id))
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@jiebang"


def _held(book: Book, talk: Talk) -> Event:
    event = _event(book, talk)
    event.add("summary", f"对接：{talk.title}")
    event.add("status", "TENTATIVE" if book.draft else "CONFIRMED")
    labels = {Kind.NEED: "需求", Kind.ACHIEVEMENT: "成果"}
    told = [f"{labels[kind]}：{side.title}\n{side.who}" for kind, side in talk.sides.items()]
    told.append(talk.why.summary)
    event.add("description", "\n\n".join(told))
    return event


def _event(book: Book, held: _Held) -> Event:
    event = Event()
    event.add("uid", uid(book.salt, held.need_id, held.achievement_id))
    event.add("dtstamp", now())
    event.add("dtstart", held.begin.replace(tzinfo=BEIJING))
    event.add("dtend", held.end.replace(tzinfo=BEIJING))
    event.add("sequence", book.number)
    event["location"] = vText(_joined((book.place, held.room, held.table)))
    return event


def _joined(parts: Iterable[str]) -> str:
    return " ".join(part for part in parts if part)


def _zone() -> Timezone:
    """China has kept one time since 1991."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("tzid", _ZONE)
    begin = datetime(1991, 9, 15)
    standard.add("dtstart", begin)
    standard.add("tzname", "CST")
    for name in ("tzoffsetfrom", "tzoffsetto"):
        standard.add(name, BEIJING.utcoffset(begin))
    zone.add_component(standard)
    return zone
