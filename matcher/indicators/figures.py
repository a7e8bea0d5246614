"""A figure with what stands around it: all that tells which quantity it states.

The forms of a figure are the ways to take its unit: `一公斤得装280Wh` states an energy and an energy
per mass. Two figures can be of one quantity where they have a form in common.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from matcher.indicators import concepts
from matcher.indicators.comparators import Comparator
from matcher.indicators.numerals import fold
from matcher.indicators.parsing import Indicator, Reading, read
from matcher.indicators.units import scale

_REMEMBERED = 4096
"""Texts whose figures are kept: one need is held against many achievements, and the other way."""


@dataclass(frozen=True, slots=True)
class Form:
    """A figure in one base unit; `per` tells that a basis outside of its unit was worked in."""

    unit: str
    low: float | None
    high: float | None
    per: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """`near` are the pairs of characters around the figure, `quantities` the known ones named there,
    `hints` those that the trouble told around it points to (吵: noise), of needs only.

    `change` is 1 or -1 where it says by how much something rose or fell, else 0. `condition`: a setting under
    which something else holds; `reference`: it is of something that the text compares with.
    """

    reading: Reading
    forms: tuple[Form, ...]
    near: frozenset[str]
    quantities: frozenset[int]
    hints: frozenset[int]
    change: int
    condition: bool
    reference: bool

    @property
    def indicator(self) -> Indicator:
        """What was read."""
        return self.reading.indicator

    @property
    def tolerance(self) -> bool:
        """Whether it is a span from -a to a."""
        return is_tolerance(self.indicator)


_CLAUSE = re.compile(r"[,。;!?\n]")
_FALLS = re.compile(r"降|减|缩|少|低|掉|省|节|跌|损")
_SHARE_POINTS = frozenset(("百分点", "个百分点"))
_BY_SOME = re.compile(r"(?:提高|提升|降低|减少|下降|增加|缩短|延长|升高)[^,。;\d到至为达]{1,4}\Z")
_BY_HOW_MUCH = re.compile(
    r"(?:提高|降低|减少|增加|下降|提升|缩短|节约|节省|降幅|增幅|延长|减轻|上升|缩减|缩小|增长|削减|增产|减产|降噪|减重"
    r"|掉|多|少|省|高|低|升|降|慢|快|贵|节[电水能])(?:了|约|近|逾|超过|幅度达|最多|量|达|至少|可达)*\Z"
)
_CONDITION_AFTER = re.compile(
    r"\s?(?:的)?(?:(?:高温|低温|恒温|常压|空气|真空|氮气|海拔|环境|工况|条件|温度|压力)*(?:下|时(?![间延长])|处(?!理)|中(?!位))"
    r"|环境|工况|条件|处理|烘烤|焙烧|焙烤|煅烧|固化|干燥|保温|退火|老化|搅拌|发酵|静置|贮存|储存|放置|以上的|以下的|后[^,。;]{1,4}[为达仍]"
    r"|[一-龥]{0,4}试验后)"
)
_CONDITION_BEFORE = re.compile(r"(?:在|于|经|以|当|采用|使用|用)[^,。;\d]{0,4}\Z")
_REFERENCE_BEFORE = re.compile(
    r"(?:较|比|相比|对照|传统|常规|原来?[^,。;]{0,3}|现有|普通|优于[^,。;]{0,8}|低于[^,。;]{0,6}的|高于[^,。;]{0,6}的|国外|进口|标准[^,。;]{0,2})\Z"
)
_ATTRIBUTE = re.compile(r"\s?[\u4e00-\u9fff][^,。;]{2,16}\d")
_OF_A_RESULT = re.compile(r"\s?的[\u4e00-\u9fff]{2,}")
_SETTINGS = frozenset(("s", "K"))
_CYCLES = "次"
_BASIS_UNIT = (
    r"标准立方米|平米|兆瓦|千瓦|MW|kW|立方米|平方厘米|平方米|平方公里|公斤|千克|毫升|厘米|毫米|公里|延米|公顷|分钟|小时|吨|斤|克|亩|方|升"
    r"|米|秒|天|日|年|月|周|星期|kg|km|min|mL|cm|hm²|m³|m²|t|g|m|h|d|L"
)
_BASIS = re.compile(
    rf"(?:每|(?<![第百千万十\d])一)\s?(?P<times>百|100\s|1\s)?(?P<unit>{_BASIS_UNIT})(?![A-Za-z半])"
    r"|每\s?(?P<piece>[片台件只枚块颗套辆头盒瓶袋箱根张])"
    r"|(?P<short>吨|亩|公斤|斤|方|度)(?=[水矿钢铁料纸煤产粮氢油鱼粉布膜气均地])"
)
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
_HEAD, _BASIS_HEAD, _TAIL = 26, 16, 12
_LOOK_BACK = 10
_HAN_PAIR = re.compile(r"(?=([\u4e00-\u9fff]{2}))")
_IDLE = (
    "达到|以上|以下|以内|左右|小于|大于|低于|高于|超过|不低|不超|不能|不少|要求|控制|可达|平均|最高|最低|最大|最小"
    "|能够|希望|至少|之间|实测|测得|提高|降低|减少|增加|使用|采用|产品|系统|设备|装置|技术|我们|现在|起码|别超|得能"
    "|稳定|连续|单套|整个|一个|做到"
)
_IDLE_PAIRS = frozenset(_IDLE.split("|"))


@lru_cache(maxsize=_REMEMBERED)
def figures(text: str) -> tuple[Figure, ...]:
    """The figures of `text` in reading order, those without unit as well."""
    plain = fold(text)
    readings = read(text, bare=True)
    starts = [reading.indicator.start for reading in readings] + [len(plain)]
    ends = [0] + [reading.indicator.end for reading in readings]
    return tuple(
        _figure(plain, reading, ends[at], starts[at + 1]) for at, reading in enumerate(readings)
    )


def pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring Han characters, without those that any demand or claim has."""
    return frozenset(_HAN_PAIR.findall(text)) - _IDLE_PAIRS


