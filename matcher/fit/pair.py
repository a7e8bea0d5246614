"""All aspects of one pair."""

from __future__ import annotations

from matcher.fit.chain import chain_fit
from matcher.fit.cooperation import cooperation_fit
from matcher.fit.maturity import maturity_fit
from matcher.fit.model import Aspect, Fit, FitFunction, Names
from matcher.fit.money import money_fit
from matcher.fit.region import region_fit
from matcher.fit.rights import rights_fit
from matcher.listing import Kind, Listing

FUNCTIONS: dict[Aspect, FitFunction] = {
    Aspect.CHAIN: chain_fit,
    Aspect.REGION: region_fit,
    Aspect.MATURITY: maturity_fit,
    Aspect.MONEY: money_fit,
    Aspect.COOPERATION: cooperation_fit,
    Aspect.RIGHTS: rights_fit,
}


def fits(need: Listing, achievement: Listing, names: Names | None = None) -> tuple[Fit, ...]:
    """One `Fit` per aspect, in the order of `Aspect`; `names` labels codes in the reasons.

    Raises ValueError where the listings are not a need and an achievement, in this order.
    """
    if need.kind is not Kind.NEED or achievement.kind is not Kind.ACHIEVEMENT:
        msg = f"expected a need and an achievement, got {need.kind} and {achievement.kind}"
        raise ValueError(msg)
    labels = names or {}
    return tuple(
        function(need.facets, achievement.facets, labels) for function in FUNCTIONS.values()
    )
