"""Solving an event: exactly where it is small, else choosing pairs first and placing them after."""

from __future__ import annotations

import time
from collections.abc import Callable

from matcher.agenda.compiling import compile_event
from matcher.agenda.conflicts import explain
from matcher.agenda.event import Event
from matcher.agenda.exact import solve_exactly
from matcher.agenda.model import Effort
from matcher.agenda.problem import Problem
from matcher.agenda.report import refusal, report
from matcher.agenda.schedule import Schedule
from matcher.agenda.staged import solve_in_stages

Told = Callable[[str], None]
EXACT_VARIABLES = 4_000
"""Pairs times slots up to which one model holds everything."""


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
    answer = solve_exactly(problem, effort) if small else solve_in_stages(problem, effort, told)
    if answer.placed is None:
        return _refused(event, problem, effort)
    return report(event, problem, answer, previous)


def _refused(event: Event, problem: Problem, effort: Effort) -> Schedule:
    extra = Effort(max(effort.deadline, time.monotonic() + 5.0), effort.seed, effort.workers)
    return refusal(event, problem, *explain(problem, extra))
