"""A roster from a workbook: rows by sheet, and every fault with its place and cure.

Nothing here knows of a database: whether a record exists is found out when the rows are imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from corpora.normal import shorten
from corpora.problems import CellError, FileError, RowError, joined
from corpora.rows import Unreadable, has_text
from corpora.workbook import xlsx_sheets
from service.events.roster.cells import EXAMPLE, header_key
from service.events.roster.layout import PARTIES, SHEETS, Field, Sheet

MOST_ROWS = 20_000
_HEADER_WITHIN = 10
_HIDDEN = "(不显示)"
_BLANK = " \t\r\n\u3000\xa0\ufeff"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and the sheet it stands on."""

    sheet: str
    error: RowError

    def as_row(self) -> dict[str, Any]:
        """The fault as JSON."""
        return {"sheet": self.sheet, **asdict(self.error)}


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be read: what it states, and what its cells show; an empty cell is left out."""

    sheet: Sheet
    number: int
    values: Mapping[str, Any]
    shown: Mapping[str, str]

    def fault(self, name: str, problem: str, cure: str) -> Fault:
        """A fault of this row in the column of a field."""
        column, value = self.sheet.label(name), self.shown.get(name, "")
        return Fault(self.sheet.name, RowError(self.number, column, value, problem, cure))


@dataclass(slots=True)
class ReadRoster:
    """The rows of every sheet by its name, and what is wrong with the others."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    refused_parties: set[str] = field(default_factory=set)
    """Names of organisations whose own row is at fault."""


def read_roster(content: bytes) -> ReadRoster:
    """Read a workbook. Raises FileError where it is none, or lacks sheets or columns."""
    if not content:
        raise FileError("文件是空的", "请确认上传的文件")
    lines = xlsx_sheets(content, [sheet.name for sheet in SHEETS])
    found = ReadRoster()
    for sheet in SHEETS:
        _read_sheet(sheet, lines[sheet.name], found)
    return found


def _read_sheet(
    sheet: Sheet, lines: Iterable[tuple[int, Sequence[object]]], found: ReadRoster
) -> None:
    rows = found.rows[sheet.name] = []
    filled = (line for line in lines if any(map(has_text, line[1])))
    columns = _columns(sheet, filled, found)
    first: dict[tuple[object, ...], int] = {}
    for count, (number, cells) in enumerate(filled):
        if count >= MOST_ROWS:
            raise FileError(f"工作表“{sheet.name}”超过 {MOST_ROWS} 行", "请拆成几个文件")
        stated = {f.name: cells[at] for f, at in columns if at < len(cells) and has_text(cells[at])}
        if not stated or _is_example(cells):
            continue
        row, faults = _read_row(sheet, number, stated)
        if not faults:
            key = tuple(row.values[name] for name in sheet.key)
            before = first.setdefault(key, number)
            if before != number:
                told = f"与第 {before} 行说的是同一{_SAME[sheet.name]}"
                faults.append(row.fault(sheet.key[-1], told, "合并成一行，或删去重复的行"))
        if faults:
            found.faults.extend(faults)
            if sheet is PARTIES:
                found.refused_parties.add(str(row.values.get("name", "")))
        else:
            rows.append(row)


_SAME = dict(zip((s.name for s in SHEETS), ("家单位", "个人", "条记录", "方意愿"), strict=True))


def _columns(
    sheet: Sheet, lines: Iterator[tuple[int, Sequence[object]]], found: ReadRoster
) -> list[tuple[Field, int]]:
    """Which field stands at which place of a row; the header is looked for in the first lines."""
    known = {header_key(f.column.label): f for f in sheet.fields}
    seen: list[object] = []
    for number, cells in lines:
        seen = seen or list(cells)
        at = {header_key(cell): place for place, cell in enumerate(cells) if has_text(cell)}
        if number > _HEADER_WITHIN or not at.keys().isdisjoint(known):
            missing = [f for key, f in known.items() if f.column.required and key not in at]
            if not missing:
                odd = [str(cells[place]) for key, place in at.items() if key not in known]
                if odd:
                    found.notices.append(
                        f"工作表“{sheet.name}”里不认识的列已忽略：{joined(map(shorten, odd))}"
                    )
                return [(f, at[key]) for key, f in known.items() if key in at]
            seen = list(cells)
            break
    else:
        missing = [f for f in sheet.fields if f.column.required]
    names = "、".join(f"“{f.column.label}”" for f in missing)
    shown = joined(shorten(cell, 20) for cell in seen if has_text(cell)) or "(空)"
    raise FileError(
        f"工作表“{sheet.name}”缺少列{names}。表里的列：{shown}",
        "请下载模板，表头照模板填写",
    )


def _is_example(cells: Sequence[object]) -> bool:
    return str(next(cell for cell in cells if has_text(cell))).startswith(EXAMPLE)


def _read_row(sheet: Sheet, number: int, stated: Mapping[str, object]) -> tuple[Row, list[Fault]]:
    values: dict[str, Any] = {}
    shown = {
        f.name: _HIDDEN if f.private else shorten(stated[f.name])
        for f in sheet.fields
        if f.name in stated
    }
    row = Row(sheet, number, values, shown)
    faults = []
    for f in sheet.fields:
        if f.name not in stated:
            if f.column.required:
                faults.append(row.fault(f.name, "必填，不能为空", "请补填"))
            continue
        cell = stated[f.name]
        if isinstance(cell, Unreadable):
            faults.append(row.fault(f.name, cell.problem, cell.cure))
            continue
        try:
            values[f.name] = f.read(cell.strip(_BLANK) if isinstance(cell, str) else cell)
        except CellError as error:
            faults.append(row.fault(f.name, error.problem, error.cure))
    return row, faults
