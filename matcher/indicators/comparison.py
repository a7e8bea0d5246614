"""What a need demands in figures, held against what an achievement states."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from matcher.analyzer import sentences
from matcher.indicators.comparators import Comparator
from matcher.indicators.numerals import fold
from matcher.indicators.parsing import Indicator, parse
from matcher.indicators.requirements import requirements

_REMEMBERED = 4096
"""Texts whose figures are kept: one need is held against many achievements, and the other way."""


class Verdict(StrEnum):
    """What the achievement says of a demanded figure."""

    MET = "met"
    NOT_MET = "not-met"
    NOT_STATED = "not-stated"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A demanded indicator of the need and what the achievement states about the same thing.

    `evidence` are the offsets of the achievement's sentence, `found` its indicator; both None where
    nothing is stated.
    """

    indicator: Indicator
    verdict: Verdict
    evidence: tuple[int, int] | None
    found: Indicator | None


_SYNONYMS = (
    "纯度 含量", "循环寿命 循环次数 使用寿命 寿命 循环", "精度 误差 偏差 不确定度",
    "准确率 识别率 检出率 正确率 精确率 查准率 命中率", "误判率 误报率 虚警率 误检率 过检率 误杀率 误判 误报 误杀",
    "漏检率 漏报率 漏判率 漏放", "效率 效能", "能耗 电耗 功耗 耗电", "成本 费用 造价 花费 加价 单价 价格",
    "温度 水温 炉温 室温", "厚度 壁厚 厚", "产量 产能 年产 日产 处理量 处理能力", "时间 用时 耗时 时长 周期 节拍",
    "不良率 次品率 废品率 缺陷率 报废率 次品", "合格率 良率 良品率 成品率 一次合格率", "含水率 水分 含水量 含水",
    "转化率 收率 产率 得率", "保持率 剩余 保留率", "重量 质量 自重 重", "延迟 时延 响应时间 响应",
    "孔隙率 气孔率", "回收率 收得率", "续航 续航时间 飞行时间", "出苗率 发芽率 出苗",
)  # fmt: skip
"""Names of one quantity, blank between them; the longest name found in a text stands for it."""

_CONCEPTS = sorted(
    ((name, number) for number, row in enumerate(_SYNONYMS) for name in row.split()),
    key=lambda pair: -len(pair[0]),
)
_GENERIC = re.compile(
    r"平均|最高|最大|最低|最小|总|整体|综合|实测|典型|设计|额定|目标|要求|指标|数值|产品|系统|设备|装置|左右|达到|控制"
    r"|我们|现有|不|要|能|可|在|的|以|值"
)
_ALIKE = 0.5
_PRECISION = re.compile(r"误差|偏差|不确定|波动|公差|精度|平面度")
_OPERATING = re.compile(
    r"温度|范围|适用|环境|工作|工况|量程|厚|直径|口径|粒径|孔径|频段|频率|电压|可调|Φ"
)
_BY_HOW_MUCH = re.compile(
    r"(?:提高|降低|减少|增加|下降|提升|缩短|节约|节省|降幅|增幅|延长|减轻|上升|缩减|缩小|增长|削减|掉|多|少|省|高|低|升|降)"
    r"(?:了|约|近|逾|超过|幅度达|最多)?\Z"
)
_LOOK_BACK = 8


def compare(need_text: str, achievement_text: str) -> list[Comparison]:
    """Each demanded indicator of the need with the verdict of the achievement, in reading order.

    Figures are about one thing when their units and their names agree and both or neither tell by
    how much something changed. Of several the one with the most similar name counts, among equals
    one that meets the demand.
    """
    required = _required(need_text)
    if not required:
        return []
    need, achievement = fold(need_text), fold(achievement_text)
    stated = [(i, _tells_change(achievement, i)) for i in _parsed(achievement_text)]
    spans = sentences(achievement_text)
    return [_compare_one(wanted, _tells_change(need, wanted), stated, spans) for wanted in required]


@lru_cache(maxsize=_REMEMBERED)
def _parsed(text: str) -> tuple[Indicator, ...]:
    return tuple(parse(text))


@lru_cache(maxsize=_REMEMBERED)
def _required(text: str) -> tuple[Indicator, ...]:
    return tuple(requirements(text))


