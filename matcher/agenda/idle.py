"""Idle gaps: as an expression of a model, and lessened a few slots at a time."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace

from ortools.sat.python import cp_model

from matcher.agenda.model import Effort, Expr, SlotModel
from matcher.agenda.problem import Placement, Problem, idle_gaps, objective

Told = Callable[[str], None]
_STEP_WORK = 1.0
"""Limit of one step, see `Effort.work`."""
_MEETINGS_A_STEP = 40
"""About as many meetings as one step takes up again."""
PATIENCE = 30
"""Steps without gain after which idle gaps are left as they are."""


def idle_expression(model: SlotModel, fixed: Iterable[tuple[int, int]] = ()) -> Expr:
    """Idle gaps (see `problem`) as a sum; `fixed` are (person, slot) that are busy anyhow.

    For each person and day, `begun` and `open` are forced up to 1 between the first and the last
    meeting, so that a slot counts exactly if it lies between them without a meeting.
    """
    problem, cp = model.problem, model.model
    busy: dict[tuple[int, int], dict[int, list[Expr]]] = defaultdict(lambda: defaultdict(list))
    for (p, s), x in model.x.items():
        for person in problem.pairs[p].people:
            busy[person, problem.day_of[s]][s].append(x)
    for person, s in fixed:
        if (person, problem.day_of[s]) in busy:
            busy[person, problem.day_of[s]][s].append(1)
    total: list[Expr] = []
    for of_slot in busy.values():
        first, last = min(of_slot), max(of_slot)
        at = {s: sum(of_slot.get(s, [0])) for s in range(first, last + 1)}
        total += _between(cp, at, first, last)
    return sum(total)


def _between(cp: cp_model.CpModel, at: dict[int, Expr], first: int, last: int) -> list[Expr]:
    begun = {s: cp.new_bool_var("") for s in range(first, last)}
    still = {s: cp.new_bool_var("") for s in range(first + 1, last + 1)}
    for s, var in begun.items():
        cp.add(var >= at[s])
        if s > first:
            cp.add_implication(begun[s - 1], var)
    for s, var in still.items():
        cp.add(var >= at[s])
        if s < last:
            cp.add_implication(still[s + 1], var)
    idle: list[Expr] = []
    for s in range(first + 1, last):
        gap = cp.new_bool_var("")
        cp.add(gap >= begun[s - 1] + still[s + 1] - 1 - at[s])
        idle.append(gap)
    return idle


def lessen_idle(
    problem: Problem,
    placed: Placement,
    effort: Effort,
    told: Told = lambda _: None,
    patience: int = PATIENCE,
) -> Placement:
    """The same meetings with fewer idle gaps, as far as time goes; levels 1 and 2 stay as they are."""
    chance = random.Random(effort.seed)
    gaps = start = idle_gaps(problem, placed)
    vain = 0
    while effort.left > 0 and gaps and vain < patience:
        tried = _tighten(problem, placed, chance, effort)
        now = idle_gaps(problem, tried)
        vain = 0 if now < gaps else vain + 1
        if now < gaps and objective(problem, tried) >= objective(problem, placed):
            placed, gaps = tried, now
    told(f"空档 {start} -> {gaps}")
    return placed


def _tighten(
    problem: Problem, placed: Placement, chance: random.Random, effort: Effort
) -> Placement:
    """Give the meetings of some slots of one day new slots among these."""
    day = chance.choice(sorted({problem.day_of[s] for s in placed.values()}))
    of_day = [s for s in range(len(problem.slots)) if problem.day_of[s] == day]
    per_slot = max(1, len(placed) // max(1, len(problem.slots)))
    count = max(2, min(len(of_day), _MEETINGS_A_STEP // per_slot))
    slots = frozenset(chance.sample(of_day, min(count, len(of_day))))
    freed = {p: s for p, s in placed.items() if s in slots}
    fixed = {p: s for p, s in placed.items() if s not in slots}
    model = SlotModel(problem, freed, fixed=fixed, only=slots)
    model.add_rules()
    for p in freed:
        model.model.add(model.held[p] == 1)
    if problem.change_cost:
        model.model.add(
            model.value() >= sum(problem.gain(problem.pairs[p], s) for p, s in freed.items())
        )
    model.hint(freed)
    busy = [(i, s) for p, s in fixed.items() for i in problem.pairs[p].people]
    found, solver = model.minimise(idle_expression(model, busy), replace(effort, work=_STEP_WORK))
    return placed if found.value is None else fixed | model.placed(solver)
