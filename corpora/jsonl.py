"""JSON Lines: flat rows under our field names, or rows in the BEIR layout."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from corpora.fields import MAIN_TEXT, Shape, header_key, headers
from corpora.normal import shorten
from corpora.problems import FileError, RowError
from corpora.rows import RawRow
from matcher.listing import KINDS, Kind

_TEXTUAL = frozenset((Shape.TEXT, Shape.TEXTS, Shape.TARGETS, Shape.LINES))


@dataclass(frozen=True, slots=True)
class JsonLine:
    """A line that is not blank: its object, or what is wrong with it."""

    number: int
    text: str
    row: dict[str, object] = field(default_factory=dict)
    problem: str = ""


def json_lines(text: str) -> Iterator[JsonLine]:
    """The lines of `text` that are not blank, numbered from 1."""
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            at = f"(第 {error.colno} 个字符处)" if isinstance(error, json.JSONDecodeError) else ""
            yield JsonLine(number, line, problem=f"不是完好的 JSON{at}")
            continue
        if isinstance(row, dict):
            yield JsonLine(number, line, row)
        else:
            yield JsonLine(number, line, problem="不是 JSON 对象")


def _no_constant(name: str) -> float:
    raise ValueError(name)


def rows(text: str, kind: Kind) -> Iterator[RawRow]:
    """Rows of the file; a line that is no object becomes a row with a fault.

    Raises FileError when there is no line at all.
    """
    empty = True
    for line in json_lines(text):
        empty = False
        if line.problem:
            cure = "请改正这一行,每行应为一个 JSON 对象"
            fault = RowError(line.number, "", shorten(line.text), line.problem, cure)
            yield RawRow(line.number, {"原始行": line.text}, fault)
        else:
            yield RawRow(line.number, _cells(line.row, kind))
    if empty:
        raise FileError("文件里没有数据", "请确认文件内容,每行应为一个 JSON 对象")


def beir_row(row: Mapping[str, object]) -> dict[str, object]:
    """The row with the keys of its metadata beside its own; its own win."""
    metadata = row.get("metadata")
    own = {k: v for k, v in row.items() if k != "metadata"}
    return {**metadata, **own} if isinstance(metadata, dict) else own


def _cells(row: Mapping[str, object], kind: Kind) -> Mapping[str, object]:
    """A row under our names; the text of a BEIR row is all there is to match."""
    metadata = row.get("metadata")
    if "_id" not in row and not isinstance(metadata, dict):
        return row
    cells = beir_row(row)
    for name, ours in (("_id", KINDS[kind].id_field), ("text", MAIN_TEXT[kind])):
        if name in cells:
            cells[ours] = cells.pop(name)
    if isinstance(metadata, dict) and any(_adds_text(key, kind) for key in metadata):
        cells["body_complete"] = True
    return cells


def _adds_text(header: str, kind: Kind) -> bool:
    spec = headers(kind).get(header_key(header))
    return spec is not None and spec.shape in _TEXTUAL
