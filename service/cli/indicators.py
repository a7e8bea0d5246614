"""`jiebang indicators`: what the texts of a file state in figures, as JSON Lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from corpora.jsonl import JsonLine, json_lines
from corpora.normal import clean
from corpora.rows import RawRow, RowReader
from matcher.indicators import parse
from matcher.listing import KINDS, Kind, Listing
from service.cli.console import CommandError, console, require_file, write_bytes

_IDS = ("_id", "id", *(spec.id_field for spec in KINDS.values()))
_TEXTS = ("text", "abstract")
_NEED_FIELDS = frozenset((KINDS[Kind.NEED].id_field, "problem_statement"))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("indicators")(indicators)


def indicators(
    file: Annotated[Path, typer.Argument(help="JSONL 文件：BEIR 格式、需求或成果记录")],
    out: Annotated[Path, typer.Option("--out", help="输出文件，每条记录一行 JSON")],
) -> None:
    """识别文本中的技术指标：名称、比较方式、数值、单位和位置，数值换算为基本单位。"""
    lines: list[str] = []
    count = 0
    for listing_id, text in _texts(require_file(file)):
        found = [asdict(indicator) for indicator in parse(text)]
        count += len(found)
        lines.append(json.dumps({"id": listing_id, "indicators": found}, ensure_ascii=False))
    write_bytes(out, ("\n".join(lines) + "\n").encode())
    console.print(
        f"已读 {len(lines)} 条，识别出 {count} 项指标，写入 {out}", markup=False, highlight=False
    )


def _texts(file: Path) -> Iterator[tuple[str, str]]:
    """Id and text of each row; raises CommandError, naming the line, for one that has none."""
    readers = {kind: RowReader(kind, strict=False) for kind in Kind}
    empty = True
    for line in json_lines(_content(file)):
        empty = False
        if line.problem:
            raise CommandError(
                f"{file} 第 {line.number} 行：{line.problem}；请改为每行一个 JSON 对象"
            )
        row_id = next((line.row[name] for name in _IDS if line.row.get(name)), line.number)
        yield str(row_id), _plain_text(file, line) or _record_text(file, line, readers)
    if empty:
        raise CommandError(f"{file} 里没有数据；请确认文件内容，每行应为一个 JSON 对象")


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{file} 不是 UTF-8 编码（第 {error.start} 字节）；请另存为 UTF-8"
        raise CommandError(msg) from error
    except OSError as error:
        raise CommandError(f"无法读取 {file}：{error.strerror}；请检查权限") from error


def _plain_text(file: Path, line: JsonLine) -> str:
    """Title and text of a row in the BEIR layout or with a bare abstract; "" for a record."""
    row = line.row
    record = any(spec.id_field in row for spec in KINDS.values()) and "text" not in row
    body = "" if record else next((row[name] for name in _TEXTS if name in row), "")
    title = row.get("title") or ""
    if not body:
        return ""
    if not isinstance(body, str) or not isinstance(title, str):
        raise CommandError(f"{file} 第 {line.number} 行：title 和 text 应为文字；请改正")
    try:
        return Listing("", Kind.ACHIEVEMENT, clean(title), clean(body)).text
    except ValueError as error:
        raise CommandError(f"{file} 第 {line.number} 行：{error}；请更正后重试") from error


def _record_text(file: Path, line: JsonLine, readers: dict[Kind, RowReader]) -> str:
    """The text of a row under the field names of records, as it would be matched."""
    kind = Kind.NEED if _NEED_FIELDS & line.row.keys() else Kind.ACHIEVEMENT
    reader = readers[kind]
    record = reader.read(RawRow(line.number, line.row))
    if record is None:
        reason = str(reader.errors[-1]) if reader.errors else "示例行没有内容"
        raise CommandError(f"{file}：{reason}")
    return Listing("", kind, record.title, record.body()).text
