"""Large events in stages: choice of pairs, slots for them, improvement, idle gaps.

The choice knows slots by number only, so its value bounds everything. Where all chosen pairs get a slot (always, if
everybody has one person and is free all the time: a bipartite graph has an edge colouring with as many colours as
its highest degree) the result is optimal. Otherwise the placement is improved a few slots at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from matcher.agenda.exact import Answer
from matcher.agenda.improve import improve, lessen_idle
from matcher.agenda.model import Effort, SlotModel
from matcher.agenda.problem import Placement, Problem, objective, served
from matcher.agenda.selection import Chosen, Selection

Told = Callable[[str], None]
_CHOICE, _SLOTS, _IDLE = 0.3, 0.4, 0.2
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


def solve_in_stages(problem: Problem, effort: Effort, told: Told) -> Answer:
    """A good answer in the time there is, with bounds; `placed` is None for contradictory rules.

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
    placed = _place(problem, choice.pairs, effort.capped(_SLOTS * total))
    if placed is None:
        placed = _within_shares(problem, musts, effort)
    told(f"已排 {len(placed)} 场")
    goal = choice.bound + problem.base
    if (served(problem, placed), objective(problem, placed)) < (choice.served_bound, goal):
        span = effort.capped(effort.left - _IDLE * total)
        candidates = _near(problem)
        placed = improve(problem, placed, candidates, choice.served_bound, goal, span, told)
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
    found, solver = model.maximise(0, effort)
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


def _place(problem: Problem, chosen: list[int], effort: Effort) -> Placement | None:
    """Slots for the chosen pairs: for all of them if possible, else for the most worth.

    None where not even that was found.
    """
    model = SlotModel(problem, chosen)
    model.add_rules()
    for p in chosen:
        model.model.add(model.held[p] == 1)
    goal = model.value() if problem.change_cost else 0
    found, solver = model.maximise(goal, effort.capped(effort.left * _HALF))
    if found.value is not None:
        return model.placed(solver)
    model = SlotModel(problem, chosen)
    model.add_rules()
    found, solver = model.maximise(model.value(), effort)
    return model.placed(solver) if found.value is not None else None


def _within_shares(problem: Problem, musts: Placement, effort: Effort) -> Placement:
    """Pins and musts with what the least shares need beside them; raises TimeoutError."""
    if not problem.shares or not musts:
        return musts
    model = SlotModel(problem, _near(problem))
    model.add_rules()
    model.hint(musts)
    found, solver = model.minimise(sum(model.x.values()), effort)
    if found.value is None:
        raise TimeoutError
    return model.placed(solver)


def _near(problem: Problem) -> list[int]:
    """Pairs among the best of their need or achievement, and those with a wish or a history."""
    order = sorted(range(len(problem.pairs)), key=lambda p: (-problem.pairs[p].value, p))
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for p in order:
        pair = problem.pairs[p]
        sides = ("need", pair.need), ("achievement", pair.achievement)
        if pair.must or pair.prior is not None or min(seen[side] for side in sides) < _NEAR:
            kept.append(p)
            seen.update(sides)
    return sorted(kept)
