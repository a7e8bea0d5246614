"""`fit-weights`: learns the weights of the structured fit from a judged collection."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from corpora.beir import load_dataset
from matcher.fit import Aspect
from service.cli.console import (
    CommandError,
    console,
    errors,
    progress,
    settings,
    write_bytes,
)

_RANKINGS = {
    "text": "只看文本",
    "prior": "先验权重",
    "learned": "学得权重",
    "learned, no chain": "学得权重，不计产业链",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fit-weights")(fit_weights)


def fit_weights(
    dataset_dir: Annotated[
        Path | None, typer.Argument(help="BEIR 布局的文件夹，默认样本语料")
    ] = None,
    split: Annotated[str, typer.Option("--split", help="用来学习的划分")] = "train",
    held_out: Annotated[str, typer.Option("--held-out", help="用来检验排序的划分")] = "dev",
    prior_sd: Annotated[
        float, typer.Option("--prior-sd", min=0.001, help="先验的标准差，越小越贴近先验")
    ] = 0.5,
    hold: Annotated[
        list[str] | None,
        typer.Option("--hold", help=f"保持先验、不学习的方面，可重复：{'、'.join(Aspect)}"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="权重文件，默认 matcher/fit/weights.toml")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只报告，不写权重文件")] = False,
) -> None:
    """用已评判的供需对学习结构化适配的权重，报告它们有没有用，并写权重文件。"""
    from corpora.sample import DIRECTORY  # noqa: PLC0415
    from eval.encoders import open_encoders  # noqa: PLC0415
    from eval.fit_weights import SYSTEM, as_toml, learn  # noqa: PLC0415
    from eval.systems import SYSTEMS  # noqa: PLC0415

    held = _held(hold or [])
    folder = dataset_dir or DIRECTORY
    train, test = load_dataset(folder, split), load_dataset(folder, held_out)
    chosen = settings()
    encoders = open_encoders(chosen.model, chosen.model_dir)
    with progress("学习") as bar:
        report = learn(
            train, test, encoders, prior_sd=prior_sd, held=held,
            progress=lambda _what, done, total: bar(done, total),
        )  # fmt: skip
    console.print(
        f"{split}：{report.queries} 条需求、{report.pairs} 对已评判，其中 {report.matches} 对相配",
        highlight=False,
    )
    weights = Table("方面", "先验", "学得权重", "优势比", "不限非负 ± 标准差", "非中性占比")
    for row in report.aspects:
        weights.add_row(
            row.aspect.label_zh + ("（不学）" if row.aspect in held else ""),
            f"{row.prior:.2f}",
            f"{row.weight:.3f}",
            f"{row.odds_ratio:.2f}",
            f"{row.unbounded:+.3f} ± {row.sd:.3f}",
            f"{row.stated:.0%}",
        )
    console.print(weights)
    if doubtful := [row.aspect.label_zh for row in report.aspects if row.separates]:
        console.print(
            f"注意：所有相配的对在“{'、'.join(doubtful)}”上都取最高值，"
            "这多半是评判范围造成的；可用 --hold 保持先验",
            highlight=False,
        )
    folds = "、".join(f"{change:+.4f}" for change in report.fold_changes)
    console.print(
        f"按需求交叉验证的对数损失：只看文本 {report.loss_text:.4f}，"
        f"加适配 {report.loss_fit:.4f}（各折变化 {folds}）",
        highlight=False,
    )
    ranking = Table(f"{held_out} 上的排序", "nDCG@10", "变化", "95% 区间", "p")
    for line in report.rankings:
        change = line.change.difference
        ranking.add_row(
            _RANKINGS[line.name],
            f"{line.ndcg.mean:.4f}",
            f"{change.mean:+.4f}",
            f"{change.low:+.4f} – {change.high:+.4f}",
            f"{line.change.p_value:.3f}",
        )
    console.print(ranking)
    if dry_run:
        return
    path = out or Path(str(files("matcher.fit").joinpath("weights.toml")))
    used = encoders(SYSTEMS[SYSTEM].model).fingerprint
    text = as_toml(report, f"{folder.name}/{split}", used, datetime.now(UTC).date())
    write_bytes(path, text.encode())
    errors.print(f"已写入 {path}", markup=False, highlight=False, soft_wrap=True)


def _held(names: list[str]) -> frozenset[Aspect]:
    unknown = [name for name in names if name not in set(Aspect)]
    if unknown:
        msg = f"没有方面 {'、'.join(unknown)}；可用：{'、'.join(Aspect)}"
        raise CommandError(msg)
    return frozenset(Aspect(name) for name in names)
