"""Whether a stated figure lies within what is demanded, and how far from it."""

from __future__ import annotations

import math
import re

from matcher.indicators.comparators import Comparator
from matcher.indicators.figures import PRECISION, is_tolerance
from matcher.indicators.parsing import Indicator

_OPERATING = re.compile(
    r"温度|范围|适用|环境|工作|工况|量程|厚|直径|口径|粒径|孔径|频段|频率|电压|可调|Φ"
)
_DURATION = "s"
_MONTHS, _CALENDAR = 20 * 86400.0, 0.025
"""From 20 days on 180 days are half a year and 30 days a month."""
_HEAT_STEP = 50.0
"""Kelvin that count as a whole miss: a part of an absolute temperature means nothing."""


def satisfies(wanted: Indicator, stated: Indicator) -> bool:
    """Whether every value that `stated` allows lies within what `wanted` demands.

    A demanded span of an operating quantity must be covered instead. A tolerance (±a) counts by its
    size. A bare demanded value must be reached within one per cent.
    """
    low, high = _interval(wanted)
    own_low, own_high = _interval(stated)
    if is_tolerance(wanted) != is_tolerance(stated):
        if is_tolerance(stated):
            own_low = 0.0
        else:
            low = 0.0
            own_low = max(own_low, 0.0)
    if wanted.comparator is Comparator.RANGE and not is_tolerance(wanted):
        covers = own_low <= low and own_high >= high
        if stated.comparator is Comparator.RANGE and _OPERATING.search(wanted.name + stated.name):
            return covers
        return covers or (low <= own_low and own_high <= high)
    if wanted.comparator in (Comparator.EQ, Comparator.APPROX):
        margin = abs(high) * (0.1 if wanted.comparator is Comparator.APPROX else 0.01)
        low, high = low - margin, high + margin
        own_low = own_high if math.isinf(own_low) else own_low  # 40 h内 is about 40 h
        own_high = own_low if math.isinf(own_high) else own_high
        if stated.comparator is Comparator.RANGE and own_low <= low and own_high >= high:
            return True
    return _within(own_low, stated, low, wanted, lower=True) and _within(
        own_high, stated, high, wanted, lower=False
    )


def shortfall(wanted: Indicator, stated: Indicator) -> float:
    """How far the nearest stated value lies from the demand, as a part of it, 0 to 1."""
    low, high = _interval(wanted)
    own_low, own_high = _interval(stated)
    gap = max(low - own_high, own_low - high, 0.0)
    if gap == 0.0:  # overlaps: the worst end counts
        gap = max(low - own_low if own_low > -math.inf else 0.0,
                  own_high - high if own_high < math.inf else 0.0, 0.0)  # fmt: skip
    if not math.isfinite(gap):
        return 1.0
    bound = next((abs(b) for b in (low, high) if math.isfinite(b) and b), 1.0)
    return min(1.0, gap / (_HEAT_STEP if wanted.unit == "K" else bound))


def _within(own: float, stated: Indicator, bound: float, wanted: Indicator, *, lower: bool) -> bool:
    """Whether one end of the stated interval keeps within that of the demanded one."""
    if math.isinf(bound):
        return True
    calendar = wanted.unit == _DURATION and abs(bound) > _MONTHS
    if math.isclose(own, bound, rel_tol=_CALENDAR if calendar else 1e-9, abs_tol=1e-15):
        strict = Comparator.GT if lower else Comparator.LT
        return wanted.comparator is not strict or stated.comparator is strict
    return own > bound if lower else own < bound


def _interval(indicator: Indicator) -> tuple[float, float]:
    low = -math.inf if indicator.low is None else indicator.low
    high = math.inf if indicator.high is None else indicator.high
    if indicator.low is None and PRECISION.search(indicator.name):
        low = max(low, 0.0)
    return low, high
