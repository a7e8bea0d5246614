"""`jiebang batch`: all needs against all achievements, resumable, comparable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table

from service.access import ITSELF
from service.batch import material, removing, results, runs
from service.batch.helper import helpers
from service.batch.queued import Queue
from service.batch.runs import Progress
from service.batch.tables import BatchRunRow, State
from service.batch.work import SHARD, Batch, Told
from service.cli.console import (
    CommandError,
    console,
    errors,
    progress,
    require_file,
    settings,
    write_bytes,
)
from service.context import Store, open_database, open_store
from service.db import is_postgresql, reading, writing
from service.served import served_config

_STATES_ZH = {State.RUNNING: "未完成", State.CANCELLED: "已取消", State.DONE: "完成"}
_SHOWN = 50
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="编号或其开头")]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="几个进程一起做")]
OutOption = Annotated[Path | None, typer.Option("--out", help="结果写到这个 JSONL 文件")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        name="batch", help="批量运行：全部需求 × 全部成果，断了可以续。", no_args_is_help=True
    )
    for command in (run, resume, status, cancel, diff, restore, export, delete, worker):
        group.command(command.__name__)(command)
    app.add_typer(group)


def run(
    folder: Annotated[
        Path | None, typer.Option("--folder", help="BEIR 布局的文件夹；不给则用数据库")
    ] = None,
    needs: Annotated[
        Path | None, typer.Option("--needs", help="只做这些需求：每行一个编号的文件")
    ] = None,
    achievements: Annotated[
        Path | None, typer.Option("--achievements", help="只配这些成果：每行一个编号的文件")
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=200, help="每条返回几个")] = 10,
    shard: Annotated[int, typer.Option("--shard", min=1, max=1000, help="每片几条需求")] = SHARD,
    workers: WorkersOption = 2,
    out: OutOption = None,
) -> None:
    """冻结记录和向量，开始一次批量运行，并做完它。"""
    if folder is not None and (needs or achievements):
        raise CommandError("--folder 不能和 --needs、--achievements 一起用")
    chosen = settings()
    wanted = [None if path is None else _ids(path) for path in (needs, achievements)]
    store = open_store(chosen)
    config = served_config(chosen.home)
    with progress("准备") as bar:
        if folder is not None:
            found = material.from_folder(folder, store.encoder, config, bar)
        else:
            found = material.from_database(
                store.engine,
                chosen.index_dir,
                store.encoder,
                config,
                ITSELF,
                needs=wanted[0],
                achievements=wanted[1],
                progress=bar,
            )
    batch = Batch(store.engine, store.encoder, chosen.home)
    source = folder.name if folder is not None else material.source_of(*wanted)
    run_id = batch.begin(found, source, top_k=top_k, shard=shard)
    del found
    _work(batch, store, run_id, workers, out)


def resume(name: RunArgument, workers: WorkersOption = 2, out: OutOption = None) -> None:
    """接着做一次中断或取消的运行；做完的部分不再做。"""
    chosen = settings()
    store = open_store(chosen)
    with writing(store.engine) as session:
        row = runs.find(session, name)
        runs.go_on(session, row)
    _work(Batch(store.engine, store.encoder, chosen.home), store, row.id, workers, out)


def status(
    name: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="编号；不给则列出全部")
    ] = None,
) -> None:
    """每次运行做到哪里：百分比、速度、还要多久。"""
    table = Table("编号", "状态", "进度", "速度", "还要", "来源", "需求", "成果", "开始", "在用")
    with reading(open_database(settings())) as session:
        current = runs.in_force(session)
        for row in runs.every(session) if name is None else [runs.find(session, name)]:
            table.add_row(*_cells(row, runs.progress(session, row), current))
    console.print(table)


def cancel(name: RunArgument) -> None:
    """让一次运行在当前一片之后停下；以后可以 resume。"""
    with writing(open_database(settings())) as session:
        row = runs.find(session, name)
        runs.cancel(session, row)
    errors.print(f"已取消 {row.id}", highlight=False)


def restore(name: RunArgument) -> None:
    """重新采用一次较早的运行。"""
    with writing(open_database(settings())) as session:
        row = runs.find(session, name)
        runs.restore(session, row)
    errors.print(f"现在采用 {row.id}", highlight=False)


def export(
    name: RunArgument,
    out: Annotated[Path, typer.Option("--out", help="JSONL 文件")],
) -> None:
    """把完成的运行写成文件；输入相同，文件逐字节相同。"""
    with reading(open_database(settings())) as session:
        write_bytes(out, b"".join(results.content(session, runs.find(session, name))))
    errors.print(f"已写入 {out}", markup=False, highlight=False)


def delete(name: RunArgument) -> None:
    """删去一次完成或取消的运行：结果，以及冻结的记录和向量。"""
    chosen = settings()
    removed = removing.remove(open_database(chosen), chosen.home, name)
    errors.print(f"已删除 {removed}", highlight=False)


def diff(
    before: Annotated[str, typer.Argument(metavar="RUN1", help="编号或其开头")],
    after: Annotated[str, typer.Argument(metavar="RUN2", help="编号或其开头")],
) -> None:
    """比较两次运行：新出现、消失、名次变动的对。"""
    with reading(open_database(settings())) as session:
        rows = [runs.find(session, name) for name in (before, after)]
        found = results.difference(session, *rows)
    table = Table("变化", "需求", "成果", "名次", "得分")
    for what, pairs in (("新", found.new), ("消失", found.gone)):
        for need, achievement in pairs[:_SHOWN]:
            table.add_row(what, need, achievement)
    for pair in found.moved[:_SHOWN]:
        ranks = "{} → {}".format(*pair.ranks)
        scores = "{:.4f} → {:.4f}".format(*pair.scores)
        table.add_row("变动", pair.need, pair.achievement, ranks, scores)
    if table.row_count:
        console.print(table)
    console.print(
        f"新 {len(found.new)}，消失 {len(found.gone)}，变动 {len(found.moved)}，不变 {found.same}"
    )


def worker() -> None:
    """PostgreSQL：一直做队列里的片，直到按 Ctrl-C；几台机器可以一起做（共用 JIEBANG_HOME）。"""
    chosen = settings()
    store = open_store(chosen)
    batch = Batch(store.engine, store.encoder, chosen.home)
    queue = _queue(batch, store)
    if queue is None:
        raise CommandError("batch worker 需要 PostgreSQL；SQLite 上用 jiebang batch resume")
    queue.work(lambda: False)


def _queue(batch: Batch, store: Store) -> Queue | None:
    return Queue(store.engine, batch.shard) if is_postgresql(store.engine) else None


def _work(batch: Batch, store: Store, run_id: str, workers: int, out: Path | None) -> None:
    queue = _queue(batch, store)
    errors.print(f"批量运行 {run_id}（中断后：jiebang batch resume {run_id}）", highlight=False)
    with _bar() as told:
        if queue is None:
            state = batch.work(run_id, told, lambda id_: helpers(id_, workers - 1))
        else:
            state = _work_queued(batch, queue, run_id, workers, told)
    if state is not State.DONE:
        raise CommandError(f"批量运行 {run_id} 已被取消；用 jiebang batch resume {run_id} 接着做")
    if out is not None:
        export(run_id, out)


def _work_queued(batch: Batch, queue: Queue, run_id: str, workers: int, told: Told) -> State:
    """Ask for what is left of a run, and work with whoever else does until it ends."""

    def ended() -> bool:
        now = batch.progress(run_id)
        told(now)
        return now.state is not State.RUNNING

    queue.put(run_id, batch.left(run_id))
    with helpers(run_id, workers - 1):
        queue.work(ended)
    return batch.progress(run_id).state


@contextmanager
def _bar() -> Iterator[Told]:
    """A bar with percentage, rate and time left, from what the shards say."""
    bar = Bar(
        TextColumn("批量"),
        BarColumn(),
        TextColumn("{task.percentage:.0f}% {task.description}"),
        console=errors,
    )
    with bar:
        task = bar.add_task("", total=None)

        def told(now: Progress) -> None:
            description = f"{now.done}/{now.total} {_rate(now)} 还要 {_left(now)}"
            bar.update(task, completed=now.done, total=now.total, description=description)

        yield told


def _cells(row: BatchRunRow, now: Progress, current: BatchRunRow | None) -> list[str]:
    return [
        row.id,
        _STATES_ZH[State(row.state)],
        f"{now.percent:.0f}%",
        _rate(now),
        "" if now.state is State.DONE else _left(now),
        row.source,
        str(row.needs),
        str(row.achievements),
        f"{row.created_at:%Y-%m-%d %H:%M}",
        "是" if current is not None and row.id == current.id else "",
    ]


def _rate(now: Progress) -> str:
    return "" if now.rate is None else f"{now.rate:.1f} 条/秒"


def _left(now: Progress) -> str:
    return "未知" if now.left is None else f"{now.left:.0f} 秒"


def _ids(path: Path) -> set[str]:
    """Identifiers of a roster file, one a line; raises CommandError for none."""
    try:
        text = require_file(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{path.name} 不是 UTF-8 文本；请另存为 UTF-8，每行一个编号"
        raise CommandError(msg) from error
    found = {line.strip() for line in text.splitlines()} - {""}
    if not found:
        msg = f"{path.name} 里没有编号；请每行写一个"
        raise CommandError(msg)
    return found
