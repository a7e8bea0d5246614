"""`eval-indicators`: how well the core reads texts, measured against labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from service.cli.console import Split, console, errors, settings

if TYPE_CHECKING:
    from eval.indicators import IndicatorReport
    from eval.significance import Estimate

_SOURCES_ZH = {"all": "全部", "csl": "真实摘要", "sample": "样本语料"}
_FAULTS_ZH = {"missed": "漏检", "spurious": "误检"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("eval-indicators")(eval_indicators)


def eval_indicators(
    split: Annotated[
        Split | None, typer.Option("--split", help="dev 或 test，默认两部分都评")
    ] = None,
    show_errors: Annotated[bool, typer.Option("--errors", help="列出每个漏检和误检")] = False,
) -> None:
    """评测技术指标抽取：精确率、召回率、F1，含按记录自助重采样的 95% 区间。"""
    from eval.indicators import evaluate  # noqa: PLC0415

    folder = settings().text_dir
    for part in [split] if split else list(Split):
        report = evaluate(part.value, folder)
        if report.skipped:
            errors.print(
                f"提示：{part.value} 有 {report.skipped} 篇摘要没有读到，已跳过；"
                "JIEBANG_TEXT_DIR 须指向含 abstracts.jsonl 的文件夹",
                soft_wrap=True,
            )
        console.print(_scores(report))
        if show_errors:
            console.print(_faults(report))


def _scores(report: IndicatorReport) -> Table:
    shown = [row for row in report.scores if row.records]
    names = (_SOURCES_ZH[row.source] for row in shown)
    table = Table(f"指标抽取 {report.split}", *names)
    table.add_row("记录", *(str(row.records) for row in shown))
    table.add_row("标注", *(str(row.gold) for row in shown))
    table.add_row("抽取", *(str(row.predicted) for row in shown))
    table.add_row("精确率", *(_percent(row.precision) for row in shown))
    table.add_row("召回率", *(_percent(row.recall) for row in shown))
    table.add_row("F1", *(_percent(row.f1) for row in shown))
    table.add_row("严格 F1", *(_percent(row.strict_f1) for row in shown))
    table.add_row("名称相符", *(_percent(row.name_share) for row in shown))
    return table


def _faults(report: IndicatorReport) -> Table:
    table = Table("记录", "错误", "位置", "原文", "读作", title=f"错误 {report.split}")
    for fault in report.faults:
        cells = (fault.record, _FAULTS_ZH[fault.kind], str(fault.start), fault.span, fault.reading)
        table.add_row(*(cell.replace("[", r"\[") for cell in cells))
    return table


def _percent(value: Estimate) -> str:
    return f"{value.mean:.1%} ({value.low:.1%}–{value.high:.1%})"
