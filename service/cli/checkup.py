"""`jiebang check`: the check-up of every need in a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.table import Table

from corpora.readers import read_records
from corpora.records import NeedRecord
from matcher.checkup import SEVERITY_ZH, Checkup, check
from matcher.listing import KINDS, Kind
from service.checkup import checkup_row, draft_of
from service.cli.console import CommandError, console, errors, require_file, write_bytes

_ID = KINDS[Kind.NEED].id_field


class Format(StrEnum):
    """How the result is written."""

    TABLE = "table"
    JSONL = "jsonl"


@dataclass(frozen=True)
class Checked:
    """A need of the file: its row there, its identifier ("" without one), title and result."""

    row: int
    id: str
    title: str
    checkup: Checkup


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check_file)


def check_file(
    file: Annotated[Path, typer.Argument(help="需求文件：CSV、XLSX 或 JSONL")],
    format_: Annotated[Format, typer.Option("--format", help="输出格式")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option("--out", help="输出文件；不给则打到屏幕")] = None,
) -> None:
    """需求体检：逐条指出缺什么、哪里含糊，并给出该问的问题。"""
    checked = _checked(require_file(file))
    content = _jsonl(checked) if format_ is Format.JSONL else _plain(checked)
    if out is None:
        typer.echo(content, nl=False)
    else:
        write_bytes(out, content.encode())
        errors.print(f"已写入 {out}（{len(checked)} 条）", markup=False, highlight=False)


def _checked(file: Path) -> list[Checked]:
    """Every readable need with its result; what was refused is told on the error stream."""
    result = read_records(file, file.name, Kind.NEED, strict=False)
    for notice in [*result.warnings, *result.errors]:
        errors.print(f"{file.name}：{notice}", markup=False, highlight=False, soft_wrap=True)
    if not result.records:
        msg = f"{file.name} 里没有可用的{KINDS[Kind.NEED].label_zh}；请按上面的说明修改"
        raise CommandError(msg)
    # a file is read as needs here, so every record is one
    return [
        Checked(row, id_ or "", record.title, check(draft_of(cast(NeedRecord, record))))
        for row, id_, record in result.records
    ]


def _jsonl(checked: Sequence[Checked]) -> str:
    rows = ({_ID: c.id or None, "row": c.row} | checkup_row(c.checkup) for c in checked)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _plain(checked: Sequence[Checked]) -> str:
    mean = sum(c.checkup.score for c in checked) / len(checked)
    with console.capture() as captured:
        for c in checked:
            console.print(_table(c))
        console.print(f"共 {len(checked)} 条，平均 {mean:.0f} 分", highlight=False)
    return captured.get()


def _table(checked: Checked) -> Table:
    name = "  ".join(part for part in (checked.id or f"第 {checked.row} 行", checked.title) if part)
    shown = Table(
        title=f"{checked.checkup.score} 分  {_escaped(name)}", title_justify="left", expand=True
    )
    shown.add_column("", width=4)
    shown.add_column("缺什么", overflow="fold", ratio=3)
    shown.add_column("该问的问题", overflow="fold", ratio=5)
    for finding in checked.checkup.findings:
        severity = SEVERITY_ZH[finding.severity]
        shown.add_row(severity, _escaped(finding.message), _escaped(finding.question))
    return shown


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")
