"""`eval`, `tasks`, `audit`, `bench`: evaluation commands; their modules are loaded when called."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from typer.core import TyperGroup

from corpora.beir import Dataset, load_dataset
from service.cli.console import (
    CommandError,
    console,
    errors,
    progress,
    settings,
    write_bytes,
)

if TYPE_CHECKING:
    from typer._click.formatting import HelpFormatter

    from eval.experiment import SystemRun, Topic
    from eval.systems import System

_DEFAULT = "run"


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
    RUN = "run"
    LOAD = "load"


class EvalGroup(TyperGroup):
    """`jiebang eval DATASET_DIR …` beside `jiebang eval gate …`: the first word decides.

    What is no name of a subcommand goes to `run`. A folder with such a name is written `./gate`.
    """

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Put the default command in front where none is named."""
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)

    def format_help(self, ctx: typer.Context, formatter: HelpFormatter) -> None:  # type: ignore[override]
        """The help of the default command, then the subcommands."""
        default = self.commands[_DEFAULT]
        inner = type(ctx)(default, info_name=ctx.info_name, parent=ctx.parent)
        default.format_help(inner, formatter)
        super().format_help(ctx, formatter)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        cls=EvalGroup,
        help="评测匹配质量；DATASET_DIR 之外还有下列子命令。",
        subcommand_metavar="gate|history|diff …",
    )
    group.command(_DEFAULT, hidden=True)(evaluate)
    group.command("gate")(gate)
    group.command("history")(history)
    group.command("diff")(diff)
    app.add_typer(group, name="eval")
    app.command("tasks")(tasks)
    app.command("audit")(audit)
    app.command("bench")(bench)


def evaluate(
    dataset_dir: Annotated[
        Path | None, typer.Argument(help="BEIR 布局的文件夹，默认样本语料的 dev")
    ] = None,
    system: Annotated[
        list[str] | None,
        typer.Option("--system", help="bm25、dense、hybrid、served 或 TOML 配置文件，可重复"),
    ] = None,
    compare: Annotated[
        tuple[str, str] | None,
        typer.Option("--compare", metavar="A B", help="比较两个系统名或 TOML 配置文件"),
    ] = None,
    direction: Annotated[
        DirectionChoice, typer.Option("--direction", help="方向")
    ] = DirectionChoice.NEED_TO_ACHIEVEMENT,
    split: Annotated[str | None, typer.Option("--split", help="qrels/SPLIT.tsv，默认 test")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="写 report.json 和 TREC 运行文件")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="在 --out 里另写 report.html")] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="留存这次运行，供 eval history 和 eval diff")
    ] = False,
) -> None:
    """用服务的同一条流水线评测：nDCG@10、Recall、MRR、MAP，含置信区间、成对检验和效应量。"""
    from eval import experiment, html_report, report  # noqa: PLC0415
    from eval import history as kept  # noqa: PLC0415

    if html and out is None:
        raise CommandError("--html 要写进 --out 的文件夹；请同时给出 --out")
    evaluated = _evaluate(_systems(system, compare), dataset_dir, split, direction)
    for table in report.tables(evaluated.report):
        console.print(table)
    if compare is not None:
        first, second = (run.system for run in evaluated.runs[:2])
        for table in report.changes(evaluated.report, evaluated.topics, first, second):
            console.print(table)
    if out is not None:
        text = json.dumps(evaluated.report, ensure_ascii=False, indent=1)
        write_bytes(out / "report.json", text.encode())
        for run in evaluated.runs:
            experiment.write_trec(run, report.run_path(out, run))
        if html:
            written = f"{datetime.now():%Y-%m-%d %H:%M} · jiebang {kept.code_version()}"
            page = html_report.render(
                evaluated.report, evaluated.topics, evaluated.runs, written=written
            )
            write_bytes(out / "report.html", page.encode())
        errors.print(f"已写入 {out}", markup=False, highlight=False)
    if keep:
        name = evaluated.dataset.name
        id_ = kept.keep(settings().home, evaluated.report, name, datetime.now(UTC))
        errors.print(f"已留存为 {id_}", markup=False, highlight=False)


@dataclass(frozen=True)
class _Evaluated:
    """A dataset with what was asked of it, the runs and their report."""

    dataset: Dataset
    topics: list[Topic]
    runs: list[SystemRun]
    report: dict[str, Any]


def _systems(systems: Sequence[str] | None, compare: tuple[str, str] | None) -> dict[str, System]:
    """The systems to run, by name and in order."""
    from eval.overrides import named_system  # noqa: PLC0415
    from eval.systems import SYSTEMS  # noqa: PLC0415

    if compare is None:
        with _told():
            return dict(named_system(name) for name in systems or SYSTEMS)
    if systems:
        raise CommandError("--compare 与 --system 只能用一个")
    with _told():
        (first, one), (second, other) = (named_system(spec) for spec in compare)
    if first == second:
        msg = f"两个配置都叫 {first}；请在 TOML 里用 name 另起名字"
        raise CommandError(msg)
    return {first: one, second: other}


