"""Number groups: what the files promise, and the counting on a case small enough to check by eye."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from eval import number_groups
from eval.number_groups import (
    SPLITS,
    Group,
    Judged,
    Share,
    evaluate,
    load,
    ordered_pairs,
    scores,
)
from eval.similarity import similar_pairs
from eval.systems import SYSTEMS
from matcher.listing import Kind, Listing
from service.cli.console import CommandError
from service.cli.root import app

SIZES = {
    "dev": ("D", 62),
    "dev_b": ("B", 40),
    "dev_c": ("C", 30),
    "dev_d": ("E", 25),
    "dev_e": ("F", 18),
    "test": ("T", 62),
}
COMPARATORS = {">=", ">", "<=", "<", "=", "approx", "range", "±"}
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def numbers(listing: Listing) -> list[float]:
    return [float(n) for n in NUMBER.findall(listing.body)]


def bigrams(text: str) -> set[str]:
    return {
        pair
        for run in re.findall(r"[\u4e00-\u9fff]+", text)
        for pair in map("".join, zip(run, run[1:], strict=False))
    }


SHORTCUTS: dict[str, Callable[[Group, Listing], float]] = {
    "largest number": lambda _, a: max(numbers(a)),
    "smallest number": lambda _, a: -min(numbers(a)),
    "first": lambda _, a: -ord(a.id[-1]),
    "last": lambda _, a: ord(a.id[-1]),
    "longest": lambda _, a: len(a.body),
    "words in common": lambda g, a: len(bigrams(g.need.text) & bigrams(a.text)),
}


@pytest.fixture(params=SPLITS)
def groups(request) -> list[Group]:
    return load(request.param)


@pytest.mark.parametrize("split", SPLITS)
def test_every_split_is_whole(split: str) -> None:
    prefix, count = SIZES[split]
    assert [g.id for g in load(split)] == [f"{prefix}{n:02d}" for n in range(1, count + 1)]


def test_groups_are_well_formed(groups: list[Group]) -> None:
    for group in groups:
        ids = [a.listing.id for a in group.achievements]
        assert ids == [group.id + letter for letter in "abcd"[: len(ids)]]
        assert 3 <= len(ids) <= 4
        meets = [a.meets for a in group.achievements]
        assert True in meets
        assert False in meets
        assert meets.count(None) <= 1
        assert 40 <= len(group.need.body) <= 90
        for judged in group.achievements:
            assert 60 <= len(judged.listing.text) <= 120
            assert not re.search(r"\d", judged.listing.title)
            assert judged.meets is None or numbers(judged.listing)


def test_comparators_units_and_numerals_are_varied(groups: list[Group]) -> None:
    assert {g.comparator for g in groups} == COMPARATORS
    assert len({g.unit for g in groups}) >= min(14, len(groups) / 2)
    assert sum(not re.search(r"\d", g.need.body) for g in groups) >= len(groups) / 5
    elsewhere = [
        g
        for g in groups
        if any(a.meets is not None and g.unit not in a.listing.body for a in g.achievements)
    ]
    assert len(elsewhere) >= len(groups) / 3


def test_achievements_of_a_group_are_worded_apart(groups: list[Group]) -> None:
    for group in groups:
        assert not similar_pairs([a.listing.text for a in group.achievements], 0.5), group.id


@pytest.mark.parametrize("rule", SHORTCUTS)
def test_no_shortcut_decides(groups: list[Group], rule: str) -> None:
    scored = {
        g.id: {
            a.listing.id: SHORTCUTS[rule](g, a.listing)
            for a in g.achievements
            if a.meets is not None
        }
        for g in groups
    }
    pairs = [(g.id, meets, misses) for g in groups for meets, misses in g.pairs()]
    decided = [(scored[g][m], scored[g][n]) for g, m, n in pairs if scored[g][m] != scored[g][n]]
    assert len(decided) > len(pairs) / 2
    assert sum(m > n for m, n in decided) / len(decided) <= 0.6


def test_splits_share_no_quantity_and_no_text() -> None:
    *mended_on, test = map(load, SPLITS)
    for groups in mended_on:
        assert not {(g.quantity, g.unit) for g in groups} & {(g.quantity, g.unit) for g in test}
    texts = [
        (g.id, listing.text)
        for g in (*(g for groups in mended_on for g in groups), *test)
        for listing in (g.need, *(a.listing for a in g.achievements))
    ]
    alike = similar_pairs([text for _, text in texts], 0.25)
    assert not [(texts[i][0], texts[j][0]) for i, j, _ in alike if texts[i][0] != texts[j][0]]


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="no split 'train'"):
        load("train")


def row(id_: str, need: str, *achievements: tuple[str, bool | None]) -> dict[str, object]:
    return {
        "id": id_,
        "quantity": "寿命",
        "unit": "h",
        "comparator": ">=" if id_ == "A" else "<",
        "need": {"title": "要", "text": need},
        "achievements": [
            {"id": letter, "title": "有", "text": text, "meets": meets}
            for letter, (text, meets) in zip("abcd", achievements, strict=False)
        ],
    }


ROWS = [
    row("A", "水泵轴承漏水", ("水泵轴承密封防漏水", True), ("蚕茧煮茧", False), ("水泵", None)),
    row("B", "茶叶杀青太焦", ("锂电池电解液", True), ("茶叶杀青温度", False), ("铁矿", False)),
]


@pytest.fixture
def tiny(tmp_path, monkeypatch) -> list[Group]:
    lines = "\n".join(json.dumps(r, ensure_ascii=False) for r in ROWS)
    (tmp_path / "dev.jsonl").write_text(lines, encoding="utf-8")
    monkeypatch.setattr(number_groups, "DIRECTORY", tmp_path)
    return load("dev")


def test_only_true_against_false_is_a_pair(tiny: list[Group]) -> None:
    assert [g.pairs() for g in tiny] == [[("Aa", "Ab")], [("Ba", "Bb"), ("Ba", "Bc")]]
    assert tiny[0].achievements[2] == Judged(Listing("Ac", Kind.ACHIEVEMENT, "有", "水泵"), None)


def test_ties_and_missing_scores_are_wrong(tiny: list[Group]) -> None:
    assert ordered_pairs(tiny, {"A": {"Aa": 0.5, "Ab": 0.5}, "B": {"Ba": 0.2, "Bb": 0.1}}) == {
        "A": 0,
        "B": 2,
    }
    assert ordered_pairs(tiny, {"A": {}, "B": {"Bb": 0.1, "Bc": 0.3}}) == {"A": 0, "B": 0}


def test_every_need_meets_the_achievements_of_all_groups(tiny: list[Group], encoder) -> None:
    scored = scores(tiny, SYSTEMS["hybrid"].config, encoder)
    assert {id_: set(found) for id_, found in scored.items()} == dict.fromkeys(
        ("A", "B"), {"Aa", "Ab", "Ac", "Ba", "Bb", "Bc"}
    )


def test_the_report_counts_pairs_groups_and_comparators(tiny: list[Group], encoder) -> None:
    report = evaluate(SYSTEMS["hybrid"].config, encoder, "dev")
    in_b = ordered_pairs(tiny, scores(tiny, SYSTEMS["hybrid"].config, encoder))["B"]
    assert in_b < 2, "the words of group B speak for an achievement that misses the need"
    assert (report.pairs.right, report.pairs.total) == (1 + in_b, 3)
    assert (report.whole.right, report.whole.total) == (1, 2)
    assert report.comparators == {">=": Share.of(1, 1), "<": Share.of(in_b, 2)}
    assert report.config_fingerprint == SYSTEMS["hybrid"].config.fingerprint


def test_wilson_interval_of_eight_in_ten() -> None:
    share = Share.of(8, 10)
    assert share.value == 0.8
    # Wilson (1927) with z = 1.96
    assert (share.low, share.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert Share.of(0, 0) == Share(0, 0, 0.0, 1.0)


def test_the_command_prints_what_evaluation_counts(home, untuned_encoder, monkeypatch) -> None:
    monkeypatch.setenv("JIEBANG_HOME", str(home))
    result = CliRunner().invoke(app, ["eval-numbers", "--split", "dev", "--system", "hybrid"])
    assert result.exit_code == 0, result.output
    pairs = evaluate(SYSTEMS["hybrid"].config, untuned_encoder, "dev").pairs
    line = next(line for line in result.output.splitlines() if "不达标" in line)
    assert re.findall(r"[\d.]+", line)[:3] == [str(pairs.right), "122", f"{pairs.value:.3f}"]


def test_the_command_names_the_splits_for_an_unknown_one() -> None:
    result = CliRunner().invoke(app, ["eval-numbers", "--split", "train"])
    assert isinstance(result.exception, CommandError)
    assert "dev_b" in str(result.exception)


def test_the_command_names_the_systems_for_an_unknown_one() -> None:
    result = CliRunner().invoke(app, ["eval-numbers", "--system", "best"])
    assert isinstance(result.exception, CommandError)
    assert "hybrid" in str(result.exception)
