"""`rerankers`: second stages over the served candidates compared; evaluation is loaded when called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from corpora.beir import load_dataset
from service.cli.console import CommandError, console, errors, settings, write_bytes

if TYPE_CHECKING:
    from eval.rerankers.table import Row

_COLUMNS = (
    "", "weight", "nDCG@10 [95 % 区间]", "grade 3 first", "差值", "p", "本级 ms", "合计 ms", "字节/条",
)  # fmt: skip


_TOLD = 20
"""Steps of training between two lines of progress."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("rerankers")(rerankers)


def rerankers(
    split: Annotated[
        str, typer.Option("--split", help="样本语料的 dev，权重和模型只学 train")
    ] = "dev",
    cross: Annotated[
        bool, typer.Option("--cross/--no-cross", help="训练并比较交叉编码器（数分钟）")
    ] = True,
    out: Annotated[Path | None, typer.Option("--out", help="另写 JSON 文件")] = None,
) -> None:
    """比较各种二级排序：质量、延迟与每条记录的字节数。"""
    from dataclasses import asdict  # noqa: PLC0415

    from corpora.sample import DIRECTORY  # noqa: PLC0415
    from eval.encoders import open_encoders  # noqa: PLC0415
    from eval.rerankers.table import Comparison  # noqa: PLC0415

    chosen = settings()
    if chosen.model:
        raise CommandError("二级排序要读词元向量，只支持离线模型；请不要设置 JIEBANG_MODEL")
    compared = Comparison(
        load_dataset(DIRECTORY, "train"),
        load_dataset(DIRECTORY, split),
        open_encoders("", chosen.model_dir),
        chosen.model_dir,
        _told,
    ).table(cross=cross)
    title = f"{compared.split} · {compared.queries} 条可答需求 · {compared.records} 条成果"
    table = Table(title=title, title_justify="left")
    for header in _COLUMNS:
        table.add_column(header, justify="left" if not header else "right", no_wrap=True)
    for row in compared.rows:
        table.add_row(*_cells(row))
    console.print(table, soft_wrap=True)
    if out is not None:
        write_bytes(
            out, (json.dumps(asdict(compared), ensure_ascii=False, indent=1) + "\n").encode()
        )


def _told(what: str, done: int, total: int) -> None:
    if done == total or done % _TOLD == 0:
        errors.print(what if total == 1 else f"{what} {done}/{total}", highlight=False)


def _cells(row: Row) -> list[str]:
    return [
        row.variant,
        "" if row.weight is None else f"{row.weight:g}",
        f"{row.ndcg.mean:.4f} [{row.ndcg.low:.3f}, {row.ndcg.high:.3f}]",
        f"{row.grade_3_first:.3f}",
        "" if row.test is None else f"{row.test.difference.mean:+.4f}",
        "" if row.test is None else f"{row.test.p_value:.4f}",
        "" if row.stage_ms is None else f"{row.stage_ms:.1f}",
        f"{row.total_ms:.1f}",
        f"{row.bytes_per_record:,.0f}",
    ]
