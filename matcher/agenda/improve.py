"""Improving a placement a few slots at a time, each step an exact model of these slots."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from matcher.agenda.model import Effort, SlotModel
from matcher.agenda.problem import Placement, Problem, objective, served

Told = Callable[[str], None]
_STEP_WORK = 1.0
"""Limit of one step, see `Effort.work`."""
_MEETINGS_A_STEP = 40
"""About as many meetings as one step takes up again."""
_ON_PURPOSE = 0.7
"""Share of the steps whose slots are drawn for a pair that should meet and does not yet."""
_NEWCOMERS = 500
"""Pairs without a meeting that one step looks at."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What improvement goes for: pairs that should meet, others worth a try, and when to stop."""

    chosen: Sequence[int]
    others: Sequence[int]
    served: int
    goal: int


def improve(problem: Problem, placed: Placement, aim: Aim, effort: Effort, told: Told) -> Placement:
    """`placed` or better by levels 1 and 2, until the aim is reached or time is out."""
    chance = random.Random(effort.seed)
    best = served(problem, placed), objective(problem, placed)
    steps = 0
    while effort.left > 0 and best < (aim.served, aim.goal):
        missing = [p for p in aim.chosen if p not in placed]
        slots = _some_slots(problem, placed, missing, chance)
        placed = _step(problem, placed, missing, aim.others, slots, chance, effort)
        reached = served(problem, placed), objective(problem, placed)
        steps += 1
        if reached > best:
            best = reached
            told(f"改进 {steps} 步：服务 {best[0]}，价值 {best[1]}，上界 {aim.goal}")
    return placed


def _some_slots(
    problem: Problem, placed: Placement, missing: list[int], chance: random.Random
) -> frozenset[int]:
    """A few slots, among them two in which a missing pair lacks one of its people at most."""
    count = len(problem.slots)
    per_slot = max(1, len(placed) // count)
    wanted = min(count, max(2, _MEETINGS_A_STEP // per_slot))
    drawn = set(chance.sample(range(count), wanted))
    if missing and chance.random() < _ON_PURPOSE:
        pair = problem.pairs[chance.choice(missing)]
        busy = {(i, s) for p, s in placed.items() for i in problem.pairs[p].people}
        near = [s for s in pair.slots if sum((i, s) in busy for i in pair.people) <= 1]
        drawn = set(chance.sample(near, min(len(near), wanted))) | set(list(drawn)[:1])
    return frozenset(drawn)


def _step(
    problem: Problem,
    placed: Placement,
    missing: list[int],
    others: Sequence[int],
    slots: frozenset[int],
    chance: random.Random,
    effort: Effort,
) -> Placement:
    """Take up the meetings in `slots` again, with newcomers; never worse than `placed`."""
    freed = {p: s for p, s in placed.items() if s in slots}
    fixed = {p: s for p, s in placed.items() if s not in slots}
    known = placed.keys() | set(missing)
    outside = [p for p in others if p not in known and slots & set(problem.pairs[p].slots)]
    outside = chance.sample(outside, min(len(outside), _NEWCOMERS))
    model = SlotModel(problem, sorted({*freed, *missing, *outside}), fixed=fixed, only=slots)
    model.add_rules()
    model.add_groups()
    model.hint(freed)
    weight = 1 + sum(abs(problem.best_gain(problem.pairs[p])) for p in model.held)
    goal = weight * sum(model.groups) + model.value()
    found, solver = model.maximise(goal, replace(effort, work=_STEP_WORK))
    if found.value is None:
        return placed
    tried = fixed | model.placed(solver)
    before = served(problem, placed), objective(problem, placed)
    return tried if (served(problem, tried), objective(problem, tried)) > before else placed
