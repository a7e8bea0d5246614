"""Workbooks of several sheets to fill in and to take away in the same layout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from corpora.spreadsheet import GUIDE_SHEET, HEAD, literal, safe_cell, saved

_LIST_SHEET = "列表"
_ROWS = 5000
_SHOWN_CHOICES = 12


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, what may stand in it (a drop-down), and what the guide says of it."""

    label: str
    required: bool = False
    choices: tuple[str, ...] = ()
    hint: str = ""
    width: int = 18

    @property
    def header(self) -> str:
        """The label, with a star where the column must be filled in."""
        return self.label + "*" * self.required


@dataclass(frozen=True, slots=True)
class FilledSheet:
    """A sheet and its rows; with `example` they are set off as such."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    example: bool = False


def form_book(sheets: Sequence[FilledSheet], guide: Sequence[str]) -> bytes:
    """An XLSX workbook with drop-downs and a guide; no cell is a formula."""
    book = Workbook()
    if isinstance(book.active, Worksheet):
        book.remove(book.active)
    pages = [(book.create_sheet(sheet.name), sheet) for sheet in sheets]
    _guide(book.create_sheet(GUIDE_SHEET), sheets, guide)
    lists = book.create_sheet(_LIST_SHEET)
    lists.sheet_state = "hidden"
    used = 0
    for page, sheet in pages:
        for number, column in enumerate(sheet.columns, start=1):
            _head(page, number, column)
            if column.choices:
                used += 1
                _drop_down(page, number, lists, used, column)
        for row in sheet.rows:
            page.append([literal(safe_cell(value)) for value in row])
        if sheet.example:
            _set_off(page)
        page.freeze_panes = "B2"
    return saved(book)


def _head(page: Worksheet, number: int, column: Column) -> None:
    cell = page.cell(row=1, column=number, value=column.header)
    cell.font, cell.fill = Font(bold=True), HEAD
    page.column_dimensions[get_column_letter(number)].width = column.width


def _set_off(page: Worksheet) -> None:
    for row in page.iter_rows(min_row=2):
        for cell in row:
            cell.font = Font(italic=True, color="808080")
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _drop_down(page: Worksheet, number: int, lists: Worksheet, used: int, column: Column) -> None:
    for row, value in enumerate((column.label, *column.choices), start=1):
        lists.cell(row=row, column=used, value=value)
    source = f"'{_LIST_SHEET}'!${get_column_letter(used)}$2:${get_column_letter(used)}${len(column.choices) + 1}"
    rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=False)
    page.add_data_validation(rule)
    rule.add(f"{get_column_letter(number)}2:{get_column_letter(number)}{_ROWS}")


def _guide(page: Worksheet, sheets: Sequence[FilledSheet], guide: Sequence[str]) -> None:
    for line in guide:
        page.append([line])
    page.append([])
    page.append(["工作表", "列名", "必填", "说明", "可选值"])
    for sheet in sheets:
        for column in sheet.columns:
            many = len(column.choices) > _SHOWN_CHOICES
            shown = "见下拉框" if many else "、".join(column.choices)
            needed = "是" if column.required else ""
            page.append([sheet.name, column.label, needed, column.hint, shown])
    for letter, width in zip("ABCDE", (16, 20, 8, 70, 50), strict=True):
        page.column_dimensions[letter].width = width
