"""Breaks Chinese text into lines: no punctuation at the wrong end, no cut words, no missing glyphs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator

REPLACEMENT = "〓"
"""What stands for a character that the font lacks, as Chinese printers have it."""

_NOT_FIRST = frozenset("，。、；：？！）》〉」』】〕｝”’…—～·％‰℃,.;:?!)]}%°")
_NOT_LAST = frozenset("（《〈「『【〔｛“‘([{￥$")
_UNITS = re.compile(r"[A-Za-z0-9\u00c0-\u024f\u0370-\u03ff_./+\-²³]+|.", re.DOTALL)
_ALIKE = {"⁻": "¯", "✓": "√", "✔": "√", "✗": "×", "\t": " ", "\u2028": "\n", "\u2029": "\n"}
_CARRIED = 4
"""At most so many characters go down to the next line to keep punctuation where it belongs."""


def printable(text: str, glyphs: Collection[int]) -> str:
    """`text` in characters that the font has: what looks alike, else a visible replacement."""
    return "".join(_shown(char, glyphs) for char in text.replace("\r\n", "\n"))


def _shown(char: str, glyphs: Collection[int]) -> str:
    if char == "\n" or (ord(char) in glyphs and char != "\u00ad"):
        return char
    if alike := _ALIKE.get(char):
        return alike
    if unicodedata.category(char) in ("Cc", "Cf", "Mn"):
        return ""
    plain = unicodedata.normalize("NFKC", char)
    return plain if all(ord(c) in glyphs for c in plain) else REPLACEMENT


def broken(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """`text` as lines no wider than `width`, in the unit of `measure`."""
    lines = []
    for paragraph in text.split("\n"):
        line: list[str] = []
        for unit in _units(paragraph, width, measure):
            if line and measure("".join((*line, unit))) > width:
                carried = _carried(line, unit)
                lines.append("".join(line).rstrip())
                line = carried
            if line or not unit.isspace():
                line.append(unit)
        lines.append("".join(line).rstrip())
    return lines


def _units(text: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    for found in _UNITS.finditer(text):
        unit = found[0]
        if measure(unit) <= width:
            yield unit
        else:
            yield from unit


def _carried(line: list[str], unit: str) -> list[str]:
    """Takes from the end of `line` what must stand before `unit` in the next one."""
    carried: list[str] = []
    while len(line) > 1 and len(carried) < _CARRIED:
        first = carried[0] if carried else unit
        if first not in _NOT_FIRST and line[-1] not in _NOT_LAST:
            break
        carried.insert(0, line.pop())
    return carried
