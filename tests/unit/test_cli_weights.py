"""`jiebang weights`: own weights take effect with a calibration of their own, and can be undone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpora import sample
from matcher.fit import served_weights
from matcher.listing import Direction
from service.cli.console import CommandError
from service.cli.root import app
from service.errors import JiebangError
from service.served import served_config, shipped_config

NEEDS = 60
ACHIEVEMENTS = 90


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A part of the sample: some needs of dev and train, and what was judged for them first."""
    folder = tmp_path / "small"
    (folder / "qrels").mkdir(parents=True)
    kept_needs, kept = [], []
    for split in ("dev", "train"):
        lines = (sample.DIRECTORY / "qrels" / f"{split}.tsv").read_text("utf-8").splitlines()
        rows = [line.split("\t") for line in lines[1:]]
        needs = list(dict.fromkeys(row[0] for row in rows))[:NEEDS]
        rows = sorted((row for row in rows if row[0] in needs), key=lambda row: -int(row[2]))
        chosen = list(dict.fromkeys(row[1] for row in rows))[: ACHIEVEMENTS // 2]
        text = "\n".join("\t".join(row) for row in rows if row[1] in chosen)
        (folder / "qrels" / f"{split}.tsv").write_text(f"{lines[0]}\n{text}\n", "utf-8")
        kept_needs += needs
        kept += chosen
    for name, ids in (("queries", kept_needs), ("corpus", kept)):
        lines = (sample.DIRECTORY / f"{name}.jsonl").read_text("utf-8").splitlines()
        rows = [line for line in lines if json.loads(line)["_id"] in ids]
        (folder / f"{name}.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["weights", *words])
    if result.exception is not None:
        raise result.exception
    return result.output


def test_own_weights_bring_their_own_calibration(home, small, monkeypatch) -> None:
    monkeypatch.setenv("JIEBANG_HOME", str(home))
    assert served_config(home) == shipped_config()
    run("set", "region=0.9", "chain=0", "--dataset", str(small))
    config = served_config(home)
    assert (config.fit_weights.region, config.fit_weights.chain) == (0.9, 0.0)
    assert config.fit_weights.rights == served_weights().rights
    assert config.fingerprint != shipped_config().fingerprint
    for direction in Direction:
        own = config.confidence.of(direction, config.confidence.model, config.scoring_fingerprint)
        assert own is not None
    assert "0.9" in run("show")
    run("reset")
    assert served_config(home) == shipped_config()


def test_weights_without_a_calibration_of_theirs_give_no_probabilities(home) -> None:
    text = "[weights]\n" + "".join(
        f"{name} = 1.0\n"
        for name in ("chain", "region", "maturity", "money", "cooperation", "rights")
    )
    (home / "weights.toml").write_text(text, encoding="utf-8")
    config = served_config(home)
    assert config.fit_weights.money == 1.0
    assert config.confidence.calibrations == {}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["set", "colour=1"], "没有方面"),
        (["set", "region=much"], "等号后应为数"),
        (["set", "region=-1"], "不小于 0"),
        (["set", "region"], "等号后应为数"),
    ],
)
def test_faulty_weights_are_refused(home, monkeypatch, words: list[str], told: str) -> None:
    monkeypatch.setenv("JIEBANG_HOME", str(home))
    with pytest.raises(CommandError, match=told):
        run(*words)
    assert not (home / "weights.toml").exists()


def test_a_damaged_file_is_named_with_a_cure(home) -> None:
    (home / "weights.toml").write_text("region = ", encoding="utf-8")
    with pytest.raises(JiebangError, match=r"weights\.toml") as caught:
        served_config(home)
    assert "reset" in caught.value.cure
