"""Numbers as Chinese texts write them: patterns to find them and their values.

Covered are Arabic digits with separators of thousands, powers of ten and Chinese multiples (6 000万,
1.2×10⁻³), Chinese numerals with their spoken short forms (两千八, 一百二, 一点五) and pairs that
name a span (六七, 三十三四), parts (百分之三十, 八成五) and doublings (翻两番).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from matcher.analyzer import normalise

_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACE = {"十": 10.0, "百": 100.0, "千": 1000.0}
_MYRIAD = {"万": 1e4, "亿": 1e8}
_MULTIPLE = {"百": 1e2, "千": 1e3, "万": 1e4, "十万": 1e5, "百万": 1e6, "千万": 1e7, "亿": 1e8,
             "万亿": 1e12}  # fmt: skip
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")

_SIGNS = {
    "−": "-", "‐": "-", "‑": "-", "–": "-", "﹣": "-", "∼": "~", "〜": "~", "˜": "~",
    "µ": "μ", "\u2126": "Ω", "\u212a": "K", "•": "·", "⋅": "·", "∙": "·", "・": "·",
    "≧": "≥", "⩾": "≥", "≦": "≤", "⩽": "≤", "﹤": "<", "﹥": ">", "﹪": "%", "∶": ":", "×": "×",
    "✕": "×", "╳": "×", "º": "°", "φ": "Φ", "∅": "Φ", "⌀": "Φ", "ø": "Φ",
}  # fmt: skip


@lru_cache(maxsize=1)
def _folding() -> dict[int, str]:
    """Full-width to half-width, dashes and signs to one form, traditional to simplified."""
    han = "".join(map(chr, (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))))
    table = {ord(a): b for a, b in zip(han, normalise(han), strict=True) if a != b}
    table |= {0xFEE0 + point: chr(point) for point in range(0x21, 0x7F)}
    table |= {point: " " for point in range(0x10000) if unicodedata.category(chr(point)) == "Zs"}
    return table | {ord(sign): plain for sign, plain in _SIGNS.items()}


def fold(text: str) -> str:
    """`text` in the form that the patterns expect, character to character; case is kept."""
    return text.translate(_folding())


_EXPONENT = r"(?:\^?\(?[-+]?[1-9]\d?\)?|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}|的负?\d{1,2}次方)"
POWER = rf"\s?[×xX*·]\s?10{_EXPONENT}"
"""A power of ten behind a factor."""
_BARE_POWER = r"10(?:\^\(?[-+]?\d{1,2}\)?|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2}|的负?\d{1,2}次方)"
_DIGITS = (
    r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,3}(?: \d{3})+(?!\d)|\d+)"
    r"(?:\.\d+(?: \d{1,3}(?=[,;)、。]|$))?)?"
)
_TIMES = r"\s?(?:十万|百万|千万|万亿|亿|万|百(?![分帕])|千(?![克瓦米伏帕卡赫焦牛字安欧]))"
_SOME = r"(?:[多余]|来(?![自源看说]))"
ARABIC = rf"(?:{_BARE_POWER}|{_DIGITS}(?:{POWER})?{_SOME}?(?:{_TIMES})?{_SOME}?)"
_CN = "一二两三四五六七八九"
CHINESE = (
    rf"(?:[{_CN}十〇零](?:[{_CN}十〇零百万亿]|千(?![瓦米伏帕卡赫焦牛安欧克]))*(?:点[{_CN}〇零]+)?[万亿]?"
    rf"(?:{_SOME}[百千万亿]*)?)"
)
_UP_TO = r"(?:到|至|~|-)"
NINES = r"[三四五六七3-7]个[九9](?![\d.])"
"""四个九 is 0.9999."""
_SPOKEN_POWER = r"十的负[一二三四五六七八九十]+次方"
SHARE = (
    rf"(?:{NINES}|{_SPOKEN_POWER})|"
    rf"(?:十万|百万|千万|百|千|万|亿)分之(?:{CHINESE}|{_DIGITS})"
    rf"(?:{_UP_TO}(?:{CHINESE}|{_DIGITS})(?![\d.{_CN}十百千万亿分成%]))?"
)
TENTHS = (
    rf"(?:[{_CN}]{_UP_TO}(?=[{_CN}]成))?(?:{CHINESE}|{_DIGITS})"
    rf"成(?:[半{_CN}](?!成))?(?![分本果功型像为立绩品熟员套书])"
)
DOUBLINGS = rf"翻了?[{_CN}]番"

_PAIR = re.compile(r"(?<!点)([一二三四五六七八两])([二三四五六七八九])(?![一二三四五六七八九])")
_POWER_OF = re.compile(r"(?:(?P<factor>.+?)\s?[×xX*·]\s?)?10(?P<exponent>.+)$")
_ROUGH = re.compile(r"[多余来]")


@dataclass(frozen=True, slots=True)
class Number:
    """A value or, for spoken pairs such as 六七, a span; `rough` is 多/余, 来 or empty."""

    low: float
    high: float
    rough: str = ""

    @classmethod
    def exactly(cls, value: float, rough: str = "") -> Number:
        """The number of one value."""
        return cls(value, value, rough)

    def times(self, factor: float) -> Number:
        """The number in a multiple."""
        return Number(self.low * factor, self.high * factor, self.rough)


def arabic(text: str) -> Number:
    """The value of what `ARABIC` matched."""
    rough = _ROUGH.search(text)
    plain = re.sub(r"[, 多余来]", "", text)
    multiple = re.search(r"[十百千万亿]+$", plain)
    factor = _MULTIPLE[multiple.group()] if multiple else 1.0
    plain = plain[: multiple.start()] if multiple else plain
    return Number.exactly(float(f"{_arabic(plain) * factor:.15g}"), rough.group() if rough else "")


def _arabic(plain: str) -> float:
    power = _POWER_OF.fullmatch(plain) if re.search(r"[×xX*·^⁰¹²³⁴⁵⁶⁷⁸⁹⁻的]", plain) else None
    if power is None:
        return float(plain)
    exponent = power["exponent"].translate(_SUPERSCRIPT).replace("负", "-")
    return float(f"{power['factor'] or 1}e{int(re.sub(r'[^0-9+-]', '', exponent))}")


def chinese(text: str) -> Number:
    """The value of what `CHINESE` matched; 六七 and 两千五六 give both ends."""
    rough = _ROUGH.search(text)
    plain = _ROUGH.sub("", text)
    pair = None if re.fullmatch(rf"[{_CN}零〇]{{3,}}", plain) else _PAIR.search(plain)
    if pair and _DIGIT[pair[2]] == _DIGIT[pair[1]] + 1:
        low = plain[: pair.start(2)] + plain[pair.end(2) :]
        high = plain[: pair.start(1)] + plain[pair.end(1) :]
        return Number(_chinese(low), _chinese(high), rough.group() if rough else "")
    return Number.exactly(_chinese(plain), rough.group() if rough else "")


def _chinese(plain: str) -> float:
    whole, _, decimals = plain.partition("点")
    for tail in "亿万":  # 三点五万: the multiple stands behind the decimals
        if decimals.endswith(tail):
            return _chinese(plain[:-1]) * _MYRIAD[tail]
    if decimals:
        return float(f"{_whole(whole):.0f}." + "".join(str(_DIGIT[c]) for c in decimals))
    return _whole(whole)


def _whole(text: str) -> float:
    """Positional value; a last digit right behind a place counts for the next one: 两千八."""
    if not re.search(r"[十百千万亿]", text):
        return float("".join(str(_DIGIT[c]) for c in text) or 0)
    total = section = digit = 0.0
    last = 10.0
    for c in text:
        if c in _DIGIT:
            digit = float(_DIGIT[c])
            if digit == 0:
                last = 10.0
        elif c in _PLACE:
            section += (digit or 1.0) * _PLACE[c]
            digit, last = 0.0, _PLACE[c]
        else:
            total = (total + section + digit) * _MYRIAD[c]
            section, digit, last = 0.0, 0.0, _MYRIAD[c]
    return total + section + digit * last / 10


def any_number(text: str) -> Number:
    """The value of what `ARABIC` or `CHINESE` matched."""
    return arabic(text) if text[0].isdigit() else chinese(text)


def _from_to(text: str) -> Number:
    """A number, or the span between two (九到十一) in ascending order."""
    first, *others = re.split(_UP_TO, text)
    ends = [any_number(part) for part in (first, *others)]
    return Number(min(n.low for n in ends), max(n.high for n in ends), ends[-1].rough)


def share(text: str) -> Number:
    """The value of what `SHARE` matched, as a part of one: 千分之三, 百分之九到十一."""
    if "个" in text:
        return Number.exactly(round(1 - 10 ** -any_number(text[0]).low, 12))
    if "次方" in text:
        return Number.exactly(
            10 ** -any_number(text.removeprefix("十的负").removesuffix("次方")).low
        )
    whole, _, part = text.partition("分之")
    return _from_to(part).times(1 / _MULTIPLE[whole])


def tenths(text: str) -> Number:
    """The value of what `TENTHS` matched: 八成 is 0.8, 九成五 is 0.95, 七到八成 a span."""
    head, _, rest = text.partition("成")
    more = {"": 0.0, "半": 0.05}.get(rest, _DIGIT.get(rest, 0) / 100)
    tens = _from_to(head)
    low, high = (float(f"{v / 10 + more:.12g}") for v in (tens.low, tens.high))
    return Number(low, high, tens.rough)


def doublings(text: str) -> Number:
    """The value of what `DOUBLINGS` matched: 翻一番 is 2."""
    return Number.exactly(2.0 ** _DIGIT[text[-2]])
