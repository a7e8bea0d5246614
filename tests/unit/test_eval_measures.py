"""Measures, significance, topics and run files against values worked by hand."""

from __future__ import annotations

import math

import pytest

from corpora.beir import Dataset, load_dataset
from eval import measures
from eval.experiment import SystemRun, directions, run_named, topic, write_trec
from eval.significance import compare, estimate
from eval.systems import SYSTEMS
from matcher.encoder import Encoder
from matcher.listing import Direction, Kind, Listing
from tests.backend import HashedCharacters

QRELS = {
    "q1": {"a": 3, "b": 1, "c": 0, "d": 2},
    "q2": {"a": 1},
    "none": {"a": 0, "b": 0},
}
RUN = {
    "q1": [("c", 9.0), ("a", 8.0), ("x", 8.0), ("b", 7.0)],
    "none": [("a", 1.0)],
}


def test_measures_equal_the_values_worked_by_hand() -> None:
    values = measures.per_query(QRELS, RUN)
    ideal = 3 + 2 / math.log2(3) + 1 / math.log2(4)
    gained = 3 / math.log2(3) + 1 / math.log2(5)
    assert values["nDCG@10"]["q1"] == pytest.approx(gained / ideal)
    assert values["Recall@10"]["q1"] == pytest.approx(2 / 3)
    assert values["Recall@100"]["q1"] == pytest.approx(2 / 3)
    assert values["MRR@10"]["q1"] == pytest.approx(1 / 2)
    assert values["MAP"]["q1"] == pytest.approx((1 / 2 + 2 / 4) / 3)


def test_a_query_that_is_missing_from_the_run_scores_zero() -> None:
    values = measures.per_query(QRELS, RUN)
    assert {name: by_query["q2"] for name, by_query in values.items()} == dict.fromkeys(
        measures.MEASURES, 0.0
    )


def test_unanswerable_queries_are_left_out() -> None:
    assert measures.answerable(QRELS) == ["q1", "q2"]
    for by_query in measures.per_query(QRELS, RUN).values():
        assert set(by_query) == {"q1", "q2"}


def test_the_order_of_a_run_counts_where_scores_tie() -> None:
    qrels = {"q": {"z": 1}}
    first = measures.per_query(qrels, {"q": [("z", 1.0), ("a", 1.0)]})
    second = measures.per_query(qrels, {"q": [("a", 1.0), ("z", 1.0)]})
    assert first["MRR@10"]["q"] == 1.0
    assert second["MRR@10"]["q"] == 0.5


def test_cutoffs_hold_at_ten_and_hundred() -> None:
    ranked = [(f"n{i}", -float(i)) for i in range(10)]
    values = measures.per_query({"q": {"late": 2}}, {"q": [*ranked, ("late", -99.0)]})
    assert [values[m]["q"] for m in ("nDCG@10", "Recall@10", "MRR@10")] == [0.0, 0.0, 0.0]
    assert values["Recall@100"]["q"] == 1.0
    assert values["MAP"]["q"] == pytest.approx(1 / 11)


def test_first_place_counts_a_grade_of_three_only() -> None:
    qrels = {"q1": {"a": 3, "b": 2}, "q2": {"a": 3}, "q3": {"a": 2}, "q4": {"a": 3}}
    run = {"q1": [("b", 1.0)], "q2": [("a", 1.0)], "q3": [("a", 1.0)]}
    assert measures.first_place(qrels, run) == {"q1": 0.0, "q2": 1.0, "q4": 0.0}


def test_the_permutation_test_is_exact_on_few_queries() -> None:
    # five differences of one sign: 2 of the 2^5 sign patterns are as extreme
    result = compare([0.0] * 5, [0.1, 0.2, 0.3, 0.4, 0.5])
    assert result.p_value == pytest.approx(2 / 32)
    assert result.difference.mean == pytest.approx(0.3)
    assert compare([0.1, 0.2, 0.3, 0.4, 0.5], [0.0] * 5).difference.mean == pytest.approx(-0.3)


