"""The best schedule of a tiny event by trying all of them; exponential, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eval.schedules.check import Facts, Key, measure, violations

Json = dict[str, Any]


def best(event: Json, previous: Json | None = None) -> tuple[int, ...] | None:
    """(served, value less changes, minus idle gaps) of the best schedule; None if there is none."""
    facts = Facts(event)
    if any(not facts.slots(key) for key in facts.musts):
        return None
    keys = sorted(k for k in facts.candidate.keys() | facts.musts if facts.slots(k))
    if _hopeless(facts, keys):
        return None
    found = [
        (measure(facts, placed, previous), tuple(sorted(placed.items())))
        for placed in _placements(facts, keys, {})
    ]
    for measured, placed in sorted(found, reverse=True):
        if _sound(event, facts, dict(placed)):
            return measured
    return None


def _hopeless(facts: Facts, keys: list[Key]) -> bool:
    """Whether some least share has no pair that could count towards it."""
    shares, orgs = facts.event.get("shares", {}), facts.organisations
    sides = [orgs[o] for key in keys for o in facts.sides(key)]
    missing = {c for c, percent in shares.get("cities", {}).items() if percent}
    missing -= {org.get("city") for org in sides}
    return bool(missing) or bool(shares.get("small")) and not any(o.get("small") for o in sides)


def _placements(facts: Facts, keys: list[Key], placed: dict[Key, str]) -> Iterator[dict[Key, str]]:
    """All ways to hold some of `keys` on top of `placed` with nobody in two places at once."""
    if not keys:
        yield placed
        return
    key, rest = keys[0], keys[1:]
    if key not in facts.musts:
        yield from _placements(facts, rest, placed)
    busy = {s for other, s in placed.items() if facts.people(other) & facts.people(key)}
    for slot in facts.slots(key):
        if slot not in busy:
            yield from _placements(facts, rest, placed | {key: slot})


def _sound(event: Json, facts: Facts, placed: dict[Key, str]) -> bool:
    """Whether some choice of tables makes it a schedule without violation."""
    seats: dict[Key, str] = {}
    for slot in set(placed.values()):
        found = _seats(facts, slot, [k for k, s in placed.items() if s == slot], {})
        if found is None:
            return False
        seats |= found
    meetings = [
        {
            "need_id": key[0],
            "achievement_id": key[1],
            "people": sorted(facts.people(key)),
            "slot": slot,
            "table": seats[key],
            "pinned": key in facts.pins,
            "value": facts.value(key),
        }
        for key, slot in placed.items()
    ]
    return not violations(event, {"meetings": meetings})


def _seats(
    facts: Facts, slot: str, todo: list[Key], taken: dict[Key, str]
) -> dict[Key, str] | None:
    """Tables for the meetings of one slot, by trying; None if there are none."""
    if not todo:
        return taken
    wanted = facts.pins.get(todo[0], {}).get("table")
    for table in facts.tables if wanted is None else [wanted]:
        if table not in taken.values() and (table, slot) not in facts.closed:
            found = _seats(facts, slot, todo[1:], taken | {todo[0]: table})
            if found is not None:
                return found
    return None
