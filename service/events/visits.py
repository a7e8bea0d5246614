"""What a participant sees by his link: he reads as nobody, so that the link opens nothing confidential."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from matcher.listing import Kind
from service.access import Principal
from service.answers import MASKED_SUMMARY
from service.disclosure import Reader
from service.errors import NotFoundError
from service.events import answering, candidates, events, grid, meetings, outcomes, wishes
from service.events.candidates import Pair
from service.events.grid import Slot
from service.events.meetings import Meeting
from service.events.naming import UNNAMED, Key, Names, keys_of, other_of, ref
from service.events.tables import (
    EventAttendeeRow,
    EventEntryRow,
    EventOutcomeRow,
    EventPartyRow,
    EventRow,
)

MOST = 8
"""Counterparts of an entry that a participant is asked about."""


@dataclass(frozen=True)
class Candidate:
    """A counterpart that may be wished for."""

    pair: tuple[str, str]
    ref: str
    title: str
    party: str
    masked: bool
    probability: float | None
    """None for one's own masked entry: it was judged by more than the mask says."""
    reasons: bool
    """Whether the participant may read why it fits."""
    wish: str


@dataclass(frozen=True)
class Own:
    """An entry of the participant's party with its candidates, the most probable first."""

    kind: Kind
    id: str
    ref: str
    title: str
    hidden: bool
    """Whether a link may not even tell of it: who would suit would tell what it is about."""
    candidates: list[Candidate]


@dataclass(frozen=True)
class Seat:
    """A meeting of the participant."""

    meeting: Meeting
    side: Kind
    ref: str
    own: str
    other: str
    party: str
    people: str
    """Who sits opposite; empty where they are not named."""
    summary: str
    """What stands for the reasons where they may not be read."""
    reasons: bool
    outcome: EventOutcomeRow | None
    note: str
    """What this participant told the organisers besides."""
    due: bool
    """Whether he may say by now how it was."""


