"""The labels of indicators are well-formed, and the evaluation scores hand-worked cases as it says."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from corpora.sample import DIRECTORY
from eval import indicators
from eval.indicators import (
    SPLITS,
    GoldRecord,
    Label,
    agrees,
    compare,
    evaluate,
    gold_texts,
    load_gold,
    same_name,
    score,
    written_scale,
)
from eval.tasks import part_of
from matcher.indicators.units import scale
from service.cli.root import app
from service.settings import Settings

COMPARATORS = {">=", ">", "<=", "<", "=", "~", "range"}


@dataclass(frozen=True)
class Read:
    """A reading as a parser gives it."""

    name: str
    comparator: str
    low: float | None
    high: float | None
    unit: str
    start: int
    end: int


def label(comparator: str, low: float | None, high: float | None, unit: str) -> Label:
    """A label over characters 2 to 6."""
    return Label("温度", comparator, "1", low, high, unit, 2, 6)


def records() -> Iterator[tuple[str, GoldRecord]]:
    """Every labelled record with its split."""
    for split in SPLITS:
        for record in load_gold(split):
            yield split, record


def test_there_are_enough_labels_and_half_of_them_are_from_real_abstracts() -> None:
    counts = {
        (split, source): sum(
            len(r.labels) for s, r in records() if s == split and r.source == source
        )
        for split in SPLITS
        for source in ("csl", "sample")
    }
    total = sum(counts.values())
    real = sum(n for (_, source), n in counts.items() if source == "csl")
    assert total >= 400
    assert real >= 230
    assert real * 2 >= total
    assert all(n >= 100 for n in counts.values())


def test_no_record_is_labelled_twice_or_in_both_splits() -> None:
    ids = [record.id for _, record in records()]
    assert len(ids) == len(set(ids))


def test_labels_are_ordered_disjoint_and_their_bounds_fit_the_comparator() -> None:
    for _, record in records():
        end = 0
        for item in record.labels:
            where = f"{record.id} {item.start}"
            assert end <= item.start < item.end, where
            end = item.end
            assert item.name, where
            assert item.comparator in COMPARATORS, where
            assert item.low is not None or item.comparator in {"<", "<="}, where
            assert item.high is not None or item.comparator in {">", ">="}, where
            if item.comparator == "range":
                assert item.low is not None, where
                assert item.high is not None, where
                assert item.low < item.high, where
            elif item.comparator in {"=", "~"}:
                assert item.low == item.high, where


def test_splits_follow_the_abstracts_hash_and_the_sample_corpus() -> None:
    with (DIRECTORY / "queries.jsonl").open(encoding="utf-8") as lines:
        needs = {r["_id"]: r["metadata"]["split"] for r in map(json.loads, lines)}
    judged: dict[str, set[str]] = {}
    for split in ("train", *SPLITS):
        with (DIRECTORY / "qrels" / f"{split}.tsv").open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                judged.setdefault(row["corpus-id"], set()).add(split)
    for split, record in records():
        if record.source == "csl":
            assert part_of(record.id) == split
        elif record.id in needs:
            assert needs[record.id] == split
        else:
            assert judged[record.id] == {split}


def assert_spans_fit(source: str, texts: dict[str, str]) -> None:
    """Every span of `source` lies in its text and holds the numbers of its label."""
    for _, record in records():
        if record.source == source:
            for item in record.labels:
                span = texts[record.id][item.start : item.end]
                assert len(span) == item.end - item.start
                assert span == span.strip()
                assert all(number in span for number in item.value.split()), (record.id, span)


def test_spans_of_sample_records_hold_their_numbers() -> None:
    assert_spans_fit("sample", gold_texts(None))


def test_spans_of_abstracts_hold_their_numbers() -> None:
    folder = Settings().text_dir
    if folder is None or not (folder / "abstracts.jsonl").is_file():
        pytest.skip("JIEBANG_TEXT_DIR holds no abstracts.jsonl")
    assert_spans_fit("csl", gold_texts(folder))


@pytest.mark.parametrize(
    ("wanted", "got", "right"),
    [
        (label("=", 95, 95, "%"), Read("", "=", 0.95, 0.95, "", 2, 5), True),
        (label("=", 95, 95, "％"), Read("", "~", 0.95, 0.95, "", 2, 5), True),
        (label("=", 95, 95, "%"), Read("", "=", 95, 95, "", 2, 5), False),
        (label("=", 95, 95, "%"), Read("", "=", 0.95, 0.95, "", 6, 9), False),
        (label("=", 95, 95, "%"), Read("", "=", 0.95, 0.95, "", 0, 2), False),
        (label("=", 95, 95, "%"), Read("", ">=", 0.95, None, "", 2, 5), False),
        (label(">=", 90, None, "%"), Read("", ">", 0.9, None, "", 2, 5), True),
        (label("<=", None, 25, "℃"), Read("", "<", None, 298.15, "K", 2, 5), True),
        (label("<=", None, 25, "℃"), Read("", "<", None, 25, "K", 2, 5), False),
        (label("range", 1, 3, "mm"), Read("", "range", 0.001, 0.003, "m", 2, 5), True),
        (label("range", 1, 3, "mm"), Read("", "range", 0.001, 0.004, "m", 2, 5), False),
        (label("range", 1, 3, "mm"), Read("", "range", 0.001, 0.003, "s", 2, 5), False),
        (label("=", 25, 25, "万元"), Read("", "=", 250000, 250000, "元", 2, 5), True),
        (label("=", 3, 3, "成"), Read("", "=", 0.3, 0.3, "", 2, 5), True),
        (label("=", 30, 30, "盏灯"), Read("", "=", 30, 30, "盏灯", 2, 5), True),
    ],
)
def test_agreement(wanted: Label, got: Read, right: bool) -> None:
    assert agrees(wanted, got) is right


def test_a_difference_of_temperatures_has_no_offset() -> None:
    wanted = Label("温差", "=", "3", 3, 3, "℃", 0, 3, difference=True)
    assert agrees(wanted, Read("", "=", 3, 3, "K", 0, 3))
    assert not agrees(wanted, Read("", "=", 276.15, 276.15, "K", 0, 3))


def test_an_unknown_unit_stands_for_itself() -> None:
    assert written_scale("盏灯").symbol == "盏灯"
    assert written_scale("MPa") == scale("MPa")
    assert written_scale("万次").base(200) == 2_000_000


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [("抗压强度", "强度", True), ("体积密度", "吸水率", False), ("温度", "", False)],
)
def test_names_share_half_of_their_characters(a: str, b: str, same: bool) -> None:
    assert same_name(a, b) is same


def test_each_label_is_met_once_and_the_rest_is_listed() -> None:
    text = "温度25℃,效率90%以上"
    record = GoldRecord(
        "r",
        "sample",
        (
            Label("温度", "=", "25", 25, 25, "℃", 2, 5),
            Label("效率", ">=", "90", 90, None, "%", 8, 13),
        ),
    )
    readings = [
        Read("效率", ">", 0.9, None, "", 8, 11),
        Read("效率", ">=", 0.9, None, "", 8, 13),
        Read("温度", "=", 25, 25, "K", 2, 5),
    ]
    tally, faults = compare(record, text, readings)
    assert (tally.gold, tally.predicted, tally.hits) == (2, 3, 1)
    assert (tally.strict, tally.named) == (0, 1)
    assert [(f.kind, f.span) for f in faults] == [
        ("missed", "25℃"),
        ("spurious", "25℃"),
        ("spurious", "90%以上"),
    ]


def test_scores_are_micro_averages_with_an_interval_over_records() -> None:
    tallies = [
        indicators.Tally("csl", gold=4, predicted=2, hits=2, strict=1, named=2),
        indicators.Tally("sample", gold=1, predicted=2, hits=0, strict=0, named=0),
    ]
    result = score("all", tallies)
    assert result.precision.mean == pytest.approx(2 / 4)
    assert result.recall.mean == pytest.approx(2 / 5)
    assert result.f1.mean == pytest.approx(4 / 9)
    assert result.strict_f1.mean == pytest.approx(2 / 9)
    assert result.name_share.mean == 1
    assert (result.precision.low, result.precision.high) == (0, 1)
    assert score("csl", []).f1.n == 0


def test_the_labels_themselves_score_one_and_abstracts_without_text_are_skipped(
    tmp_path: Path,
) -> None:
    texts = gold_texts(None)
    by_text = {texts[r.id]: r for r in load_gold("dev") if r.source == "sample"}

    def echo(text: str) -> list[Read]:
        out = []
        for item in by_text[text].labels:
            unit = written_scale(item.unit, difference=item.difference)
            low, high = (None if v is None else unit.base(v) for v in (item.low, item.high))
            out.append(
                Read(item.name, item.comparator, low, high, unit.symbol, item.start, item.end)
            )
        return out

    report = evaluate("dev", tmp_path, echo)
    everything, csl, sample = report.scores
    assert everything.strict_f1.mean == sample.recall.mean == 1
    assert sample.name_share.mean == 1
    assert not report.faults
    assert csl.records == 0
    assert report.skipped == sum(r.source == "csl" for r in load_gold("dev"))


def test_command_says_what_it_skipped_and_lists_errors(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JIEBANG_TEXT_DIR", str(tmp_path))
    monkeypatch.setattr(indicators, "read_indicators", lambda _text: [])
    result = CliRunner().invoke(app, ["eval-indicators", "--split", "dev", "--errors"])
    assert result.exit_code == 0, result.output
    assert "JIEBANG_TEXT_DIR" in result.output
    assert "样本语料" in result.output
    assert "漏检" in result.output
    assert "真实摘要" not in result.output
