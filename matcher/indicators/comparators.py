"""Words and signs of comparison around a number: 不低于, ≥, 以上, 左右."""

from __future__ import annotations

import re
from enum import StrEnum


class Comparator(StrEnum):
    """How a text compares a quantity with its number."""

    GE = ">="
    GT = ">"
    LE = "<="
    LT = "<"
    EQ = "="
    APPROX = "~"
    RANGE = "range"


_NOT = r"(?:不能|不得|不要|不会|不可|不应|不许|不宜|不准|不想|不允许|切勿|勿|别|没有|没|未|不)再?"
_MORE = r"(?:超过|超出|大于|高于|多于|长于|超|逾|突破|多过|高过|快于)"
_LESS = r"(?:低于|少于|小于|短于|不足|不到|不满|未满|轻于|薄于|慢于)"
_FILL = r"(?:也|都)?(?:须|得|要|需|应|能)?(?:了|到|至|为|在|达到|达|等于|有|掉|是|够)?[::]?[^\S\n]?"

BEFORE = re.compile(
    rf"(?:(?P<ge>≥|>=|{_NOT}(?:低于|少于|小于|短于|低过|少过)|至少|最少|起码|大于或?等于|不下于?)"
    rf"|(?P<le>≤|<=|{_NOT}(?:{_MORE}|过)|至多|最多|小于或?等于|顶多)"
    rf"|(?P<gt>>|{_MORE})|(?P<lt><|{_LESS})"
    r"|(?P<best>优于|好于)"
    r"|(?P<approx>~|≈|(?<![节制预条特])约为?|大约|大概|(?<![附最邻远相])近(?!似)|将近|接近|差不多)"
    rf"|(?P<eq>=)){_FILL}\Z"
)
AFTER = re.compile(
    r"\s?(?:(?:及|或|和|与|甚至|及其)?(?:(?P<ge>以上|之上|往上|打底|起步)|(?P<le>以下|之下|往下|以内|之内|以里|封顶"
    r"|内(?![部径外含存容壁腔侧层源置涵燃压阻涂网标切注的])))|(?P<ge2>或?更[大高多长强久快远]|起(?=[,。;、]|$))|(?P<le2>或?更[小低少短轻薄细])|(?P<approx>左右|上下)|(?P<gt>开外"
    r"|多(?=[,。;、的就了才)]|$|\s|一)))"
)
_LOOK_BACK = 12
_OF_GROUP = {"ge": Comparator.GE, "le": Comparator.LE, "gt": Comparator.GT, "lt": Comparator.LT,
             "ge2": Comparator.GE, "le2": Comparator.LE, "approx": Comparator.APPROX, "eq": Comparator.EQ}  # fmt: skip
_ROUGH = {"多": Comparator.GT, "余": Comparator.GT, "来": Comparator.APPROX}
_LOWER_IS_BETTER = re.compile(r"精度|误差|偏差|不确定|分辨|粗糙|公差|平面度|损|漂移|噪声|重复性")


def is_bounded(text: str, start: int, end: int) -> bool:
    """Whether a word sets a bound to the number at `start`..`end`: 不超过一年, 一次以内."""
    before = BEFORE.search(text, max(0, start - _LOOK_BACK), start)
    after = AFTER.match(text, end)
    groups = {found.lastgroup for found in (before, after) if found is not None}
    return bool(groups & {"ge", "le", "gt", "lt", "ge2", "le2"})


def around(text: str, start: int, end: int, rough: str) -> tuple[Comparator, int, int, bool]:
    """The comparator of the number at `start`..`end`, its span with it, whether by a sign.

    A word behind the number counts more than one before it (约90%以上), both more than 多 within.
    """
    before = BEFORE.search(text, max(0, start - _LOOK_BACK), start)
    after = AFTER.match(text, end)
    found = _ROUGH.get(rough, Comparator.EQ)
    signed = False
    if before:
        group = before.lastgroup or "eq"
        signed = before.group(group) in ("≥", ">=", "≤", "<=", ">", "<", "=", "≈")
        if group == "best":
            context = text[max(0, before.start() - _LOOK_BACK) : before.start()]
            group = "le" if _LOWER_IS_BETTER.search(context) else "ge"
        found, start = _OF_GROUP[group], before.start()
    if after:
        found, end = _OF_GROUP[after.lastgroup or "ge"], after.end()
    return found, start, end, signed
