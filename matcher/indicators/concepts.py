"""Quantities by their names: which names mean one quantity, and which way of it is better."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

_SIGN = {"+": 1, "-": -1, "?": 0}


class Concept(NamedTuple):
    """A quantity; `polarity` is 1 where more is better, -1 where less is, 0 where neither."""

    number: int
    polarity: int


@lru_cache(maxsize=1)
def table() -> dict[str, Concept]:
    """Each name of `concepts.txt` with its quantity."""
    lines = files("matcher.indicators").joinpath("concepts.txt").read_text(encoding="utf-8")
    rows = [line.split() for line in lines.splitlines() if line and not line.startswith("#")]
    return {
        name: Concept(number, _SIGN[sign])
        for number, (sign, *names) in enumerate(rows)
        for name in names
    }


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    names = sorted(table(), key=lambda name: (-len(name), name))
    return re.compile("|".join(map(re.escape, names)))


def found(text: str) -> list[tuple[str, Concept]]:
    """The names of quantities in `text`, from left to right, the longest at each place."""
    known = table()
    return [(match.group(), known[match.group()]) for match in _pattern().finditer(text)]


_TROUBLES = (
    ("误差", r"不准|对不准|跑偏|走偏|偏了|套不准|测不准|插歪|对不上"),
    ("噪声", r"吵|嗡|噪|响"),
    ("整机质量", r"太重|太沉|嫌重|嫌沉|压手|压耳"),
    ("时间", r"太慢|太久|等不及|慢吞吞|赶不出|耗工"),
    ("延迟", r"卡顿|慢半拍|反应慢|慢吞吞|延时|才响|才报"),
    ("寿命", r"老坏|用不久|不耐用|换得(?:太)?勤|几个月就|就坏|就断|就裂|就脆|就磨|抱死"),
    ("成本", r"太贵|嫌贵|不挣钱|划不来|成本高"),
    ("电耗", r"费电|电费|耗电|吃电"),
    ("续航", r"飞不久|跑不远|续航不"),
    ("漏检率", r"漏过|漏检|看不出来|放过去"),
    ("误报率", r"误报|虚惊|乱报|瞎报|冤枉"),
    ("不良率", r"报废|次品|坏点|废品|返工|退货"),
    ("亮度", r"看不清|太暗|不够亮"),
    ("孔隙率", r"气孔|气眼|砂眼|针孔"),
    ("泄漏率", r"漏气|漏油|漏水|跑冒滴漏"),
    ("变形", r"翘|变形|波浪|弯了"),
    ("探测距离", r"看得太近|读不到|看不远"),
    ("单产", r"收得少|产量低|减产"),
    ("保鲜期", r"天就烂|就烂|放不住|存不住"),
)
"""Complaints of speech, each with a name of the quantity that they point to."""


@lru_cache(maxsize=1)
def troubles() -> tuple[tuple[re.Pattern[str], int], ...]:
    """Complaints as patterns, with the number of the quantity."""
    return tuple((re.compile(words), table()[name].number) for name, words in _TROUBLES)
