"""Quantities that belong together: spans, tolerances, lists with one unit, changes from a to b."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matcher.indicators.numerals import POWER
from matcher.indicators.quantities import Quantity, find
from matcher.indicators.units import UNIT, scale


@dataclass(frozen=True, slots=True)
class Joined:
    """A quantity after spans and lists are joined; `between`: it was given with both ends.

    `symmetric`: ± stands before it, `centred`: it is a value ± its tolerance. `subject_end`: where what
    it is about ends, before the former value of a change; -1 for right before it.
    """

    quantity: Quantity
    between: bool = False
    symmetric: bool = False
    subject_end: int = -1
    centred: bool = False


_TO = re.compile(r"\s?(?:~|-|—{1,2}|至|到|\.{3}|…)\s?")
_PLUS_MINUS = re.compile(r"\s?(?:[±士]|正负)\s?")
TOLERANCE_SIGNS = ("±", "正负")
_LIST = re.compile(r"\s?(?:、|和|与|及|或|/)\s?")
_COMMA = re.compile(r"\s?,\s?")
_RESPECTIVELY = re.compile(r"分别[^。;]{0,30}\Z")
_BY = re.compile(r"\s?[×xX*]\s?")
_MOVES = (
    r"(?:降低?|下降|升高?|上升|提[高升]|增[加大长]?|减[少小]?|缩[短小减]?|延[长]?|压[缩降回]?|拉[长高]?|扩[大展]?|拓[宽展]?"
    r"|掉|飙[升]?|脱[除]?|改[善进]?|变|抬[高]?|跃[升]?|收[敛窄缩]|变?窄|加[宽大高]?|涨|恢复|优化|跌|削[减]?|冲|做|下|浓)"
)
_CHANGE = re.compile(
    rf"[^,。;:、]{{0,10}}?{_MOVES}(?:[^,。;:、]{{0,3}}?(?:到|至|成)|为)(?:了|仅|约|近)?\s?"
    r"(?:\d{4}年的?)?[^,。;:、\d]{0,3}"
)
_CLOSED = re.compile(rf"\s?\)\s?(?P<power>{POWER})?\s?(?P<unit>{UNIT})")
_CLOSED_LIST = re.compile(r"\s?\)\s?[、,和与及]\s?")
PH = re.compile(r"pH\s?值?(?:分别|约|均|控制|调节|调)?(?:为|至|到|在|达|=|:|<|>|≤|≥)?\s?\Z")
NAMED_DECIMAL = re.compile(
    r"(?:[\u4e00-\u9fff]{1,6}(?:率|度|系数|因数|指数|比|比值|值|差|误差|概率|分数|常数|模量|损耗)|F1|AUC|mAP|R²)"
    r"(?:分别|均|仅|只有|可|约)?(?:为|达到|达|是|有|不低于|不小于|大于|小于|低于|高于|超过|至|到|在)?\s?\Z"
)
_OPENS_CHANGE = re.compile(r"(?:由|自)[^,。;到至]{0,6}\Z")
_FROM = re.compile(r"从[^,。;到至]{0,8}\Z")
_ENDS_CHANGE = re.compile(r"[^,。;:、\d]{1,4}[到至成为]\s?")
"""从8000小时干到16000小时 is a change, 从280到340℃ a span."""


def join(text: str, quantities: Sequence[Quantity]) -> list[Joined]:
    """Lists get their shared unit, spans become one, of a change the result stays."""
    items = _closed(text, _units_shared(text, quantities))
    readings: list[Joined] = []
    at = 0
    while at < len(items):
        here, following = items[at], items[at + 1] if at + 1 < len(items) else None
        gap = text[here.end : following.start] if following else ""
        at += 1
        if following and _PLUS_MINUS.fullmatch(gap):
            readings.append(Joined(_tolerance(here, following), between=True, centred=True))
            at += 1
        elif following and _TO.fullmatch(gap) and _spans(text, here, following):
            readings.append(Joined(_span(here, following), between=True))
            at += 1
        else:
            readings.append(Joined(here, between=here.is_span, symmetric=_alone(text, here)))
    return _results(text, readings)


def _results(text: str, readings: Sequence[Joined]) -> list[Joined]:
    """Without the former values of changes."""
    kept: list[Joined] = []
    subject_end = -1
    for at, reading in enumerate(readings):
        following = readings[at + 1] if at + 1 < len(readings) else None
        if following and _changes(text, reading.quantity, following.quantity):
            subject_end = subject_end if subject_end >= 0 else reading.quantity.start
        else:
            kept.append(replace(reading, subject_end=subject_end))
            subject_end = -1
    return kept


def _alone(text: str, quantity: Quantity) -> bool:
    """Whether ± or 正负 stands before the quantity."""
    return text[max(0, quantity.start - 3) : quantity.start].rstrip().endswith(TOLERANCE_SIGNS)


def _units_shared(text: str, quantities: Sequence[Quantity]) -> list[Quantity]:
    """From right to left: a bare number before 、和~ takes the unit of the next one."""
    items = list(quantities)
    for at in range(len(items) - 2, -1, -1):
        here, following = items[at], items[at + 1]
        if here.unit is not None or not following.unit:
            continue
        gap = text[here.end : following.start]
        span = _TO.fullmatch(gap) or _PLUS_MINUS.fullmatch(gap)
        lengths = _BY.fullmatch(gap) and scale(following.unit).symbol == "m"
        listed = _is_list(text, here, gap) and not glued(text, here.start) and not here.spoken
        if span or lengths or listed:
            items[at] = replace(here, unit=following.unit, shared=True)
    return items


def _is_list(text: str, here: Quantity, gap: str) -> bool:
    """A comma parts a list only behind 分别, elsewhere it parts clauses."""
    if _COMMA.fullmatch(gap):
        return bool(_RESPECTIVELY.search(text, max(0, here.start - 40), here.start))
    return bool(_LIST.fullmatch(gap))


def glued(text: str, start: int) -> bool:
    return bool(re.search(r"(?:[A-Za-z]-?|第|图|表|,)\Z", text[max(0, start - 2) : start]))


def _closed(text: str, items: list[Quantity]) -> list[Quantity]:
    """Numbers in brackets with the unit behind them: (46.48±4.42)%, (415±7) Ma.

    From right to left, so that the first of (1.2±0.1)和(3.4±0.2) h has the unit of the second.
    """
    result = list(items)
    unit, factor, follows = "", 1.0, -1
    for at in range(len(items) - 1, 0, -1):
        first, last = items[at - 1], items[at]
        gap = text[first.end : last.start]
        if last.unit is not None or text[first.start - 1 : first.start] != "(":
            continue
        if not (_PLUS_MINUS.fullmatch(gap) or _TO.fullmatch(gap)):
            continue
        closing = _CLOSED.match(text, last.end)
        if closing:
            unit = closing["unit"]
            factor = find("1" + closing["power"])[0].low if closing["power"] else 1.0
            end = closing.end()
        elif follows > 0 and _CLOSED_LIST.fullmatch(text[last.end : follows]):
            end = last.end + 1
        else:
            continue
        follows = first.start - 1
        low, high = replace(first, start=follows), replace(last, end=end)
        for place, part in ((at - 1, low), (at, high)):
            result[place] = replace(part, unit=unit, low=part.low * factor, high=part.high * factor)
    return result


def _spans(text: str, here: Quantity, following: Quantity) -> bool:
    """Whether two numbers with a word or sign of range between are one span."""
    if following.unit is None:
        return here.unit is None and (
            bool(PH.search(text, 0, here.start))
            or _is_named_span(text, here, following)
            or text.startswith("之间", following.end)
        )
    if here.unit is None or _OPENS_CHANGE.search(text, max(0, here.start - 8), here.start):
        return False
    return scale(here.unit).symbol == scale(following.unit).symbol


def _is_named_span(text: str, here: Quantity, following: Quantity) -> bool:
    decimals = "." in text[here.start : here.end] and "." in text[following.start : following.end]
    return decimals and bool(NAMED_DECIMAL.search(text, max(0, here.start - 16), here.start))


def _span(here: Quantity, following: Quantity) -> Quantity:
    """Both ends in the unit of the second, in ascending order."""
    low, high = here.low, following.high
    if here.unit != following.unit and here.unit and following.unit:
        ours, theirs = scale(here.unit), scale(following.unit)
        low = (ours.base(low) - theirs.offset) / theirs.factor
    low, high = sorted((low, high))
    return replace(following, start=here.start, low=low, high=high, rough="")


def _tolerance(here: Quantity, following: Quantity) -> Quantity:
    """5±0.2; a tolerance in per cent of a value with another unit is relative."""
    margin = following.high
    relative = following.unit == "%" and here.unit not in (None, "%")
    if relative:
        margin = abs(here.low) * margin / 100
    unit = here.unit if relative or following.unit is None else following.unit
    return replace(
        here, end=following.end, low=here.low - margin, high=here.high + margin, unit=unit,
        rough="", shared=False,
    )  # fmt: skip


def _changes(text: str, here: Quantity, following: Quantity) -> bool:
    """Whether `here` is the former value of a change whose result follows."""
    if following.unit is None:
        return False
    gap = text[here.end : following.start]
    if here.unit and scale(here.unit).symbol != scale(following.unit).symbol:
        return False
    if _CHANGE.fullmatch(gap):
        return True
    if _FROM.search(text, max(0, here.start - 10), here.start) and _ENDS_CHANGE.fullmatch(gap):
        return True
    opened = _OPENS_CHANGE.search(text, max(0, here.start - 8), here.start)
    return bool(opened) and gap.strip() in ("到", "至")
