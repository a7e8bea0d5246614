"""Random events of a given size: organisations with several listings, shared people, wishes and rules."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
_CITIES = ("510100", "510700", "110100", "310100", "440300", "420100")
_TYPES = ("tech_sme", "high_tech", "company", "state_owned")


@dataclass(frozen=True, slots=True)
class Size:
    """How large an event is; `candidates` counts the pairs for each need."""

    needs: int
    achievements: int
    slots: int
    tables: int
    candidates: int
    days: int = 1


MEDIUM = Size(needs=60, achievements=120, slots=12, tables=10, candidates=40)
LARGE = Size(needs=300, achievements=600, slots=24, tables=40, candidates=40, days=2)


def random_event(size: Size, seed: int, *, strict: bool = False) -> Json:
    """An event as the file format has it; `strict` ones have many wishes and may be infeasible."""
    return _Maker(size, random.Random(seed), strict=strict).event()


class _Maker:
    def __init__(self, size: Size, chance: random.Random, *, strict: bool) -> None:
        self.size, self.chance, self.strict = size, chance, strict
        self.organisations: list[Json] = []
        self.people: list[Json] = []
        self.slots: list[str] = []

    def event(self) -> Json:
        size, chance = self.size, self.chance
        days = self._days()
        needs = self._entries("N", "E", size.needs, 1.4)
        achievements = self._entries("A", "I", size.achievements, 2.5)
        candidates = [
            {
                "need_id": need["id"],
                "achievement_id": achievement["id"],
                "probability": round(chance.betavariate(1.2, 1.2), 6),
            }
            for need in needs
            for achievement in sorted(
                chance.sample(achievements, min(size.candidates, len(achievements))),
                key=lambda x: str(x["id"]),
            )
        ]
        event: Json = {
            "name": f"random {size.needs} x {size.achievements}",
            "slot_minutes": 20,
            "days": days,
            "tables": [{"id": f"T{i + 1}", "room": f"R{i // 10 + 1}"} for i in range(size.tables)],
            "organisations": self.organisations,
            "people": self.people,
            "needs": needs,
            "achievements": achievements,
            "candidates": candidates,
        }
        self._wishes(event)
        self._rules(event)
        return event

    def _days(self) -> list[Json]:
        days = []
        for d in range(self.size.days):
            count = self.size.slots // self.size.days
            slots = []
            pause = count // 2
            for i in range(count + 1):
                minute = 9 * 60 + 20 * i
                slot = {"id": f"D{d + 1}-{i:02}", "start": f"{minute // 60:02}:{minute % 60:02}"}
                slots.append(slot | ({"usable": False} if i == pause else {}))
            self.slots += [str(s["id"]) for i, s in enumerate(slots) if i != pause]
            days.append({"date": f"2027-05-{18 + d:02}", "slots": slots})
        return days

    def _entries(self, prefix: str, org_prefix: str, count: int, an_org: float) -> list[Json]:
        """Listings in organisations that have `an_org` each on average, and their people."""
        chance, made = self.chance, list[Json]()
        while len(made) < count:
            org = f"{org_prefix}{len(self.organisations) + 1}"
            type_ = chance.choice(_TYPES) if org_prefix == "E" else "institute"
            self.organisations.append(
                {
                    "id": org,
                    "type": type_,
                    "city": chance.choice(_CITIES),
                    "small": type_ == "tech_sme",
                }
            )
            own = min(count - len(made), max(1, round(chance.expovariate(1 / an_org))))
            staff = [self._person(org) for _ in range(max(1, own - chance.randint(0, 1)))]
            for _ in range(own):
                people = chance.sample(staff, min(len(staff), 1 + self._happens(0.2)))
                made.append(
                    {
                        "id": f"{prefix}{len(made) + 1}",
                        "organisation": org,
                        "people": sorted(people),
                        "priority": chance.choice((1.0, 1.0, 1.0, 1.5)),
                    }
                )
        return made

    def _person(self, org: str) -> str:
        id_ = f"P{len(self.people) + 1}"
        person: Json = {"id": id_, "organisation": org}
        if self._happens(0.3):
            person["free"] = [s for s in self.slots if self._happens(0.75)]
        self.people.append(person)
        return id_

    def _happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    def _wishes(self, event: Json) -> None:
        slots = self.slots[: len(self.slots) // 2]
        away = [p["id"] for p in event["people"] if self._happens(0.02)]
        event["absences"] = [{"person": p, "slots": slots} for p in away]
        pairs = [(c["need_id"], c["achievement_id"]) for c in event["candidates"]]
        often = 0.04 if self.strict else 5 / len(pairs)
        preferences, pins, forbids = list[Json](), list[Json](), list[Json]()
        for need, achievement in pairs:
            key = {"need_id": need, "achievement_id": achievement}
            wishes = [self._wish(often), self._wish(often)]
            for side, wish in zip(("need", "achievement"), wishes, strict=True):
                if wish:
                    preferences.append({"side": side, **key, "wish": wish})
            quiet = self.strict or not any(wishes)
            if quiet and self._happens(often / 4):
                pins.append(key | self._place(event, need, achievement))
            elif quiet and self._happens(0.01):
                slot = {"slot": self.chance.choice(self.slots)} if self._happens(0.5) else {}
                forbids.append(key | slot)
        event |= {"preferences": preferences, "pins": pins, "forbids": forbids}

    def _wish(self, often: float) -> str:
        weights = (0.85 - often, 0.1, 0.05, often)
        return self.chance.choices(("", "like", "no", "must"), weights)[0]

    def _place(self, event: Json, need: str, achievement: str) -> Json:
        """Slot and table of a pin; slots mostly such that everybody has time."""
        entries = [
            x for x in [*event["needs"], *event["achievements"]] if x["id"] in (need, achievement)
        ]
        sitting = {p for entry in entries for p in entry["people"]}
        away = {a["person"]: set(a["slots"]) for a in event["absences"]}
        open_slots = [
            s
            for s in self.slots
            if all(
                s in person.get("free", self.slots) and s not in away.get(person["id"], ())
                for person in event["people"]
                if person["id"] in sitting
            )
        ]
        place = {}
        if self._happens(0.6) and open_slots:
            careless = self.strict and self._happens(0.2)
            place["slot"] = self.chance.choice(self.slots if careless else open_slots)
        if self._happens(0.4):
            place["table"] = self.chance.choice(event["tables"])["id"]
        return place

    def _rules(self, event: Json) -> None:
        chance = self.chance
        event["caps"] = {
            "needs": {"per_listing": chance.choice((2, 4, 6))},
            "achievements": {"per_listing": chance.choice((2, 4)), "per_organisation": 8},
            "organisation_types": {"state_owned": 3},
        }
        event["shares"] = {"small": chance.choice((0, 0, 20)), "each_city": chance.choice((0, 5))}
        if self._happens(0.3):
            event["rules"] = {"participant": "listing"}