def _evaluate(
    systems: Mapping[str, System],
    dataset_dir: Path | None,
    split: str | None,
    direction: DirectionChoice,
) -> _Evaluated:
    """Run `systems` over a dataset; without a folder over the sample corpus, its dev part."""
    from corpora.sample import DIRECTORY  # noqa: PLC0415
    from eval import experiment, report  # noqa: PLC0415
    from eval.encoders import open_encoders  # noqa: PLC0415
    from eval.systems import Model  # noqa: PLC0415

    if dataset_dir is None:
        dataset_dir, split = DIRECTORY, split or "dev"
    dataset = load_dataset(dataset_dir, split)
    for notice in dataset.warnings:
        errors.print(f"提示：{notice}", markup=False, highlight=False, soft_wrap=True)
    chosen = settings()
    encoders = open_encoders(chosen.model, chosen.model_dir)
    topics = [experiment.topic(dataset, d) for d in experiment.directions(direction.value)]
    runs = []
    for topic in topics:
        for name, system in systems.items():
            with progress(f"{topic.direction} {name}") as bar:
                runs.append(
                    experiment.run_system(
                        name, system, topic, encoders, lambda _what, done, total: bar(done, total)
                    )
                )
    result = report.build(dataset, dataset.split, topics, runs, encoders(Model.SERVED).fingerprint)
    return _Evaluated(dataset, topics, runs, result)


def gate(
    dataset_dir: Annotated[
        Path | None, typer.Argument(help="BEIR 布局的文件夹，默认样本语料")
    ] = None,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="基线文件")] = None,
    write: Annotated[
        Path | None, typer.Option("--write", help="不比较，把现在的结果写成基线")
    ] = None,
    split: Annotated[str, typer.Option("--split", help="qrels/SPLIT.tsv")] = "dev",
    system: Annotated[str, typer.Option("--system", help="系统名或 TOML 配置文件")] = "served",
) -> None:
    """回归门：与基线相比显著变差就返回 1，并列出变差的项；两个方向都比。"""
    from corpora.sample import DIRECTORY  # noqa: PLC0415
    from eval import gate as gating  # noqa: PLC0415
    from eval.history import code_version  # noqa: PLC0415

    if (baseline is None) == (write is None):
        raise CommandError("请给出 --baseline 或 --write 之一")
    with _told():
        before = gating.read(baseline) if baseline is not None else None
    systems = _systems([system], None)
    evaluated = _evaluate(systems, dataset_dir or DIRECTORY, split, DirectionChoice.BOTH)
    now = gating.baseline(evaluated.report, next(iter(systems)), code_version())
    if write is not None:
        write_bytes(write, gating.text(now).encode())
        errors.print(f"基线已写入 {write}", markup=False, highlight=False)
    if before is not None:
        with _told():
            checks = gating.check(before, now)
        for table in gating.tables(checks):
            console.print(table)
        fallen = [check for check in checks if check.fell]
        for check in fallen:
            errors.print(f"变差：{check.told}", markup=False, highlight=False, soft_wrap=True)
        if fallen:
            raise typer.Exit(1)


def history() -> None:
    """列出用 --keep 留存的运行。"""
    from eval import history as kept  # noqa: PLC0415

    with _told():
        runs = kept.kept(settings().home)
    if not runs:
        errors.print("还没有留存的运行；评测时加 --keep")
        return
    console.print(kept.listing(runs))


def diff(
    before: Annotated[str, typer.Argument(metavar="RUN1", help="编号或其开头")],
    after: Annotated[str, typer.Argument(metavar="RUN2", help="编号或其开头")],
) -> None:
    """比较两次留存的运行：共同查询上的成对检验和效应量。"""
    from eval import history as kept  # noqa: PLC0415

    with _told():
        a, b = (kept.find(settings().home, name) for name in (before, after))
        found = kept.changes(a, b)
    for remark in kept.remarks(a, b):
        errors.print(f"提示：{remark}", markup=False, highlight=False, soft_wrap=True)
    for table in kept.change_tables(a, b, found):
        console.print(table)


@contextmanager
def _told() -> Iterator[None]:
    """Hand on faults of the call that evaluation finds."""
    from eval.errors import EvaluationError  # noqa: PLC0415

    try:
        yield
    except EvaluationError as error:
        raise CommandError(str(error)) from error


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
    from eval.encoders import open_encoders  # noqa: PLC0415

    chosen = settings()
    encoders = open_encoders(chosen.model, chosen.model_dir)
    checks = audit_corpus(dataset_dir or DIRECTORY, encoders)
    table = Table("检查", "结果", "要求", "")
    for check in checks:
        table.add_row(check.name, check.value, check.wanted, "通过" if check.passed else "不通过")
    console.print(table)
    if not all(check.passed for check in checks):
        raise typer.Exit(1)


def bench(
    suite: Annotated[Suite, typer.Argument(help="encode、query、open、batch、run 或 load")],
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
