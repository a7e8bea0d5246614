"""Effect sizes, gains and losses, and configurations from TOML files."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from corpora.terminology import load
from eval.compare import effect, extremes, paired
from eval.errors import EvaluationError
from eval.overrides import named_system
from eval.systems import SYSTEMS, Model, System
from matcher.analyzer import TokenSet


def test_effect_size_equals_the_value_worked_by_hand() -> None:
    # differences 0.1, 0.3, 0.2, 0: mean 0.15, squares about it 0.05, over 3 degrees
    found = effect([0.5, 0.5, 0.5, 0.5], [0.6, 0.8, 0.7, 0.5])
    assert found.d_z == pytest.approx(0.15 / math.sqrt(0.05 / 3))
    assert (found.wins, found.ties, found.losses) == (3, 1, 0)
    back = effect([0.6, 0.8, 0.7, 0.5], [0.5, 0.5, 0.5, 0.5])
    assert back.d_z == pytest.approx(-0.15 / math.sqrt(0.05 / 3))
    assert (back.wins, back.losses) == (0, 3)


def test_effect_size_is_none_where_it_has_no_meaning() -> None:
    assert effect([0.5], [0.9]).d_z is None
    assert effect([0.5, 0.6], [0.6, 0.7]).d_z is None
    assert effect([], []).d_z is None


def test_pairs_are_the_common_queries() -> None:
    found = paired({"a": 0.1, "b": 0.5, "x": 1.0}, {"b": 0.7, "a": 0.1, "y": 0.0})
    assert (found.queries, found.a, found.b) == (2, pytest.approx(0.3), pytest.approx(0.4))
    assert (found.effect.wins, found.effect.ties) == (1, 1)
    nothing = paired({"a": 1.0}, {"b": 1.0})
    assert (nothing.queries, nothing.p_value) == (0, 1.0)


def test_extremes_are_the_largest_changes_of_either_sign() -> None:
    before = {"a": 0.5, "b": 0.5, "c": 0.5, "d": 0.5, "e": 0.5}
    after = {"a": 0.9, "b": 0.6, "c": 0.5, "d": 0.1, "e": 0.4}
    gains, losses = extremes(before, after, 1)
    assert gains == [("a", pytest.approx(0.4))]
    assert losses == [("d", pytest.approx(-0.4))]
    gains, losses = extremes(before, after, 9)
    assert [q for q, _ in gains] == ["a", "b"]
    assert [q for q, _ in losses] == ["d", "e"]


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "变体.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_overrides_fields_of_a_system(tmp_path: Path) -> None:
    text = 'base = "hybrid"\ndense_weight = 1\nbm25 = { k1 = 0.9 }\nanalyzer = { token_set = "words" }\n'
    name, system = named_system(written(tmp_path, text))
    config, base = system.config, SYSTEMS["hybrid"].config
    assert (name, system.model) == ("变体", Model.UNTUNED)
    assert (config.dense_weight, config.bm25.k1) == (1.0, 0.9)
    assert config.analyzer.token_set is TokenSet.WORDS
    assert config.bm25.b == base.bm25.b
    assert config.dense_floor == base.dense_floor
    assert named_system("served") == ("served", SYSTEMS["served"])
    assert named_system(written(tmp_path, 'name = "甲"\n')) == ("甲", SYSTEMS["served"])
    untuned = named_system(written(tmp_path, 'model = "untuned"\n'))[1]
    assert untuned == System(SYSTEMS["served"].config, Model.UNTUNED)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("magic = 1\n", "没有参数 magic"),
        ('model = "magic"\n', "model 应为 served、untuned"),
        ('base = "magic"\n', "base 应为系统名"),
        ('dense_weight = "much"\n', "dense_weight 应为 float"),
        ("dense_weight = true\n", "dense_weight 应为 float"),
        ("depth = 1.5\n", "depth 应为 int"),
        ("bm25 = { k2 = 1 }\n", "没有参数 k2"),
        ('analyzer = { token_set = "runes" }\n', "token_set 应为 words"),
        ('name = "a/b"\n', "name 应为"),
        ("dense_weight = \n", "不是合法的 TOML"),
    ],
)
def test_an_override_that_does_not_fit_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(EvaluationError, match=said):
        named_system(written(tmp_path, text))


def test_neither_a_system_nor_a_file_is_told() -> None:
    with pytest.raises(EvaluationError, match="没有系统或 TOML 文件 nothing"):
        named_system("nothing")


def test_synonyms_of_a_folder_replace_the_shipped_ones(tmp_path: Path) -> None:
    folder = tmp_path / "synonyms"
    folder.mkdir()
    group = '[[group]]\nterms = ["长毛", "锂枝晶"]\n'
    (folder / "battery.toml").write_text(group, encoding="utf-8")
    text = 'expansion_weight = 0.3\nterminology = "synonyms"\n'
    edited = named_system(written(tmp_path, text))[1].config
    assert [g.terms for g in edited.terminology.groups] == [("长毛", "锂枝晶")]
    shipped = named_system(written(tmp_path, "expansion_weight = 0.3\n"))[1].config
    assert edited.fingerprint != shipped.fingerprint
    (folder / "battery.toml").write_text('[[group]]\nterms = ["长毛"]\n', encoding="utf-8")
    load.cache_clear()
    with pytest.raises(EvaluationError, match="stands alone"):
        named_system(written(tmp_path, text))
    with pytest.raises(EvaluationError, match="terminology"):
        named_system(written(tmp_path, 'terminology = "nowhere"\n'))
