"""Tables for meetings that have a slot: pinned ones first, then as before, then by order."""

from __future__ import annotations

from matcher.agenda.problem import Placement, Problem


def seat(problem: Problem, placed: Placement) -> dict[int, str]:
    """Index of pair -> table. There is always one: no slot holds more meetings than open tables."""
    seats: dict[int, str] = {}
    for s in sorted(set(placed.values())):
        here = sorted(p for p, slot in placed.items() if slot == s)
        free = [t for t in problem.tables if (t, s) not in problem.closed]
        for wanted in (_pinned, _earlier):
            for p in here:
                table = wanted(problem, p, s)
                if p not in seats and table in free:
                    seats[p] = table
                    free.remove(table)
        for p in here:
            if p not in seats:
                seats[p] = free.pop(0)
    return seats


def _pinned(problem: Problem, p: int, _: int) -> str | None:
    return problem.pairs[p].table


def _earlier(problem: Problem, p: int, s: int) -> str | None:
    pair = problem.pairs[p]
    return problem.prior_tables.get(pair.key) if pair.prior == s else None
