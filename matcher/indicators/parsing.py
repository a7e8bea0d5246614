"""Indicators of a text: what is stated in figures, in base units, with offsets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matcher.indicators.comparators import Comparator, around
from matcher.indicators.names import name_of
from matcher.indicators.numerals import POWER, fold
from matcher.indicators.quantities import Quantity, find
from matcher.indicators.units import UNIT, scale


@dataclass(frozen=True, slots=True)
class Indicator:
    """One technical indicator; `low` and `high` are in base units (℃ in K, % as a part of one).

    None stands for an open side. `unit` is the symbol of the base unit, "" without dimension.
    `start`, `end` are offsets of comparator, value and unit in the text.
    """

    name: str
    comparator: Comparator
    low: float | None
    high: float | None
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Reading:
    """A quantity after spans and lists are joined; `between`: it was given with both ends.

    `symmetric`: ± stands before it. `subject_end`: where what it is about ends, before the former
    value of a change; -1 for right before it.
    """

    quantity: Quantity
    between: bool = False
    symmetric: bool = False
    subject_end: int = -1


_TO = re.compile(r"\s?(?:~|-|—{1,2}|至|到|\.{3}|…)\s?")
_PLUS_MINUS = re.compile(r"\s?[±士]\s?")
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
_OPENS_CHANGE = re.compile(r"(?:由|自)[^,。;到至]{0,6}\Z")
_MONEY_BEFORE = re.compile(
    r"[花费价钱卖贴罚赔款贵]|便宜|预算|[工投]资|成本|一[吨台片件套块颗根口米方斤]\Z"
)
_NO_MONEY_BEFORE = re.compile(r"[产用销][量出]|数量")
_PER_CENT_BEFORE = re.compile(r"[缩掉涨降升高低差扣损过超少多跌]|不到|提高")
_ENDS_PHRASE = re.compile(r"$|[,。;、)!?\n]|以|之内|左右|上下|的|内|一|多|块|钱")
_MONEY_WINDOW = 14
_RATE_BEFORE = re.compile(r"(?:每|一)(分钟|小时|秒|天|年|月|min|h)\Z")
_RATE_AFTER = re.compile(r"(?:每|一)(分钟|小时|秒|天)(?=[,。;、)]|$|以|左右)|多?一(分钟|小时|天)")
_PH = re.compile(r"pH\s?值?(?:分别|约|均|控制|调节|调)?(?:为|至|到|在|达|=|:|<|>|≤|≥)?\s?\Z")
_HARDNESS = re.compile(r"(HRC|HRA|HRB|HV|HB|HBW)\s?(?:[<>=≤≥]|为)?\s?\Z")
_SYMBOL = re.compile(r"[A-Za-zα-ωΑ-Ωχη′'²\u4e00-\u9fff)\]}0-9%]\s?\Z")
_NAMED_DECIMAL = re.compile(
    r"(?:[\u4e00-\u9fff]{1,6}(?:率|度|系数|因数|指数|比|比值|值|差|误差|概率|分数|常数|模量|损耗)|F1|AUC|mAP|R²)"
    r"(?:分别|均|仅|只有|可|约)?(?:为|达到|达|是|有|不低于|不小于|大于|小于|低于|高于|超过|至|到|在)?\s?\Z"
)
_EQUATION = re.compile(r"\s?:\s?\d|\s?[+*/^×(]|\s?[A-Za-z\u0370-\u03ff]|-\d|\s?-[A-Za-z\d.]")
_DIFFERENCE_BEFORE = re.compile(
    r"(?:(?:升高|降低|提高|下降|上升|偏[高低]|相差|低|高|降|升|增加|减少|差|波动)(?:了|约|达|近|有)?"
    r"|(?:温差|误差|精度|波动|温升|偏差|不确定度|均匀性|漂移|温变|增幅|降幅|差值|过冷度|过热度|升温幅度)[^,。;]{0,6}"
    r"|±)\Z"
)
_ANGLE_BEFORE = re.compile(r"角|斜|倾|偏|转|弯|视场|坡|仰|俯|方位")
_ELECTRIC_BEFORE = re.compile(r"电|发|弃")
_HEAT = "度"
_ROUND_SUM = 100
_PAIR = 2
_MANY_DEGREES = 1e4
_COUNTED = "个"


def parse(text: str) -> list[Indicator]:
    """The indicators of `text` in reading order; they do not overlap."""
    plain = fold(text)
    found: list[Indicator] = []
    floor = 0
    for reading in _join(plain, find(plain)):
        indicator = _indicator(plain, reading, floor, found)
        if indicator is not None:
            found.append(indicator)
            floor = indicator.end
    return found


def is_difference(text: str, start: int) -> bool:
    """Whether the number at `start` tells by how much something changed or differs."""
    return bool(_DIFFERENCE_BEFORE.search(text, max(0, start - 14), start))


def _join(text: str, quantities: Sequence[Quantity]) -> list[_Reading]:
    """Lists get their shared unit, spans become one, of a change the result stays."""
    items = _closed(text, _units_shared(text, quantities))
    readings: list[_Reading] = []
    at = 0
    while at < len(items):
        here, following = items[at], items[at + 1] if at + 1 < len(items) else None
        gap = text[here.end : following.start] if following else ""
        at += 1
        if following and _PLUS_MINUS.fullmatch(gap):
            readings.append(_Reading(_tolerance(here, following), between=True))
            at += 1
        elif following and _TO.fullmatch(gap) and _spans(text, here, following):
            readings.append(_Reading(_span(here, following), between=True))
            at += 1
        else:
            readings.append(_Reading(here, between=here.is_span, symmetric=_alone(text, here)))
    return _results(text, readings)


def _results(text: str, readings: Sequence[_Reading]) -> list[_Reading]:
    """Without the former values of changes."""
    kept: list[_Reading] = []
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
    """Whether ± stands before the quantity."""
    return text[max(0, quantity.start - 2) : quantity.start].rstrip().endswith("±")


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
        listed = _is_list(text, here, gap) and not _glued(text, here.start) and not here.spoken
        if span or lengths or listed:
            items[at] = replace(here, unit=following.unit, shared=True)
    return items


def _is_list(text: str, here: Quantity, gap: str) -> bool:
    """A comma parts a list only behind 分别, elsewhere it parts clauses."""
    if _COMMA.fullmatch(gap):
        return bool(_RESPECTIVELY.search(text, max(0, here.start - 40), here.start))
    return bool(_LIST.fullmatch(gap))


def _glued(text: str, start: int) -> bool:
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
            bool(_PH.search(text, 0, here.start)) or _is_named_span(text, here, following)
        )
    if here.unit is None or _OPENS_CHANGE.search(text, max(0, here.start - 8), here.start):
        return False
    return scale(here.unit).symbol == scale(following.unit).symbol


def _is_named_span(text: str, here: Quantity, following: Quantity) -> bool:
    decimals = "." in text[here.start : here.end] and "." in text[following.start : following.end]
    return decimals and bool(_NAMED_DECIMAL.search(text, max(0, here.start - 16), here.start))


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
    opened = _OPENS_CHANGE.search(text, max(0, here.start - 8), here.start)
    return bool(opened) and gap.strip() in ("到", "至")


def _indicator(
    text: str, reading: _Reading, floor: int, found: Sequence[Indicator]
) -> Indicator | None:
    quantity = _with_unit(text, reading.quantity)
    if _is_idle(text, quantity, reading.quantity):
        return None
    start, end = quantity.start, quantity.end
    if reading.symmetric:
        start = text.rindex("±", 0, start)
        quantity = replace(quantity, low=-quantity.high)
    comparator, first, last, signed = around(text, start, end, quantity.rough)
    if comparator is Comparator.GT and quantity.rough and quantity.high < 0:
        comparator = Comparator.LT  # 零下三十多度
    first = max(first, floor)
    if quantity.unit is None:
        if not _stands_bare(text, quantity, first, signed):
            return None
        quantity = replace(quantity, unit="")
    unit, first, last = _rate(text, quantity, first, last, comparator)
    if reading.between or reading.symmetric:
        comparator = Comparator.RANGE
    difference = _is_heat_difference(text, quantity, start, symmetric=reading.symmetric)
    measure = scale(unit, difference)
    low, high = measure.base(quantity.low), measure.base(quantity.high)
    subject_end = reading.subject_end if reading.subject_end >= 0 else first
    name = name_of(text, subject_end, last, floor, counted=measure.symbol == _COUNTED)
    if not name and found:
        name = found[-1].name
    return Indicator(
        name,
        comparator,
        None if comparator in (Comparator.LE, Comparator.LT) else low,
        None if comparator in (Comparator.GE, Comparator.GT) else high,
        measure.symbol,
        first,
        last,
    )


def _is_idle(text: str, quantity: Quantity, written: Quantity) -> bool:
    """Classes (三级), 一块 and 两块 of a thing, 两个点 that are places."""
    if quantity.unit == "级":
        return "." not in text[quantity.start : quantity.end]
    if quantity.unit == "个点":
        return not _PER_CENT_BEFORE.search(text, max(0, quantity.start - 6), quantity.start)
    return written.unit == "块" != quantity.unit and quantity.spoken and quantity.high <= _PAIR


def _with_unit(text: str, quantity: Quantity) -> Quantity:
    """The quantity with a unit that the context gives: pH, hardness, money, 度 by its meaning."""
    before = text[max(0, quantity.start - _MONEY_WINDOW) : quantity.start]
    if quantity.unit is None:
        scale_before = _HARDNESS.search(before)
        if _PH.search(before):
            return replace(quantity, unit="pH")
        if scale_before:
            return replace(quantity, unit=scale_before[1])
        if _is_money(text, quantity, before):
            return replace(quantity, unit="元")
    if quantity.unit == _HEAT:
        return replace(quantity, unit=_degrees(text, quantity, before))
    if quantity.unit == "块" and not _is_price(text, quantity, before):
        return replace(quantity, unit="片")
    return quantity


def _is_money(text: str, quantity: Quantity, before: str) -> bool:
    shown = text[quantity.start : quantity.end]
    if not re.search(r"[万亿千百]", shown) or not (_ENDS_PHRASE.match(text, quantity.end)):
        return False
    near = re.split(r"[。;\n]", before)[-1]
    return bool(_MONEY_BEFORE.search(near))


def _is_price(text: str, quantity: Quantity, before: str) -> bool:
    """Whether 块 is money and no piece."""
    if text[quantity.end : quantity.end + 1] == "钱" or _MONEY_BEFORE.search(before):
        return True
    round_sum = quantity.spoken and quantity.high >= _ROUND_SUM
    return round_sum and not _NO_MONEY_BEFORE.search(before)


def _degrees(text: str, quantity: Quantity, before: str) -> str:
    if _ANGLE_BEFORE.search(before[-6:]):
        return "°"
    if text[quantity.end : quantity.end + 1] == "电" or (
        quantity.high >= _MANY_DEGREES and _ELECTRIC_BEFORE.search(before)
    ):
        return "度电"
    return "℃"


def _stands_bare(text: str, quantity: Quantity, first: int, signed: bool) -> bool:
    """Whether a number without unit is stated as an indicator."""
    if _EQUATION.match(text, quantity.end) or _glued(text, quantity.start):
        return False
    if signed:
        return bool(_SYMBOL.search(text, max(0, first - 3), first))
    decimal = "." in text[quantity.start : quantity.end] and not quantity.spoken
    return decimal and bool(
        _NAMED_DECIMAL.search(text, max(0, quantity.start - 16), quantity.start)
    )


def _rate(
    text: str, quantity: Quantity, first: int, last: int, comparator: Comparator
) -> tuple[str, int, int]:
    """The unit, with the period that 每分钟 before or 一小时 behind gives it, and the span."""
    unit = quantity.unit or ""
    if not unit or "/" in unit or scale(unit).symbol in ("", "元", "s", "K"):
        return unit, first, last
    before = _RATE_BEFORE.search(text, max(0, first - 4), first)
    after = _RATE_AFTER.match(text, last)
    if before and first == quantity.start:
        return f"{unit}/{before[1]}", before.start(), last
    if after:
        return f"{unit}/{after[1] or after[2]}", first, after.end()
    return unit, first, last


def _is_heat_difference(text: str, quantity: Quantity, start: int, *, symmetric: bool) -> bool:
    if quantity.unit not in ("℃", "°C", "摄氏度"):
        return False
    return symmetric or is_difference(text, start)
