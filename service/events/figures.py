"""The report of an event: how many came, met, were interested, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from corpora.taxonomy import taxonomy
from matcher.listing import KINDS, Kind
from service.events import events, follow_ups, meetings, outcomes
from service.events.follow_ups import CONCLUDED, RESULTS
from service.events.meetings import Meeting
from service.events.rates import Rate
from service.events.tables import (
    EventAttendeeRow,
    EventFollowUpRow,
    EventOutcomeRow,
    EventPartyRow,
    EventRow,
)

_UNKNOWN = "未填"
_SMALL = {True: "中小企业", False: "其他"}
Pair = tuple[str, str]


@dataclass(frozen=True)
class Stage:
    """A stage of the funnel: how many meetings came this far."""

    name: str
    label: str
    count: int


@dataclass(frozen=True)
class Asked:
    """The follow-ups of one of the days, and how many gave each result."""

    days: int
    planned: int
    done: int
    results: dict[str, int]


@dataclass(frozen=True)
class Group:
    """Parties that have something in common, and what came of their meetings.

    A meeting counts once in the group of either side.
    """

    label: str
    parties: int
    invited: int
    coming: int
    attended: int
    meetings: int
    held: int
    mutual: int
    contracts: int


@dataclass(frozen=True)
class Report:
    """Everything that is told of an event."""

    rates: list[Rate]
    stages: list[Stage]
    asked: list[Asked]
    contracts: int
    amount_wan: float
    """Of the contracts, as it was told last; those whose amount nobody told count nothing."""
    walk_ins: int
    """Who came without having said so."""
    groups: dict[str, list[Group]]
    """By what the parties have in common: `city`, `org_type`, `small`."""

    def rate(self, name: str) -> Rate:
        """A rate by its name; raises KeyError."""
        return {rate.name: rate for rate in self.rates}[name]


GROUPINGS: dict[str, tuple[str, Callable[[EventPartyRow], str]]] = {
    "city": (
        "市州",
        lambda p: taxonomy("region").label(p.region_code) if p.region_code else _UNKNOWN,
    ),
    "org_type": (
        "单位类型",
        lambda p: taxonomy("org_type").label(p.org_type) if p.org_type else _UNKNOWN,
    ),
    "small": ("规模", lambda p: _SMALL[p.small]),
}
"""Name, label, and the group of a party."""


def report(session: Session, event: EventRow) -> Report:
    """The report of an event by its last public schedule, as things stand."""
    schedule = meetings.current(session, event.id, published=True)
    found = meetings.scheduled(session, event, schedule)
    said = outcomes.of_event(session, event.id)
    asked = follow_ups.listed(session, event.id)
    people = events.attendees(session, event.id)
    counted = _Counted(found, said, asked)
    return Report(
        rates=[*_of_people(people), *_of_meetings(found, said, counted)],
        stages=_stages(found, counted),
        asked=[_asked(asked, days) for days in follow_ups.DAYS],
        contracts=len(counted.contracts),
        amount_wan=sum(counted.contracts.values()),
        walk_ins=sum(p.checked_in_at is not None and not p.coming for p in people),
        groups={
            name: _groups(events.parties(session, event.id), people, found, counted, of)
            for name, (_, of) in GROUPINGS.items()
        },
    )


class _Counted:
    """The pairs of the schedule by how far they came."""

    def __init__(
        self,
        found: Sequence[Meeting],
        said: dict[Pair, dict[Kind, EventOutcomeRow]],
        asked: Sequence[EventFollowUpRow],
    ) -> None:
        pairs = {meeting.pair for meeting in found}
        words = {pair: list(said.get(pair, {}).values()) for pair in pairs}
        self.held = {p for p, rows in words.items() if any(row.met for row in rows)}
        self.some = {p for p, rows in words.items() if any(row.interested for row in rows)}
        self.mutual = {
            p
            for p, rows in words.items()
            if len(rows) == len(Kind) and all(r.interested for r in rows)
        }
        self.going: set[Pair] = set()
        self.contracts: dict[Pair, float] = {}
        for row in sorted(asked, key=lambda row: row.days):
            pair = (row.need_id, row.achievement_id)
            if row.result in ("talking", "trial", *CONCLUDED):
                self.going.add(pair)
            if row.result in CONCLUDED:
                before = self.contracts.get(pair, 0.0)
                self.contracts[pair] = before if row.amount_wan is None else row.amount_wan


def _of_people(people: Sequence[EventAttendeeRow]) -> list[Rate]:
    invited = [person for person in people if person.invited_at]
    opened = sum(person.opened_at is not None for person in invited)
    accepted = sum(person.coming is True for person in invited)
    coming = [person for person in people if person.coming]
    return [
        Rate("invited", "发出邀请（占名单）", len(invited), len(people)),
        Rate("opened", "打开邀请（占邀请）", opened, len(invited)),
        Rate("accepted", "确认到场（占邀请）", accepted, len(invited)),
        Rate(
            "attended",
            "签到（占确认到场）",
            sum(person.checked_in_at is not None for person in coming),
            len(coming),
        ),
    ]


def _of_meetings(
    found: Sequence[Meeting], said: dict[Pair, dict[Kind, EventOutcomeRow]], counted: _Counted
) -> list[Rate]:
    words = {
        kind: [said[m.pair][kind] for m in found if kind in said.get(m.pair, {})] for kind in Kind
    }
    given = sum(len(rows) for rows in words.values())
    rates = [
        Rate("held", "会面举行（占安排）", len(counted.held), len(found)),
        Rate("feedback", "收到反馈（占双方各一份）", given, len(Kind) * len(found)),
    ]
    for kind, rows in words.items():
        met = [row for row in rows if row.met]
        label = f"{KINDS[kind].label_zh}一方有意向（占其见面反馈）"
        rates.append(
            Rate(f"interest_{kind}", label, sum(row.interested is True for row in met), len(met))
        )
    rates.append(
        Rate(
            "mutual",
            "双方都有意向（占举行）",
            len(counted.mutual & counted.held),
            len(counted.held),
        )
    )
    signed = counted.contracts.keys() & {m.pair for m in found}
    rates.append(Rate("signed", "签约（占举行）", len(signed & counted.held), len(counted.held)))
    return rates


def _stages(found: Sequence[Meeting], counted: _Counted) -> list[Stage]:
    pairs = {meeting.pair for meeting in found}
    return [
        Stage("scheduled", "安排会面", len(pairs)),
        Stage("held", "举行", len(counted.held)),
        Stage("interest", "至少一方有意向", len(counted.some)),
        Stage("mutual", "双方都有意向", len(counted.mutual)),
        Stage("going", "回访时在推进", len(counted.going & pairs)),
        Stage("signed", "签约", len(counted.contracts.keys() & pairs)),
    ]


def _asked(rows: Sequence[EventFollowUpRow], days: int) -> Asked:
    of_day = [row for row in rows if row.days == days]
    counts = Counter(row.result for row in of_day if row.result)
    done = sum(row.done_at is not None for row in of_day)
    return Asked(days, len(of_day), done, {code: counts[code] for code in RESULTS})


def _groups(
    parties: Sequence[EventPartyRow],
    people: Sequence[EventAttendeeRow],
    found: Sequence[Meeting],
    counted: _Counted,
    of: Callable[[EventPartyRow], str],
) -> list[Group]:
    group_of = {party.id: of(party) for party in parties}
    met: dict[str, set[Pair]] = {label: set() for label in group_of.values()}
    for meeting in found:
        for party in meeting.parties.values():
            met[group_of[party.id]].add(meeting.pair)
    rows = []
    for label, pairs in met.items():
        own = [person for person in people if group_of[person.party_id] == label]
        rows.append(
            Group(
                label,
                parties=sum(value == label for value in group_of.values()),
                invited=sum(person.invited_at is not None for person in own),
                coming=sum(person.coming is True for person in own),
                attended=sum(person.checked_in_at is not None for person in own),
                meetings=len(pairs),
                held=len(pairs & counted.held),
                mutual=len(pairs & counted.mutual),
                contracts=len(pairs & counted.contracts.keys()),
            )
        )
    return sorted(rows, key=lambda group: (-group.parties, group.label))
