"""`ablation`: what each part of the pipeline is worth; evaluation is loaded when called."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from corpora.beir import load_dataset
from matcher.listing import Direction
from service.cli.console import console, file_encoder, progress, settings


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ablation")(ablation)


def ablation(
    dataset_dir: Annotated[Path | None, typer.Argument(help="默认样本语料")] = None,
    split: Annotated[str, typer.Option("--split", help="qrels/SPLIT.tsv")] = "dev",
    direction: Annotated[
        Direction, typer.Option("--direction", help="方向")
    ] = Direction.NEED_TO_ACHIEVEMENT,
) -> None:
    """逐项去掉流水线的一部分，看各部分值多少（成对检验）。"""
    from corpora.sample import DIRECTORY  # noqa: PLC0415
    from eval.ablation import ablate  # noqa: PLC0415
    from eval.experiment import topic  # noqa: PLC0415

    asked = topic(load_dataset(dataset_dir or DIRECTORY, split), direction)
    encoder = file_encoder(settings())
    with progress("消融") as bar:
        variants = ablate(asked, encoder, bar)
    table = Table(title=f"{direction} · {split}", title_justify="left")
    for header in ("", "nDCG@10", "Recall@100", "grade 3 first", "nDCG@10 差值 [95 % 区间]", "p"):
        table.add_column(header, justify="left" if not header else "right", no_wrap=True)
    for v in variants:
        change = v.test.difference if v.test else None
        table.add_row(
            v.name,
            f"{v.means['nDCG@10']:.4f}",
            f"{v.means['Recall@100']:.4f}",
            f"{v.grade_3_first:.3f}",
            f"{change.mean:+.4f} [{change.low:+.3f}, {change.high:+.3f}]" if change else "",
            f"{v.test.p_value:.4f}" if v.test else "",
        )
    console.print(table)