def test_identical_systems_do_not_differ() -> None:
    result = compare([0.5, 0.7], [0.5, 0.7])
    assert result.p_value == 1.0
    assert (result.difference.low, result.difference.high) == (0.0, 0.0)


def test_an_interval_contains_its_mean_and_is_reproducible() -> None:
    values = [0.1, 0.9, 0.4, 0.4, 0.7, 0.2, 1.0]
    found = estimate(values)
    assert found.low < found.mean < found.high
    assert found.mean == pytest.approx(sum(values) / 7)
    assert found == estimate(values)
    assert estimate([0.5]).low == estimate([0.5]).high == 0.5
    assert estimate([]).n == 0


def dataset() -> Dataset:
    corpus = [
        Listing("a", Kind.ACHIEVEMENT, "轴承密封", "轴承密封泄漏检测方法"),
        Listing("b", Kind.ACHIEVEMENT, "发酵", "酒曲发酵温度控制"),
        Listing("c", Kind.ACHIEVEMENT, "浮选", "矿浆浮选药剂"),
    ]
    queries = [
        Listing("q1", Kind.NEED, "", "轴承漏油怎么检测"),
        Listing("q2", Kind.NEED, "", "酒曲发酵不均匀"),
    ]
    return Dataset("x", "test", corpus, queries, {"q1": {"a": 3, "b": 0}, "q2": {"b": 2}})


def test_the_reverse_direction_transposes_the_judgements() -> None:
    there = topic(dataset(), Direction.NEED_TO_ACHIEVEMENT)
    back = topic(dataset(), Direction.ACHIEVEMENT_TO_NEED)
    assert there.qrels == dataset().qrels
    assert back.qrels == {"a": {"q1": 3}, "b": {"q1": 0, "q2": 2}}
    assert [q.id for q in back.queries] == ["a", "b"]
    assert {item.kind for item in back.corpus} == {Kind.NEED}
    assert back.answerable == ["a", "b"]
    assert directions("both") == list(Direction)


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("direction", Direction)
def test_every_system_ranks_the_whole_corpus_in_both_directions(name, direction) -> None:
    asked = topic(dataset(), direction)
    run = run_named(name, asked, lambda _model: Encoder(HashedCharacters()))
    assert set(run.run) == {q.id for q in asked.queries}
    for ranked in run.run.values():
        assert {id_ for id_, _ in ranked} == {item.id for item in asked.corpus}
        assert ranked == sorted(ranked, key=lambda item: (-item[1], item[0]))


def test_a_trec_file_has_six_columns_and_ranks_from_one(tmp_path) -> None:
    run = SystemRun("bm25", Direction.NEED_TO_ACHIEVEMENT, {"q": [("a", 0.5), ("b", 0.25)]}, {}, "")
    write_trec(run, tmp_path / "run.trec")
    lines = (tmp_path / "run.trec").read_text(encoding="utf-8").splitlines()
    assert lines == ["q Q0 a 1 0.500000 bm25", "q Q0 b 2 0.250000 bm25"]


def test_with_one_split_unjudged_queries_are_unanswerable_ones(tmp_path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text('{"_id": "a", "text": "密封"}\n', encoding="utf-8")
    rows = '{"_id": "q1", "text": "漏浆"}\n{"_id": "q2", "text": "别的"}\n'
    (tmp_path / "queries.jsonl").write_text(rows, encoding="utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text("q1\ta\t3\n", encoding="utf-8")
    dataset = load_dataset(tmp_path)
    assert dataset.answerable == ["q1"]
    assert dataset.unanswerable == ["q2"]
    (tmp_path / "qrels" / "dev.tsv").write_text("q2\ta\t0\n", encoding="utf-8")
    assert [q.id for q in load_dataset(tmp_path, "test").queries] == ["q1"]
