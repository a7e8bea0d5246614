"""Large events in stages: choice of pairs, slots for them, improvement, idle gaps.

The choice knows slots by number only, so its value bounds everything. Where all chosen pairs get a slot (always, if
everybody has one person and is free all the time: a bipartite graph has an edge colouring with as many colours as
its highest degree) the result is optimal. Otherwise the placement is improved a few slots at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from matcher.agenda.exact import Answer
from matcher.agenda.idle import lessen_idle
from matcher.agenda.improve import Aim, improve
from matcher.agenda.model import Effort, SlotModel
from matcher.agenda.problem import Placement, Problem, near, objective, served
from matcher.agenda.selection import Chosen, Selection
from matcher.agenda.spread import spread, within_shares

Told = Callable[[str], None]
_CHOICE, _SLOTS, _IDLE = 0.6, 0.25, 0.15
"""Shares of the time for choosing, for placing, and for idle gaps (what is left of them goes on)."""
_NEAR = 20
"""Pairs of each need and each achievement that improvement looks at, those worth most."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """Pairs that should meet, how many they serve, and what is proven about it."""

    pairs: list[int]
    served: int
    served_bound: int
    bound: int


def solve_in_stages(
    problem: Problem, effort: Effort, told: Told, *, patient: bool = True
) -> Answer:
    """A good answer in the time there is, with bounds; `placed` is None for contradictory rules.

    What found no slot at once is left out unless `patient`, for events that are solved exactly then.
    Raises TimeoutError where not even the wishes could be placed in time.
    """
    if not problem.pairs:
        return Answer({}, idle_proven=True)
    total = effort.left
    musts = _hold_musts(problem, effort.capped(0.2 * total))
    selection = Selection(problem)
    choice = None if musts is None else _choose(problem, selection, effort.capped(_CHOICE * total))
    if choice is None or musts is None:
        return Answer(None)
    told(f"选出 {len(choice.pairs)} 场，服务 {choice.served} 个参会方，价值至多 {choice.bound}")
    placed = _place(problem, choice.pairs, musts, effort.capped(_SLOTS * total))
    told(f"已排 {len(placed)} 场")
    goal = choice.bound + problem.base
    if patient and (served(problem, placed), objective(problem, placed)) < (
        choice.served_bound,
        goal,
    ):
        span = effort.capped(effort.left - _IDLE * total)
        candidates = near(problem, _NEAR)
        aim = Aim(choice.pairs, candidates, choice.served_bound, goal)
        placed = improve(problem, placed, aim, span, told)
    bound = choice.bound
    reached = served(problem, placed)
    if reached < choice.served:
        fewer = selection.most_value(reached, 0.1 * total)
        bound = bound if fewer is None else max(bound, fewer.bound)
    placed = lessen_idle(problem, placed, effort, told)
    return Answer(placed, choice.served_bound, bound)


def _hold_musts(problem: Problem, effort: Effort) -> Placement | None:
    """Slots for pins and musts, shares aside; None where they contradict each other.

    Raises TimeoutError where the time does not tell.
    """
    musts = [p for p, pair in enumerate(problem.pairs) if pair.must]
    if not musts:
        return {}
    model = SlotModel(replace(problem, shares=()), musts)
    model.add_rules()
    found, solver = model.maximise(model.value() if problem.change_cost else 0, effort)
    if found.value is None and not found.infeasible:
        raise TimeoutError
    return None if found.infeasible else model.placed(solver)


def _choose(problem: Problem, selection: Selection, effort: Effort) -> _Choice | None:
    """The best pairs as far as numbers of slots allow; None where the rules contradict each other."""
    most = selection.most_served(effort.left * _HALF)
    if most is None:
        return None
    reached = _serves(problem, most)
    best = selection.most_value(reached, effort.left)
    if best is None or not best.found:
        return _Choice(most.pairs, reached, most.bound, sum(map(problem.best_gain, problem.pairs)))
    return _Choice(best.pairs, reached, most.bound, best.bound)


_HALF = 0.5


def _serves(problem: Problem, chosen: Chosen) -> int:
    return served(problem, dict.fromkeys(chosen.pairs, 0))


def _place(problem: Problem, chosen: list[int], musts: Placement, effort: Effort) -> Placement:
    """Slots for all chosen pairs if possible, else for as many as a simple rule finds slots for.

    Raises TimeoutError where pins, musts and least shares found no place together.
    """
    placed = spread(problem, chosen, musts)
    if set(chosen) <= placed.keys() and within_shares(problem, placed) == placed:
        return placed
    model = SlotModel(problem, chosen)
    model.add_rules()
    for p in chosen:
        model.model.add(model.held[p] == 1)
    model.hint(placed)
    found, solver = model.maximise(0, effort)
    if found.value is not None:
        return model.placed(solver)
    trimmed = within_shares(problem, placed)
    if trimmed is None:
        raise TimeoutError
    return trimmed
