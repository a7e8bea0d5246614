"""The ways to take the unit of a figure: `一公斤得装280Wh` states an energy and an energy per mass.

What the number is told per stands before it (每吨, 一百斤鲜果, 单件) or behind it; a time per piece is
also so many pieces an hour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from matcher.indicators.numerals import any_number
from matcher.indicators.parsing import Reading
from matcher.indicators.units import scale

_BASIS_UNIT = (
    r"标准立方米|平米|兆瓦|千瓦|MW|kW|立方米|平方厘米|平方米|平方公里|公斤|千克|毫升|厘米|毫米|公里|延米|公顷|分钟|小时|吨|斤|克|亩|方|升"
    r"|米|秒|天|日|年|月|周|星期|kg|km|min|mL|cm|hm²|m³|m²|t|g|m|h|d|L"
)
_PIECES = "片台件只枚块颗套辆头盒瓶袋箱根张支条株卷锭粒个次"
_ROUND = r"[百千万]|一[百千万]|10{2,6}|1万|10万|十万"
_BASIS = re.compile(
    rf"(?:每|(?<![第百千万十\d])一)\s?(?P<times>百|100\s|1\s)?(?P<unit>{_BASIS_UNIT})(?![A-Za-z半])"
    rf"|(?:每|单)\s?(?P<piece>[{_PIECES}班])"
    r"|(?P<short>吨|亩|公斤|斤|方|度)(?=[水矿钢铁料纸煤产粮氢油鱼粉布膜气均地])"
)
_SAMPLE = re.compile(
    rf"(?<![\d一-九十百千万])(?:每\s?)?(?P<count>{_ROUND})\s?(?P<unit>{_BASIS_UNIT}|[{_PIECES}])(?![A-Za-z半\d])"
)
"""A round number of things of which the figure tells a part: 一百斤鲜果出三斤, 每万次卡滞5次."""
_SHIFT = re.compile(r"(?:每个?|一个?|单)班次?(?P<hours>(?:\d+|[一二两三四五六七八九十]+)个?小时)?")
_HOURS_OF_SHIFT = 8.0
_SPEED = re.compile(r"(?:车速|时速|航速|飞行速度|行驶速度)[^,。;]*\Z")
_BASIS_BEHIND = re.compile(rf"[^,。;]{{0,3}}\(?\s?以\s?1\s?(?P<unit>{_BASIS_UNIT})")
_NO_BASIS = frozenset(("", "K", "pH", "dB"))
_SPELT = {
    "日": "天",
    "月": "个月",
    "标准立方米": "m³",
    "延米": "m",
    "方": "m³",
    "块": "元",
    "块钱": "元",
}
_LINK = re.compile(rf"每个?(?P<unit>{_BASIS_UNIT}|[{_PIECES}])")
_CHAIN = re.compile(rf"(?:每个?(?:{_BASIS_UNIT}|[{_PIECES}]))+\s?\Z")
_CHAINED = 2
_BASIS_HEAD, _SAMPLE_HEAD = 16, 26
_PACE, _OUTPUT = "s/个", "个/s"


@dataclass(frozen=True, slots=True)
class Form:
    """A figure in one base unit; `per` tells that a basis outside of its unit was worked in."""

    unit: str
    low: float | None
    high: float | None
    per: bool = False


def forms(text: str, reading: Reading, head: str, *, tolerance: bool) -> tuple[Form, ...]:
    """The figure in its own unit, and per each basis that stands before or right behind it.

    `head` is what stands before it in its clause.
    """
    indicator = reading.indicator
    found = [Form(indicator.unit, indicator.low, indicator.high)]
    if indicator.unit not in _NO_BASIS and not tolerance:
        found += _with_chain(reading, head)
    if not (indicator.unit in _NO_BASIS or "/" in reading.unit or tolerance):
        if indicator.unit == "m" and _SPEED.search(head):
            found.append(_per(reading, "小时", 1.0) or found[0])  # 车速四十公里
        found += _with_bases(text, reading, head)
    return (*found, *(_inverse(form) for form in found if form.unit == _PACE))


def _with_chain(reading: Reading, head: str) -> list[Form]:
    """Per all of the bases right before it: 每平方米每天15立方厘米."""
    chain = _CHAIN.search(head)
    units = [match["unit"] for match in _LINK.finditer(chain.group())] if chain else []
    if len(units) + ("/" in reading.unit) < _CHAINED:
        return []
    form = _per(reading, "/".join(_SPELT.get(unit, unit) for unit in units), 1.0)
    return [] if form is None else [form]


def _with_bases(text: str, reading: Reading, head: str) -> list[Form]:
    indicator = reading.indicator
    shown = text[indicator.start : indicator.end]  # 不超过每兆瓦200块
    bases = [
        (_unit(match), _times(match)) for match in _BASIS.finditer(head[-_BASIS_HEAD:] + shown)
    ]
    bases = bases[-2:]
    shift = _SHIFT.search(head)
    if shift:
        hours = any_number(re.sub(r"个?小时", "", shift["hours"])).low if shift["hours"] else None
        bases.append(("小时", hours or _HOURS_OF_SHIFT))
    behind = _BASIS_BEHIND.match(text, indicator.end)
    if behind:
        bases.append((behind["unit"], 1.0))
    before = text[max(0, indicator.start - _SAMPLE_HEAD) : indicator.start]
    samples = [*_SAMPLE.finditer(re.split(r"[。;\n]", before)[-1])][-1:]
    bases += [(match["unit"], _round(match["count"])) for match in samples]
    found = (_per(reading, _SPELT.get(unit, unit), times) for unit, times in bases)
    return [form for form in found if form is not None]


def _round(count: str) -> float:
    """The value of 一百, 每万 or 1000."""
    return any_number(count if count[0].isdigit() or count[0] in "一十" else f"一{count}").low


def _unit(match: re.Match[str]) -> str:
    return str(match["unit"] or match["short"] or match["piece"])


def _times(match: re.Match[str]) -> float:
    return 100.0 if match["times"] in ("百", "100 ") else 1.0


def _per(reading: Reading, basis: str, times: float) -> Form | None:
    try:
        measure = scale(f"{_SPELT.get(reading.unit, reading.unit)}/{basis}")
    except ValueError:
        return None
    if measure.symbol in _NO_BASIS and measure.symbol:
        return None
    indicator = reading.indicator
    low, high = (
        None if bound is None else measure.base(written / times)
        for bound, written in ((indicator.low, reading.low), (indicator.high, reading.high))
    )
    return Form(measure.symbol, low, high, per=True)


def _inverse(form: Form) -> Form:
    """32 s/件 as pieces a second; the shortest time is the largest output."""
    low, high = (None if not bound else 1.0 / bound for bound in (form.high, form.low))
    return Form(_OUTPUT, low, high, per=True)
