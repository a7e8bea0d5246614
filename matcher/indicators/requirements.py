"""Which indicators of a need are demanded, and which only describe how things are now."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from matcher.analyzer import sentences
from matcher.indicators.comparators import Comparator
from matcher.indicators.numerals import fold
from matcher.indicators.parsing import Indicator, parse

_BOUNDED = frozenset((Comparator.GE, Comparator.GT, Comparator.LE, Comparator.LT))
_DEMAND = re.compile(
    r"要求|希望|目标|指标|想[把要让做在找请从弄上搞提将用有]|达到|达不到|降到|降至|降为|压到|缩到|缩短到|砍到|砍掉|提到|提高到|提升到|做到|拉到|拉长到"
    r"|翻到|不能|不得|不许|别超|别过|最好|以内|[需须]|争取|力争|期望|指望|(?<!需)求|控制在|保证|验收|至少|不低于|不超过|得[能有在]|务必|必须|(?<!不)要(?=[把让做在能的])"
)
_PRESENT = re.compile(
    r"现在|目前|现有|现行|现用|去年|前年|上个?月|上季度|今年|眼下|原先|原来|以前|平时|如今|一直|已经|已[有达经]|曾|试过|当前|近年|老是|往年"
)
_UPWARD = re.compile(
    r"(?:达到|达|提高到|提升到|提到|做到|拉到|拉长到|延长到|增加到|增到|翻到|涨到|扩到)\Z"
)
_DOWNWARD = re.compile(
    r"(?:降到|降至|降为|压到|压回|压回到|缩到|缩短到|缩至|砍到|减到|减少到|控制在|控制到|控在|降低到|下降到|降低至|限制在)\Z"
)
_ROUGH = re.compile(r"(?<!不)[多余](?!于|过)")
"""四百多 tells roughly how many, it is no bound that anybody sets."""
_CLAUSE = re.compile(r"[,。;!?\n、]")


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    demanding: bool


def requirements(text: str) -> list[Indicator]:
    """The indicators of a need that it demands, in reading order.

    A bound (≥, 不超过, 以内) is demanded unless its clause speaks of the present; any other figure
    only in a sentence that demands something. 提高到 and 降到 make a bound of a bare value.
    """
    plain = fold(text)
    spans = [
        _Sentence(start, end, bool(_DEMAND.search(plain, start, end)))
        for start, end in sentences(text)
    ]
    found: list[Indicator] = []
    for indicator in parse(text):
        home = next((s for s in spans if s.start <= indicator.start < s.end), None)
        if home is not None and _demanded(plain, indicator, home):
            found.append(_as_bound(plain, indicator))
    return found


def _demanded(text: str, indicator: Indicator, sentence: _Sentence) -> bool:
    head = text[sentence.start : indicator.start]
    clause = _CLAUSE.split(head)[-1] + text[indicator.start : indicator.end]
    if _PRESENT.search(clause) and not _DEMAND.search(clause):
        return False
    shown = text[indicator.start : indicator.end]
    if indicator.comparator in _BOUNDED and not _ROUGH.search(shown):
        return True
    # what stands before the first demanding word of its sentence is how things are
    return sentence.demanding and bool(_DEMAND.search(head + shown))


def _as_bound(text: str, indicator: Indicator) -> Indicator:
    if indicator.comparator is not Comparator.EQ:
        return indicator
    head = text[max(0, indicator.start - 6) : indicator.start]
    if _UPWARD.search(head):
        return replace(indicator, comparator=Comparator.GE, high=None)
    if _DOWNWARD.search(head):
        return replace(indicator, comparator=Comparator.LE, low=None)
    return indicator
