"""Gathers a match book for one reader, and holds back what he may not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from matcher.indicators import Verdict
from matcher.listing import Kind
from service.access import Principal
from service.answers import MASKED_SUMMARY
from service.context import Context
from service.disclosure import Reader, Sight, View, reading_as
from service.errors import NotFoundError
from service.events import candidates, events, meetings
from service.events.book import past
from service.events.book.content import Book, Earlier, Level, Side, Talk, Why
from service.events.book.questions import questions
from service.events.candidates import Pair
from service.events.meetings import Meeting
from service.events.naming import CONFIDENTIAL, OWN_CONFIDENTIAL, UNNAMED
from service.events.tables import EventPartyRow, EventRow, EventScheduleRow
from service.figures import Figure

ARRANGED = "主办方安排的会面，没有匹配依据。"
CHANGED = "匹配之后条目改过，依据要重新匹配才有。"
HELD_BACK = "条目保密，匹配依据不在这里显示。"


@dataclass(frozen=True)
class Sources:
    """What books of an event are made from, as one reader may see it."""

    event: EventRow
    row: EventScheduleRow | None
    held: tuple[Meeting, ...]
    views: Mapping[tuple[Kind, str], View]
    pairs: Mapping[tuple[str, str], Pair]
    told: Mapping[tuple[str, str], dict[str, Any]]
    """What the run says of the pairs of which the reader may be told."""
    earlier: tuple[Earlier, ...]
    parties: Mapping[str, EventPartyRow]


def book_for(
    ctx: Context,
    event_id: str,
    principal: Principal,
    party_id: str | None = None,
    *,
    route: str,
    as_participant: bool = False,
    draft: bool | None = None,
) -> Book:
    """The book of an event, or of the meetings of one party, for `principal`.

    It is of the schedule that was published last. `draft` tells whether the one found last stands in
    where none is published: for organisers, unless said otherwise. `as_participant` leaves out whom a
    participant may not know. What is read in full of records that are not public is written down
    under `route`. Raises NotFoundError.
    """
    shown = not as_participant if draft is None else draft
    found = sources_for(ctx, event_id, principal, party_id, route=route, draft=shown)
    return compose(found, party_id, as_participant=as_participant)


def sources_for(
    ctx: Context,
    event_id: str,
    principal: Principal,
    party_id: str | None = None,
    *,
    route: str,
    draft: bool,
) -> Sources:
    """What is known of the meetings of an event, or of one party; raises NotFoundError."""
    with reading_as(ctx.engine, principal, route) as reader:
        return _sources(reader, event_id, party_id, draft=draft)


def _sources(reader: Reader, event_id: str, party_id: str | None, *, draft: bool) -> Sources:
    session = reader.session
    event = events.get(session, event_id)
    parties = {party.id: party for party in events.parties(session, event_id)}
    if party_id is not None and party_id not in parties:
        raise NotFoundError(
            f"活动里没有编号为 {party_id} 的参会单位", cure="核对编号，或在名单里查找"
        )
    row = meetings.current(session, event_id, published=True)
    if row is None and draft:
        row = meetings.current(session, event_id)
    held = tuple(
        meeting
        for meeting in meetings.scheduled(session, event, row)
        if party_id is None or meeting.sides_of(party_id)
    )
    wanted = {(kind, meeting.id_of(kind)) for meeting in held for kind in Kind}
    views = meetings.views(reader, wanted)
    pairs = candidates.pairs(session, event)
    met = [pairs[meeting.pair] for meeting in held if meeting.pair in pairs]
    readable = {pair.key for pair in met if pair.readable(views)}
    return Sources(
        event,
        row,
        held,
        views,
        pairs,
        candidates.explained(session, event, readable),
        past.earlier(session, event, row),
        parties,
    )


def compose(found: Sources, party_id: str | None = None, *, as_participant: bool = False) -> Book:
    """The book of all that was found, or of one party."""
    teller = _Teller(found, party_id, as_participant)
    held = [m for m in found.held if party_id is None or m.sides_of(party_id)]
    talks = tuple(teller.talk(number, meeting) for number, meeting in enumerate(held, start=1))
    row = found.row
    return Book(
        salt=found.event.salt,
        name=found.event.name,
        place=found.event.place,
        party=found.parties[party_id].name if party_id else "",
        number=row.number if row else 0,
        draft=row is not None and row.published_at is None,
        level=_level([teller.view(m, kind) for m in held for kind in Kind]),
        talks=talks,
        earlier=tuple(e for e in found.earlier if party_id is None or party_id in e.party_ids),
    )


@dataclass(frozen=True)
class _Teller:
    found: Sources
    party_id: str | None
    as_participant: bool

    def view(self, meeting: Meeting, kind: Kind) -> View | None:
        return self.found.views.get((kind, meeting.id_of(kind)))

    def talk(self, number: int, meeting: Meeting) -> Talk:
        views = {kind: self.view(meeting, kind) for kind in Kind}
        full = {kind: view for kind, view in views.items() if view and view.sight is Sight.FULL}
        why = self._why(meeting, views)
        return Talk(
            number=number,
            need_id=meeting.need_id,
            achievement_id=meeting.achievement_id,
            begin=meeting.begin,
            end=meeting.end,
            table=meeting.table,
            room=meeting.room,
            sides={kind: self._side(meeting, kind, views[kind]) for kind in Kind},
            why=why,
            questions=questions(why.figures, {kind: view.record for kind, view in full.items()}),
            attendee_ids=frozenset(p.id for people in meeting.people.values() for p in people),
        )

    def _side(self, meeting: Meeting, kind: Kind, view: View | None) -> Side:
        own = self._own(meeting, kind)
        title = OWN_CONFIDENTIAL if own and self.as_participant else CONFIDENTIAL
        if view is not None:
            title = view.title or "（未写名称）"
        shown = Side(
            meeting.id_of(kind) if view else "",
            title,
            meeting.parties[kind].name,
            tuple(person.name for person in meeting.people[kind]),
            own,
        )
        open_ = own or not self.as_participant or (view is not None and not view.masked)
        return shown if open_ else replace(shown, party=UNNAMED, people=())

    def _own(self, meeting: Meeting, kind: Kind) -> bool:
        return self.party_id is not None and meeting.parties[kind].id == self.party_id

    def _why(self, meeting: Meeting, views: Mapping[Kind, View | None]) -> Why:
        if meeting.pair not in self.found.pairs:
            return Why(ARRANGED)
        match = self.found.told.get(meeting.pair)
        if match is not None:
            return _explained(match)
        if all(view and view.sight is Sight.FULL for view in views.values()):
            return Why(CHANGED)
        others = [view for kind, view in views.items() if not self._own(meeting, kind)]
        masked = bool(others) and all(view is not None for view in others)
        return Why(MASKED_SUMMARY if masked and any(v and v.masked for v in others) else HELD_BACK)


def _explained(match: Mapping[str, Any]) -> Why:
    told = match.get("explanation")
    if not told:
        return Why(ARRANGED, probability=match["probability"])
    return Why(
        summary=told["summary"],
        sentences=tuple(
            (row["need"]["text"], row["achievement"]["text"]) for row in told["alignments"]
        ),
        figures=tuple(
            Figure(**{**row, "verdict": Verdict(row["verdict"])}) for row in told["indicators"]
        ),
        probability=match["probability"],
    )


def _level(seen: list[View | None]) -> Level:
    if any(v and v.sight is Sight.FULL and v.disclosure != "public" for v in seen):
        return Level.CLOSED
    return Level.PARTIES if any(v is None or v.masked for v in seen) else Level.OPEN
