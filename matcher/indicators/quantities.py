"""Numbers with their units in a text, before it is known what they are compared with.

`find` makes one pass with one pattern. It leaves out what only looks like a quantity: calendar years,
ordinals, designations, coordinates, idioms with a numeral.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from matcher.indicators import numerals
from matcher.indicators.comparators import is_bounded
from matcher.indicators.numerals import ARABIC, CHINESE, DOUBLINGS, SHARE, TENTHS, Number
from matcher.indicators.units import COUNTED, UNIT

_HALF = r"半(?=年|天|个月|个?小时|个?钟头|分钟|吨|斤|米|公里|秒|度)"
_TAIL = r"[一二三四五六七八九](?=[,。;、)的就才\n]|$|以|往|左右)"

_ONE_OF = (
    r"个(?=分贝|[微毫纳厘]米|[微毫纳]秒|[毫微]克|[千兆]瓦|[千兆]帕|尼特|流明|兆赫|赫兹|pp[mb]|dB"
    r"|平方|立方|公斤|公里)"
)
"""Speech puts 个 before units: 五十个ppm."""

QUANTITY = re.compile(
    rf"(?P<share>{SHARE})|(?P<tenths>(?<![第几完]){TENTHS})|(?P<doublings>{DOUBLINGS})"
    rf"|(?P<number>(?P<sign>(?:(?<![A-Za-z\d_%‰℃°)\]>′\"])[-+]\s?|零下)(?=[\d一二三四五六七八九十]))?"
    rf"(?:(?<!\d)(?<!\d\.)(?P<arabic>{ARABIC})"
    rf"|(?<![几第数初零〇一二两三四五六七八九十百千万])(?<!(?<!最)好)(?P<chinese>{CHINESE})"
    rf"|(?:(?<![上下前后大多过夜一二三])|(?<=[超多不]过))(?P<half>{_HALF})))"
    rf"(?:(?P<and_half>个半)(?P<period>小时|钟头|月)|\s{{0,2}}(?:{_ONE_OF})?(?P<unit>{UNIT})(?P<tail>{_TAIL}|半(?![径导天年夜]))?)?"
)
"""One quantity; a number without unit matches as well, for lists and spans that share a unit."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number at `start`..`end`; `unit` is None where none stands behind it.

    `spoken` tells a Chinese numeral from digits, `shared` that the unit is that of a later number.
    """

    start: int
    end: int
    low: float
    high: float
    rough: str
    unit: str | None
    spoken: bool = False
    shared: bool = False

    @property
    def is_span(self) -> bool:
        """Whether low and high differ."""
        return self.low != self.high


_COUNTERS = frozenset(COUNTED) | {"次", "遍", "回", "架次", "车次", "人次", "趟", "模"}
_ONE_OR_TWO = 2
_MANY_WEEKS = 150
_YEARS = (1900, 2100)
_REIGN = re.compile(
    r"(?:顺治|康熙|雍正|乾隆|嘉庆|道光|咸丰|同治|光绪|宣统|民国|洪武|永乐|嘉靖|万历|崇祯|贞观|开元|公元前?)\s?\Z"
)
_FORMULA_DIGIT = re.compile(r"[2-9]")
_FIXED_PHRASE = re.compile(
    r"[一二三四五六七八九多双][元](?!钱|每|一|/|以|左|[,。;])|[四双][周](?![后内时龄])"
    r"|[一二三四五六七八九](?:方|目|位)(?![,。;])|一(?:天|年|周|秒|小时|分钟|个月|昼夜)(?!后|以|之|内|期)"
    r"|一(?:亩|度|吨|斤|公斤|千克|丝|方|立方|级|目|位|元|升)(?!多)"
)
_A_RATE = re.compile(r"[每一](?:分钟|小时|秒|天)\Z")
_RATE_OF = re.compile(r"[\d一二两三四五六七八九十半]")
_DESIGNATION = re.compile(r"(?:[A-Za-z_]|[A-Za-z]-|第|<,|GB(?:/T)?\s|ISO\s|No\.?\s?)\Z")
_NOT_A_UNIT_BEFORE = {
    "年": re.compile(r"[代级度末底初]"),
    "d": re.compile(r"\s?(?:打印|轨道|电子)"),
    "K": re.compile(r"(?:高清|超高清|视频|分辨|显示|屏|片)"),
    "°": re.compile(r"\s?[NSEW′\d]"),
    "次": re.compile(r"(?:方|元|要|性|级|品|之)"),
    "模": re.compile(r"(?:块|式|型|态|组|具|数|糊|拟|腔|板|量|压)"),
    "支": re.compile(r"(?:链|持|撑|架|座|付|出)"),
    "条": re.compile(r"件"),
    "份": re.compile(r"额"),
    "口": re.compile(r"(?:径|腔)"),
    "片": re.compile(r"(?:区|段)"),
    "处": re.compile(r"(?:理|于)"),
    "只": re.compile(r"(?:是|有|能|要|需|用|占)"),
    "家": re.compile(r"(?:庭|电|具)"),
    "名": re.compile(r"(?:优|称)"),
    "回": re.compile(r"(?:收|归|路)"),
    "头": re.compile(r"(?:孢|发|部)"),
    "周": re.compile(r"(?:期|围|边)"),
    "件": re.compile(r"套"),
    "转": re.compile(r"[速动子换化向移矩运炉基录让型变折弯接盘台鼓筒轴辊入到为成正]"),
    "单": re.compile(r"[元独个机位纯片体品薄簿据质边一程向层晶色批件只台芯股相根只极模目次击宁]"),
    "笔": re.compile(r"[记者画试直尖]"),
    "锭": re.compile(r"[子速型模]"),
    "粒": re.compile(r"[径度子状级]"),
    "米": re.compile(r"(?:粉|饭|糠)"),
    "元": re.compile(
        r"\s?(?:素|件|器|线|阵|MEMS|回归|非线性|方程|函数|体系|共聚|催化|电池|材料|系|合金|统计)"
    ),
    "方": re.compile(r"(?:面|法|案|式|向|程)"),
    "a": re.compile(r"\s?[=)]"),
}
_ISOTOPE = re.compile(r"(?:1[458][NOC]|[23]H)$")


def find(text: str) -> list[Quantity]:
    """All numbers of a folded text in reading order, with units where they have any."""
    found = (_quantity(text, match) for match in QUANTITY.finditer(text))
    # digits enough to leave the range of a float are a number of something else
    return [q for q in found if q is not None and math.isfinite(q.low) and math.isfinite(q.high)]


def _quantity(text: str, match: re.Match[str]) -> Quantity | None:
    if match["share"] or match["tenths"] or match["doublings"]:
        part = (
            numerals.share(match["share"]) if match["share"]
            else numerals.tenths(match["tenths"]) if match["tenths"]
            else numerals.doublings(match["doublings"])
        )  # fmt: skip
        return Quantity(*match.span(), part.low, part.high, part.rough, "", spoken=True)
    number, unit = _number(match), match["unit"]
    if match["period"]:
        unit = "个" + match["period"]
    if unit == "周" and number.low > _MANY_WEEKS:
        unit = "周次"  # 1000 周 of charging are cycles
    spoken = match["arabic"] is None
    if match["sign"] and not match["sign"].startswith("+"):
        number = number.times(-1)
    found = Quantity(
        match.start(), match.end(), min(number.low, number.high), max(number.low, number.high),
        number.rough, unit, spoken=spoken,
    )  # fmt: skip
    if re.search(r"[\d)A-Za-z]\s?[+*^]\s?\Z", text[max(0, match.start() - 4) : match.start()]):
        return None  # a term of an equation
    if unit is None:
        return replace(found, end=match.end("number"))
    return found if _is_quantity(text, found, match) else None


def _number(match: re.Match[str]) -> Number:
    if match["arabic"]:
        number = numerals.arabic(match["arabic"])
    elif match["chinese"]:
        number = numerals.chinese(match["chinese"])
    else:
        number = Number(0.5, 0.5)
    more = 0.5 if match["and_half"] or match["tail"] == "半" else 0.0
    if match["tail"] and match["tail"] != "半":
        more = numerals.chinese(match["tail"]).low / 10  # 五秒六, 一块二
    return Number(number.low + more, number.high + more, number.rough) if more else number


def _is_quantity(text: str, found: Quantity, match: re.Match[str]) -> bool:
    unit, before, after = found.unit or "", text[max(0, found.start - 5) : found.start], found.end
    shown = match.group("number")
    if unit in _COUNTERS and found.spoken and found.high <= _ONE_OR_TWO:
        return is_bounded(text, found.start, found.end)
    if unit == "年" and (_is_year(found) or _REIGN.search(before)):
        return False
    if found.spoken and _FIXED_PHRASE.match(shown + text[match.start("unit") : after + 1]):
        rate = _A_RATE.search(before)
        return bool(rate) or (
            is_bounded(text, found.start, found.end) and not _RATE_OF.match(text, after)
        )
    refused = _NOT_A_UNIT_BEFORE.get(unit)
    if (refused and refused.match(text, after)) or _ISOTOPE.match(text[found.start : after]):
        return False
    return not _DESIGNATION.search(before) or _stands_glued(unit, shown, before)


def _stands_glued(unit: str, shown: str, before: str) -> bool:
    """Whether a number right behind a letter is one: COD360mg/L, but not TiO2纳米 or 第3期."""
    if _FORMULA_DIGIT.fullmatch(shown) and "\u4e00" <= unit[:1] <= "\u9fff":
        return False
    return before[-1:] not in "第, " and unit not in _COUNTERS and (len(unit) > 1 or unit in "%℃‰")


def _is_year(found: Quantity) -> bool:
    return _YEARS[0] <= abs(found.low) <= _YEARS[1] and float(found.low).is_integer()
