"""How far judges agree on pairs that more than one of them graded: Cohen's kappa.

Cohen, J. (1960), A coefficient of agreement for nominal scales; with quadratic weights for grades
that have an order: Cohen, J. (1968), Weighted kappa.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from sqlmodel import Session, select

from service.tables import VerdictRow

GRADES = (0, 1, 2, 3)
_NAMELESS = "anonymous"
_DECIMALS = 4

Pair = tuple[str, str]


@dataclass(frozen=True)
class Agreement:
    """Two judges on the `pairs` that both graded.

    `kappa` takes grades as names, `weighted` as an order (quadratic weights), `suitable` only
    whether the grade is 2 or more. Each is None where it is undefined: both judges gave one and
    the same grade throughout.
    """

    judges: tuple[str, str]
    pairs: int
    equal: float
    """Share of pairs with the same grade."""
    kappa: float | None
    weighted: float | None
    suitable: float | None


def agreements(grades: Mapping[str, Mapping[Pair, int]]) -> list[Agreement]:
    """For every two judges with pairs in common, by their names; `grades` by judge and pair."""
    found = []
    for first, second in combinations(sorted(grades), 2):
        shared = sorted(grades[first].keys() & grades[second].keys())
        if not shared:
            continue
        one = [grades[first][pair] for pair in shared]
        other = [grades[second][pair] for pair in shared]
        found.append(
            Agreement(
                (first, second),
                len(shared),
                round(
                    sum(a == b for a, b in zip(one, other, strict=True)) / len(shared), _DECIMALS
                ),
                _kappa(one, other),
                _kappa(one, other, "quadratic"),
                _kappa([int(g >= 2) for g in one], [int(g >= 2) for g in other]),  # noqa: PLR2004
            )
        )
    return found


def pooled(found: list[Agreement]) -> float | None:
    """The weighted kappas' mean over judges, weighted by their common pairs; None without any."""
    known = [(a.weighted, a.pairs) for a in found if a.weighted is not None]
    total = sum(pairs for _, pairs in known)
    return round(sum(k * pairs for k, pairs in known) / total, _DECIMALS) if total else None


def stored_grades(session: Session) -> dict[str, dict[Pair, int]]:
    """The stored verdicts by judge and pair; nameless ones have no judge to agree with."""
    found: defaultdict[str, dict[Pair, int]] = defaultdict(dict)
    for row in session.exec(select(VerdictRow).where(VerdictRow.judge != _NAMELESS)):
        found[row.judge][row.need_id, row.achievement_id] = row.grade
    return dict(found)


def _kappa(one: list[int], other: list[int], weights: str | None = None) -> float | None:
    # it takes seconds to load, and only this needs it
    from sklearn.metrics import cohen_kappa_score  # noqa: PLC0415

    if len({*one, *other}) == 1:
        return None
    return round(float(cohen_kappa_score(one, other, weights=weights)), _DECIMALS)
