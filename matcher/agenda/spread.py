"""A first placement of chosen pairs: the one with the fewest slots left goes first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from matcher.agenda.problem import Placement, Problem


def spread(problem: Problem, chosen: Iterable[int], start: Placement) -> Placement:
    """`start` and as many of `chosen` as find a slot; kept in their earlier slot where that is free.

    A pair takes the slot that its people's other pairs can spare most easily; ties go to the
    emptiest slot, then to the earliest. Caps hold if they hold for `chosen` and `start` together.
    """
    board = _Board(problem, [p for p in chosen if p not in start], start)
    for p in sorted(board.options):
        prior = problem.pairs[p].prior
        if problem.change_cost and prior is not None and prior in board.options[p]:
            board.put(p, prior)
    while board.options:
        p = min(board.options, key=lambda i: (len(board.options[i]), -problem.pairs[i].value, i))
        if board.options[p]:
            board.put(p, board.least_missed(p))
        else:
            del board.options[p]
    return board.placed


class _Board:
    """What is placed, and the slots that every other pair still has."""

    def __init__(self, problem: Problem, pairs: list[int], start: Placement) -> None:
        self.problem = problem
        self.placed: Placement = {}
        self.options = {p: set(problem.pairs[p].slots) for p in pairs}
        self.room = problem.capacity
        self.of_person: dict[int, set[int]] = defaultdict(set)
        for p in pairs:
            for person in problem.pairs[p].people:
                self.of_person[person].add(p)
        for p, s in start.items():
            self.put(p, s)
        for s, room in enumerate(self.room):
            if room <= 0:
                self._close(s)

    def put(self, p: int, s: int) -> None:
        """Place a pair, and take from the others what that makes impossible."""
        self.placed[p] = s
        self.options.pop(p, None)
        for other in self._beside(p):
            self.options[other].discard(s)
        self.room[s] -= 1
        if self.room[s] == 0:
            self._close(s)

    def least_missed(self, p: int) -> int:
        """The slot of `p` that takes least from the pairs beside it."""
        missed = dict.fromkeys(self.options[p], 0.0)
        for other in self._beside(p):
            for s in self.options[other] & missed.keys():
                missed[s] += 1 / len(self.options[other])
        return min(missed, key=lambda s: (round(missed[s], 6), -self.room[s], s))

    def _beside(self, p: int) -> set[int]:
        people = self.problem.pairs[p].people
        return {i for person in people for i in self.of_person[person] if i in self.options}

    def _close(self, s: int) -> None:
        for slots in self.options.values():
            slots.discard(s)


def within_shares(problem: Problem, placed: Placement) -> Placement | None:
    """`placed` without the least worth meetings that keep least shares from holding.

    None where dropping meetings that are no must does not suffice.
    """
    placed = dict(placed)
    members = [set(share.members) for share in problem.shares]
    while True:
        short = [
            inside
            for share, inside in zip(problem.shares, members, strict=True)
            if 100 * len(inside & placed.keys()) < share.percent * len(placed)
        ]
        if not short:
            return placed
        spare = [
            p
            for p in placed
            if not problem.pairs[p].must and any(p not in inside for inside in short)
        ]
        if not spare:
            return None
        counted = {p: sum(p in inside for inside in members) for p in spare}
        del placed[min(spare, key=lambda p: (counted[p], problem.pairs[p].value, p))]
