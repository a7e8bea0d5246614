"""Rows of an XLSX workbook, read as a stream; formulas are shown, never trusted."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from corpora.normal import fold, shorten
from corpora.problems import FileError, joined
from corpora.rows import RawRow, Unreadable, has_text
from corpora.tabular import Line, known_headers, table_rows, unescaped
from matcher.listing import Kind

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

DATA_SHEET = "数据"
_UNPACKED_BYTES = 1_000_000_000
_FORMULA_CURE = "请复制该格,用“选择性粘贴—数值”粘回后再导入"


def xlsx_rows(content: bytes, kind: Kind, *, strict: bool) -> Iterator[RawRow]:
    """Rows of the sheet 数据, else of the first with our headers, else of the first with data.

    Raises FileError when the workbook cannot be opened, is empty, or lacks a required column.
    """
    book = _open(content)
    return table_rows(_lines(book, _sheet(book, kind)), kind, strict=strict)


def xlsx_sheets(content: bytes, names: Sequence[str]) -> dict[str, Iterator[Line]]:
    """The rows of several sheets, which are known by their names in any spelling.

    Raises FileError when the workbook cannot be opened or lacks one of them; so do the rows when the
    sheet is damaged.
    """
    book = _open(content)
    present = {fold(sheet.title): sheet.title for sheet in book.worksheets}
    missing = [name for name in names if fold(name) not in present]
    if missing:
        shown = joined(sheet.title for sheet in book.worksheets)
        raise FileError(
            f"缺少工作表{'、'.join(f'“{name}”' for name in missing)}。文件里的工作表:{shown}",
            "请下载模板填写,不要改动或删去工作表",
        )
    return {name: _plain(_lines(book, present[fold(name)])) for name in names}


def _plain(lines: Iterator[Line]) -> Iterator[Line]:
    return ((number, [unescaped(cell) for cell in cells]) for number, cells in lines)


def _open(content: bytes) -> Workbook:
    cure = "请用 Excel 或 WPS 打开后另存为新的 XLSX 文件"
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _UNPACKED_BYTES:
            raise FileError(f"表格解压后过大({unpacked // 1_000_000} MB)", "请拆成几个文件")
        return load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError("不是完好的 XLSX 文件", cure) from error
    except SyntaxError as error:  # what the XML parser raises
        raise FileError("XLSX 文件内部已损坏", cure) from error


def _sheet(book: Workbook, kind: Kind) -> str:
    names = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if DATA_SHEET in names:
        return DATA_SHEET
    filled = []
    for name in names:
        head = [cells for _, cells in _lines(book, name, until=10)]
        if any(known_headers(cells, kind) for cells in head):
            return name
        if any(has_text(cell) for cells in head for cell in cells):
            filled.append(name)
    if not filled:
        raise FileError("表格里没有数据", "请确认内容填在第一张工作表,或下载模板填写")
    return filled[0]


def _lines(book: Workbook, name: str, until: int | None = None) -> Iterator[Line]:
    # read-only sheets have this method, the type stubs describe the other kind
    sheet: Any = book[name]
    sheet.reset_dimensions()  # some programs write a wrong extent, which would hide columns
    try:
        for number, cells in enumerate(sheet.iter_rows(max_row=until), start=1):
            yield number, _trimmed([_value(cell) for cell in cells])
    except (SyntaxError, KeyError, ValueError) as error:
        raise FileError("XLSX 文件内部已损坏", "请用 Excel 或 WPS 打开后另存为新文件") from error


def _trimmed(cells: list[object]) -> list[object]:
    while cells and not has_text(cells[-1]):
        cells.pop()
    return cells


def _value(cell: Any) -> object:  # noqa: ANN401 - EmptyCell and ReadOnlyCell share no base
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        text = getattr(value, "text", None) or value
        return Unreadable(shorten(text), "公式单元格,不读取计算结果", _FORMULA_CURE)
    if cell.data_type == "e":
        return Unreadable(shorten(value), "单元格是错误值", "请改正公式或改填内容")
    return value
