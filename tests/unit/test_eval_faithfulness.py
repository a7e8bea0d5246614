"""Faithfulness: removing passages is exact, random ones are of like length, drops are compared."""

from __future__ import annotations

import random

import pytest

from eval import faithfulness
from eval.experiment import Topic
from eval.faithfulness import Removed, drawn_spans
from matcher.encoder import Encoder
from matcher.listing import Direction, Kind, Listing
from tests.backend import HashedCharacters

SUBJECTS = ("轴承密封泄漏", "焊缝裂纹检测", "隔膜烘干变形", "酒曲发酵升温", "涂层腐蚀剥落")
FILLING = "本单位位于园区。人员配备齐整。课题由省里立项。证书已经取得。"


def topic() -> Topic:
    """Needs and achievements whose subject stands in one sentence among filling ones."""
    needs = [
        Listing(f"n{i}", Kind.NEED, "求助", f"老板着急。{s}一直没治好。价钱好商量。")
        for i, s in enumerate(SUBJECTS)
    ]
    achievements = [
        Listing(f"a{i}", Kind.ACHIEVEMENT, f"成果{i}", f"{FILLING}{s}的治理工艺。")
        for i, s in enumerate(SUBJECTS)
    ]
    qrels = {f"n{i}": {f"a{i}": 3} for i in range(len(SUBJECTS))}
    return Topic(Direction.NEED_TO_ACHIEVEMENT, needs, achievements, qrels)


@pytest.mark.parametrize("removed", list(Removed))
def test_what_explanations_highlight_costs_more_than_random_sentences(removed: Removed) -> None:
    encoder = Encoder(HashedCharacters())
    report = faithfulness.evaluate(topic(), encoder, removed, top_k=1, draws=4)
    assert report.pairs == len(SUBJECTS)
    assert report.skipped == 0
    assert report.test.b > report.test.a
    assert report.test.difference.low > 0
    assert report.test.b <= report.score
    assert report.random_length > 0
    again = faithfulness.evaluate(topic(), encoder, removed, top_k=1, draws=4)
    assert again == report, "the draws are fixed"


def test_a_match_that_is_one_sentence_cannot_be_compared() -> None:
    asked = topic()
    short = [Listing(a.id, a.kind, a.title, a.body.split("。")[-2]) for a in asked.corpus]
    asked = Topic(asked.direction, asked.queries, short, asked.qrels)
    encoder = Encoder(HashedCharacters())
    report = faithfulness.evaluate(asked, encoder, Removed.FOUND, top_k=1, draws=2)
    assert (report.pairs, report.skipped) == (0, len(SUBJECTS))
    assert report.test.queries == 0


def test_random_sentences_are_near_the_length_and_leave_one() -> None:
    choice = [(i * 10, i * 10 + 10) for i in range(6)]
    for seed in range(20):
        drawn = drawn_spans(choice, 30, random.Random(seed))
        assert len(drawn) == 3
        assert drawn == sorted(drawn)
        assert len(drawn_spans(choice, 1000, random.Random(seed))) == 5


def test_thinned_queries_are_spread_and_keep_the_corpus() -> None:
    asked = topic()
    thin = faithfulness.thinned(asked, 2)
    assert [q.id for q in thin.queries] == ["n0", "n2"]
    assert thin.corpus == asked.corpus
    assert faithfulness.thinned(asked, 99).queries == asked.queries
