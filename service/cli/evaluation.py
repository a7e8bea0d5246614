"""`eval`, `tasks`, `audit`, `bench`: evaluation commands; their modules are loaded when called."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from corpora.beir import load_dataset
from service.cli.console import (
    CommandError,
    console,
    errors,
    file_encoder,
    progress,
    settings,
    write_bytes,
)


class DirectionChoice(StrEnum):
    """Directions of an evaluation."""

    NEED_TO_ACHIEVEMENT = "need-to-achievement"
    ACHIEVEMENT_TO_NEED = "achievement-to-need"
    BOTH = "both"


class Suite(StrEnum):
    """What `bench` measures."""

    ENCODE = "encode"
    QUERY = "query"
    OPEN = "open"
    BATCH = "batch"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("eval")(evaluate)
    app.command("tasks")(tasks)
    app.command("audit")(audit)
    app.command("bench")(bench)


def evaluate(
    dataset_dir: Annotated[Path, typer.Argument(help="BEIR 布局的文件夹")],
    system: Annotated[
        list[str] | None, typer.Option("--system", help="bm25、dense、hybrid 或 served，可重复")
    ] = None,
    direction: Annotated[
        DirectionChoice, typer.Option("--direction", help="方向")
    ] = DirectionChoice.NEED_TO_ACHIEVEMENT,
    split: Annotated[str | None, typer.Option("--split", help="qrels/SPLIT.tsv，默认 test")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="写 report.json 和 TREC 运行文件")
    ] = None,
) -> None:
    """用服务的同一条流水线评测：nDCG@10、Recall、MRR、MAP，含置信区间和成对检验。"""
    from eval import experiment, report  # noqa: PLC0415
    from eval.systems import SYSTEMS  # noqa: PLC0415

    names = system or list(SYSTEMS)
    unknown = [name for name in names if name not in SYSTEMS]
    if unknown:
        msg = f"没有系统 {'、'.join(unknown)}；可用：{'、'.join(SYSTEMS)}"
        raise CommandError(msg)
    dataset = load_dataset(dataset_dir, split)
    for notice in dataset.warnings:
        errors.print(f"提示：{notice}", markup=False, highlight=False, soft_wrap=True)
    encoder = file_encoder(settings())
    topics = [experiment.topic(dataset, d) for d in experiment.directions(direction.value)]
    runs = []
    for topic in topics:
        for name in dict.fromkeys(names):
            with progress(f"{topic.direction} {name}") as bar:
                runs.append(
                    experiment.run_system(
                        name, topic, encoder, lambda _what, done, total: bar(done, total)
                    )
                )
    result = report.build(dataset, dataset.split, topics, runs, encoder.fingerprint)
    for table in report.tables(result):
        console.print(table)
    if out is not None:
        text = json.dumps(result, ensure_ascii=False, indent=1)
        write_bytes(out / "report.json", text.encode())
        for run in runs:
            experiment.write_trec(run, report.run_path(out, run))
        errors.print(f"已写入 {out}", markup=False, highlight=False)


def tasks(
    out: Annotated[Path, typer.Argument(help="输出文件夹，每个任务一个子文件夹")],
) -> None:
    """从真实中文摘要（JIEBANG_TEXT_DIR）生成检索任务，BEIR 布局。"""
    from eval.tasks import TASKS, read_abstracts, write_task  # noqa: PLC0415

    folder = settings().text_dir
    if folder is None or not (folder / "abstracts.jsonl").is_file():
        raise CommandError(
            "JIEBANG_TEXT_DIR 没有指向含 abstracts.jsonl 的文件夹；见 eval/README.md"
        )
    records = read_abstracts(folder)
    table = Table("任务", "train", "dev", "test")
    for name in TASKS:
        counts = write_task(name, records, out / name)
        table.add_row(name, *(str(counts[split]) for split in ("train", "dev", "test")))
    console.print(table)


def audit(
    dataset_dir: Annotated[Path | None, typer.Argument(help="默认审计样本语料")] = None,
) -> None:
    """审计语料：重复度、规模、分割、BM25 难度；不合格返回 1。"""
    from corpora.sample import DIRECTORY  # noqa: PLC0415
    from eval.audit import audit_corpus  # noqa: PLC0415

    checks = audit_corpus(dataset_dir or DIRECTORY, file_encoder(settings()))
    table = Table("检查", "结果", "要求", "")
    for check in checks:
        table.add_row(check.name, check.value, check.wanted, "通过" if check.passed else "不通过")
    console.print(table)
    if not all(check.passed for check in checks):
        raise typer.Exit(1)


def bench(
    suite: Annotated[Suite, typer.Argument(help="encode、query、open 或 batch")],
    out: Annotated[Path, typer.Option("--out", help="结果 JSON 文件")],
    rows: Annotated[int, typer.Option("--rows", min=100, help="记录数")] = 20_000,
) -> None:
    """测速：毫秒，以及与同一次运行里基线的比值。"""
    from corpora.sample import DIRECTORY  # noqa: PLC0415
    from eval.bench import Setup, run_suite  # noqa: PLC0415

    chosen = settings()
    with progress(suite.value) as bar:
        setup = Setup(
            rows=rows,
            home=chosen.home,
            model=chosen.model,
            model_dir=chosen.model_dir,
            text_dir=chosen.text_dir,
            sample=DIRECTORY,
            progress=bar,
        )
        measured = run_suite(suite.value, setup)
    write_bytes(out, json.dumps(measured, ensure_ascii=False, indent=1).encode())
    table = Table("项", "值", "单位", "基线", "比值", "p50", "p99")
    for row in measured["rows"]:
        shown = [row[k] for k in ("value", "unit", "baseline", "ratio", "p50", "p99")]
        cells = ["" if v is None else f"{v:.3f}" if isinstance(v, float) else str(v) for v in shown]
        table.add_row(row["name"], *cells)
    console.print(table)
