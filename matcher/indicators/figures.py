"""A figure with what stands around it: all that tells which quantity it states.

Two figures can be of one quantity where they have a form in common (`forms`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from matcher.indicators import concepts
from matcher.indicators.comparators import Comparator
from matcher.indicators.forms import Form, forms
from matcher.indicators.numerals import fold
from matcher.indicators.parsing import Indicator, Reading, read

_REMEMBERED = 4096
"""Texts whose figures are kept: one need is held against many achievements, and the other way."""


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
    dimension: bool = False
    """Whether it is the size of a thing that is spoken of: 4 mm钢板每米变形0.6 mm."""
    heat: float | None = None
    """The temperature in kelvin at which it holds, where one is told with it."""

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
    r"(?:提高|降低|减少|减小|增大|增加|下降|提升|缩短|节约|节省|降幅|增幅|延长|减轻|上升|缩减|缩小|增长|削减|增产|减产|降噪|减重"
    r"|(?<![脱除去滤洗])掉|(?<![添施外滴投])加|翻|[多少省](?:用|花|出|耗|占|产|收|跑|采)?|高|低|升|降|慢|快|贵|节[电水能])(?:了|约|近|逾|超过|幅度达|最多|量|达|至少|可达)*\Z"
)
_CONDITION_AFTER = re.compile(
    r"\s?(?:的)?(?:(?:高温|低温|恒温|常压|空气|真空|氮气|海拔|环境|工况|条件|温度|压力)*(?:下|时(?![间延长])|处(?!理)|中(?!位))"
    r"|环境|工况|条件|处理|烘烤|焙烧|焙烤|煅烧|固化|干燥|保温|退火|老化|搅拌|发酵|静置|贮存|储存|放置|以上的|以下的|后[^,。;]{1,4}[为达仍]"
    r"|[一-龥]{0,4}试验后)"
)
_CONDITION_BEFORE = re.compile(
    r"(?:在|于|经|以|当|采用|使用(?!寿命|年限|期|温度|周期)|(?<![利回使占作费采耗])用(?![率量水电途时工]))[^,。;\d]{0,4}\Z"
)
_REFERENCE_BEFORE = re.compile(
    r"(?:(?:初始|起始|原始|(?:改造|处理|改性|优化)前)[^,。;]{0,8}|较|(?<![占量配重分])比|相比|对照|传统|常规|原来?[^,。;]{0,3}|现有|普通|优于[^,。;]{0,8}|低于[^,。;]{0,6}的|高于[^,。;]{0,6}的|国外|进口|标准[^,。;]{0,2})\Z"
)
_ATTRIBUTE = re.compile(r"\s?[\u4e00-\u9fff][^,。;]{2,20}\d")
_OF_A_RESULT = re.compile(r"\s?的[\u4e00-\u9fff]{2,}")
_SETTINGS = frozenset(("s", "K"))
_CYCLES, _TIME = "次", "s"
_WITHOUT = re.compile(r"(?:未|没有?|无)(?![,。;])")
_ROOM = re.compile(r"常温|室温")
_THAT_HEAT = re.compile(r"(?:这个?|该|此|那个?|同样)(?:的)?(?:温度|高温|低温|炉温|热度)")
_HEAT, _ROOM_HEAT = "K", 293.15
_HEAD, _TAIL = 26, 12
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
        _figure(plain, reading, ends[at], starts[at + 1], _heat(plain, reading, readings))
        for at, reading in enumerate(readings)
    )


def _heat(text: str, reading: Reading, all_: Sequence[Reading]) -> float | None:
    """The temperature at which a figure holds: 1200 ℃抗压强度, 在这个温度下, 常温."""
    start = reading.indicator.start
    clause = _CLAUSE.split(text[max(0, start - _HEAD) : start])[-1]
    if reading.indicator.unit == _HEAT:
        return None
    told = [
        r.indicator.high or r.indicator.low
        for r in all_
        if r.indicator.unit == _HEAT and r.indicator.end <= start
    ]
    if not told and not _ROOM.search(clause):
        return None
    if _THAT_HEAT.search(clause):
        return told[-1] if told else None
    if _ROOM.search(clause):
        return _ROOM_HEAT
    last = max((r for r in all_ if r.indicator.unit == _HEAT and r.indicator.end <= start),
               key=lambda r: r.indicator.end)  # fmt: skip
    return told[-1] if last.indicator.end > start - len(clause) else None


def pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring Han characters, without those that any demand or claim has."""
    return frozenset(_HAN_PAIR.findall(text)) - _IDLE_PAIRS


