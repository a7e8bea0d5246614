"""Which pairs meet, slots aside: an integer program that HiGHS solves, and the bound it proves.

It knows slots by their number only (`degrees`), so whatever it proves holds for the whole problem. People and caps
make it nearly a flow problem, whose linear relaxation is integral or close to it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from matcher.agenda.problem import Problem

_ROUNDING = 0.01
"""Slack for the solver's tolerances on a bound; true values are integers."""
_SLOT_SETS = 100
"""Sets of slots that a row is made for, those that the most pairs have first."""
_HALF = 0.5
_INFEASIBLE = 2
"""Status that `scipy.optimize.milp` gives where the rules contradict each other."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Pairs that should meet (none where time did not suffice); no choice has more than `bound`."""

    pairs: list[int]
    found: bool
    bound: int


class Selection:
    """The integer program of a problem; built once, solved for either level."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.pairs, self.groups = len(problem.pairs), len(problem.groups)
        self._rows: list[int] = []
        self._columns: list[int] = []
        self._numbers: list[int] = []
        self._limits: list[int] = []
        for members, limit in degrees(problem):
            self._add(members, limit)
        for cap in problem.caps:
            self._add(cap.members, cap.limit)
        for share in problem.shares:
            inside = set(share.members)
            costs = (share.percent - 100 * (p in inside) for p in range(self.pairs))
            self._add(range(self.pairs), 0, costs)
        for k, group in enumerate(problem.groups):
            self._add([self.pairs + k, *group.good], 0, [1, *[-1] * len(group.good)])

    def _add(
        self, columns: Iterable[int], limit: int, numbers: Iterable[int] | None = None
    ) -> None:
        """A row `sum(numbers * columns) <= limit`; numbers are 1 where None."""
        before = len(self._columns)
        self._columns += columns
        added = len(self._columns) - before
        self._rows += [len(self._limits)] * added
        self._numbers += [1] * added if numbers is None else numbers
        self._limits.append(limit)

    def most_served(self, seconds: float) -> Chosen | None:
        """Level 1 of the objective; None where the rules contradict each other."""
        return self._solve(np.repeat([0, 1], [self.pairs, self.groups]), 0, seconds)

    def most_value(self, served: int, seconds: float) -> Chosen | None:
        """Level 2 (without its base) among choices that serve at least `served`."""
        gains = [self.problem.best_gain(pair) for pair in self.problem.pairs]
        return self._solve(np.array([*gains, *[0] * self.groups]), served, seconds)

    def _solve(self, goal: np.ndarray, served: int, seconds: float) -> Chosen | None:
        size = self.pairs + self.groups
        rows = self._rows + [len(self._limits)] * self.groups
        columns = [*self._columns, *range(self.pairs, size)]
        numbers = np.array([*self._numbers, *[-1] * self.groups], float)
        limits = np.array([*self._limits, -served], float)
        matrix = csr_array((numbers, (rows, columns)), shape=(len(limits), size))
        low = np.zeros(size)
        low[: self.pairs] = [pair.must for pair in self.problem.pairs]
        solved = milp(
            -goal.astype(float),
            constraints=LinearConstraint(matrix, -np.inf, limits),
            bounds=Bounds(low, 1.0),
            integrality=np.ones(size, int),
            options={"mip_rel_gap": 0.0, "time_limit": max(0.1, seconds)},
        )
        if solved.status == _INFEASIBLE:
            return None
        proven = solved.mip_dual_bound
        most = int(goal[goal > 0].sum())
        bound = most if proven is None else min(most, math.floor(_ROUNDING - proven))
        if solved.x is None:
            return Chosen([], found=False, bound=bound)
        pairs = np.flatnonzero(solved.x[: self.pairs] > _HALF).tolist()
        return Chosen(pairs, found=True, bound=bound)


def degrees(problem: Problem) -> list[tuple[list[int], int]]:
    """Rows `sum(members) <= limit` that hold in every schedule: people, slots, sets of equal slots.

    A person has as many meetings at most as there are slots for them; all meetings that fit only
    into the same few slots have as many as those have tables.
    """
    by_person: dict[int, list[int]] = defaultdict(list)
    by_slots: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for p, pair in enumerate(problem.pairs):
        by_slots[pair.slots].append(p)
        for person in pair.people:
            by_person[person].append(p)
    rows = []
    for members in by_person.values():
        limit = len({s for p in members for s in problem.pairs[p].slots})
        rows.append((members, limit))
    capacity = problem.capacity
    fullest = sorted(by_slots, key=lambda slots: (-len(by_slots[slots]), slots))
    for slots in fullest[:_SLOT_SETS]:
        inside = set(slots)
        members = [p for own, ps in by_slots.items() if inside.issuperset(own) for p in ps]
        rows.append((members, sum(capacity[s] for s in slots)))
    rows.append((list(range(len(problem.pairs))), sum(capacity)))
    return [(members, limit) for members, limit in rows if len(members) > limit]
