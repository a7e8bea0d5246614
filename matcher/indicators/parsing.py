"""Indicators of a text: what is stated in figures, in base units, with offsets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matcher.indicators.comparators import Comparator, around
from matcher.indicators.joining import NAMED_DECIMAL, TOLERANCE_SIGNS, Joined, glued, join
from matcher.indicators.meanings import with_unit
from matcher.indicators.names import name_of
from matcher.indicators.numerals import fold
from matcher.indicators.quantities import Quantity, find
from matcher.indicators.units import scale


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


_PER_CENT_BEFORE = re.compile(r"[缩掉涨降升高低差扣损过超少多跌]|不到|提高")
_SHARE_NAMED = re.compile(r"(?:率|水分|含水|含量|浓度|湿度|比例|水份)[^,。;\d]{0,3}\Z")
_RATE_BEFORE = re.compile(r"(?:每|一)(分钟|小时|秒|天|年|月|min|h)\Z")
_PER_BEFORE = re.compile(
    r"(?:(?:每|一)(?:分钟|小时|秒|天|年|月|min|h)"
    r"|每(?:立方米|平方米|平方|公斤|千克|兆瓦|千瓦|公里|吨|斤|克|亩|方|升|米|片|台|件|只|个|颗|套))\Z"
)
_RATE_AFTER = re.compile(r"(?:每|一)(分钟|小时|秒|天)(?=[,。;、)]|$|以|左右)|多?一(分钟|小时|天)")
_SYMBOL = re.compile(r"[A-Za-zα-ωΑ-Ωχη′'²\u4e00-\u9fff)\]}0-9%]\s?\Z")
_EQUATION = re.compile(r"\s?:\s?\d|\s?[+*/^×(]|\s?[A-Za-z\u0370-\u03ff]|-\d|\s?-[A-Za-z\d.]")
_DIFFERENCE_BEFORE = re.compile(
    r"(?:(?:升高|降低|提高|下降|上升|偏[高低]|相差|低|高|降|升|增加|减少|差|波动)(?:了|约|达|近|有)?"
    r"|(?:温差|温降|降温|误差|精度|波动|温升|偏差|不确定度|均匀性|漂移|温变|增幅|降幅|差值|过冷度|过热度|升温幅度)[^,。;]{0,6}"
    r"|±)\Z"
)
_OF_SOMETHING = re.compile(
    r"\s?[个种类项组层步期月日号代版章节型档道款名位条件套次级路段批点幢栋英寸寸腔孔轴自核位]|\s?[A-Za-z\-]"
)
_PIECES = re.compile(r"个(?=$|[,。;、/]|以)")
_NAME_BEFORE = re.compile(r"[\u4e00-\u9fffA-Za-z](?:[:=]\s?)?\s?\Z")
_SECOND_OF_RATIO = re.compile(r"\d\s?[比:]\s?\Z|分之\Z")
_YEARS = (1900, 2100)
_PAIR = 2
_COUNTED = "个"
_DOUBLING = "翻"
_BOUNDS = frozenset((Comparator.GE, Comparator.GT, Comparator.LE, Comparator.LT))
"""Comparators that count also with a spoken pair: 七八克以上 is at least seven."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An indicator as it is written: `unit` as spelt, `low` and `high` in it.

    `bare`: the text gives no unit, and a strict reading would leave the number out or take it for one
    without dimension. `centred`: it is a value with its tolerance, 5600±90 K;
    `doubling`: 翻一番, by how much and not how much.
    """

    indicator: Indicator
    unit: str
    low: float
    high: float
    bare: bool
    centred: bool = False
    doubling: bool = False


def parse(text: str) -> list[Indicator]:
    """The indicators of `text` in reading order; they do not overlap."""
    return [reading.indicator for reading in read(text)]


def read(text: str, *, bare: bool = False) -> list[Reading]:
    """The indicators of `text` as they are written; `bare` takes named numbers without unit as well."""
    plain = fold(text)
    found: list[Reading] = []
    for joined in join(plain, find(plain)):
        reading = _reading(plain, joined, found, bare=bare)
        if reading is not None:
            found.append(reading)
    return found


def is_difference(text: str, start: int) -> bool:
    """Whether the number at `start` tells by how much something changed or differs."""
    return bool(_DIFFERENCE_BEFORE.search(text, max(0, start - 14), start))


def _reading(text: str, reading: Joined, found: Sequence[Reading], *, bare: bool) -> Reading | None:
    quantity = with_unit(text, reading.quantity)
    floor = found[-1].indicator.end if found else 0
    if _is_idle(text, quantity, reading.quantity) and not (
        bare and quantity.unit == "级" and not quantity.spoken
    ):
        return None
    start, end = quantity.start, quantity.end
    if reading.symmetric:
        start = max(text.rfind(sign, 0, start) for sign in TOLERANCE_SIGNS)
        quantity = replace(quantity, low=-quantity.high)
    rate_start = _rate_start(text, start)
    comparator, first, last, signed = around(text, rate_start, end, quantity.rough)
    first = start if first == rate_start else first
    if comparator is Comparator.GT and quantity.rough and quantity.high < 0:
        comparator = Comparator.LT  # 零下三十多度
    first = max(first, floor)
    between = reading.between or reading.symmetric
    without = quantity.unit is None
    if without:
        bounded = between or comparator is not Comparator.EQ
        if not _stands_bare(text, quantity, first, signed) and not (
            bare and _is_named(text, quantity, bounded=bounded)
        ):
            return None
        quantity = _counted(text, quantity) if bare and bounded else replace(quantity, unit="")
    unit, first, last = _rate(text, quantity, first, last, comparator)
    spoken_bound = quantity.spoken and reading.between and comparator in _BOUNDS
    if between and not spoken_bound:
        comparator = Comparator.RANGE
    difference = _is_heat_difference(text, quantity, start, symmetric=reading.symmetric)
    measure = scale(unit, difference)
    low, high = measure.base(quantity.low), measure.base(quantity.high)
    subject_end = reading.subject_end if reading.subject_end >= 0 else first
    name = name_of(text, subject_end, last, floor, counted=measure.symbol == _COUNTED)
    if not name and found:
        name = found[-1].indicator.name
    indicator = Indicator(
        name,
        comparator,
        None if comparator in (Comparator.LE, Comparator.LT) else low,
        None if comparator in (Comparator.GE, Comparator.GT) else high,
        measure.symbol,
        first,
        last,
    )
    bare_value = without and not unit
    return Reading(
        indicator, unit, quantity.low, quantity.high, bare_value, reading.centred,
        doubling=text[quantity.start] == _DOUBLING,
    )  # fmt: skip


def _is_idle(text: str, quantity: Quantity, written: Quantity) -> bool:
    """Classes (三级), 一块 and 两块 of a thing, 两个点 that are places."""
    if quantity.unit == "级":
        return "." not in text[quantity.start : quantity.end]
    if quantity.unit == "个点" and not _SHARE_NAMED.search(
        text, max(0, quantity.start - 6), quantity.start
    ):
        return not _PER_CENT_BEFORE.search(text, max(0, quantity.start - 6), quantity.start)
    return written.unit == "块" != quantity.unit and quantity.spoken and quantity.high <= _PAIR


def _stands_bare(text: str, quantity: Quantity, first: int, signed: bool) -> bool:
    """Whether a number without unit is stated as an indicator."""
    if _EQUATION.match(text, quantity.end) or glued(text, quantity.start):
        return False
    if signed:
        return bool(_SYMBOL.search(text, max(0, first - 3), first))
    decimal = "." in text[quantity.start : quantity.end] and not quantity.spoken
    return decimal and bool(NAMED_DECIMAL.search(text, max(0, quantity.start - 16), quantity.start))


def _counted(text: str, quantity: Quantity) -> Quantity:
    """A bounded number of pieces (少于30个), else the number without unit."""
    if text.startswith(_COUNTED, quantity.end):
        return replace(quantity, unit=_COUNTED, end=quantity.end + 1)
    return replace(quantity, unit="")


def _rate_start(text: str, start: int) -> int:
    """Where 每分钟 or 一分钟 before the number begins, else `start`: what bounds it stands there."""
    before = _PER_BEFORE.search(text, max(0, start - 8), start)
    return before.start() if before else start


def _is_named(text: str, quantity: Quantity, *, bounded: bool) -> bool:
    """Whether a number without unit may state a quantity that is named without one: COP, 镁锂比."""
    if _EQUATION.match(text, quantity.end) or glued(text, quantity.start):
        return False
    if bounded and _PIECES.match(text, quantity.end):
        return not glued(text, quantity.start)
    if _OF_SOMETHING.match(text, quantity.end) or (quantity.spoken and not bounded):
        return False
    year = _YEARS[0] <= quantity.low <= _YEARS[1] and quantity.low.is_integer()
    head = text[max(0, quantity.start - 3) : quantity.start]
    if _SECOND_OF_RATIO.search(head):
        return False
    return not year and (bounded or bool(_NAME_BEFORE.search(head)))


def _rate(
    text: str, quantity: Quantity, first: int, last: int, comparator: Comparator
) -> tuple[str, int, int]:
    """The unit, with the period that 每分钟 before or 一小时 behind gives it, and the span."""
    unit = quantity.unit or ""
    if not unit or "/" in unit or scale(unit).symbol in ("", "元", "s", "K"):
        return unit, first, last
    before = _RATE_BEFORE.search(text, max(0, quantity.start - 4), quantity.start)
    after = _RATE_AFTER.match(text, last)
    if before and (first == quantity.start or first < before.start()):
        return f"{unit}/{before[1]}", min(first, before.start()), last
    if after:
        return f"{unit}/{after[1] or after[2]}", first, after.end()
    return unit, first, last


def _is_heat_difference(text: str, quantity: Quantity, start: int, *, symmetric: bool) -> bool:
    if quantity.unit not in ("℃", "°C", "摄氏度"):
        return False
    return symmetric or is_difference(text, start)
