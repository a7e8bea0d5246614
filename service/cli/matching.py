"""`jiebang match`: files in, matches out, through the pipeline of the service."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from corpora.readers import read_records
from corpora.spreadsheet import export_rows
from corpora.taxonomy import fit_labels
from matcher.index import ListingIndex
from matcher.listing import KINDS, Direction, Kind, Listing
from matcher.pipeline import Answer, Matcher
from service.cli.console import (
    CommandError,
    console,
    errors,
    file_encoder,
    progress,
    require_file,
    settings,
    write_bytes,
)
from service.matchbook import sheets
from service.present import answer_row, chance
from service.served import served_config


class Format(StrEnum):
    """How `match` writes its result."""

    TABLE = "table"
    JSONL = "jsonl"
    TREC = "trec"
    XLSX = "xlsx"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("match")(match)


def match(
    needs: Annotated[Path, typer.Option("--needs", help="需求文件：CSV、XLSX 或 JSONL")],
    achievements: Annotated[
        Path, typer.Option("--achievements", help="成果文件：CSV、XLSX 或 JSONL")
    ],
    top_k: Annotated[int, typer.Option("--top-k", min=1, help="每条返回几个")] = 10,
    direction: Annotated[
        Direction, typer.Option("--direction", help="谁找谁")
    ] = Direction.NEED_TO_ACHIEVEMENT,
    format_: Annotated[Format, typer.Option("--format", help="输出格式")] = Format.TABLE,
    out: Annotated[Path | None, typer.Option("--out", help="输出文件；不给则打到屏幕")] = None,
) -> None:
    """不用数据库，直接匹配两个文件。"""
    if format_ is Format.XLSX and out is None:
        raise CommandError("xlsx 格式要用 --out 给出文件名，例如 --out 对接手册.xlsx")
    listings = {
        Kind.NEED: _read(require_file(needs), Kind.NEED),
        Kind.ACHIEVEMENT: _read(require_file(achievements), Kind.ACHIEVEMENT),
    }
    chosen = settings()
    encoder, config = file_encoder(chosen), served_config(chosen.home)
    corpus_kind = direction.corpus_kind
    with progress(f"编码{KINDS[corpus_kind].label_zh}") as report:
        index = ListingIndex.build(
            corpus_kind, listings[corpus_kind], encoder, config, progress=report
        )
    matcher = Matcher({corpus_kind: index}, encoder, config, fit_labels())
    with progress("匹配") as report:
        answers = matcher.match_all(
            listings[direction.query_kind],
            top_k=top_k,
            with_explanations=format_ is not Format.TREC,
            progress=report,
        )
    _write(answers, format_, out)


def _read(path: Path, kind: Kind) -> list[Listing]:
    """Listings of a file; what is odd or refused is told on the error stream."""
    result = read_records(path, path.name, kind, strict=False)
    for notice in [*result.warnings, *result.errors]:
        errors.print(f"{path.name}：{notice}", markup=False, highlight=False, soft_wrap=True)
    if result.errors:
        errors.print(
            f"{path.name}：{len(result.rejected)} 行有误，未参与匹配", markup=False, highlight=False
        )
    if not result.records:
        msg = f"{path.name} 里没有可用的{KINDS[kind].label_zh}；请按上面的说明修改"
        raise CommandError(msg)
    return [
        record.to_listing(record.id or f"{KINDS[kind].id_field.partition('_')[0]}-{row}")
        for row, _, record in result.records
    ]


def _write(answers: Sequence[Answer], format_: Format, out: Path | None) -> None:
    if format_ is Format.TABLE and out is None:
        for answer in answers:
            console.print(table(answer))
        return
    if format_ is Format.XLSX:
        content = export_rows(sheets(answers))
    else:
        writer = {Format.JSONL: _jsonl, Format.TREC: _trec, Format.TABLE: _plain}[format_]
        content = writer(answers).encode()
    if out is None:
        typer.echo(content.decode(), nl=False)
    else:
        write_bytes(out, content)
        errors.print(f"已写入 {out}（{len(answers)} 条）", markup=False, highlight=False)


def table(answer: Answer) -> Table:
    """One answer as a table for the terminal."""
    query = answer.query
    shown = Table(title=f"{query.id}  {query.title}", title_justify="left", expand=True)
    shown.add_column("名次", justify="right", width=4)
    shown.add_column("编号", overflow="fold", ratio=2)
    shown.add_column("得分", justify="right", width=8)
    shown.add_column("把握", justify="right", width=8)
    shown.add_column("名称与依据", overflow="fold", ratio=9)
    for m in answer.matches:
        passages = m.explanation.passages if m.explanation else ()
        best = max(passages, key=lambda p: p.weight, default=None)
        reason = f"\n[dim]{_escaped(best.text)}[/dim]" if best and best.start else ""
        shown.add_row(
            str(m.rank),
            m.listing.id,
            f"{m.score:.4f}",
            f"{m.band.label_zh} {chance(m.probability)}"
            if m.band and m.probability is not None
            else "",
            _escaped(m.listing.title) + reason,
        )
    if answer.matches and not answer.answered:
        shown.caption = "没有合适的对象：以上是最接近的几条，把握都低于可以推荐的线。"
        shown.caption_justify = "left"
    return shown


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")


def _jsonl(answers: Sequence[Answer]) -> str:
    return "".join(json.dumps(answer_row(a), ensure_ascii=False) + "\n" for a in answers)


def _trec(answers: Sequence[Answer]) -> str:
    return "".join(
        f"{a.query.id} Q0 {m.listing.id} {m.rank} {m.score:.6f} served\n"
        for a in answers
        for m in a.matches
    )


def _plain(answers: Sequence[Answer]) -> str:
    with console.capture() as captured:
        for answer in answers:
            console.print(table(answer))
    return captured.get()
