"""Wish lists that cannot be kept: a smallest relaxation, and a set of wishes none of which is superfluous.

Wishes are pins, musts, caps and least shares. Who is free when, breaks, tables, refusals and forbids are facts, not
wishes; they show as the cause of a wish that fails by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ortools.sat.python import cp_model

from matcher.agenda import wording
from matcher.agenda.model import Effort, Expr, SlotModel
from matcher.agenda.problem import Problem, near
from matcher.agenda.schedule import Conflict

_WISH_WEIGHT = 10_000_000
"""Weight of one wish given up, against one unit by which caps and shares give way."""
_CAP_WEIGHT = 100
"""A meeting above a cap weighs as much as one that a least share lacks (counted in hundredths)."""

_NEAR = 4
"""Pairs of each listing that may help least shares, those worth most."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """A wish that `kept` switches on; `missed` says by how much it is off otherwise.

    `part` counts the meetings it is about, `whole` those that a share is taken of.
    """

    code: str
    members: list[str]
    text: str
    kept: cp_model.IntVar
    missed: cp_model.IntVar
    weight: int
    part: Expr
    whole: Expr = 1


class _WishModel(SlotModel):
    """The exact model with every wish behind a switch."""

    def __init__(self, problem: Problem, pairs: Iterable[int]) -> None:
        super().__init__(problem, pairs)
        self.wishes: list[_Wish] = []
        self._musts()
        self._caps()
        self._shares()

    def _switch(self, most: int) -> tuple[cp_model.IntVar, cp_model.IntVar]:
        """Whether a wish is kept, and by how much (up to `most`) it is missed."""
        kept, missed = self.model.new_bool_var(""), self.model.new_int_var(0, most, "")
        self.model.add(missed == 0).only_enforce_if(kept)
        return kept, missed

    def _musts(self) -> None:
        for p, held in self.held.items():
            pair = self.problem.pairs[p]
            if pair.must:
                code = "pin" if pair.pinned else "must"
                kept, missed = self._switch(1)
                self.model.add(held + missed >= 1)
                text = wording.wish(code, pair.key)
                self.wishes.append(_Wish(code, list(pair.key), text, kept, missed, 0, held))

    def _caps(self) -> None:
        for cap in self.problem.caps:
            members = self._members(cap.members)
            if len(members) > cap.limit:
                kept, missed = self._switch(len(members))
                part = sum(members)
                self.model.add(part <= cap.limit + missed)
                text = wording.limit(cap.code, cap.owner, cap.limit)
                self.wishes.append(
                    _Wish(cap.code, [cap.owner], text, kept, missed, _CAP_WEIGHT, part)
                )

    def _shares(self) -> None:
        total = sum(self.held.values())
        for share in self.problem.shares:
            kept, missed = self._switch(100 * len(self.held))
            part = sum(self._members(share.members))
            self.model.add(100 * part + missed >= share.percent * total)
            text = wording.share(share.code, share.owner, share.percent)
            owner = [share.owner] if share.owner else []
            self.wishes.append(_Wish(share.code, owner, text, kept, missed, 1, part, total))


def explain(problem: Problem, effort: Effort) -> tuple[list[Conflict], list[Conflict]]:
    """Conflicts and relaxations of a problem whose wishes cannot all be kept.

    Wishes that fail by themselves come first in both lists. The rest of `conflicts` is one
    irreducible set; the rest of `relaxations` is smallest in number (of those found in time).
    """
    alone = [wording.impossible(item) for item in problem.impossible]
    pairs = [p for p, pair in enumerate(problem.pairs) if pair.must]
    if problem.shares:
        pairs = near(problem, _NEAR)
    model = _WishModel(problem, pairs)
    given_up = sum(
        _WISH_WEIGHT * (1 - wish.kept) + wish.weight * wish.missed for wish in model.wishes
    )
    found, solver = model.minimise(given_up, effort.capped(effort.left / 2))
    if not found.value:
        return alone, alone
    relaxations = [
        _advice(wish, solver) for wish in model.wishes if not solver.boolean_value(wish.kept)
    ]
    return alone + _irreducible(model, effort), alone + relaxations


def _advice(wish: _Wish, solver: cp_model.CpSolver) -> Conflict:
    """What to do about a wish that the solution gives up."""
    part, whole = solver.value(wish.part), max(1, solver.value(wish.whole))
    proposed: int | None = None
    if wish.code in ("pin", "must"):
        reason = wording.give_up(wish.text)
    elif wish.code.startswith("share"):
        proposed = 100 * part // whole
        reason = wording.lower_share(wish.text, proposed)
    else:
        proposed = part
        reason = wording.raise_limit(wish.text, proposed)
    return Conflict(code=wish.code, members=wish.members, reason=reason, proposed=proposed)


def _irreducible(model: _WishModel, effort: Effort) -> list[Conflict]:
    """Wishes that contradict each other while all but any one of them do not."""
    model.forget_goal()
    core = _contradiction(model, list(range(len(model.wishes))), effort) or []
    for k in list(core):
        if effort.left <= 0:
            break
        smaller = k in core and _contradiction(model, [i for i in core if i != k], effort)
        if smaller:
            core = smaller
    return [
        Conflict(code=wish.code, members=wish.members, reason=wish.text)
        for wish in (model.wishes[i] for i in core)
    ]


def _contradiction(model: _WishModel, kept: list[int], effort: Effort) -> list[int] | None:
    """A part of the wishes `kept` that contradicts itself; None where they can all be kept."""
    model.model.clear_assumptions()
    model.model.add_assumptions([model.wishes[i].kept for i in kept])
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = effort.seed
    solver.parameters.max_time_in_seconds = max(0.01, effort.left)
    if solver.solve(model.model) != cp_model.INFEASIBLE:
        return None
    blamed = set(solver.sufficient_assumptions_for_infeasibility())
    return [i for i in kept if model.wishes[i].kept.index in blamed] or kept
