"""The budget of the need against the price of the achievement, both in 万元."""

from __future__ import annotations

from matcher.fit.model import Aspect, Fit, Names, unstated
from matcher.listing import Facets

WITHIN = 0.8
"""A price within the budget (assumption; 1 is left for what a contract would show)."""
OPEN_PRICE = 0.3
"""A starting price within the budget: bidding may carry it further (assumption)."""
FORWARD_SLOPE = 2.0
"""A price twice the budget is out of reach for the asker (assumption)."""
DEFERRED = 0.5
"""Share of the asker's loss that remains where a result is paid after use (assumption)."""

_NEGOTIABLE = "negotiable"
_USE_FIRST = "use_first_pay_later"
_STARTING_PRICE = frozenset(("bidding", "auction"))


def money_fit(need: Facets, achievement: Facets, names: Names) -> Fit:  # noqa: ARG001
    """Compare price and upper budget.

    Let s = 1 - budget / price be the missing share of the price: the institute would get that much
    less than it asks for (-s), and the asker cannot pay (-2 s, at least -1). 面议 on either side is
    neutral.
    """
    price = achievement.money_low if achievement.money_low is not None else achievement.money_high
    if price is None or (need.money_low is None and need.money_high is None):
        return unstated(Aspect.MONEY)
    if _NEGOTIABLE in (need.price_mode, achievement.price_mode):
        return Fit(Aspect.MONEY, 0.0, 0.0, f"报价 {price:g} 万元，可面议")
    budget = need.money_high
    if budget is None:
        return _against_lower_bound(price, need.money_low or 0.0)
    if price > budget:
        return _beyond(price, budget, deferred=achievement.price_mode == _USE_FIRST)
    if achievement.price_mode in _STARTING_PRICE:
        reason = f"起价 {price:g} 万元，在预算上限 {budget:g} 万元以内"
        return Fit(Aspect.MONEY, OPEN_PRICE, OPEN_PRICE, reason)
    return Fit(Aspect.MONEY, WITHIN, WITHIN, f"报价 {price:g} 万元，在预算上限 {budget:g} 万元以内")


def _against_lower_bound(price: float, least: float) -> Fit:
    if price <= least:
        reason = f"报价 {price:g} 万元，不超过预算下限 {least:g} 万元"
        return Fit(Aspect.MONEY, WITHIN, WITHIN, reason)
    return Fit(Aspect.MONEY, 0.0, 0.0, f"报价 {price:g} 万元，需求未写预算上限")


def _beyond(price: float, budget: float, *, deferred: bool) -> Fit:
    missing = 1 - budget / price
    forward = -min(1.0, FORWARD_SLOPE * missing)
    reason = f"报价 {price:g} 万元高于预算上限 {budget:g} 万元"
    if deferred:
        forward *= DEFERRED
        reason += "，但先使用后付费"
    return Fit(Aspect.MONEY, forward, -missing, reason)
