"""What a fit function answers, and the names by which its reasons call codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from matcher.listing import Facets


class Aspect(StrEnum):
    """Structured sides of a pair that are judged apart from its texts."""

    CHAIN = "chain"
    REGION = "region"
    MATURITY = "maturity"
    MONEY = "money"
    COOPERATION = "cooperation"
    RIGHTS = "rights"

    @property
    def label_zh(self) -> str:
        """The word a reader sees."""
        return _LABELS_ZH[self.value]


_LABELS_ZH = {
    "chain": "产业链",
    "region": "地区",
    "maturity": "成熟度",
    "money": "资金",
    "cooperation": "合作方式",
    "rights": "知识产权归属",
}

Names = Mapping[str, str]
"""Chinese labels of the codes of chains, regions, cooperation modes and ownership, in one mapping;
a code without a label is shown as it is. The four lists share no code."""


@dataclass(frozen=True, slots=True)
class Fit:
    """One aspect of a pair, from both sides.

    `forward` says how well it suits whoever posted the need, `backward` how well it suits whoever
    offers the achievement; both in [-1, 1], 0 is neutral and below 0 that side would hesitate.
    `reason` names the facts in Chinese; it is empty where one side does not state them.
    """

    aspect: Aspect
    forward: float
    backward: float
    reason: str

    def __post_init__(self) -> None:
        """Raise ValueError for a value outside [-1, 1] or one that comes without a reason."""
        if not (-1 <= self.forward <= 1 and -1 <= self.backward <= 1):
            msg = f"{self.aspect}: {self.forward}, {self.backward} outside [-1, 1]"
            raise ValueError(msg)
        if (self.forward or self.backward) and not self.reason:
            msg = f"{self.aspect}: a value other than 0 needs a reason"
            raise ValueError(msg)


FitFunction = Callable[[Facets, Facets, Names], Fit]
"""Facets of the need, facets of the achievement, names; neutral where either does not state it."""


def unstated(aspect: Aspect) -> Fit:
    """The neutral fit of a pair of which one side does not state the aspect."""
    return Fit(aspect, 0.0, 0.0, "")


def listed(codes: tuple[str, ...], names: Names) -> str:
    """`codes` by their labels, as an enumeration."""
    return "、".join(names.get(code, code) for code in codes)
