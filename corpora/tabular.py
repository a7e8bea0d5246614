"""Rows of delimited text (CSV, TSV) and the header row of any table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from corpora.decoding import decode
from corpora.fields import FIELDS, MAIN_TEXT, FieldSpec, header_key, headers
from corpora.normal import shorten
from corpora.problems import FileError, RowError, joined
from corpora.rows import RawRow, has_text
from matcher.listing import KINDS, Kind

_DELIMITERS = (",", ";", "\t", "，", "|")
_HEADER_WITHIN = 10
_SURPLUS = "多余内容"
_CELL_BYTES = 2**31 - 1
_ERRORS = r"#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A)\Z"
_ESCAPED = re.compile(rf"'(?=[=+\-@\t\r]|{_ERRORS})")

Line = tuple[int, Sequence[object]]
"""Number of a row in the file and its cells."""


def csv_rows(content: bytes, kind: Kind, *, strict: bool) -> Iterator[RawRow]:
    """Rows of a delimited file, numbered as a spreadsheet program shows them (the header is 1).

    Raises FileError when the file cannot be decoded, holds no data, or lacks a required column.
    """
    text = decode(content, lambda t: _recognised(t, _delimiter(t, kind), kind) > 0)
    # the limit is a setting of the module; cells of any size are read, and refused one by one
    csv.field_size_limit(_CELL_BYTES)
    return table_rows(_lines(text, _delimiter(text, kind)), kind, strict=strict)


def table_rows(lines: Iterable[Line], kind: Kind, *, strict: bool) -> Iterator[RawRow]:
    """Rows below the header, which is looked for in the first lines; blank rows are left out.

    Raises FileError, before the first row is asked for, when there is no header or no row below it.
    """
    iterator = iter(lines)
    first = [line for line in islice(iterator, _HEADER_WITHIN) if any(map(has_text, line[1]))]
    if not first:
        raise FileError("文件里没有数据", "请确认文件内容;可先下载模板,按模板填写")
    at = max(range(len(first)), key=lambda n: (known_headers(first[n][1], kind), -n))
    header = [str(cell).strip() if has_text(cell) else "" for cell in first[at][1]]
    require_columns(header, kind, strict=strict)
    rest = _chain(first[at + 1 :], iterator)
    head = next(rest, None)
    if head is None:
        raise FileError("只有表头,没有数据行", "请在表头下方逐行填写")
    return _named(header, _chain([head], rest))


def known_headers(cells: Iterable[object], kind: Kind) -> int:
    """How many of the cells are headers of `kind`."""
    known = headers(kind)
    return sum(1 for cell in cells if isinstance(cell, str) and header_key(cell) in known)


def require_columns(header: Sequence[str], kind: Kind, *, strict: bool) -> None:
    """Raises FileError unless the columns without which nothing can be done are there.

    `strict` asks for name and main text, otherwise one of the two is enough.
    """
    known = headers(kind)
    present = {spec.name for h in header if (spec := known.get(header_key(h))) is not None}
    needed = [spec for spec in FIELDS[kind] if spec.name in ("title", MAIN_TEXT[kind])]
    missing = [spec for spec in needed if spec.name not in present]
    if not missing or (not strict and len(missing) < len(needed)):
        return
    seen = joined(h for h in header if h) or "(空)"
    names = "、".join(f"“{spec.label}”" for spec in missing)
    link = "和" if strict else "或"
    accepted = ";".join(f"{spec.label}可写作 {joined(_accepted(spec), 12)}" for spec in missing)
    raise FileError(
        f"缺少必需的列 {names.replace('、', link)}。文件里的列:{seen}",
        f"请把表头改为可识别的名称({accepted}),并确认导入的是{KINDS[kind].label_zh}",
    )


def _accepted(spec: FieldSpec) -> list[str]:
    return [spec.label, spec.name, *spec.aliases]


def _chain(first: Iterable[Line], rest: Iterable[Line]) -> Iterator[Line]:
    yield from first
    for line in rest:
        if any(map(has_text, line[1])):
            yield line


def _named(header: list[str], lines: Iterable[Line]) -> Iterator[RawRow]:
    names = _distinct(header)
    for number, cells in lines:
        row = dict(zip(names, map(unescaped, cells), strict=False))
        surplus = [c for c in cells[len(names) :] if has_text(c)]
        unnamed = has_text(row.get(""))
        stray = [row.pop("", None), *surplus] if unnamed else surplus
        row.pop("", None)
        if stray:
            row[_SURPLUS] = "、".join(map(str, stray))
            yield RawRow(number, row, RowError(number, "", shorten(stray[0]), *_SHIFTED))
        else:
            yield RawRow(number, row)


def unescaped(cell: object) -> object:
    """Without the sign that keeps spreadsheet programs from calculating a text."""
    return _ESCAPED.sub("", cell, count=1) if isinstance(cell, str) and cell[:1] == "'" else cell


_SHIFTED = (
    "有内容落在没有表头的列里",
    "正文里的英文逗号会把一格拆成两格:请给该格加英文双引号,或改用 XLSX;多余的列请补上表头或删去",
)


def _distinct(header: list[str]) -> list[str]:
    """Headers with a number after a repeated one, so that no cell hides another."""
    seen: dict[str, int] = {}
    names = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 or not name else f"{name}({seen[name]})")
    return names


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    yield from enumerate(reader, start=1)


def _delimiter(text: str, kind: Kind) -> str:
    """The delimiter under which most headers are recognised; of equals the one with more cells."""
    return max(
        _DELIMITERS,
        key=lambda d: (_recognised(text, d, kind), _width(text, d), d == _DELIMITERS[0]),
    )


def _head(text: str, delimiter: str) -> list[list[str]]:
    sample = io.StringIO(text[:100_000], newline="")
    csv.field_size_limit(_CELL_BYTES)
    return list(islice(csv.reader(sample, delimiter=delimiter), _HEADER_WITHIN))


def _recognised(text: str, delimiter: str, kind: Kind) -> int:
    return max((known_headers(row, kind) for row in _head(text, delimiter)), default=0)


def _width(text: str, delimiter: str) -> int:
    return len(next((row for row in _head(text, delimiter) if row), []))
