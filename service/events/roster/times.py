"""The times at which somebody can come, as people write them: `2027-05-18 09:00-11:00；2027-05-19`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, time

from corpora.problems import CellError
from service.events.grid import stamp
from service.events.inputs import YEARS
from service.events.tables import Interval

ALWAYS = "全程"
"""What stands for no bound at all."""
CURE = "写成 2027-05-18 09:00-11:00；2027-05-18 14:00-16:00，只写日期为全天"
MOST = 60
_DATE = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_TIME = r"(\d{1,2}):(\d{2})"
_PART = re.compile(rf"{_DATE}(?:\s*{_TIME}\s*(?:-|~|至|到)+\s*(?:{_DATE}\s*)?{_TIME})?")
_DASHES = str.maketrans(dict.fromkeys("–—−〜～", "-"))
_APART = re.compile(r"[;,、\n]+")
_LAST = time(23, 59)


def read_times(text: str) -> list[Interval] | None:
    """The times in order, those that touch as one; None for `全程`. Raises CellError."""
    plain = unicodedata.normalize("NFKC", text.translate(_DASHES)).translate(_DASHES)
    if plain.strip() == ALWAYS:
        return None
    parts = [part.strip() for part in _APART.split(plain) if part.strip()]
    if not parts:
        raise CellError("没有写出时间", CURE)
    if len(parts) > MOST:
        raise CellError(f"有 {len(parts)} 个时间段，最多 {MOST} 个", "合并相连的时间段")
    return joined_times(map(_interval, parts))


def show_times(times: Sequence[Interval] | None) -> str:
    """The times as they are read; `全程` for None."""
    return ALWAYS if times is None else "；".join(map(_shown, times))


def joined_times(times: Iterable[Interval]) -> list[Interval]:
    """Times in order, with those that overlap or touch made one, for a slot may lie across both."""
    found: list[Interval] = []
    for begin, end in sorted(times):
        if found and begin <= found[-1][1]:
            found[-1] = [found[-1][0], max(found[-1][1], end)]
        else:
            found.append([begin, end])
    return found


def _interval(part: str) -> Interval:
    match = _PART.fullmatch(part)
    if match is None:
        raise CellError(f"看不懂时间“{part[:40]}”", CURE)
    year, month, day, *rest = (int(g) if g else None for g in match.groups())
    try:
        begin = datetime(year or 0, month or 0, day or 0)
        if rest[0] is None:
            return _checked(part, begin, datetime.combine(begin, _LAST))
        last = datetime(*(rest[2:5])) if rest[2] else begin  # type: ignore[arg-type]
        begin = begin.replace(hour=rest[0], minute=rest[1] or 0)
        end = last.replace(hour=rest[5] or 0, minute=rest[6] or 0)
    except ValueError as error:
        raise CellError(f"没有这样的日期或时刻：{part[:40]}", CURE) from error
    return _checked(part, begin, end)


def _checked(part: str, begin: datetime, end: datetime) -> Interval:
    if begin.year not in YEARS or end.year not in YEARS:
        raise CellError(f"年份看来写错了：{part[:40]}", CURE)
    if begin >= end:
        raise CellError(f"结束应在开始之后：{part[:40]}", CURE)
    return [stamp(begin), stamp(end)]


def _shown(times: Interval) -> str:
    begin, end = map(datetime.fromisoformat, times)
    if begin.date() != end.date():
        return f"{begin:%Y-%m-%d %H:%M}-{end:%Y-%m-%d %H:%M}"
    if (begin.time(), end.time()) == (time(0), _LAST):
        return f"{begin:%Y-%m-%d}"
    return f"{begin:%Y-%m-%d %H:%M}-{end:%H:%M}"
