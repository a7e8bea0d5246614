"""Tuning: losses against plain arithmetic, parameters, and a short run on the real encoder."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.adapter import TunedWeights
from models.backends import UNTUNED
from models.cpu import Backend
from models.e5bin import E5File
from models.errors import ModelError
from models.export import export_graph, export_path
from models.graph import build_graph
from models.runtime import compile_export
from models.source import obtain_weights
from models.tokenizer import keep_ids, load_tokenizer
from models.tuning import losses
from models.tuning.config import TuningConfig
from models.tuning.material import Asked, Graded, Material, Text
from models.tuning.train import Tuned, tune
from models.verify import agreement, sentence_vectors

NEEDS = {
    "泵轴头漏浆": ("循环泵的填料两周就漏,换一次停半天", "无冲洗水的双端面机械密封", "循环泵变频节能"),
    "茶叶有烟味": ("炒出来的茶一股烟火气,客商退货", "远红外杀青机与烟气隔离", "茶叶包装充氮保鲜"),
    "片子划伤": ("玻璃面板下片就有细道子", "气浮无接触传输平台", "玻璃面板清洗剂回收"),
    "冬天打不着火": ("铲车零下三十度起不来", "低温快速预热启动系统", "铲车油耗远程监测"),
}  # fmt: skip
KNOWN = ["query: 低温启动", "passage: 机械密封在脱硫浆液循环泵上的应用"]


def material() -> Material:
    asked = [
        Asked(
            Text(title, need),
            (Graded(Text("", right), 3), Graded(Text("", wrong), 0)),
        )
        for title, (need, right, wrong) in NEEDS.items()
    ]
    return Material(asked, ["本文研究了一类非线性方程的解。", "综述了近年来的教学改革。"])


def config(**changes: float) -> TuningConfig:
    short = {"epochs": 3.0, "batch": 2, "anchors": 1, "hard_negatives": 1, "dropout": 0.0}
    return replace(TuningConfig.read(), **{**short, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def tuned(model_dir: Path) -> Tuned:
    return tune(model_dir / UNTUNED, material(), config(), KNOWN)


def test_listwise_loss_is_the_cross_entropy_to_the_shares_of_the_gains() -> None:
    scores = torch.tensor([[2.0, 1.0, 0.0], [0.0, 5.0, 0.0]])
    gains = torch.tensor([[1.0, 0.6, 0.0], [0.0, 0.0, 0.0]])
    total = math.exp(2) + math.exp(1) + 1
    wanted = -(1 / 1.6) * math.log(math.exp(2) / total) - (0.6 / 1.6) * math.log(math.e / total)
    assert float(losses.listwise(scores, gains)) == pytest.approx(wanted, rel=1e-5)


def test_column_loss_looks_at_suitable_counterparts_alone() -> None:
    scores = torch.tensor([[3.0, 9.0, 0.0], [1.0, 0.0, 0.0]])
    gains = torch.tensor([[1.0, 0.2, 0.0], [0.0, 0.0, 0.0]])
    wanted = -math.log(math.exp(3) / (math.exp(3) + math.exp(1)))
    assert float(losses.columns(scores, gains)) == pytest.approx(wanted, rel=1e-5)


def test_drift_is_nothing_where_nothing_moved() -> None:
    vectors = losses.centred(torch.eye(3), torch.zeros(3))
    assert float(losses.drift(vectors, vectors)) == 0
    assert float(losses.drift(vectors, -vectors)) == pytest.approx(20)


def test_tuning_lowers_the_loss_and_brings_the_right_pairs_together(tuned: Tuned) -> None:
    assert len(tuned.losses) == 6
    assert min(tuned.losses[-2:]) < max(tuned.losses[:2])
    assert any(np.abs(b).max() > 0 for _, b in tuned.adapter.factors.values())
    assert {name.partition(".")[0] for name in tuned.adapter.factors} == {
        f"l{layer}" for layer in range(6, 12)
    }


def test_the_same_material_gives_the_same_adapter(model_dir: Path, tuned: Tuned) -> None:
    again = tune(model_dir / UNTUNED, material(), config(), KNOWN)
    assert again.adapter.fingerprint == tuned.adapter.fingerprint


def test_the_built_graph_gives_the_vectors_that_tuning_saw(
    model_dir: Path, tuned: Tuned, tmp_path: Path
) -> None:
    weights = TunedWeights(
        E5File(obtain_weights(model_dir.absolute().parent / "download")), tuned.adapter
    )
    export_graph(build_graph(weights, keep_ids()), tmp_path, Backend.FP32)
    compiled = compile_export(export_path(tmp_path), Backend.FP32)
    tokenizer = load_tokenizer(model_dir / UNTUNED)
    vectors = sentence_vectors(compiled, [tokenizer.encode(text).ids for text in KNOWN])
    assert agreement(vectors, tuned.known).minimum > 0.9999


@pytest.mark.parametrize(
    ("text", "told"),
    [("seed = ", "TOML"), ("seed = 1", "rank"), (None, "TOML")],
    ids=["broken", "incomplete", "missing"],
)
def test_faulty_parameters_are_named(tmp_path: Path, text: str | None, told: str) -> None:
    path = tmp_path / "c.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ModelError, match=told):
        TuningConfig.read(path)
