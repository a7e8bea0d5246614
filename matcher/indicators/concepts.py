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


_RATE, _AS_RATE = "率", ("比例", "占比", "比率", "效率")
"""废品比例 and 废品占比 are 废品率, 包封效率 is 包封率."""


@lru_cache(maxsize=1)
def _rows() -> list[list[str]]:
    """The lines of `concepts.txt` in words."""
    lines = files("matcher.indicators").joinpath("concepts.txt").read_text(encoding="utf-8")
    return [line.split() for line in lines.splitlines() if line and not line.startswith("#")]


@lru_cache(maxsize=1)
def table() -> dict[str, Concept]:
    """Each name of `concepts.txt` with its quantity."""
    known = {
        name: Concept(number, _SIGN[sign])
        for number, (sign, *names) in enumerate(row for row in _rows() if row[0] in _SIGN)
        for name in names
    }
    rates = [name for name in known if name.endswith(_RATE) and len(name) > len(_RATE) + 1]
    spelt = {name[: -len(_RATE)] + other: known[name] for name in rates for other in _AS_RATE}
    return spelt | known


@lru_cache(maxsize=1)
def complements() -> frozenset[tuple[int, int]]:
    """Quantities, both ways round, that are shares of one whole: 合格率 and 不良率."""
    known = table()
    pairs = [(known[row[0]].number, known[row[2]].number) for row in _rows() if row[1] == "="]
    return frozenset(pairs) | {(b, a) for a, b in pairs}


def polarity(numbers: frozenset[int]) -> int:
    """Which way is better for all of the quantities `numbers`; 0 where they differ or there are none."""
    ways = {concept.polarity for _, concept in _listed() if concept.number in numbers}
    return ways.pop() if len(ways) == 1 else 0


def name_of(number: int) -> str:
    """The first name of the quantity."""
    return next(name for name, concept in _listed() if concept.number == number)


@lru_cache(maxsize=1)
def _listed() -> list[tuple[str, Concept]]:
    return [(name, table()[name]) for row in _rows() if row[0] in _SIGN for name in row[1:]]


_KEY = 2


@lru_cache(maxsize=1)
def _by_start() -> dict[str, tuple[str, ...]]:
    """Names by their first two characters, longest first: far quicker than one pattern of them all."""
    starts: dict[str, list[str]] = {}
    for name in sorted(table(), key=lambda name: (-len(name), name)):
        starts.setdefault(name[:_KEY], []).append(name)
    return {start: tuple(names) for start, names in starts.items()}


def found(text: str) -> list[tuple[str, Concept]]:
    """The names of quantities in `text`, from left to right, the longest at each place."""
    known, starts = table(), _by_start()
    names: list[tuple[str, Concept]] = []
    at = 0
    while at < len(text):
        start = text[at : at + _KEY]
        here = (*starts.get(start, ()), *starts.get(start[0], ()))  # the latter: of one character
        name = next((n for n in here if text.startswith(n, at)), None) if here else None
        if name:
            names.append((name, known[name]))
        at += len(name) if name else 1
    return names


_DEEDS = (
    ("航程", r"m", r"(?:跑|走|行驶?|开|续航|飞)(?:上|到|出|个|满|足|够|完|了|得|过)?"),
    ("续航时间", r"s", r"(?:飞|悬停|滞空|续航|待机|留空)(?:上|到|出|个|满|足|够|完|了|得|过)?"),
    (
        "载荷",
        r"kg",
        r"(?:装|带|拉|载|驮|挂|扛|举|吊|背|抓|提|搬|承受)(?:上|到|得|动|住|起|个|重|着|走|运)?",
    ),
    (
        "探测距离",
        r"m",
        r"(?:看|测|探|听|读|照|扫|传|发现|识别|覆盖|管)(?:清|到|见|得|住|出|了|准)?",
    ),
    (
        "时间",
        r"s",
        r"(?:(?:[共仅只]需|合计|历时|费时|前后|压到|压缩到|缩到|缩短到|缩短为|缩短至|降到)|做|干|焊|测|出|跑|洗|烘|煮|处理|完成|结果|换)(?:完|好|成|一[件个批片次炉样份]|报告)?",
    ),
    (
        "循环寿命",
        r"次|s",
        r"(?:开关|插拔|弯折|对折|循环|启停|充放|折|按|用|使|撑|扛|顶|挺)(?:得|到|住|上|够|满|过|个)?",
    ),
    ("成本", r"元(?:/.*)?", r"(?:花|卖|买|贵|价|钱|费|收|摊|块|合|赔)(?:到|了|出|个)?"),
    ("电耗", r"kg·m²/s²|m²/s²|kg/m/s²", r"(?:耗|费|吃|用)(?:掉|到|了|个)?"),
    ("去除率", r"", r"(?:脱|除|去|滤|杀|截|拦|消)(?:掉|去|除|住|下|下来|灭)(?:了|到)?"),
    ("海拔", r"m", r"(?:海拔|高原|高空)[^,。;]{0,4}"),
)
"""Verbs of speech with the unit behind them, each with the quantity: 能跑八万公里, 带三公斤."""


_DEEDS_BEHIND = (
    ("充电时间", r"s", r"(?:之?内)?(?:就|能|得|要)?(?:充(?:到|满|完|好|进)|补(?:满|完)电)"),
    ("时间", r"s", r"(?:之?内)?(?:就|能|得|要)?(?:出(?:结果|报告|数|片)|完[成事工]"
     r"|[做测检洗切焊装换印跑算][完好出])"),
)  # fmt: skip
"""The same for verbs behind the figure: 十分钟内充到九成."""


@lru_cache(maxsize=1)
def _deeds_behind() -> tuple[tuple[int, re.Pattern[str], re.Pattern[str]], ...]:
    return tuple(
        (table()[name].number, re.compile(unit), re.compile(verb))
        for name, unit, verb in _DEEDS_BEHIND
    )


@lru_cache(maxsize=1)
def _deeds() -> tuple[tuple[int, re.Pattern[str], re.Pattern[str]], ...]:
    return tuple(
        (table()[name].number, re.compile(unit), re.compile(rf"(?:{verb})\Z"))
        for name, unit, verb in _DEEDS
    )


def done(head: str, tail: str, unit: str) -> frozenset[int]:
    """What a verb at the end of `head` or the start of `tail` tells for a figure in the base unit `unit`."""
    before = {number for number, of, verb in _deeds() if of.fullmatch(unit) and verb.search(head)}
    behind = {n for n, of, verb in _deeds_behind() if of.fullmatch(unit) and verb.match(tail)}
    return frozenset(before | behind)


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
    ("不良率", r"报废|次品|坏点|废品|返工|退货|卡死|卡住|卡滞|卡壳"),
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
