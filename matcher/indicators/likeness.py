"""How far two names mean one quantity."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from matcher.indicators import concepts
from matcher.indicators.concepts import Concept

_GENERIC = re.compile(
    r"平均|最高|最大|最低|最小|总|整体|综合|实测|典型|设计|额定|目标|要求|指标|数值|产品|系统|设备|装置|左右|达到|控制"
    r"|我们|现有|不|要|能|可|在|的|以|值|每"
)
ALIKE = 0.5
_REMEMBERED = 8192


_SUBSTANCE = re.compile(
    r"[铁铜铝锌镍钴锰锂铅镉汞砷铬锡银金铂钯钛钒钨钼镁钙钾钠氮磷硫氯碳氢氟硅]|(?<![A-Za-z])[A-Z]{2,4}(?![a-z])"
)


@lru_cache(maxsize=_REMEMBERED)
def likeness(a: str, b: str) -> float:
    """How far two names mean one quantity, 0 to 1.

    Names of two concepts of the table do not agree; names of one do unless each is narrowed by
    words of its own (测厚误差, 定位误差). Without a concept in both it is the shared part of the
    characters (Dice). Generic words are left out.
    """
    if of_others(a, b):
        return 0.0
    first, second = _concept(a), _concept(b)
    if first and second:
        if first[1].number != second[1].number:
            return 0.0
        rest_a, rest_b = (
            _GENERIC.sub("", n.replace(w, "")) for n, w in ((a, first[0]), (b, second[0]))
        )
        if not rest_a or not rest_b:
            return 0.9 if rest_a != rest_b else 1.0
        return 0.4 + 0.6 * _dice(rest_a, rest_b)
    plain_a, plain_b = _GENERIC.sub("", a) or a, _GENERIC.sub("", b) or b
    if plain_a and plain_b and (plain_a in plain_b or plain_b in plain_a):
        within = 0.75 if min(len(plain_a), len(plain_b)) > 1 else ALIKE
        return max(within, _dice(plain_a, plain_b))
    return _dice(plain_a, plain_b)


def of_others(a: str, b: str) -> bool:
    """Whether each names a substance, and not the same: 钴回收率, 镍回收率."""
    ours, theirs = set(_SUBSTANCE.findall(a)), set(_SUBSTANCE.findall(b))
    return bool(ours and theirs) and not ours & theirs


def _dice(a: str, b: str) -> float:
    return 2 * (Counter(a) & Counter(b)).total() / max(1, len(a) + len(b))


def _concept(name: str) -> tuple[str, Concept] | None:
    """The longest named quantity of `name`, of several the last."""
    named = concepts.found(name)
    return max(reversed(named), key=lambda pair: len(pair[0])) if named else None
