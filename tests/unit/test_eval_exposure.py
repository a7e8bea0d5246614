"""Exposure, chains and query rows against values worked by hand."""

from __future__ import annotations

import pytest

from eval.breakdown import chain_label, headline, per_chain, per_query
from eval.experiment import SystemRun, Topic
from eval.exposure import exposure, lorenz
from matcher.exposure import gini
from matcher.listing import Direction, Facets, Kind, Listing

FORWARD = Direction.NEED_TO_ACHIEVEMENT


def test_gini_and_lorenz_equal_the_values_worked_by_hand() -> None:
    assert gini([5, 5, 5]) == 0.0
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    # pairs differ by 1, 2, 3, 1, 2, 1: sum 10 twice, over 2 n^2 mean = 2 * 16 * 2.5
    assert gini([4, 1, 3, 2]) == pytest.approx(20 / 80)
    assert gini([0, 0]) == gini([]) == 0.0
    assert lorenz([3, 1, 0, 0]) == [(0, 0), (0.25, 0.0), (0.5, 0.0), (0.75, 0.25), (1.0, 1.0)]
    assert lorenz([0, 0]) == [(0, 0), (0.5, 0.5), (1.0, 1.0)]


def listings() -> list[Listing]:
    held = {"a": "甲所", "b": "甲所", "c": "乙院", "d": "丙厂", "e": None}
    return [Listing(i, Kind.ACHIEVEMENT, i, i, Facets(org=org)) for i, org in held.items()]


def test_exposure_counts_the_first_ten_places_of_every_institution() -> None:
    deep = [("c", 0.9), *((f"z{i}", 0.5) for i in range(9)), ("d", 0.1)]
    run = SystemRun("s", FORWARD, {"q1": [("a", 1.0), ("b", 0.9), ("e", 0.8)], "q2": deep}, {}, "")
    found = exposure(Topic(FORWARD, [], listings(), {}), run)
    assert found is not None
    assert found.counts == (0, 1, 2)  # d stands at rank 11
    assert (found.institutions, found.shown, found.places) == (3, 2, 3)
    assert found.unstated == 10  # e and those that the corpus does not hold
    assert found.gini == pytest.approx(gini([0, 1, 2]))
    assert found.gini_listings == pytest.approx(gini([2, 1, 1]))
    assert found.top == (("甲所", 2), ("乙院", 1))
    assert found.top_share == pytest.approx(2 / 3)


def test_a_corpus_without_institutions_has_no_exposure() -> None:
    bare = [Listing("a", Kind.ACHIEVEMENT, "", "密封")]
    run = SystemRun("s", FORWARD, {"q": [("a", 1.0)]}, {}, "")
    assert exposure(Topic(FORWARD, [], bare, {}), run) is None


def asked() -> Topic:
    chains = {"q1": "rail", "q2": "rail", "q3": "seed", "q4": None, "none": "seed"}
    queries = [Listing(q, Kind.NEED, "", f"需求{q}", Facets(chain=c)) for q, c in chains.items()]
    qrels = {q: {"a": int(q != "none")} for q in chains}
    return Topic(FORWARD, queries, listings(), qrels)


def test_chains_hold_means_of_their_answerable_queries() -> None:
    values = {"nDCG@10": {"q1": 0.2, "q2": 0.6, "q3": 1.0, "q4": 0.5}}
    found = per_chain(asked(), values)
    assert list(found) == ["rail", "", "seed"]
    assert found["rail"] == {"queries": 2, "nDCG@10": pytest.approx(0.4)}
    assert found["seed"] == {"queries": 1, "nDCG@10": 1.0}
    assert [chain_label(c) for c in ("rail", "", "自造链")] == ["轨道交通", "未注明", "自造链"]


def test_rows_show_the_last_system_against_the_one_before() -> None:
    ndcg = {
        "bm25": dict.fromkeys(("q1", "q2", "q3", "q4"), 0.9),
        "hybrid": {"q1": 0.5, "q2": 0.5, "q3": 0.5, "q4": 0.5},
        "served": {"q1": 0.7, "q2": 0.1, "q3": 0.5, "q4": 0.5},
    }
    rows = per_query(asked(), ndcg)
    assert [row.id for row in rows] == ["q2", "q3", "q4", "q1"]
    assert [row.difference for row in rows] == pytest.approx([-0.4, 0, 0, 0.2])
    assert rows[0].values == {"bm25": 0.9, "hybrid": 0.5, "served": 0.1}
    assert {row.difference for row in per_query(asked(), {"served": ndcg["served"]})} == {0.0}


def test_a_headline_is_the_title_or_the_beginning() -> None:
    assert headline(Listing("a", Kind.NEED, "标题", "正文")) == "标题"
    assert headline(Listing("a", Kind.NEED, "", "长" * 80)) == "长" * 48 + "…"