def _figure(text: str, reading: Reading, floor: int, ceiling: int) -> Figure:
    indicator = reading.indicator
    head = _CLAUSE.split(text[max(0, indicator.start - _HEAD) : indicator.start])[-1]
    tail = _CLAUSE.split(text[indicator.end : min(ceiling, indicator.end + _TAIL)])[0]
    own = text[max(floor, indicator.start - len(head)) : indicator.start]
    near = f"{own}|{tail}|{indicator.name}"
    named = concepts.found(near)
    return Figure(
        reading,
        _forms(text, reading, head),
        pairs(near),
        frozenset(concept.number for _, concept in named),
        frozenset(),
        change=_change(reading, own),
        condition=_is_condition(text, indicator, own),
        reference=bool(_REFERENCE_BEFORE.search(own)),
    )


def _change(reading: Reading, own: str) -> int:
    """By its own words or, for points of a share, because such a number tells nothing else."""
    head = own[-_LOOK_BACK:].rstrip()
    told = _BY_SOME.search(head)
    if told is None and reading.indicator.comparator is not Comparator.RANGE:
        told = _BY_HOW_MUCH.search(head)
    points = reading.unit in _SHARE_POINTS and not PRECISION.search(reading.indicator.name)
    if told is None and not points:
        return 0
    return -1 if _FALLS.search(told.group() if told else own) else 1


def _is_condition(text: str, indicator: Indicator, own: str) -> bool:
    """Settings (150 ℃下) and dimensions of a thing that is spoken of (4 mm钢板每米变形0.6 mm).

    So many cycles 后 or 时 are what something lasts, no setting.
    """
    if indicator.comparator is not Comparator.EQ:
        return False
    if indicator.unit != _CYCLES and _CONDITION_AFTER.match(text, indicator.end):
        return True
    if indicator.unit in _SETTINGS and _OF_A_RESULT.match(text, indicator.end):
        return True
    if not own.strip() and _ATTRIBUTE.match(text, indicator.end):
        return True
    return bool(_CONDITION_BEFORE.search(own))


def _forms(text: str, reading: Reading, head: str) -> tuple[Form, ...]:
    """The figure in its own unit, and per each basis that stands before or right behind it."""
    indicator = reading.indicator
    forms = [Form(indicator.unit, indicator.low, indicator.high)]
    if indicator.unit in _NO_BASIS or "/" in reading.unit or is_tolerance(indicator):
        return tuple(forms)
    shown = text[indicator.start : indicator.end]  # 不超过每兆瓦200块
    bases = [*_BASIS.finditer(head[-_BASIS_HEAD:] + shown)][-2:]
    if indicator.unit == "m" and _SPEED.search(head):
        forms.append(_per(reading, "小时", 1.0) or forms[0])  # 车速四十公里
    behind = _BASIS_BEHIND.match(text, indicator.end)
    for match in [*bases, behind] if behind else bases:
        unit = (
            match["unit"] if match is behind else match["unit"] or match["short"] or match["piece"]
        )
        times = 100.0 if match is not behind and match["times"] in ("百", "100 ") else 1.0
        form = _per(reading, _SPELT.get(unit, unit), times)
        if form is not None:
            forms.append(form)
    return tuple(forms)


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


PRECISION = re.compile(r"误差|偏差|不确定|波动|公差|精度|平面度|定位")
"""Names of what cannot be negative and is better the smaller it is."""


def is_tolerance(indicator: Indicator) -> bool:
    """Whether the bounds are -a and a."""
    return (
        indicator.low is not None and indicator.high is not None
        and indicator.low < 0 and math.isclose(-indicator.low, indicator.high)
    )  # fmt: skip