class Visit:
    """A participant within one session, and what he is shown of the event."""

    def __init__(self, session: Session, person: EventAttendeeRow) -> None:
        self.session = session
        self.person = person
        self.event: EventRow = events.get(session, person.event_id)
        self.party: EventPartyRow = session.get_one(EventPartyRow, person.party_id)
        self._reader = Reader(session, Principal())

    @property
    def before(self) -> bool:
        """Whether times and wishes are still asked for."""
        return self.event.state in answering.BEFORE

    @property
    def free(self) -> list[tuple[str, list[tuple[Slot, bool]]]]:
        """Slots by half-day, and whether the participant can come."""
        slots = grid.slots(self.event)
        can = {slot.id for slot in grid.free(slots, self.person.free, self.person.away)}
        halves: dict[str, list[tuple[Slot, bool]]] = {}
        for slot in slots:
            noon = "上午" if slot.begin.hour < 12 else "下午"  # noqa: PLR2004
            halves.setdefault(f"{slot.begin:%m月%d日}{noon}", []).append((slot, slot.id in can))
        return list(halves.items())

    def entries(self) -> list[Own]:
        """The entries in whose meetings the participant sits, with whom they may meet."""
        brought = {
            (Kind(e.kind), e.listing_id): e for e in events.entries(self.session, self.event.id)
        }
        own = [key for key, entry in brought.items() if self._sits(entry)]
        found = candidates.pairs(self.session, self.event) if own else {}
        best = sorted(found.values(), key=lambda pair: (-pair.probability, pair.key))
        chosen = {
            (kind, id_): [
                pair
                for pair in best
                if _id_of(kind, pair.key) == id_
                and brought[other_of(kind), _id_of(other_of(kind), pair.key)].party_id
                != self.party.id
            ]
            for kind, id_ in own
        }
        seen = {key for pairs in chosen.values() for pair in pairs for key in _keys(pair.key)}
        names = Names.of(self._reader, seen | set(own))
        parties = {party.id: party.name for party in events.parties(self.session, self.event.id)}
        brings = {key: parties[entry.party_id] for key, entry in brought.items()}
        wished = wishes.of_event(self.session, self.event.id)
        rows = []
        for kind, id_ in own:
            other = other_of(kind)
            words = {key: sides[kind].wish for key, sides in wished.items() if kind in sides}
            shown = [
                self._candidate(names, brings, other, pair, words.get(pair.key, ""))
                for pair in chosen[kind, id_]
                if (other, _id_of(other, pair.key)) in names.views
            ]
            title = names.title(kind, id_, own=True)
            hidden = (kind, id_) not in names.views
            rest = [] if hidden else shown[:MOST]
            rows.append(Own(kind, id_, ref(self.event, kind, id_), title, hidden, rest))
        return rows

    def _candidate(
        self, names: Names, brings: Mapping[Key, str], kind: Kind, pair: Pair, wish: str
    ) -> Candidate:
        id_ = _id_of(kind, pair.key)
        view = names.views[kind, id_]
        return Candidate(
            pair.key,
            ref(self.event, *pair.key),
            view.title,
            names.party(brings[kind, id_], kind, id_),
            view.masked,
            pair.probability if names.both_full(pair.key) else None,
            pair.readable(names.views),
            wish,
        )

    def seats(self) -> list[Seat]:
        """The participant's meetings by the public schedule, in order of time."""
        if self.event.state not in outcomes.AFTER:
            return []
        row = meetings.current(self.session, self.event.id, published=True)
        found = [
            (meeting, side)
            for meeting in meetings.scheduled(self.session, self.event, row)
            for side in Kind
            if self.person.id in {person.id for person in meeting.people[side]}
        ]
        names = Names.of(self._reader, keys_of(meeting for meeting, _ in found))
        said = outcomes.of_event(self.session, self.event.id)
        known = candidates.pairs(self.session, self.event) if found else {}
        rows = []
        for meeting, side in found:
            pair = known.get(meeting.pair)
            reasons = pair is not None and pair.readable(names.views)
            outcome = said.get(meeting.pair, {}).get(side)
            rows.append(self._seat(names, meeting, side, outcome, reasons=reasons))
        return rows

    def seat(self, ref_: str, side: str) -> Seat:
        """One of `seats`; raises NotFoundError."""
        for seat in self.seats():
            if (seat.ref, seat.side) == (ref_, side):
                return seat
        raise NotFoundError("没有这场会面", cure="日程可能改过，刷新页面后再试")

    def reasons(self, ref_: str) -> dict[str, Any]:
        """Why a pair that the participant meets or may wish for fits; raises NotFoundError where he
        may not read it, or nothing is known."""
        readable: Collection[str] = {seat.ref for seat in self.seats() if seat.reasons}
        if self.before:
            readable = {c.ref for own in self.entries() for c in own.candidates if c.reasons}
        if ref_ in readable:
            for key in candidates.pairs(self.session, self.event):
                if ref(self.event, *key) == ref_:
                    told = candidates.explained(self.session, self.event, {key})
                    if "explanation" in told[key]:
                        return told[key]
        raise NotFoundError("没有可看的匹配依据", cure="涉及保密条目的依据不公开，请向主办方了解")

    def _seat(
        self,
        names: Names,
        meeting: Meeting,
        side: Kind,
        outcome: EventOutcomeRow | None,
        *,
        reasons: bool,
    ) -> Seat:
        other = other_of(side)
        id_ = meeting.id_of(other)
        named = names.full(other, id_)
        return Seat(
            meeting,
            side,
            ref(self.event, *meeting.pair),
            names.title(side, meeting.id_of(side), own=True),
            names.title(other, id_),
            meeting.parties[other].name if named else UNNAMED,
            "、".join(person.name for person in meeting.people[other]) if named else "",
            "" if names.both_full(meeting.pair) else MASKED_SUMMARY,
            reasons,
            outcome,
            outcomes.note_of(outcome, self.person.id),
            outcomes.may_speak(self.event, meeting),
        )

    def _sits(self, entry: EventEntryRow) -> bool:
        own = entry.party_id == self.party.id
        return own and (not entry.people or self.person.id in entry.people)


def _keys(pair: tuple[str, str]) -> list[Key]:
    return list(zip(Kind, pair, strict=True))


def _id_of(kind: Kind, pair: tuple[str, str]) -> str:
    """The id of the record of `kind` in a pair."""
    return dict(_keys(pair))[kind]
