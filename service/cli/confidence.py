"""`fit-confidence`: calibrates the shipped pipeline; the evaluation modules are loaded when called."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from corpora.beir import load_dataset
from matcher.confidence import Calibration
from matcher.listing import Direction
from service.cli.console import console, errors, file_encoder, progress, settings, write_bytes
from service.served import served_config


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fit-confidence")(fit_confidence)


def fit_confidence(
    dataset_dir: Annotated[Path | None, typer.Argument(help="默认样本语料")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="默认写入随程序提供的 matcher/confidence.toml")
    ] = None,
) -> None:
    """在 dev 上拟合得分到概率的换算和拒答阈值，并在 train 上复核。"""
    from corpora.sample import DIRECTORY  # noqa: PLC0415
    from eval import confidence, experiment  # noqa: PLC0415

    folder = dataset_dir or DIRECTORY
    encoder = file_encoder(settings())
    config = served_config()
    fitted: dict[str, tuple[Calibration, confidence.Check]] = {}
    table = Table("方向", "部分", "判对", "ECE", "Brier", "基准 Brier", "无答案识别", "误拒")
    for direction in Direction:
        calibration = None
        for split in ("dev", "train"):
            topic = experiment.topic(load_dataset(folder, split), direction)
            with progress(f"{direction} {split}") as bar:
                run = experiment.run_config(
                    "served", config, topic, encoder, lambda _what, done, total: bar(done, total)
                )
            calibration = calibration or confidence.fit(topic, run)
            checked = confidence.check(topic, run, calibration)
            fitted.setdefault(direction.value, (calibration, checked))
            table.add_row(
                direction.value,
                split,
                str(checked.calibration.pairs),
                f"{checked.calibration.ece_equal_width:.4f}",
                f"{checked.calibration.brier:.4f}",
                f"{checked.calibration.brier_base_rate:.4f}",
                f"{checked.recognised}/{checked.unanswerable}",
                f"{checked.refused}/{checked.answerable}",
            )
    console.print(table)
    target = out or Path(str(files("matcher").joinpath("confidence.toml")))
    text = confidence.as_toml(encoder.model, config.scoring_fingerprint, fitted)
    write_bytes(target, text.encode())
    errors.print(f"已写入 {target}", markup=False, highlight=False)
