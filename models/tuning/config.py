"""Parameters of a tuning, from a TOML file."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from models.errors import ModelError


@dataclass(frozen=True)
class TuningConfig:
    """See `config.toml` for what each means and why it has its value."""

    seed: int
    frozen_layers: int
    rank: int
    dropout: float
    window: int
    epochs: float
    batch: int
    hard_negatives: int
    pool: int
    anchors: int
    learning_rate: float
    warm_up: float
    weight_decay: float
    temperature: float
    column_weight: float
    reverse_weight: float
    anchor_weight: float
    heading_share: float

    @classmethod
    def read(cls, path: Path | None = None) -> TuningConfig:
        """The parameters in `path`, or the shipped ones. Raises ModelError for a faulty file."""
        try:
            text = (
                path.read_text(encoding="utf-8")
                if path
                else resources.files("models.tuning").joinpath("config.toml").read_text("utf-8")
            )
            table = tomllib.loads(text)
        except (OSError, ValueError) as error:
            msg = f"{path} 不是可读的 TOML 文件：{error}"
            raise ModelError(msg) from error
        fields = {f.name: f.type for f in dataclasses.fields(cls)}
        if set(table) != set(fields):
            wrong = "、".join(sorted(set(table) ^ set(fields)))
            msg = f"{path}：多余或缺少的参数：{wrong}"
            raise ModelError(msg)
        for name, kind in fields.items():
            allowed = int if kind == "int" else int | float
            if isinstance(table[name], bool) or not isinstance(table[name], allowed):
                msg = f"{path}：{name} 应为 {kind}，不是 {table[name]!r}"
                raise ModelError(msg)
        return cls(**table)
