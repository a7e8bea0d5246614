"""Figures in the ranking: what met and missed ones change, for whoever asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcher.analyzer import Analyzer, TokenSet
from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.index import ListingIndex
from matcher.listing import Kind, Listing
from matcher.pipeline import Match, Matcher
from tests.backend import HashedCharacters

CONFIG = MatcherConfig(analyzer=Analyzer(TokenSet.CHARACTERS), feedback_weight=0.0)
NEED = Listing("n1", Kind.NEED, "电芯续航不够", "想找软包锂电芯,能量密度不低于280 Wh/kg。")
MEETS = Listing("a1", Kind.ACHIEVEMENT, "软包锂电芯", "软包锂电芯能量密度310 Wh/kg。")
MISSES = Listing(
    "a2", Kind.ACHIEVEMENT, "软包锂电芯续航", "想找的软包锂电芯能量密度不低于200 Wh/kg。"
)
SILENT = Listing("a3", Kind.ACHIEVEMENT, "软包锂电芯", "软包锂电芯封边工艺。")
APART = Listing("a4", Kind.ACHIEVEMENT, "燃料罐", "罐内介质310 Wh/kg。")


def matches(config: MatcherConfig, query: Listing, *corpus: Listing) -> dict[str, Match]:
    """What the pipeline makes of `query` over `corpus`, by id in order."""
    encoder = Encoder(HashedCharacters())
    index = ListingIndex.build(corpus[0].kind, corpus, encoder, config)
    answer = Matcher({index.kind: index}, encoder, config).match(query, top_k=10)
    return {match.listing.id: match for match in answer.matches}


def test_a_met_figure_decides_between_texts_that_fit_about_equally() -> None:
    corpus = (MEETS, MISSES, SILENT)
    without = matches(replace(CONFIG, indicator_share=0.0), NEED, *corpus)
    assert without["a2"].score > without["a1"].score
    served = matches(CONFIG, NEED, *corpus)
    assert served["a1"].score > served["a2"].score
    assert served["a3"].score == without["a3"].score


def test_figures_say_nothing_of_a_pair_below_the_floor() -> None:
    config = replace(CONFIG, indicator_floor=0.9)
    without = matches(replace(CONFIG, indicator_share=0.0), NEED, MEETS, APART)
    assert {k: m.score for k, m in matches(config, NEED, MEETS, APART).items()} == {
        k: m.score for k, m in without.items()
    }


def test_the_change_is_in_proportion_to_the_text_score() -> None:
    without = matches(replace(CONFIG, indicator_share=0.0), NEED, MEETS)["a1"].score
    changes = [
        matches(replace(CONFIG, indicator_share=share), NEED, MEETS)["a1"].score - without
        for share in (0.3, 0.6)
    ]
    assert changes[0] > 0
    assert changes[1] == pytest.approx(2 * changes[0], abs=2e-6)
    assert changes[1] <= 0.6 * (without - CONFIG.indicator_floor) + 1e-6


def test_figures_weigh_less_for_whoever_offers() -> None:
    found = matches(CONFIG, MEETS, NEED)["n1"]
    without = matches(replace(CONFIG, indicator_share=0.0), MEETS, NEED)["n1"]
    forward = found.forward - without.forward
    assert forward > 0
    assert found.backward - without.backward == pytest.approx(
        CONFIG.indicator_backward * forward, abs=2e-6
    )
    assert found.score == found.backward


def test_conditions_kept_do_not_make_up_for_a_figure_missed_by_far() -> None:
    need = Listing(
        "n", Kind.NEED, "循环泵", "循环泵要求扬程不低于80米,噪声不超过60分贝,重量不超过50公斤"
    )
    corpus = (
        Listing("a", Kind.ACHIEVEMENT, "循环泵", "循环泵扬程10米,噪声50分贝,重量30公斤"),
        Listing("b", Kind.ACHIEVEMENT, "循环泵", "循环泵扬程90米,材质为不锈钢"),
    )
    without = matches(replace(CONFIG, indicator_share=0.0), need, *corpus)
    served = matches(CONFIG, need, *corpus)
    gained = {id_: served[id_].score / without[id_].score for id_ in served}
    assert gained["b"] > 1.3
    assert gained["a"] < 1.05
