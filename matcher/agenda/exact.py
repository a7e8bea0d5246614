"""Small events: all three levels of the objective in one exact model."""

from __future__ import annotations

from dataclasses import dataclass, replace

from matcher.agenda.idle import idle_expression, lessen_idle
from matcher.agenda.model import Effort, SlotModel
from matcher.agenda.problem import Placement, Problem, idle_gaps, served

_PATIENCE = 3
_IDLE_WORK = 5.0
"""Limit of the search for fewer idle gaps, see `Effort.work`; a schedule is the same with or without
a busy machine."""


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
    answer.placed = lessen_idle(problem, placed, effort, patience=_PATIENCE)
    if best.proven:
        fewest_gaps(problem, answer, effort)
    return answer


def fewest_gaps(problem: Problem, answer: Answer, effort: Effort) -> None:
    """Prove or lessen the idle gaps of an answer that is the best by levels 1 and 2."""
    placed = answer.placed or {}
    gaps = idle_gaps(problem, placed)
    if not gaps:
        answer.idle_proven = True
        return
    model = SlotModel(problem, range(len(problem.pairs)))
    model.add_rules()
    model.add_groups()
    model.model.add(sum(model.groups) >= served(problem, placed))
    model.model.add(model.value() >= answer.bound)
    model.hint(placed)
    idle, solver = model.minimise(idle_expression(model), replace(effort, work=_IDLE_WORK))
    if idle.value is not None and idle.value < gaps:
        answer.placed = model.placed(solver)
    answer.idle_proven = idle.proven
