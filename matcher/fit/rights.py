"""Who is to hold the rights: what the need asks for against what the institute is ready to give."""

from __future__ import annotations

from matcher.fit.model import Aspect, Fit, Names, listed, unstated
from matcher.listing import Facets

AGREED = 0.6
OPEN = 0.2
"""Either side leaves it to negotiation."""
STEP_TOO_FAR = 0.35
"""Cost to both sides of each step (共有, 归需求方) that the need asks beyond what is offered."""
STEP_SHORT = 0.1
"""Cost to both sides of each step that is offered beyond what the need asks: an institute that wants to
sell would have to keep. All of these are assumptions."""

_RANK = {"solver": 0, "shared": 1, "demand": 2}
_NEGOTIABLE = "negotiable"
_FROM_MODE = {
    "assignment": ("demand",),
    "licence": ("solver",),
    "equity": ("shared",),
    "joint_dev": ("shared",),
    "joint_lab": ("shared",),
    "commissioned_dev": ("solver", "shared", "demand"),
}
"""What a mode of cooperation says of ownership where the achievement does not state it. Joint work is
held jointly and commissioned work by whoever did it, unless the parties agree otherwise (民法典
art. 860 and 859); commissions are commonly agreed otherwise, so any ownership is taken as on offer."""


def rights_fit(need: Facets, achievement: Facets, names: Names) -> Fit:
    """Distance from the wanted ownership to the nearest one on offer."""
    wanted = need.ownership
    offers = _offers(achievement)
    if wanted is None or not offers:
        return unstated(Aspect.RIGHTS)
    if _NEGOTIABLE in (wanted, *offers):
        return Fit(Aspect.RIGHTS, OPEN, OPEN, "知识产权归属可协商")
    told = f"需求要求知识产权{names.get(wanted, wanted)}"
    if wanted in offers:
        return Fit(Aspect.RIGHTS, AGREED, AGREED, f"{told}，成果方可接受")
    known = [offer for offer in offers if offer in _RANK]
    if wanted not in _RANK or not known:
        return Fit(Aspect.RIGHTS, 0.0, 0.0, f"{told}：归属不在目录内，无法比较")
    nearest = min(known, key=lambda offer: abs(_RANK[offer] - _RANK[wanted]))
    steps = _RANK[wanted] - _RANK[nearest]
    value = -STEP_TOO_FAR * steps if steps > 0 else STEP_SHORT * steps
    return Fit(Aspect.RIGHTS, value, value, f"{told}，成果方倾向{listed((nearest,), names)}")


def _offers(achievement: Facets) -> tuple[str, ...]:
    if achievement.ownership is not None:
        return (achievement.ownership,)
    found = (o for mode in achievement.coop_modes for o in _FROM_MODE.get(mode, ()))
    return tuple(dict.fromkeys(found))
