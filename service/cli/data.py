"""`import`, `template`, `export`, `backup`, `restore`: records in and out of the database."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy import make_url

from corpora.rejected import write_rejected_csv
from corpora.spreadsheet import template
from matcher.listing import KINDS, Kind
from service import changes, db, twins
from service.cli.console import (
    CommandError,
    console,
    errors,
    progress,
    require_file,
    settings,
    write_bytes,
)
from service.context import open_database, open_store
from service.importing import Import, import_file
from service.qrels import qrels
from service.settings import Settings

_SHOWN = 20
_SQLITE = b"SQLite format 3\x00"

KindOption = Annotated[Kind, typer.Option("--kind", help="need 需求，achievement 成果")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_)
    app.command("template")(template_)
    app.command("backup")(backup)
    app.command("restore")(restore)
    export = typer.Typer(help="导出数据。", no_args_is_help=True)
    export.command("qrels")(export_qrels)
    export.callback()(lambda: None)
    app.add_typer(export, name="export")


def import_(
    file: Annotated[Path, typer.Argument(help="CSV、XLSX 或 JSONL 文件")],
    kind: KindOption,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不入库")] = False,
) -> None:
    """导入记录：先整份检查，再一次性入库；有误的行写入 *.rejected.csv，改好可再导入。"""
    require_file(file)
    store = open_store(settings())
    first = import_file(
        store.engine,
        store.encoder,
        file,
        file.name,
        kind,
        dry_run=True,
        find_twins=twins.finder(store.engine, kind),
    )
    _report(first, file)
    rejected = file.with_name(f"{file.stem}.rejected.csv")
    if first.read.rejected:
        try:
            write_rejected_csv(rejected, first.read.rejected, first.read.errors)
        except OSError as error:
            msg = f"无法写入 {rejected}：{error.strerror}；请把文件放到可写的文件夹再导入"
            raise CommandError(msg) from error
        errors.print(f"有误的行已写入 {rejected}，改好后可直接导入", markup=False, highlight=False)
    if dry_run:
        console.print(f"检查完毕：{len(first.records)} 行可导入，{len(first.read.rejected)} 行有误")
        return
    with progress("编码") as report:
        done = import_file(store.engine, store.encoder, file, file.name, kind, progress=report)
    outcome = done.outcome
    if outcome is None:
        raise CommandError(f"{file.name} 里没有可导入的行；请按上面的说明修改")
    console.print(
        f"已导入{KINDS[kind].label_zh}：新增 {outcome.created}，更新 {outcome.updated}，"
        f"未变 {outcome.unchanged}，有误 {len(done.read.rejected)}"
    )


def _report(done: Import, file: Path) -> None:
    for notice in done.read.warnings:
        errors.print(f"提示：{notice}", markup=False, highlight=False, soft_wrap=True)
    _report_twins(done)
    if not done.read.errors:
        return
    table = Table(title=f"{file.name}：{len(done.read.errors)} 处有误", title_justify="left")
    for header in ("行", "列", "值", "问题", "怎么改"):
        table.add_column(header, overflow="fold")
    for error in done.read.errors[:_SHOWN]:
        cells = (str(error.row), error.column, error.value, error.problem, error.cure)
        table.add_row(*(cell.replace("[", "\\[") for cell in cells))
    errors.print(table)
    if len(done.read.errors) > _SHOWN:
        errors.print(f"其余 {len(done.read.errors) - _SHOWN} 处见 rejected.csv")


def _report_twins(done: Import) -> None:
    if not done.twins:
        return
    errors.print(f"疑似重复 {len(done.twins)} 处（照常导入，不合并）：", highlight=False)
    for twin in done.twins[:_SHOWN]:
        errors.print(f"  {twin}", markup=False, highlight=False, soft_wrap=True)
    if len(done.twins) > _SHOWN:
        errors.print(f"  其余 {len(done.twins) - _SHOWN} 处略", highlight=False)


def template_(
    kind: KindOption,
    out: Annotated[Path | None, typer.Option("--out", help="输出文件")] = None,
) -> None:
    """生成带中文表头、下拉选项和示例行的 XLSX 模板。"""
    path = out or Path(f"jiebang-{KINDS[kind].plural}-template.xlsx")
    write_bytes(path, template(kind))
    console.print(f"已写入 {path}", markup=False, highlight=False)


def export_qrels(
    out: Annotated[Path | None, typer.Option("--out", help="输出文件；不给则打到屏幕")] = None,
    judges: Annotated[int, typer.Option("--judges", min=1, help="至少几位评价人评过")] = 1,
) -> None:
    """把打分导出为 qrels（query-id、corpus-id、score；同一对取各评判人分数的中位数，取低者）。"""
    with db.reading(open_database(settings())) as session:
        text = qrels(session, judges=judges)
    if out is None:
        typer.echo(text, nl=False)
    else:
        write_bytes(out, text.encode())


def backup(file: Annotated[Path, typer.Argument(help="备份文件")]) -> None:
    """把数据库备份为一个文件；服务运行时也可以。"""
    source = _sqlite_path(settings())
    if not source.is_file():
        msg = f"还没有数据库 {source}；请先导入数据"
        raise CommandError(msg)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, scratch = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    except OSError as error:
        msg = f"无法写入 {file}：{error.strerror}；请换一个可写的路径"
        raise CommandError(msg) from error
    os.close(descriptor)
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(scratch)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    Path(scratch).replace(file)
    console.print(f"已备份到 {file}", markup=False, highlight=False)


def restore(file: Annotated[Path, typer.Argument(help="备份文件")]) -> None:
    """用备份替换数据库；索引随后自动重建。须先停止服务。"""
    require_file(file)
    if file.read_bytes()[: len(_SQLITE)] != _SQLITE:
        msg = f"{file} 不是备份文件；请选择 jiebang backup 生成的文件"
        raise CommandError(msg)
    with closing(sqlite3.connect(file)) as source:
        verdict = source.execute("PRAGMA integrity_check").fetchone()[0]
        tables = {r[0] for r in source.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        if verdict != "ok" or not {"listing", "change", "head"} <= tables:
            msg = f"{file} 已损坏或不是揭榜的备份；请换一份备份"
            raise CommandError(msg)
        chosen = settings()
        target = _sqlite_path(chosen)
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(target, timeout=2)) as live:
            try:
                live.execute("PRAGMA locking_mode=EXCLUSIVE")
                live.execute("BEGIN EXCLUSIVE")
                live.rollback()
            except sqlite3.OperationalError as error:
                raise CommandError("数据库正在使用；请先停止服务再恢复") from error
            source.backup(live)
    engine = db.make_engine(chosen.url)
    db.migrate(engine)
    changes.ensure_head(engine, renew=True)
    console.print(
        f"已从 {file} 恢复；索引会在下次启动时重建，不重新编码", markup=False, highlight=False
    )


def _sqlite_path(chosen: Settings) -> Path:
    url = make_url(chosen.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise CommandError("backup 和 restore 只用于 SQLite；PostgreSQL 请用 pg_dump 和 pg_restore")
    return Path(url.database)
