"""Small events: all three levels of the objective in one exact model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ortools.sat.python import cp_model

from matcher.agenda.model import Effort, Expr, SlotModel
from matcher.agenda.problem import Placement, Problem


@dataclass(slots=True)
class Answer:
    """What was found: the meetings, and how much better others could be.

    `placed` is None where the rules contradict each other. `bound` counts without the objective's base
    and holds for schedules that serve as many as this one.
    """

    placed: Placement | None
    served_bound: int = 0
    bound: int = 0
    idle_proven: bool = False


def solve_exactly(problem: Problem, effort: Effort) -> Answer:
    """Serve most, then gain most, then idle least; what time leaves unproven shows in the bounds.

    Raises TimeoutError where not even the wishes could be placed in time.
    """
    model = SlotModel(problem, range(len(problem.pairs)))
    model.add_rules()
    model.add_groups()
    most, solver = model.maximise(sum(model.groups), effort.capped(effort.left * 0.3))
    if most.infeasible:
        return Answer(None)
    if most.value is None:
        raise TimeoutError
    placed = model.placed(solver)
    model.hint(placed)
    model.model.add(sum(model.groups) >= most.value)
    best, solver = model.maximise(model.value(), effort.capped(effort.left * 0.8))
    if best.value is None:
        return Answer(placed, most.bound, best.bound)
    placed = model.placed(solver)
    answer = Answer(placed, most.bound, best.bound)
    if best.proven:
        model.model.add(model.value() >= best.value)
        model.hint(placed)
        idle, solver = model.minimise(idle_expression(model), effort)
        if idle.value is not None:
            answer.placed, answer.idle_proven = model.placed(solver), idle.proven
    return answer


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
