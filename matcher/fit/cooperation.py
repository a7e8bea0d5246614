"""Cooperation modes: what both sides want, or at least the same kind of contract."""

from __future__ import annotations

from matcher.fit.model import Aspect, Fit, Names, listed, unstated
from matcher.listing import Facets

SHARED = 0.5
"""Value of one shared mode; the share of a side's wishes that is met adds up to the other half."""
SAME_KIND = 0.2
NO_COMMON = -0.5
"""These three are assumptions."""

_KIND = {
    "commissioned_dev": "技术开发",
    "joint_dev": "技术开发",
    "joint_lab": "技术开发",
    "assignment": "技术转让或许可",
    "licence": "技术转让或许可",
    "equity": "技术转让或许可",
    "consulting": "技术咨询或服务",
    "service": "技术咨询或服务",
    "hire": "人才引进",
}
"""Kinds of contract after 民法典 book 3, chapter 20; joint labs and shares are put with the nearest."""


def cooperation_fit(need: Facets, achievement: Facets, names: Names) -> Fit:
    """Overlap of the modes, for each side as a share of its own wishes."""
    asked, offered = need.coop_modes, achievement.coop_modes
    if not asked or not offered:
        return unstated(Aspect.COOPERATION)
    shared = tuple(mode for mode in asked if mode in offered)
    if shared:
        forward, backward = (SHARED + (1 - SHARED) * len(shared) / len(x) for x in (asked, offered))
        reason = f"双方都接受{listed(shared, names)}"
        return Fit(Aspect.COOPERATION, min(1.0, forward), min(1.0, backward), reason)
    told = f"需求希望{listed(asked, names)}，成果方希望{listed(offered, names)}"
    kinds = {_KIND.get(mode) for mode in asked} & {_KIND.get(mode) for mode in offered} - {None}
    if kinds:
        reason = f"{told}：同属{'、'.join(sorted(str(k) for k in kinds))}，可协商"
        return Fit(Aspect.COOPERATION, SAME_KIND, SAME_KIND, reason)
    if any(mode not in _KIND for mode in (*asked, *offered)):
        return Fit(Aspect.COOPERATION, 0.0, 0.0, f"{told}：合作方式不在目录内，无法比较")
    return Fit(Aspect.COOPERATION, NO_COMMON, NO_COMMON, f"{told}：没有共同的方式")
