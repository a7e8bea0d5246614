"""From the cells of a roster to values; what cannot be read raises CellError with a cure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from corpora.normal import fold
from corpora.problems import CellError
from corpora.taxonomy import taxonomy
from corpora.uscc import normal_uscc
from service.accounts.inputs import Login
from service.events.roster.times import CURE, read_times
from service.events.tables import Interval
from service.inputs import Id

EXAMPLE = "示例："
"""What the first cell of a row begins with that is only an example."""
MOST_MEETINGS = 100_000
MOST_PRIORITY = 10
UNBOUNDED = "不限"
EVERYBODY = "全体"
_LINE = 80
_LOGIN: TypeAdapter[str] = TypeAdapter(Login)
_ID: TypeAdapter[str] = TypeAdapter(Id)
_APART = re.compile(r"[、,，;；\n]+")
_Value = TypeVar("_Value")


def line(what: str, longest: int = _LINE) -> Callable[[object], str]:
    """A name on one line."""

    def read(cell: object) -> str:
        plain = " ".join(_text(cell).split())
        if not 1 <= len(plain) <= longest or not plain.isprintable():
            raise CellError(f"{what}应为 1–{longest} 个字，不含控制字符", f"改填{what}")
        if plain.startswith(EXAMPLE):
            raise CellError(f"{what}不能以“{EXAMPLE}”开头，那是示例行的标记", f"改填{what}")
        return plain

    return read


def code(name: str) -> Callable[[object], str]:
    """A code of a list, given as code or label."""

    def read(cell: object) -> str:
        found = taxonomy(name).resolve(_text(cell)[:100])
        if found is None:
            raise CellError(f"不在“{taxonomy(name).title}”的列表内", "从下拉框里选择")
        return found

    return read


def choice(values: Mapping[str, _Value]) -> Callable[[object], _Value]:
    """One of a few words."""

    def read(cell: object) -> _Value:
        plain = "是" if cell is True else "否" if cell is False else _text(cell).strip()
        if plain not in values:
            raise CellError(
                f"应为{'、'.join(f'“{word}”' for word in values)}之一", "从下拉框里选择"
            )
        return values[plain]

    return read


def uscc(cell: object) -> str:
    """A credit code in normal form."""
    try:
        return normal_uscc(_text(cell))
    except ValueError as error:
        raise CellError(str(error), "对照营业执照或法人证书填写，单元格设为文本") from error


def mail(cell: object) -> str:
    """A mail address as one signs in with."""
    try:
        return _LOGIN.validate_python(_text(cell))
    except ValidationError as error:
        raise CellError("邮箱格式不对", "写成 name@example.com，一格一个邮箱") from error


def identifier(cell: object) -> str:
    """The id of a record."""
    try:
        return _ID.validate_python(_text(cell))
    except ValidationError as error:
        raise CellError("编号应为 1–200 个字，不含控制字符", "从记录的页面上复制编号") from error


def cap(cell: object) -> int | None:
    """The most meetings: a whole number; None for `不限`."""
    plain = _text(cell).strip()
    if plain == UNBOUNDED:
        return None
    digits = plain.isascii() and plain.isdigit() and len(plain) <= len(str(MOST_MEETINGS))
    if not digits or int(plain) > MOST_MEETINGS:
        raise CellError(f"应为 0 到 {MOST_MEETINGS} 的整数", f"只填数字，没有上限填“{UNBOUNDED}”")
    return int(plain)


def priority(cell: object) -> float:
    """How much a record counts."""
    try:
        found = float(_text(cell))
    except ValueError:
        found = -1.0
    if not 0 <= found <= MOST_PRIORITY:
        raise CellError(f"应为 0 到 {MOST_PRIORITY} 的数", "只填数字，一般的条目填 1")
    return found


def free(cell: object) -> list[Interval] | None:
    """The times at which somebody can come; a date that the program made of the text is a day."""
    if isinstance(cell, datetime):
        if cell.time() != datetime.min.time():
            raise CellError("只有一个时刻，不是时间段", CURE)
        return read_times(f"{cell:%Y-%m-%d}")
    return read_times(_text(cell))


def names(cell: object) -> list[str]:
    """Names apart by 、; none for `全体`."""
    plain = _text(cell)
    if plain.strip() == EVERYBODY:
        return []
    found = [" ".join(part.split()) for part in _APART.split(plain)]
    return list(dict.fromkeys(name for name in found if name))


def header_key(header: object) -> str:
    """The form in which headers are compared: without what stands in brackets."""
    return fold(re.split(r"[(（]", str(header))[0])


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
