"""Solving an event: pairs first and slots after; small ones exactly where that leaves a gap."""

from __future__ import annotations

import time
from collections.abc import Callable

from matcher.agenda.compiling import compile_event
from matcher.agenda.conflicts import explain
from matcher.agenda.event import Event
from matcher.agenda.exact import Answer, fewest_gaps, solve_exactly
from matcher.agenda.model import Effort
from matcher.agenda.problem import Problem, objective, served
from matcher.agenda.report import refusal, report
from matcher.agenda.schedule import Schedule
from matcher.agenda.staged import solve_in_stages

Told = Callable[[str], None]
EXACT_VARIABLES = 4_000
"""Pairs times slots up to which one model may hold everything."""


def solve(
    event: Event,
    *,
    previous: Schedule | None = None,
    time_limit: float = 60.0,
    seed: int = 0,
    workers: int = 2,
    told: Told = lambda _: None,
) -> Schedule:
    """The best schedule found within `time_limit` seconds; see `problem` for what is best.

    Two calls with the same input and seed give the same schedule where both end by proof.
    `told` gets a line of progress in Chinese now and then.
    """
    problem = compile_event(event, previous)
    effort = Effort(time.monotonic() + time_limit, seed, workers)
    told(f"可能的会面 {len(problem.pairs)} 对，时段 {len(problem.slots)} 个")
    if problem.impossible:
        return _refused(event, problem, effort)
    small = sum(len(pair.slots) for pair in problem.pairs) <= EXACT_VARIABLES
    answer = _small(problem, effort, told) if small else solve_in_stages(problem, effort, told)
    if answer.placed is None:
        return _refused(event, problem, effort)
    return report(event, problem, answer, previous)


def _small(problem: Problem, effort: Effort, told: Told) -> Answer:
    """Stages, which are quick and mostly end by proof; the exact model where they do not."""
    try:
        answer = solve_in_stages(problem, effort, told, patient=False)
    except TimeoutError:
        return solve_exactly(problem, effort)
    if answer.placed is None:
        return answer
    reached = objective(problem, answer.placed) - problem.base
    if (served(problem, answer.placed), reached) < (answer.served_bound, answer.bound):
        return solve_exactly(problem, effort)
    fewest_gaps(problem, answer, effort)
    return answer


def _refused(event: Event, problem: Problem, effort: Effort) -> Schedule:
    extra = Effort(max(effort.deadline, time.monotonic() + 5.0), effort.seed, effort.workers)
    return refusal(event, problem, *explain(problem, extra))
