"""Industry chains: the same, neighbouring, or another one."""

from __future__ import annotations

from matcher.fit.model import Aspect, Fit, Names, unstated
from matcher.listing import Facets

SAME = 1.0
NEIGHBOUR = 0.3
OTHER_FORWARD, OTHER_BACKWARD = -0.5, -0.2
"""The asker has to check whether a result made for another chain transfers; for the institute a
further chain is a risk, but also a market. All four are assumptions."""

_GROUPS = (
    {"ai", "industrial_software", "ict"},
    {"ic", "display", "photonics", "ict"},
    {"battery", "hydrogen", "clean_energy"},
    {"nuclear_medicine", "nuclear_tech"},
    {"nuclear_medicine", "biomanufacturing"},
    {"seed", "food", "biomanufacturing"},
    {"materials", "vanadium_titanium", "prospecting"},
    {"equipment", "aerospace", "rail"},
    {"equipment", "materials"},
)
"""Chains that share methods, suppliers or customers; our own reading of the list of chains."""
_KNOWN = frozenset[str]().union(*_GROUPS)


def chain_fit(need: Facets, achievement: Facets, names: Names) -> Fit:
    """Compare the chains; one outside the list is compared for equality only."""
    asked, offered = need.chain, achievement.chain
    if asked is None or offered is None:
        return unstated(Aspect.CHAIN)
    if asked == offered:
        return Fit(Aspect.CHAIN, SAME, SAME, f"同属{names.get(asked, asked)}产业链")
    told = f"成果属{names.get(offered, offered)}、需求属{names.get(asked, asked)}"
    if asked not in _KNOWN or offered not in _KNOWN:
        return Fit(Aspect.CHAIN, 0.0, 0.0, f"{told}：产业链不在目录内，无法比较")
    if any(asked in group and offered in group for group in _GROUPS):
        return Fit(Aspect.CHAIN, NEIGHBOUR, NEIGHBOUR, f"{told}：产业链相邻")
    return Fit(Aspect.CHAIN, OTHER_FORWARD, OTHER_BACKWARD, f"{told}：跨产业链，需确认适用")
