"""The solver on random events: small ones against exhaustive search, large ones against the checker."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from eval.schedules import brute
from eval.schedules.check import misreported, violations
from eval.schedules.generate import Size, random_event
from eval.schedules.relax import relaxed
from matcher.agenda.compiling import compile_event
from matcher.agenda.exact import Answer, solve_exactly
from matcher.agenda.model import Effort
from matcher.agenda.problem import Problem
from matcher.agenda.reading import read_event, read_schedule
from matcher.agenda.report import report
from matcher.agenda.solve import solve
from matcher.agenda.staged import solve_in_stages

Json = dict[str, Any]
_SECONDS = 20.0
_WAY_SECONDS = 3.0


@dataclass(slots=True)
class Tally:
    """How many events ended how, and every fault found."""

    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def small_event(seed: int) -> Json:
    """A random event that exhaustive search can solve."""
    chance = random.Random(seed)
    size = Size(
        needs=chance.randint(1, 4),
        achievements=chance.randint(1, 4),
        slots=chance.randint(1, 4),
        tables=chance.randint(1, 2),
        candidates=chance.randint(1, 3) if seed % 10 == 0 else chance.randint(1, 2),
    )
    return random_event(size, seed, strict=seed % 2 == 0)


def compare_small(seeds: range) -> Tally:
    """Both ways of solving on the small events of these seeds, and a second solve with changes."""
    tally = Tally()
    for seed in seeds:
        event = small_event(seed)
        truth = brute.best(event)
        solved = solved_json(event)
        tally.statuses[solved["status"]] += 1
        tally.faults += [f"seed {seed}: {x}" for x in _faults(event, solved, truth)]
        if truth is not None:
            for name, way in _WAYS.items():
                found = _one_way(event, way)
                tally.faults += [f"seed {seed}, {name}: {x}" for x in _faults(event, found, truth)]
            tally.faults += [f"seed {seed}, again: {x}" for x in _again(event, solved, seed)]
    return tally


def solved_json(event: Json, previous: Json | None = None, seconds: float = _SECONDS) -> Json:
    """The schedule of an event, both as JSON objects, through the files' own reading."""
    earlier = None if previous is None else read_schedule(json.dumps(previous).encode())
    parsed = read_event(json.dumps(event).encode())
    schedule = solve(parsed, previous=earlier, time_limit=seconds)
    return _json(schedule.model_dump_json())


def _json(text: str) -> Json:
    read: Json = json.loads(text)
    return read


_WAYS: dict[str, Callable[[Problem, Effort], Answer]] = {
    "exactly": solve_exactly,
    "in stages": lambda problem, effort: solve_in_stages(problem, effort, lambda _: None),
}


def _one_way(event: Json, way: Callable[[Problem, Effort], Answer]) -> Json:
    """The schedule that one way of solving finds by itself."""
    parsed = read_event(json.dumps(event).encode())
    problem = compile_event(parsed)
    answer: Answer = solve_in_stages(
        problem, Effort(time.monotonic() + _SECONDS, work=1.0), lambda _: None
    )
    if answer.placed is None:
        return {"status": "INFEASIBLE"}
    return _json(report(parsed, problem, answer).model_dump_json())


def _again(event: Json, earlier: Json, seed: int) -> Iterator[str]:
    """Somebody falls ill: the repaired schedule against exhaustive search."""
    chance = random.Random(seed)
    absent = chance.choice(event["people"])["id"]
    changed = event | {"absences": [*event["absences"], {"person": absent}]}
    truth = brute.best(changed, earlier)
    yield from _faults(changed, solved_json(changed, earlier), truth, earlier)


def _faults(
    event: Json, solved: Json, truth: tuple[int, ...] | None, previous: Json | None = None
) -> Iterator[str]:
    if (truth is None) != (solved["status"] == "INFEASIBLE"):
        yield f"{solved['status']}, but exhaustive search finds {truth}"
        return
    if truth is None:
        yield from _way_out(event, solved, previous)
        return
    yield from violations(event, solved)
    yield from misreported(event, solved, previous)
    fair = solved["fairness"]
    found = fair["served"], solved["objective"], -solved["idle_gaps"]
    if solved["status"] == "OPTIMAL":
        levels = 3 if solved["idle_proven"] else 2
        if found[:levels] != truth[:levels]:
            yield f"said to be optimal with {found}, best is {truth}"
    elif fair["served_bound"] < truth[0] or (
        fair["served"] == truth[0] and solved["bound"] < truth[1]
    ):
        yield f"a bound is too low: {fair['served_bound']}, {solved['bound']} for {truth}"


def _way_out(event: Json, solved: Json, previous: Json | None) -> Iterator[str]:
    """The relaxations make the event possible, and no part of them does."""
    ways = solved["relaxations"]
    if not solved["conflicts"] or not ways:
        yield "infeasible without a reason or a way out"
    if brute.best(relaxed(event, ways), previous) is None:
        yield f"still infeasible after {ways}"
    for k in range(len(ways)):
        fewer = ways[:k] + ways[k + 1 :]
        if brute.best(relaxed(event, fewer), previous) is not None:
            yield f"{ways[k]} need not be given up"


def solve_large(size: Size, seed: int, seconds: float) -> Json:
    """Time, gap and faults for one large random event."""
    event = random_event(size, seed)
    begun = time.monotonic()
    solved = solved_json(event, seconds=seconds)
    taken = time.monotonic() - begun
    faults = [*violations(event, solved), *misreported(event, solved)]
    fair = solved["fairness"]
    return {
        "needs": size.needs,
        "achievements": size.achievements,
        "slots": size.slots,
        "tables": size.tables,
        "pairs": len(event["candidates"]),
        "seed": seed,
        "status": solved["status"],
        "seconds": round(taken, 2),
        "gap": solved["gap"],
        "meetings": len(solved["meetings"]),
        "served": fair["served"],
        "served_bound": fair["served_bound"],
        "idle_gaps": solved["idle_gaps"],
        "faults": faults,
    }
