"""`eval-numbers`: whether figures decide between near-identical achievements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from service.cli.console import CommandError, console, progress, settings

if TYPE_CHECKING:
    from eval.number_groups import Share


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("eval-numbers")(eval_numbers)


def eval_numbers(
    split: Annotated[str, typer.Option("--split", help="dev、dev_b 至 dev_e 或 test")] = "dev",
    system: Annotated[
        str, typer.Option("--system", help="bm25、dense、hybrid 或 served")
    ] = "served",
) -> None:
    """只差数字的成果能否排对：达标的应排在不达标的前面，同分算错。"""
    from eval.encoders import open_encoders  # noqa: PLC0415
    from eval.number_groups import SPLITS, evaluate  # noqa: PLC0415
    from eval.systems import SYSTEMS  # noqa: PLC0415

    if split not in SPLITS:
        raise CommandError(f"没有划分 {split}；可用：{'、'.join(SPLITS)}")
    if system not in SYSTEMS:
        raise CommandError(f"没有系统 {system}；可用：{'、'.join(SYSTEMS)}")
    chosen = SYSTEMS[system]
    place = settings()
    encoder = open_encoders(place.model, place.model_dir)(chosen.model)
    with progress(system) as bar:
        report = evaluate(
            chosen.config, encoder, split, lambda _what, done, total: bar(done, total)
        )
    table = Table(title=f"数字组 {split} · {system}", title_justify="left")
    for header in ("", "排对", "总数", "比例", "95 % 区间"):
        table.add_column(header, justify="left" if not header else "right", no_wrap=True)
    table.add_row("达标与不达标的成对", *_cells(report.pairs))
    table.add_row("整组全对", *_cells(report.whole), end_section=True)
    for comparator, share in report.comparators.items():
        table.add_row(f"要求 {comparator}", *_cells(share))
    console.print(table)
    console.print(
        f"配置 {report.config_fingerprint}，模型 {report.encoder_fingerprint}",
        markup=False,
        highlight=False,
    )


def _cells(share: Share) -> tuple[str, str, str, str]:
    interval = f"{share.low:.3f} – {share.high:.3f}"
    return str(share.right), str(share.total), f"{share.value:.3f}", interval
