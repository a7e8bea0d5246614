"""XLSX files to fill in and to take away: templates with drop-downs, exports without formulas."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from corpora.fields import FIELDS, FieldSpec, Shape
from corpora.rows import EXAMPLE_MARK
from corpora.taxonomy import taxonomy
from corpora.workbook import DATA_SHEET
from matcher.listing import KINDS, Kind

Cell = str | int | float | date | None

GUIDE_SHEET = "填写说明"
_LIST_SHEET = "列表"
_ROWS = 2000
_CELL_LIMIT = 32_767
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NUMERIC = re.compile(r"[+-]?\d+(?:\.\d+)?")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEAD = PatternFill("solid", fgColor="DDEBF7")
_WIDTHS = {Shape.TEXT: 46, Shape.TEXTS: 36, Shape.TARGETS: 30, Shape.RIGHTS: 24}

_EXAMPLES: dict[Kind, dict[str, Cell]] = {
    Kind.NEED: {
        "need_id": EXAMPLE_MARK,
        "title": "烘干段水分波动大,求在线测控办法",
        "problem_statement": "隔膜浆料涂布后在烘箱内干燥,出口水分忽高忽低,"
        "靠人工每两小时取样,废品率约 4%。"
        "希望在不停机的情况下测出水分并自动调节风温。",
        "targets": "水分测量误差 ≤ 0.3 %\n响应时间 ≤ 5 s",
        "keywords": "水分在线测量、涂布烘干、闭环控制",
        "org": "某新材料有限公司",
        "region_code": "眉山市",
        "need_kind": "技术研发",
        "industry_chain": "动力电池",
        "trl_min": 6,
        "coop_modes": "委托开发、技术许可",
        "budget_min_cny_wan": 80,
        "budget_max_cny_wan": 150,
        "deadline": date(2027, 6, 30),
        "classified": "否",
    },
    Kind.ACHIEVEMENT: {
        "achievement_id": EXAMPLE_MARK,
        "title": "基于太赫兹反射的薄膜水分在线测量技术",
        "abstract": "利用太赫兹波在含水薄膜表面的反射差异反演水分,"
        "测头不接触料面,已在中试线上连续运行三个月。",
        "innovations": "双频差分消除厚度影响\n测头自带温度补偿",
        "metrics": "测量误差 ≤ 0.2 %\n采样周期 ≤ 1 s",
        "keywords": "太赫兹、水分测量、薄膜",
        "org": "某大学",
        "region_code": "成都市",
        "industry_chain": "先进装备",
        "stage": "中期阶段",
        "trl": 6,
        "coop_modes": "技术许可、合作开发",
        "price_mode": "面议",
        "price_wan": 120,
        "classified": "否",
    },
}


def safe_text(text: str) -> str:
    """`text` so that no program takes it for a formula: a `'` goes before = + - @, tab, CR.

    A plain number, signed or not, stays as it is. Characters that XML cannot hold are left out.
    """
    legal = _ILLEGAL.sub("", text)
    if legal.startswith(_FORMULA_STARTS) and not _NUMERIC.fullmatch(legal):
        return "'" + legal
    return legal


def safe_cell(value: object) -> Cell:
    """A value for a cell: numbers and dates as they are, everything else as safe text.

    A list becomes its items apart by 、. Raises ValueError on a text longer than a cell can hold
    (32,767 characters), rather than cutting it.
    """
    if value is None or isinstance(value, date):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return value
    text = "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    safe = safe_text(text)
    if len(safe) > _CELL_LIMIT:
        raise ValueError(f"a cell holds {_CELL_LIMIT} characters, not {len(safe)}")
    return safe


def export_rows(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[object]]]]) -> bytes:
    """An XLSX workbook of sheets `(name, header, rows)`; names are made legal and distinct."""
    book = Workbook(write_only=True)
    taken: set[str] = set()
    for name, header, rows in sheets:
        sheet = book.create_sheet(_sheet_name(name, taken))
        sheet.freeze_panes = "A2"
        for row in (header, *rows):
            sheet.append([literal(safe_cell(value)) for value in row])
    if not taken:
        book.create_sheet("空")
    return saved(book)


def literal(value: Cell) -> Cell:
    """openpyxl would store a string such as `#N/A` as an error value."""
    return f"'{value}" if isinstance(value, str) and value in ERROR_CODES else value


def _sheet_name(name: str, taken: set[str]) -> str:
    """At most 31 characters, none of `[]:*?/\\`, not used before (case aside)."""
    base = re.sub(r"[\[\]:*?/\\\x00-\x1f']", "_", name).strip()[:31] or "表"
    chosen, number = base, 1
    while chosen.casefold() in taken:
        number += 1
        tail = f"({number})"
        chosen = base[: 31 - len(tail)] + tail
    taken.add(chosen.casefold())
    return chosen


def template(kind: Kind) -> bytes:
    """An XLSX form for `kind`: Chinese headers (* required), drop-downs, a guide, an example.

    The example row is marked 示例 in the column of identifiers, and the reader passes it over.
    """
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a worksheet")
    sheet.title = DATA_SHEET
    specs = [spec for spec in FIELDS[kind] if spec.in_template]
    lists = book.create_sheet(_LIST_SHEET)
    for column, spec in enumerate(specs, start=1):
        _head_cell(sheet, column, spec)
        if spec.taxonomy or spec.shape is Shape.FLAG:
            _drop_down(sheet, lists, column, spec)
        example = _EXAMPLES[kind].get(spec.name)
        cell = sheet.cell(row=2, column=column, value=safe_cell(example))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = Font(italic=True, color="808080")
    sheet.freeze_panes = "C2"
    lists.sheet_state = "hidden"
    _guide(book.create_sheet(GUIDE_SHEET), kind, specs)
    return saved(book)


def _head_cell(sheet: Worksheet, column: int, spec: FieldSpec) -> None:
    cell = sheet.cell(row=1, column=column, value=spec.label + ("*" if spec.required else ""))
    cell.font, cell.fill = Font(bold=True), HEAD
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    letter = get_column_letter(column)
    sheet.column_dimensions[letter].width = _WIDTHS.get(spec.shape, 18)


def _drop_down(sheet: Worksheet, lists: Worksheet, column: int, spec: FieldSpec) -> None:
    """A list to choose from; other values may be typed, as the reader keeps them with a notice."""
    values: list[Cell] = ["是", "否"]
    if spec.taxonomy == "trl":
        values = [int(code) for code in taxonomy("trl")]
    elif spec.taxonomy:
        values = list(taxonomy(spec.taxonomy).labels.values())
    for row, value in enumerate([spec.label, *values], start=1):
        lists.cell(row=row, column=column, value=value)
    letter = get_column_letter(column)
    source = f"'{_LIST_SHEET}'!${letter}$2:${letter}${len(values) + 1}"
    rule = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=False)
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{_ROWS}")


def _guide(sheet: Worksheet, kind: Kind, specs: Iterable[FieldSpec]) -> None:
    lines: list[tuple[str, ...]] = [
        (f"{KINDS[kind].label_zh}填写说明",),
        (f"在“{DATA_SHEET}”表中逐行填写,一行一条;带 * 的列必填。",),
        (f"编号为“{EXAMPLE_MARK}”的一行只作示范,不会导入,可保留也可删除。",),
        ("有下拉框的列请尽量从列表中选;列表外的内容也会保留,但会给出提示。",),
        ("不收涉密内容。联系人一类的列不公开,也不参与匹配。",),
        ("请勿使用公式;需要时用“选择性粘贴—数值”。",),
        (),
        ("列名", "必填", "说明", "可选值"),
    ]
    for spec in specs:
        chosen = taxonomy(spec.taxonomy).labels.values() if spec.taxonomy else ()
        shown = "见下拉框" if spec.taxonomy == "region" else "、".join(chosen)
        lines.append((spec.label, "是" if spec.required else "", spec.hint, shown))
    for line in lines:
        sheet.append(line)
    for letter, width in zip("ABCD", (26, 8, 36, 80), strict=True):
        sheet.column_dimensions[letter].width = width


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
