"""An independent check of a schedule against its event: every rule, and the objective counted anew.

Works on the JSON of both files and shares no code with the solver. The rules and the objective are
those in the docstring of `matcher/agenda/problem.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
Key = tuple[str, str]
SCALE = 10_000
_EXACT = 1e-9


class Facts:
    """What an event says of people, organisations, pairs and slots, looked up in many ways."""

    def __init__(self, event: Json) -> None:
        self.event = event
        self.needs = {x["id"]: x for x in event["needs"]}
        self.achievements = {x["id"]: x for x in event["achievements"]}
        self.organisations = {x["id"]: x for x in event["organisations"]}
        self.rules: Json = {"good_value": 0.5, "like_factor": 1.25, "change_cost": 0.2}
        self.rules |= event.get("rules", {})
        self.day = {
            s["id"]: i
            for i, day in enumerate(event["days"])
            for s in day["slots"]
            if s.get("usable", True)
        }
        self.order = {slot: i for i, slot in enumerate(self.day)}
        self.closed = {(t["id"], s) for t in event["tables"] for s in t.get("closed", ())}
        self.tables = [t["id"] for t in event["tables"]]
        self.free = {p["id"]: self._free(p) for p in event["people"]}
        self.wish: dict[Key, dict[str, str]] = defaultdict(dict)
        for w in event.get("preferences", ()):
            self.wish[w["need_id"], w["achievement_id"]][w["side"]] = w["wish"]
        self.candidate = {(c["need_id"], c["achievement_id"]): c for c in event["candidates"]}
        self.pins = {(p["need_id"], p["achievement_id"]): p for p in event.get("pins", ())}
        self.musts = {k for k, w in self.wish.items() if "must" in w.values()}
        self.musts = {k for k in self.musts if "no" not in self.wish[k].values()} | set(self.pins)
        self.forbidden = {
            (f["need_id"], f["achievement_id"], f.get("slot")) for f in event.get("forbids", ())
        }

    def _free(self, person: Json) -> set[str]:
        free = set(self.day) if person.get("free") is None else set(person["free"])
        for absence in self.event.get("absences", ()):
            if absence["person"] == person["id"]:
                slots = absence.get("slots")
                free -= set(self.day) if slots is None else set(slots)
        return free & set(self.day)

    def people(self, key: Key) -> set[str]:
        """Who sits in a meeting of this pair."""
        return {*self.needs[key[0]]["people"], *self.achievements[key[1]]["people"]}

    def sides(self, key: Key) -> tuple[str, str]:
        """Organisations of the need and of the achievement."""
        return self.needs[key[0]]["organisation"], self.achievements[key[1]]["organisation"]

    def value(self, key: Key) -> int:
        """What the pair is worth."""
        candidate = self.candidate.get(key, {"probability": 0.0})
        value = float(candidate["probability"])
        value *= self.needs[key[0]].get("priority", 1.0)
        value *= self.achievements[key[1]].get("priority", 1.0)
        value *= candidate.get("priority", 1.0)
        for side in ("need", "achievement"):
            if self.wish[key].get(side) in ("like", "must"):
                value *= self.rules["like_factor"]
        return int(value * SCALE + 0.5)

    def slots(self, key: Key) -> list[str]:
        """Slots in which the pair may meet."""
        if "no" in self.wish[key].values() or (*key, None) in self.forbidden:
            return []
        if len(set(self.sides(key))) == 1:
            return []
        shared = set.intersection(*(self.free[p] for p in self.people(key)))
        shared = {s for s in shared if (*key, s) not in self.forbidden}
        pin = self.pins.get(key, {})
        if pin.get("slot"):
            shared &= {pin["slot"]}
        if pin.get("table"):
            shared = {s for s in shared if (pin["table"], s) not in self.closed}
        return sorted(shared, key=self.order.__getitem__)

    def participants(self, key: Key) -> tuple[str, str]:
        """Whom a meeting of the pair serves, if it is good."""
        if self.rules.get("participant") == "listing":
            return f"need:{key[0]}", f"achievement:{key[1]}"
        return self.sides(key)

    def good(self, key: Key) -> bool:
        """Whether a meeting of the pair is a good one."""
        return self.value(key) >= int(self.rules["good_value"] * SCALE + 0.5)


def violations(event: Json, schedule: Json) -> list[str]:
    """Everything in which the schedule breaks a rule or reports a false figure; empty if sound."""
    facts = Facts(event)
    held = {(m["need_id"], m["achievement_id"]): m for m in schedule["meetings"]}
    found = [] if len(held) == len(schedule["meetings"]) else ["a pair meets twice"]
    for rule in (_places, _people, _pairs, _wishes, _caps, _shares):
        found += rule(facts, held)
    return found


def _places(facts: Facts, held: dict[Key, Json]) -> Iterator[str]:
    for place, count in Counter((m["slot"], m["table"]) for m in held.values()).items():
        if count > 1:
            yield f"{count} meetings at {place}"
    for key, m in held.items():
        if m["slot"] not in facts.day:
            yield f"{key} lies in {m['slot']}, which is no usable slot"
        if m["table"] not in facts.tables or (m["table"], m["slot"]) in facts.closed:
            yield f"{key} sits at {m['table']}, which is not open in {m['slot']}"


def _people(facts: Facts, held: dict[Key, Json]) -> Iterator[str]:
    busy = Counter((p, m["slot"]) for key, m in held.items() for p in facts.people(key))
    for (person, slot), count in busy.items():
        if count > 1:
            yield f"{person} is in {count} meetings in {slot}"
        if slot not in facts.free[person]:
            yield f"{person} is not free in {slot}"
    for key, m in held.items():
        if set(m["people"]) != facts.people(key) or len(m["people"]) != len(set(m["people"])):
            yield f"{key} names {m['people']} instead of {sorted(facts.people(key))}"


def _pairs(facts: Facts, held: dict[Key, Json]) -> Iterator[str]:
    for key, m in held.items():
        if key not in facts.candidate and key not in facts.musts:
            yield f"{key} is no candidate"
        if m["slot"] not in facts.slots(key):
            yield f"{key} must not meet in {m['slot']}"
        if m["value"] != facts.value(key):
            yield f"{key} is worth {facts.value(key)}, not {m['value']}"
        if m["pinned"] != (key in facts.pins):
            yield f"{key} is wrong about being pinned"


def _wishes(facts: Facts, held: dict[Key, Json]) -> Iterator[str]:
    for key in facts.musts - held.keys():
        yield f"{key} has to meet and does not"
    for key, pin in facts.pins.items():
        for what in ("slot", "table"):
            if key in held and pin.get(what) not in (None, held[key][what]):
                yield f"{key} is pinned to {pin[what]} and lies in {held[key][what]}"


def _caps(facts: Facts, held: dict[Key, Json]) -> Iterator[str]:
    caps = facts.event.get("caps", {})
    for i, (kind, entries) in enumerate(
        (("needs", facts.needs), ("achievements", facts.achievements))
    ):
        side = caps.get(kind, {})
        for id_, count in Counter(key[i] for key in held).items():
            own = entries[id_].get("max_meetings")
            limit = side.get("per_listing") if own is None else own
            if limit is not None and count > limit:
                yield f"{id_} has {count} meetings, at most {limit}"
        for org, count in Counter(facts.sides(key)[i] for key in held).items():
            limit = side.get("per_organisation")
            if limit is not None and count > limit:
                yield f"{org} has {count} meetings as {kind}, at most {limit}"
    types = caps.get("organisation_types", {})
    for org, count in Counter(o for key in held for o in facts.sides(key)).items():
        about = facts.organisations[org]
        for limit in (about.get("max_meetings"), types.get(about.get("type") or None)):
            if limit is not None and count > limit:
                yield f"{org} has {count} meetings, at most {limit}"


def _shares(facts: Facts, held: dict[Key, Json]) -> Iterator[str]:
    shares, orgs, total = facts.event.get("shares", {}), facts.organisations, len(held)
    small = sum(any(orgs[o].get("small") for o in facts.sides(key)) for key in held)
    if 100 * small < shares.get("small", 0) * total:
        yield f"small firms sit in {small} of {total} meetings"
    meetable = facts.candidate.keys() | facts.musts
    known = {orgs[o].get("city") for k in meetable if facts.slots(k) for o in facts.sides(k)}
    wanted = dict.fromkeys(known - {"", None}, shares.get("each_city", 0))
    for city, percent in (wanted | shares.get("cities", {})).items():
        there = sum(any(orgs[o].get("city") == city for o in facts.sides(key)) for key in held)
        if 100 * there < percent * total:
            yield f"{city} sits in {there} of {total} meetings, at least {percent} % wanted"


def measure(
    facts: Facts, meetings: dict[Key, str], previous: Json | None = None
) -> tuple[int, ...]:
    """The objective of meetings (pair -> slot): served, value less changes, minus idle gaps."""
    served = {p for key in meetings if facts.good(key) for p in facts.participants(key)}
    value = sum(facts.value(key) for key in meetings)
    if previous is not None:
        cost = int(facts.rules["change_cost"] * SCALE + 0.5)
        value -= cost * sum(
            meetings.get((m["need_id"], m["achievement_id"])) != m["slot"]
            for m in previous["meetings"]
        )
    busy: dict[tuple[str, int], list[int]] = defaultdict(list)
    for key, slot in meetings.items():
        for person in facts.people(key):
            busy[person, facts.day[slot]].append(facts.order[slot])
    idle = sum(max(b) - min(b) + 1 - len(b) for b in busy.values())
    return len(served), value, -idle


def misreported(event: Json, schedule: Json, previous: Json | None = None) -> list[str]:
    """Figures of the schedule that differ from those counted here."""
    meetings = {(m["need_id"], m["achievement_id"]): m["slot"] for m in schedule["meetings"]}
    served, value, idle = measure(Facts(event), meetings, previous)
    told = schedule["fairness"]["served"], schedule["objective"], -schedule["idle_gaps"]
    names = ("served", "objective", "idle_gaps")
    found = [
        f"{name} is {counted}, not {said}"
        for name, counted, said in zip(names, (served, value, idle), told, strict=True)
        if counted != said
    ]
    if schedule["bound"] < value:
        found.append("the bound lies below the objective")
    if abs(schedule["gap"] - (schedule["bound"] - value) / max(1, abs(schedule["bound"]))) > _EXACT:
        found.append("the gap is not what objective and bound say")
    return found