def _figure(text: str, reading: Reading, floor: int, ceiling: int, heat: float | None) -> Figure:
    reading = _lasting(text, reading)
    indicator = reading.indicator
    head = _CLAUSE.split(text[max(0, indicator.start - _HEAD) : indicator.start])[-1]
    tail = _CLAUSE.split(text[indicator.end : min(ceiling, indicator.end + _TAIL)])[0]
    own = text[max(floor, indicator.start - len(head)) : indicator.start]
    near = f"{own}|{tail}|{indicator.name}"
    named = concepts.found(near)
    return Figure(
        reading,
        forms(text, reading, head, tolerance=is_tolerance(indicator)),
        pairs(near),
        frozenset(concept.number for _, concept in named)
        | _deeds(own, text[indicator.end : indicator.end + _TAIL], indicator.unit),
        frozenset(),
        change=_change(reading, own),
        condition=_is_condition(text, indicator, own),
        dimension=_is_dimension(text, indicator, own),
        reference=bool(_REFERENCE_BEFORE.search(own)),
        heat=heat,
    )


def _lasting(text: str, reading: Reading) -> Reading:
    """24 h内未出现起火 tells how long something lasts at least."""
    own = reading.indicator
    within = own.comparator is Comparator.LE and own.unit == _TIME and own.high is not None
    if not within or not _WITHOUT.match(text, own.end):
        return reading
    lasting = replace(own, comparator=Comparator.GE, low=own.high, high=None)
    return replace(reading, indicator=lasting)


def _deeds(own: str, tail: str, unit: str) -> frozenset[int]:
    """What a verb tells where the words before the figure name no quantity."""
    return frozenset() if concepts.found(own) else concepts.done(own, tail, unit)


def _change(reading: Reading, own: str) -> int:
    """By its own words or, for points of a share, because such a number tells nothing else."""
    if reading.doubling:
        return 1
    head = own[-_LOOK_BACK:].rstrip()
    told = _BY_SOME.search(head)
    if told is None and reading.indicator.comparator is not Comparator.RANGE:
        told = _BY_HOW_MUCH.search(head)
    points = reading.unit in _SHARE_POINTS and not PRECISION.search(reading.indicator.name)
    if told is None and not points:
        return 0
    return -1 if _FALLS.search(told.group() if told else own) else 1


def _is_dimension(text: str, indicator: Indicator, own: str) -> bool:
    bare = indicator.comparator is Comparator.EQ and not own.strip()
    return bare and bool(_ATTRIBUTE.match(text, indicator.end))


def _is_condition(text: str, indicator: Indicator, own: str) -> bool:
    """Settings: 150 ℃下.

    So many cycles 后 or 时 are what something lasts, no setting.
    """
    if indicator.comparator is not Comparator.EQ:
        return False
    if indicator.unit != _CYCLES and _CONDITION_AFTER.match(text, indicator.end):
        return True
    if indicator.unit in _SETTINGS and _OF_A_RESULT.match(text, indicator.end):
        return True
    return bool(_CONDITION_BEFORE.search(own))


PRECISION = re.compile(r"误差|偏差|不确定|波动|公差|精度|平面度|定位")
"""Names of what cannot be negative and is better the smaller it is."""


def is_tolerance(indicator: Indicator) -> bool:
    """Whether the bounds are -a and a."""
    return (
        indicator.low is not None and indicator.high is not None
        and indicator.low < 0 and math.isclose(-indicator.low, indicator.high)
    )  # fmt: skip
