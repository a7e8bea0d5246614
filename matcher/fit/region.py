"""Regions by administrative code (GB/T 2260): one city, the roles of Chengdu and the other cities of
Sichuan, Sichuan with Chongqing, one province, further away."""

from __future__ import annotations

import re

from matcher.fit.model import Aspect, Fit, Names, listed, unstated
from matcher.listing import Facets

SAME_CITY = 1.0
INCUBATED_IN_CHENGDU = 0.8
"""成都孵化、市(州)生产: an institute of Chengdu and a firm in another city of Sichuan."""
SAME_PROVINCE = 0.6
SICHUAN_CHONGQING = 0.5
AFAR_FORWARD, AFAR_BACKWARD = -0.3, -0.2
"""Distance, where the cooperation needs people on the spot; each of these values is an assumption."""

ON_THE_SPOT = frozenset(("service", "consulting", "joint_lab", "hire"))
"""Cooperation modes for which people travel again and again."""

_CODE = re.compile(r"\d{6}")
_CHENGDU = "510100"
_SICHUAN, _CHONGQING = "51", "50"
_MUNICIPALITIES = ("11", "12", "31", "50")


def region_fit(need: Facets, achievement: Facets, names: Names) -> Fit:
    """Compare the places; names that are no code are compared for equality only."""
    asked, offered = need.region, achievement.region
    if asked is None or offered is None:
        return unstated(Aspect.REGION)
    here, there = names.get(asked, asked), names.get(offered, offered)
    told = f"成果在{there}、需求在{here}"
    city = _city(asked)
    if city is not None and city == _city(offered):
        return _both(SAME_CITY, f"同在{here}")
    if not (_CODE.fullmatch(asked) and _CODE.fullmatch(offered)):
        return Fit(Aspect.REGION, 0.0, 0.0, f"{told}：地区不在目录内，无法比较")
    if asked[:2] == offered[:2]:
        return _within_province(asked, offered, names, told)
    if {asked[:2], offered[:2]} == {_SICHUAN, _CHONGQING}:
        return _both(SICHUAN_CHONGQING, f"{told}：川渝协同")
    return _afar(need, achievement, names, told)


def _both(value: float, reason: str) -> Fit:
    return Fit(Aspect.REGION, value, value, reason)


def _city(code: str) -> str | None:
    """What tells the city of `code` from others; None for a province, whose city is not known."""
    if not _CODE.fullmatch(code):
        return code
    if code[:2] in _MUNICIPALITIES:
        return code[:2]
    return None if code.endswith("0000") else code[:4]


def _within_province(asked: str, offered: str, names: Names, told: str) -> Fit:
    incubated = _city(offered) == _city(_CHENGDU) and _city(asked) is not None
    if incubated and asked[:2] == _SICHUAN:
        return _both(INCUBATED_IN_CHENGDU, f"{told}：成都孵化、市州转化")
    province = f"{asked[:2]}0000"
    return _both(SAME_PROVINCE, f"{told}：同在{names.get(province, '一省')}")


def _afar(need: Facets, achievement: Facets, names: Names, told: str) -> Fit:
    shared = tuple(mode for mode in need.coop_modes if mode in achievement.coop_modes)
    if shared and ON_THE_SPOT.issuperset(shared):
        reason = f"{told}：异地，而{listed(shared, names)}需常到现场"
        return Fit(Aspect.REGION, AFAR_FORWARD, AFAR_BACKWARD, reason)
    return Fit(Aspect.REGION, 0.0, 0.0, f"{told}：异地")
