"""Technology readiness against what the need asks for, and whether its term can close a gap."""

from __future__ import annotations

from matcher.fit.model import Aspect, Fit, Names, unstated
from matcher.listing import Facets

MONTHS_PER_LEVEL = 9.0
"""Months of work that one level of readiness takes. An assumption, not a measured figure."""
GAP_COST = 0.15
"""What each missing level costs the asker even where the term suffices (assumption)."""
LATE_COST = 0.5
"""What it costs both sides if the term covers nothing of the gap (assumption)."""
FAR_ABOVE = 3
"""Levels above the required one from which a result is more finished than the need calls for."""
LOW_BUDGET_WAN = 30.0
"""Upper budget, in 万元, under which an institute would hesitate to give such a result (assumption)."""
UNDERSOLD = -0.3


def maturity_fit(need: Facets, achievement: Facets, names: Names) -> Fit:  # noqa: ARG001
    """Compare levels; without a term the asker bears half of `LATE_COST`."""
    wanted = need.trl_low
    level = achievement.trl_high if achievement.trl_high is not None else achievement.trl_low
    if wanted is None or level is None:
        return unstated(Aspect.MATURITY)
    if level < wanted:
        return _immature(wanted, level, need.term_months)
    told = f"成果 TRL {level}，达到需求要求的 {wanted}"
    ceiling = need.money_high
    if level - wanted >= FAR_ABOVE and ceiling is not None and ceiling < LOW_BUDGET_WAN:
        reason = f"{told}且高出 {level - wanted} 级，而预算上限仅 {ceiling:g} 万元"
        return Fit(Aspect.MATURITY, 1.0, UNDERSOLD, reason)
    return Fit(Aspect.MATURITY, 1.0, 1.0, told)


def _immature(wanted: int, level: int, term: int | None) -> Fit:
    gap = wanted - level
    months = gap * MONTHS_PER_LEVEL
    told = f"成果 TRL {level}，需求要求 {wanted} 以上，差 {gap} 级，约需 {months:g} 个月"
    if term is None:
        forward, backward, ending = -gap * GAP_COST - LATE_COST / 2, 0.0, "需求未写期限"
    elif term >= months:
        forward, backward, ending = -gap * GAP_COST, 0.0, f"期限 {term} 个月可行"
    else:
        late = LATE_COST * (1 - term / months)
        forward, backward = -gap * GAP_COST - late, -late
        ending = f"期限 {term} 个月偏紧"
    return Fit(Aspect.MATURITY, max(-1.0, forward), backward, f"{told}，{ending}")
