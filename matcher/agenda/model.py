"""The CP-SAT model of a problem: which of some pairs meet in which slot, under all rules."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ortools.sat.python import cp_model

from matcher.agenda.problem import Placement, Problem

Expr = cp_model.LinearExpr | int


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to search: wall-clock moment of the end (`time.monotonic`), seed, threads.

    `work` limits a search in the solver's own units, about a second each, which do not depend on
    how busy the machine is.
    """

    deadline: float
    seed: int = 0
    workers: int = 2
    work: float | None = None

    @property
    def left(self) -> float:
        """Seconds left."""
        return max(0.0, self.deadline - time.monotonic())

    def capped(self, seconds: float) -> Effort:
        """The same, for at most `seconds` from now."""
        return replace(self, deadline=min(self.deadline, time.monotonic() + seconds))


@dataclass(frozen=True, slots=True)
class Found:
    """Result of one search: `value` is None where nothing was found, `bound` where impossible."""

    value: int | None
    bound: int
    proven: bool
    infeasible: bool = False


class SlotModel:
    """Which of `pairs` meet in which slot, beside `fixed` meetings that stay as they are.

    `only`: slots that may be used for `pairs`; all where None.
    """

    def __init__(
        self,
        problem: Problem,
        pairs: Iterable[int],
        *,
        fixed: Mapping[int, int] | None = None,
        only: frozenset[int] | None = None,
    ) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.held: dict[int, Expr] = {}
        self.groups: list[Expr] = []
        fixed = fixed or {}
        taken = {(person, s) for p, s in fixed.items() for person in problem.pairs[p].people}
        self.x: dict[tuple[int, int], cp_model.IntVar] = {}
        for p in pairs:
            pair = problem.pairs[p]
            for s in pair.slots:
                if (only is None or s in only) and not any((i, s) in taken for i in pair.people):
                    self.x[p, s] = self.model.new_bool_var("")
        self._hold(fixed)
        self._places(fixed)

    def _hold(self, fixed: Mapping[int, int]) -> None:
        own: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for (p, _), x in self.x.items():
            own[p].append(x)
        for p, xs in own.items():
            if len(xs) > 1:
                self.model.add_at_most_one(xs)
            self.held[p] = sum(xs) if len(xs) > 1 else xs[0]
        self.held.update(dict.fromkeys(fixed, 1))

    def _places(self, fixed: Mapping[int, int]) -> None:
        """No person twice at once; no more meetings than tables; pinned tables hold one."""
        people: dict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        slots: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        pinned: dict[tuple[str, int], list[cp_model.IntVar]] = defaultdict(list)
        for (p, s), x in self.x.items():
            pair = self.problem.pairs[p]
            slots[s].append(x)
            for person in pair.people:
                people[person, s].append(x)
            if pair.table is not None:
                pinned[pair.table, s].append(x)
        for xs in people.values():
            if len(xs) > 1:
                self.model.add_at_most_one(xs)
        capacity = self.problem.capacity
        for s in fixed.values():
            capacity[s] -= 1
        for s, xs in slots.items():
            if len(xs) > capacity[s]:
                self.model.add(sum(xs) <= capacity[s])
        held_tables = {(self.problem.pairs[p].table, s) for p, s in fixed.items()}
        for place, xs in pinned.items():
            self.model.add(sum(xs) <= (0 if place in held_tables else 1))

    def add_rules(self) -> None:
        """Constraints on what is held, once `held` is complete."""
        for p, held in self.held.items():
            if self.problem.pairs[p].must:
                self.model.add(held == 1)
        for cap in self.problem.caps:
            members = self._members(cap.members)
            if len(members) > cap.limit:
                self.model.add(sum(members) <= cap.limit)
        if self.problem.shares:
            total = sum(self.held.values())
            for share in self.problem.shares:
                members = self._members(share.members)
                self.model.add(100 * sum(members) >= share.percent * total)

    def add_groups(self) -> None:
        """Variables that say who is served."""
        for group in self.problem.groups:
            good = self._members(group.good)
            if good:
                served = self.model.new_bool_var("")
                self.model.add(served <= sum(good))
                self.groups.append(served)

    def _members(self, pairs: Iterable[int]) -> list[Expr]:
        return [self.held[p] for p in pairs if p in self.held]

    def maximise(self, goal: Expr, effort: Effort) -> tuple[Found, cp_model.CpSolver]:
        """Search for the most of `goal`."""
        self.model.maximize(goal)
        return self._solve(effort)

    def minimise(self, goal: Expr, effort: Effort) -> tuple[Found, cp_model.CpSolver]:
        """Search for the least of `goal`."""
        self.model.minimize(goal)
        return self._solve(effort)

    def _solve(self, effort: Effort) -> tuple[Found, cp_model.CpSolver]:
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = max(0.01, effort.left)
        solver.parameters.random_seed = effort.seed
        solver.parameters.num_workers = effort.workers
        solver.parameters.interleave_search = effort.workers > 1  # repeatable with several workers
        if effort.work is not None:
            solver.parameters.max_deterministic_time = effort.work
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return Found(None, 0, proven=True, infeasible=True), solver
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Found(None, round(solver.best_objective_bound), proven=False), solver
        value, bound = round(solver.objective_value), round(solver.best_objective_bound)
        return Found(value, bound, proven=status == cp_model.OPTIMAL), solver

    def forget_goal(self) -> None:
        """Ask only whether the rules can be kept."""
        self.model.clear_objective()  # type: ignore[no-untyped-call]

    def value(self) -> Expr:
        """Level 2 of the objective over the free pairs, without its base."""
        pairs = self.problem.pairs
        return sum(self.problem.gain(pairs[p], s) * x for (p, s), x in self.x.items())

    def placed(self, solver: cp_model.CpSolver) -> Placement:
        """Where the solution puts the free pairs."""
        return {p: s for (p, s), x in self.x.items() if solver.boolean_value(x)}

    def hint(self, placed: Placement) -> None:
        """Start the search near a placement."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        for (p, s), x in self.x.items():
            self.model.add_hint(x, placed.get(p) == s)
