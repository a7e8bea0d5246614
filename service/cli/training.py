"""`model train encoder`: tunes the offline model on train material."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpora import sample, training
from corpora.beir import load_dataset
from models.backends import UNTUNED
from service.cli.console import CommandError, console, errors, progress, settings

if TYPE_CHECKING:
    from models.tuning.material import Asked, Material

_OUT = Path("models")
_ANCHORS = 600
"""Real abstracts whose vectors tuning holds in place."""


def register(model: typer.Typer) -> None:
    """Add the command to the group `model`."""
    group = typer.Typer(help="用 train 语料训练。", no_args_is_help=True)
    group.command("encoder")(encoder)
    group.callback()(lambda: None)
    model.add_typer(group, name="train")


def encoder(
    config: Annotated[
        Path | None, typer.Option("--config", help="参数文件，默认 models/tuning/config.toml")
    ] = None,
    share: Annotated[
        float, typer.Option("--share", min=0.05, max=1.0, help="只用这么多训练需求，画学习曲线用")
    ] = 1.0,
    out: Annotated[Path, typer.Option("--out", help="写适配器和校验向量的文件夹")] = _OUT,
) -> None:
    """微调编码器：得到几 MB 以内的低秩适配器，由 model build 并入模型。"""
    # imported here: PyTorch takes seconds to load
    from models.adapter import ADAPTER_FILE  # noqa: PLC0415
    from models.tuning.config import TuningConfig  # noqa: PLC0415
    from models.tuning.train import tune  # noqa: PLC0415
    from models.verify import TUNED_VECTORS, known_strings, save_known  # noqa: PLC0415

    chosen = settings()
    parameters = TuningConfig.read(config)
    material = _material(chosen.text_dir, share, parameters.seed)
    errors.print(
        f"训练需求 {len(material.asked)} 条，锚定文本 {len(material.anchors)} 篇，"
        f"材料指纹 {material.fingerprint}",
        highlight=False,
    )
    with progress("缓存下层") as first, progress("训练") as second:
        bars = {"cache": first, "tune": second}
        tuned = tune(
            chosen.model_dir / UNTUNED, material, parameters, known_strings(),
            lambda what, done, total: bars[what](done, total),
        )  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    tuned.adapter.save(out / ADAPTER_FILE)
    save_known(tuned.known, out / TUNED_VECTORS)
    last = tuned.losses[-20:]
    console.print(
        f"已写入 {out / ADAPTER_FILE}：{tuned.adapter.parameters:,} 个参数，"
        f"{len(tuned.losses)} 步，最后的损失 {sum(last) / len(last):.3f}",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip


def _material(text_dir: Path | None, share: float, seed: int) -> Material:
    """Train needs of the sample and the written ones, and abstracts of the train part."""
    from models.tuning.material import Material  # noqa: PLC0415

    if text_dir is None or not (text_dir / "abstracts.jsonl").is_file():
        raise CommandError(
            "训练需要真实摘要作锚定：JIEBANG_TEXT_DIR 应指向含 abstracts.jsonl 的文件夹，"
            "见 eval/README.md"
        )
    asked = [*_of_sample(), *_written()]
    if share < 1:
        asked = random.Random(seed).sample(asked, round(share * len(asked)))
    return Material(asked, _anchors(text_dir, seed))


def _of_sample() -> list[Asked]:
    from models.tuning.material import Asked, Graded, Text  # noqa: PLC0415

    train = load_dataset(sample.DIRECTORY, "train")
    texts = {item.id: Text(item.title, item.body) for item in train.corpus}
    return [
        Asked(
            Text(query.title, query.body),
            tuple(Graded(texts[id_], grade) for id_, grade in train.qrels[query.id].items()),
        )
        for query in train.queries
    ]


def _written() -> list[Asked]:
    from models.tuning.material import Asked, Graded, Text  # noqa: PLC0415

    return [
        Asked(
            Text(need.title, need.text),
            tuple(Graded(Text(a.title, a.text), a.grade) for a in need.achievements),
        )
        for need in training.load()
    ]


def _anchors(text_dir: Path, seed: int) -> list[str]:
    """Abstracts of the train part, in an order drawn by the seed."""
    from eval.tasks import part_of, read_abstracts  # noqa: PLC0415

    texts = [a.text for a in read_abstracts(text_dir) if part_of(a.id) == "train"]
    return random.Random(seed).sample(texts, min(_ANCHORS, len(texts)))