def _compare_one(
    wanted: Indicator,
    change: bool,
    stated: list[tuple[Indicator, bool]],
    spans: list[tuple[int, int]],
) -> Comparison:
    candidates = [
        (round(likeness(wanted.name, other.name), 2), satisfies(wanted, other), -place, other)
        for place, (other, other_change) in enumerate(stated)
        if other.unit == wanted.unit and other_change == change
    ]
    alike = [candidate for candidate in candidates if candidate[0] >= _ALIKE]
    if not alike:
        return Comparison(wanted, Verdict.NOT_STATED, None, None)
    _, met, _, found = max(alike, key=lambda candidate: candidate[:3])
    evidence = next((span for span in spans if span[0] <= found.start < span[1]), None)
    return Comparison(wanted, Verdict.MET if met else Verdict.NOT_MET, evidence, found)


def _tells_change(text: str, indicator: Indicator) -> bool:
    head = text[max(0, indicator.start - _LOOK_BACK) : indicator.start]
    return bool(_BY_HOW_MUCH.search(head)) and indicator.comparator is not Comparator.RANGE


def likeness(a: str, b: str) -> float:
    """How far two names mean one quantity, 0 to 1.

    Names of two concepts of the table do not agree; names of one do unless each is narrowed by
    words of its own (测厚误差, 定位误差). Without a concept in both it is the shared part of the
    characters (Dice). Generic words are left out.
    """
    first, second = _concept(a), _concept(b)
    if first and second:
        if first[1] != second[1]:
            return 0.0
        rest_a, rest_b = (
            _GENERIC.sub("", n.replace(w, "")) for n, w in ((a, first[0]), (b, second[0]))
        )
        if not rest_a or not rest_b:
            return 0.9 if rest_a != rest_b else 1.0
        return 0.4 + 0.6 * _dice(rest_a, rest_b)
    plain_a, plain_b = _GENERIC.sub("", a) or a, _GENERIC.sub("", b) or b
    if plain_a and plain_b and (plain_a in plain_b or plain_b in plain_a):
        within = 0.75 if min(len(plain_a), len(plain_b)) > 1 else _ALIKE
        return max(within, _dice(plain_a, plain_b))
    return _dice(plain_a, plain_b)


def _dice(a: str, b: str) -> float:
    return 2 * (Counter(a) & Counter(b)).total() / max(1, len(a) + len(b))


def _concept(name: str) -> tuple[str, int] | None:
    return next((pair for pair in _CONCEPTS if pair[0] in name), None)


def satisfies(wanted: Indicator, stated: Indicator) -> bool:
    """Whether every value that `stated` allows lies within what `wanted` demands.

    A demanded span of an operating quantity must be covered instead. A tolerance (±a) counts by its
    size. A bare demanded value must be reached within one per cent.
    """
    low, high = _interval(wanted)
    own_low, own_high = _interval(stated)
    if _is_tolerance(wanted) != _is_tolerance(stated):
        if _is_tolerance(stated):
            own_low = 0.0
        else:
            low = 0.0
            own_low = max(own_low, 0.0)
    if wanted.comparator is Comparator.RANGE and not _is_tolerance(wanted):
        covers = own_low <= low and own_high >= high
        if stated.comparator is Comparator.RANGE and _OPERATING.search(wanted.name + stated.name):
            return covers
        return covers or (low <= own_low and own_high <= high)
    if wanted.comparator in (Comparator.EQ, Comparator.APPROX):
        margin = abs(high) * (0.1 if wanted.comparator is Comparator.APPROX else 0.01)
        low, high = low - margin, high + margin
        if stated.comparator is Comparator.RANGE and own_low <= low and own_high >= high:
            return True
    return _within(own_low, stated, low, wanted, lower=True) and _within(
        own_high, stated, high, wanted, lower=False
    )


def _within(own: float, stated: Indicator, bound: float, wanted: Indicator, *, lower: bool) -> bool:
    """Whether one end of the stated interval keeps within that of the demanded one."""
    if math.isinf(bound):
        return True
    if math.isclose(own, bound, rel_tol=1e-9, abs_tol=1e-15):
        strict = Comparator.GT if lower else Comparator.LT
        return wanted.comparator is not strict or stated.comparator is strict
    return own > bound if lower else own < bound


def _interval(indicator: Indicator) -> tuple[float, float]:
    low = -math.inf if indicator.low is None else indicator.low
    high = math.inf if indicator.high is None else indicator.high
    if indicator.low is None and _PRECISION.search(indicator.name):
        low = max(low, 0.0)
    return low, high


def _is_tolerance(indicator: Indicator) -> bool:
    return (
        indicator.low is not None and indicator.high is not None
        and indicator.low < 0 and math.isclose(-indicator.low, indicator.high)
    )  # fmt: skip
