"""`eval-faithfulness`: whether explanations name what a score rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from corpora.beir import load_dataset
from matcher.listing import Direction
from service.cli.console import console, file_encoder, progress, settings

if TYPE_CHECKING:
    from eval.faithfulness import Faithfulness

_HEADERS = (
    "方向",
    "删哪一方",
    "查询",
    "对",
    "未比",
    "原得分",
    "删去字数",
    "删依据",
    "随机删",
    "差 [95 % 区间]",
    "p",
)
_WORDS = 2
"""Columns of words, at the left."""
_REMOVED = {"found": "被匹配的一方", "query": "查询的一方"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("eval-faithfulness")(eval_faithfulness)


def eval_faithfulness(
    dataset_dir: Annotated[Path | None, typer.Argument(help="默认样本语料")] = None,
    split: Annotated[str, typer.Option("--split", help="qrels/SPLIT.tsv")] = "dev",
    top_k: Annotated[int, typer.Option("--top-k", min=1, help="每条查询看前几个匹配")] = 3,
    draws: Annotated[int, typer.Option("--draws", min=1, max=20, help="每一对随机删几次")] = 3,
    queries: Annotated[
        int, typer.Option("--queries", min=2, help="每个方向最多几条查询，按编号等距抽取")
    ] = 100,
) -> None:
    """删去依据里的句子，得分应比随机删去同样长的句子掉得更多（成对检验，两个方向、两侧）。"""
    from corpora.sample import DIRECTORY  # noqa: PLC0415
    from eval import experiment, faithfulness  # noqa: PLC0415

    dataset = load_dataset(dataset_dir or DIRECTORY, split)
    encoder = file_encoder(settings())
    table = Table(title=f"依据是否可靠 · {split}", title_justify="left")
    for number, header in enumerate(_HEADERS):
        table.add_column(header, justify="right" if number >= _WORDS else "left")
    for direction in Direction:
        topic = faithfulness.thinned(experiment.topic(dataset, direction), queries)
        for removed in faithfulness.Removed:
            with progress(f"{direction} {removed}") as bar:
                report = faithfulness.evaluate(
                    topic,
                    encoder,
                    removed,
                    top_k=top_k,
                    draws=draws,
                    progress=lambda _what, done, total: bar(done, total),  # noqa: B023
                )
            table.add_row(direction.value, _REMOVED[removed], *_cells(report))
    console.print(table)


def _cells(report: Faithfulness) -> tuple[str, ...]:
    test = report.test
    change = test.difference
    return (
        str(test.queries),
        str(report.pairs),
        str(report.skipped),
        f"{report.score:.4f}",
        f"{report.highlighted_length:.0f} / {report.random_length:.0f}",
        f"{test.b:.4f}",
        f"{test.a:.4f}",
        f"{change.mean:+.4f} [{change.low:+.4f}, {change.high:+.4f}]",
        f"{test.p_value:.4f}",
    )
