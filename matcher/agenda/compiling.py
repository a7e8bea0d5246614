"""From an event (and an earlier schedule) to a `Problem`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from matcher.agenda.event import Entry, Event, ListingKind, Pin, Unit, Wish
from matcher.agenda.problem import Cap, Group, Impossible, Pair, Problem, Share, scaled
from matcher.agenda.schedule import Schedule
from matcher.agenda.wording import MUST_REFUSED

Key = tuple[str, str]


class _Compiler:
    """Tables of one event that the parts of its problem are made from."""

    def __init__(self, event: Event, previous: Schedule | None) -> None:
        self.event = event
        self.needs = {entry.id: entry for entry in event.needs}
        self.achievements = {entry.id: entry for entry in event.achievements}
        self.organisations = {org.id: org for org in event.organisations}
        days = [
            (day_index, slot.id)
            for day_index, day in enumerate(event.days)
            for slot in day.slots
            if slot.usable
        ]
        self.slots = [slot for _, slot in days]
        self.day_of = [day for day, _ in days]
        self.slot_index = {slot: i for i, slot in enumerate(self.slots)}
        self.person_index = {person.id: i for i, person in enumerate(event.people)}
        self.free = self._free_slots()
        self.closed = frozenset(
            (table.id, self.slot_index[slot])
            for table in event.tables
            for slot in table.closed
            if slot in self.slot_index
        )
        self.wishes: dict[Key, dict[ListingKind, Wish]] = defaultdict(dict)
        for wish in event.preferences:
            self.wishes[wish.need_id, wish.achievement_id][wish.side] = wish.wish
        self.forbidden = {(f.need_id, f.achievement_id) for f in event.forbids if f.slot is None}
        self.forbidden_slots: dict[Key, set[str]] = defaultdict(set)
        for forbid in event.forbids:
            if forbid.slot is not None:
                self.forbidden_slots[forbid.need_id, forbid.achievement_id].add(forbid.slot)
        self.pins = {(pin.need_id, pin.achievement_id): pin for pin in event.pins}
        self.previous = (
            {(m.need_id, m.achievement_id): m for m in previous.meetings} if (previous) else {}
        )
        self.impossible: list[Impossible] = []
        self.notes: list[str] = []

    def _free_slots(self) -> dict[str, set[int]]:
        free = {
            person.id: {
                self.slot_index[slot]
                for slot in (self.slots if person.free is None else person.free)
                if slot in self.slot_index
            }
            for person in self.event.people
        }
        for absence in self.event.absences:
            away = self.slots if absence.slots is None else absence.slots
            free[absence.person] -= {self.slot_index[s] for s in away if s in self.slot_index}
        return free

    def pairs(self) -> list[Pair]:
        """Pairs that may meet, by identifiers; impossible wishes are noted on the way."""
        known = {(c.need_id, c.achievement_id): c for c in self.event.candidates}
        musts = {key for key, wish in self.wishes.items() if Wish.MUST in wish.values()}
        made: list[Pair] = []
        for key in sorted(known.keys() | musts | self.pins.keys()):
            candidate = known.get(key)
            factors = (candidate.probability, candidate.priority) if candidate else (0.0, 1.0)
            pair = self._pair(key, *factors, must=key in musts)
            if pair is not None:
                made.append(pair)
        return made

    def _pair(self, key: Key, probability: float, priority: float, *, must: bool) -> Pair | None:
        need, achievement = self.needs[key[0]], self.achievements[key[1]]
        pin = self.pins.get(key)
        code = "pin" if pin else "must"
        if Wish.NO in self.wishes[key].values():
            if pin:
                self.impossible.append(Impossible(code, "refused", key))
            elif must:
                self.notes.append(MUST_REFUSED.format(*key))
            return None
        people = sorted({*need.people, *achievement.people})
        slots, cause = self._slots(key, people, pin)
        if key in self.forbidden:
            slots, cause = set(), "forbidden"
        if need.organisation == achievement.organisation:
            slots, cause = set(), "same_organisation"
        if not slots:
            if pin or must:
                self.impossible.append(Impossible(code, cause, key))
            return None
        value = self._value(need, achievement, probability, priority)
        before = self.previous.get(key)
        return Pair(
            need=need.id,
            achievement=achievement.id,
            value=value,
            people=tuple(self.person_index[p] for p in people),
            slots=tuple(sorted(slots)),
            good=value >= scaled(self.event.rules.good_value),
            must=must or pin is not None,
            pinned=pin is not None,
            table=pin.table if pin else None,
            prior=self.slot_index.get(before.slot) if before else None,
        )

    def _slots(self, key: Key, people: Iterable[str], pin: Pin | None) -> tuple[set[int], str]:
        """Where the pair may lie; the second value says why nowhere, if so."""
        slots = set.intersection(*(self.free[person] for person in people))
        slots -= {self.slot_index[s] for s in self.forbidden_slots[key] if s in self.slot_index}
        cause = "no_common_time"
        if pin and pin.slot is not None:
            if pin.slot not in self.slot_index:
                return set(), "break"
            slots &= {self.slot_index[pin.slot]}
            cause = "not_free"
        if slots and pin and pin.table is not None:
            slots = {s for s in slots if (pin.table, s) not in self.closed}
            cause = "table_closed"
        return slots, cause

    def _value(self, need: Entry, achievement: Entry, probability: float, priority: float) -> int:
        wishes = self.wishes[need.id, achievement.id]
        value = probability * need.priority * achievement.priority * priority
        for side in ListingKind:
            if wishes.get(side) in (Wish.LIKE, Wish.MUST):
                value *= self.event.rules.like_factor
        return scaled(value)

    def caps(self, pairs: list[Pair]) -> list[Cap]:
        """Caps that could bind."""
        found: list[Cap] = []
        for kind, entries, side in (
            ("need", self.needs, self.event.caps.needs),
            ("achievement", self.achievements, self.event.caps.achievements),
        ):
            by_listing, by_organisation = defaultdict(list), defaultdict(list)
            for i, pair in enumerate(pairs):
                entry = entries[getattr(pair, kind)]
                by_listing[entry.id].append(i)
                by_organisation[entry.organisation].append(i)
            for id_, members in by_listing.items():
                own = entries[id_].max_meetings
                limit = side.per_listing if own is None else own
                found += _cap(f"cap_{kind}", id_, limit, members)
            for id_, members in by_organisation.items():
                found += _cap(f"cap_{kind}_side", id_, side.per_organisation, members)
        types = self.event.caps.organisation_types
        for id_, members in self._by_organisation(pairs).items():
            org = self.organisations[id_]
            found += _cap("cap_organisation", id_, org.max_meetings, members)
            found += _cap("cap_type", id_, types.get(org.type) if org.type else None, members)
        return found

    def _by_organisation(self, pairs: list[Pair]) -> dict[str, list[int]]:
        members = defaultdict(list)
        for i, pair in enumerate(pairs):
            for org in self._sides(pair):
                members[org].append(i)
        return members

    def _sides(self, pair: Pair) -> tuple[str, str]:
        return (
            self.needs[pair.need].organisation,
            self.achievements[pair.achievement].organisation,
        )

    def shares(self, pairs: list[Pair]) -> list[Share]:
        """Least shares above nothing."""
        wanted = self.event.shares
        cities: dict[str, list[int]] = defaultdict(list)
        small: list[int] = []
        for i, pair in enumerate(pairs):
            orgs = [self.organisations[org] for org in self._sides(pair)]
            if any(org.small for org in orgs):
                small.append(i)
            for city in {org.city for org in orgs} - {""}:
                cities[city].append(i)
        found = [Share("share_small", "", wanted.small, tuple(small))]
        asked = dict.fromkeys(cities, wanted.each_city) | wanted.cities
        found += [
            Share("share_city", city, percent, tuple(cities.get(city, ())))
            for city, percent in sorted(asked.items())
        ]
        found = [share for share in found if share.percent]
        self.impossible += [
            Impossible(share.code, "no_pairs", (share.owner, str(share.percent)))
            for share in found
            if not share.members
        ]
        return [share for share in found if share.members]

    def groups(self, pairs: list[Pair]) -> list[Group]:
        """Participants with a good pair."""
        members: dict[str, list[int]] = defaultdict(list)
        if self.event.rules.participant is Unit.ORGANISATION:
            members = defaultdict(list, self._by_organisation(pairs))
        else:
            for i, pair in enumerate(pairs):
                members[f"need:{pair.need}"].append(i)
                members[f"achievement:{pair.achievement}"].append(i)
        made = [
            Group(id_, tuple(own), tuple(i for i in own if pairs[i].good))
            for id_, own in sorted(members.items())
        ]
        return [group for group in made if group.good]


def _cap(code: str, owner: str, limit: int | None, members: list[int]) -> list[Cap]:
    if limit is None or limit >= len(members):
        return []
    return [Cap(code, owner, limit, tuple(members))]


def compile_event(event: Event, previous: Schedule | None = None) -> Problem:
    """The problem of an event; `previous` adds the cost of changes."""
    compiler = _Compiler(event, previous)
    pairs = compiler.pairs()
    return Problem(
        pairs=pairs,
        slots=compiler.slots,
        day_of=compiler.day_of,
        tables=[table.id for table in event.tables],
        closed=compiler.closed,
        people=[person.id for person in event.people],
        caps=compiler.caps(pairs),
        shares=compiler.shares(pairs),
        groups=compiler.groups(pairs),
        impossible=compiler.impossible,
        change_cost=scaled(event.rules.change_cost) if previous else 0,
        prior_count=len(compiler.previous),
        prior_tables={key: m.table for key, m in compiler.previous.items()},
        notes=compiler.notes,
    )
