"""`fit-confidence` and `weights`: calibration of the pipeline, as shipped and with own weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from matcher.config import MatcherConfig
from matcher.fit import Aspect, FitWeights, served_weights
from matcher.listing import Direction
from service.cli.console import (
    CommandError,
    console,
    errors,
    file_encoder,
    progress,
    settings,
    write_bytes,
)
from service.served import CONFIDENCE_FILE, WEIGHTS_FILE, served_config, shipped_config

if TYPE_CHECKING:
    from eval.confidence import Calibrated

_RESTART = "运行中的服务重启后生效"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("fit-confidence")(fit_confidence)
    group = typer.Typer(help="结构化适配的权重：查看、改写、恢复默认。", no_args_is_help=True)
    group.command("show")(show)
    group.command("set")(set_weights)
    group.command("reset")(reset)
    app.add_typer(group, name="weights")


def fit_confidence(
    dataset_dir: Annotated[Path | None, typer.Argument(help="默认样本语料")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="默认写入随程序提供的 matcher/confidence.toml")
    ] = None,
) -> None:
    """在 dev 上拟合得分到概率的换算和拒答阈值，并在 train 上复核。"""
    target = out or Path(str(files("matcher").joinpath("confidence.toml")))
    write_bytes(target, _calibrated(shipped_config(), dataset_dir).encode())
    errors.print(f"已写入 {target}", markup=False, highlight=False)


def show() -> None:
    """列出各方面的权重：随程序提供的和现在生效的。"""
    own, shipped = served_config(settings().home).fit_weights, served_weights()
    table = Table("方面", "参数名", "默认", "现在")
    for aspect in Aspect:
        default, now = (getattr(w, aspect.value) for w in (shipped, own))
        table.add_row(aspect.label_zh, aspect.value, f"{default:g}", f"{now:g}")
    console.print(table)


def set_weights(
    values: Annotated[list[str], typer.Argument(metavar="方面=权重…", help="例如 region=0.8")],
    dataset_dir: Annotated[
        Path | None, typer.Option("--dataset", help="重新校准所用的评判集，默认样本语料")
    ] = None,
) -> None:
    """改写权重，并用新权重重新校准概率（约一分钟）；没写的方面不变。"""
    home = settings().home
    changed = asdict(served_config(home).fit_weights) | _parsed(values)
    try:
        weights = FitWeights.of(changed)
    except ValueError as error:
        raise CommandError(f"权重应为不小于 0 的数：{error}") from error
    text = _calibrated(replace(shipped_config(), fit_weights=weights), dataset_dir)
    # the calibration first: with weights alone there would be no probabilities after a crash here
    write_bytes(home / CONFIDENCE_FILE, text.encode())
    lines = [f"{name} = {value}" for name, value in asdict(weights).items()]
    write_bytes(home / WEIGHTS_FILE, "\n".join(["[weights]", *lines, ""]).encode())
    errors.print(f"已写入 {home / WEIGHTS_FILE}；{_RESTART}", markup=False, highlight=False)


def reset() -> None:
    """恢复随程序提供的权重。"""
    home = settings().home
    for name in (WEIGHTS_FILE, CONFIDENCE_FILE):
        (home / name).unlink(missing_ok=True)
    errors.print(f"已恢复默认权重；{_RESTART}")


def _parsed(values: list[str]) -> dict[str, float]:
    found = {}
    for value in values:
        name, _, number = value.partition("=")
        if name not in set(Aspect):
            raise CommandError(f"没有方面 {name!r}；可用：{'、'.join(Aspect)}")
        try:
            found[name] = float(number)
        except ValueError:
            raise CommandError(f"{value!r}：等号后应为数，例如 {name}=0.5") from None
    return found


def _calibrated(config: MatcherConfig, dataset_dir: Path | None) -> str:
    """Fit the calibration of `config`, print how it does, and return the text of its file."""
    from corpora.sample import DIRECTORY  # noqa: PLC0415
    from eval import confidence  # noqa: PLC0415
    from eval.errors import EvaluationError  # noqa: PLC0415

    folder, encoder = dataset_dir or DIRECTORY, file_encoder(settings())
    try:
        with progress("校准") as bar:
            fitted = confidence.calibrate(
                folder, config, encoder, lambda _what, done, total: bar(done, total)
            )
    except EvaluationError as error:
        raise CommandError(str(error)) from error
    _print(fitted)
    return confidence.as_toml(encoder.model, config.scoring_fingerprint, fitted)


def _print(fitted: Mapping[Direction, Calibrated]) -> None:
    table = Table("方向", "部分", "判对", "ECE", "Brier", "基准 Brier", "无答案识别", "误拒")
    for direction, found in fitted.items():
        for split, check in (("dev", found.dev), ("train", found.train)):
            measured = check.calibration
            table.add_row(
                direction.value,
                split,
                str(measured.pairs),
                f"{measured.ece_equal_width:.4f}",
                f"{measured.brier:.4f}",
                f"{measured.brier_base_rate:.4f}",
                f"{check.recognised}/{check.unanswerable}",
                f"{check.refused}/{check.answerable}",
            )
    console.print(table)
