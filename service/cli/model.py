"""`model build|info`: the offline embedding model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from service.cli import training
from service.cli.console import console, errors, settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="离线向量模型。", no_args_is_help=True)
    group.command("build")(build)
    group.command("info")(info)
    training.register(group)
    app.add_typer(group, name="model")


def build(
    adapter: Annotated[
        Path | None, typer.Option("--adapter", help="model train 写出的文件夹，默认随项目发布的")
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--target", help="模型文件夹，默认 JIEBANG_HOME/model")
    ] = None,
) -> None:
    """从软件包里的权重构建离线模型；已是最新则立即返回。"""
    chosen = settings()
    if chosen.model:
        console.print(f"JIEBANG_MODEL 指定了 {chosen.model}，无需构建离线模型", highlight=False)
        return
    # imported here: the build needs PyTorch and nncf, which take seconds to load
    from models.build import build as build_model  # noqa: PLC0415

    found = build_model(
        target or chosen.model_dir,
        lambda step: errors.print(f"模型：{step}", markup=False, highlight=False),
        cache=chosen.model_dir.parent / "download",
        adapter=adapter,
    )
    console.print(
        f"模型就绪：{found.name}（{found.backend}，{found.fingerprint[:16]}）", highlight=False
    )


def info(
    speed: Annotated[bool, typer.Option("--speed", help="同时测量编码速度，约一分钟")] = False,
) -> None:
    """显示模型的来源、大小、与参照向量的一致程度。"""
    from models.info import ModelInfo  # noqa: PLC0415

    chosen = settings()
    found = ModelInfo.load(chosen.model_dir)
    table = Table("项", "值", title=found.name, title_justify="left")
    for name, value in (
        ("来源", found.source),
        ("许可", found.licence),
        ("维数", str(found.dimension)),
        ("窗口（token）", str(found.window)),
        ("词表", f"{found.vocabulary:,}"),
        ("参数", f"{found.parameters:,}"),
        ("运行方式", found.backend),
        ("权重", f"{found.weights_bytes / 1e6:.1f} MB"),
        ("导出", f"{found.export_bytes / 1e6:.1f} MB"),
        ("与参照向量余弦（均值 / 最小）", _agreement(found.known_agreement)),
        ("导出与 fp32 余弦（均值 / 最小）", _agreement(found.export_agreement)),
        ("指纹", found.fingerprint),
    ):
        table.add_row(name, value)
    console.print(table)
    if speed:
        _print_speed()


def _agreement(value: object) -> str:
    mean, minimum, texts = (getattr(value, name) for name in ("mean", "minimum", "texts"))
    return f"{mean:.5f} / {minimum:.5f}（{texts} 条）"


def _print_speed() -> None:
    from models.speed import measure  # noqa: PLC0415

    table = Table("token", "批", "PyTorch fp32 条/秒", "导出 条/秒", "倍数")
    for row in measure(settings().model_dir):
        table.add_row(
            str(row.tokens),
            str(row.batch),
            f"{row.reference:.1f}",
            f"{row.export:.1f}",
            f"{row.ratio:.2f}",
        )
    console.print(table)
