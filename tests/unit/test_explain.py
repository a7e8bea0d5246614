"""Explanations: aligned passages, bridging terms and the summary, in both directions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpora import terminology
from matcher.alignment import Reading
from matcher.analyzer import Analyzer, TokenSet, technical_lexicon
from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.explain import Basis, Explanation, Passage
from matcher.index import ListingIndex
from matcher.listing import KINDS, Facets, Kind, Listing
from matcher.pipeline import Match, Matcher
from matcher.terminology import Link, Terminology
from tests.backend import HashedCharacters

BATTERY = Facets(chain="battery")
NEED = Listing(
    "n",
    Kind.NEED,
    "快充车掉容量",
    "送去拆，负极上面长毛了。隔膜也被刺穿过。想要不拆包就能看出来。工期九个月。",
    BATTERY,
)
ACHIEVEMENT = Listing(
    "a",
    Kind.ACHIEVEMENT,
    "充电后弛豫电压诊断",
    "项目由省里立项。锂枝晶会刺穿隔膜造成短路。由弛豫电压估计其数量，无需拆解。",
    BATTERY,
)
OTHERS = [
    Listing(f"{kind.value}{n}", kind, f"第{n}号", text, Facets(chain="food"))
    for kind in Kind
    for n, text in enumerate(("窖泥功能菌群快速驯化。", "叶轮喷涂碳化钨陶瓷层。", "柑橘冷链预冷。"))
]
CONFIG = MatcherConfig(terminology=Terminology(terminology.load()))


def explained(query: Listing, other: Listing, config: MatcherConfig = CONFIG) -> Match:
    encoder = Encoder(HashedCharacters())
    listings = [other, *(o for o in OTHERS if o.kind is other.kind)]
    index = ListingIndex.build(other.kind, listings, encoder, config)
    matcher = Matcher({other.kind: index}, encoder, config)
    answer = matcher.match(query, with_explanations=True)
    return next(m for m in answer.matches if m.listing.id == other.id)


def told(query: Listing, other: Listing, config: MatcherConfig = CONFIG) -> Explanation:
    explanation = explained(query, other, config).explanation
    assert explanation is not None
    return explanation


def marked(passage: Passage) -> set[str]:
    return {passage.text[start:end] for start, end in passage.highlights}


@pytest.mark.parametrize(("query", "other"), [(NEED, ACHIEVEMENT), (ACHIEVEMENT, NEED)])
def test_passages_of_both_sides_go_together_whoever_asks(query: Listing, other: Listing) -> None:
    explanation = told(query, other)
    assert explanation.alignments
    for row in explanation.alignments:
        assert NEED.text[row.need.start : row.need.end] == row.need.text
        assert ACHIEVEMENT.text[row.achievement.start : row.achievement.end] == row.achievement.text
        assert 0 < row.weight <= 1
    assert explanation.passages == tuple(row.side(other.kind) for row in explanation.alignments)
    pierced = [row for row in explanation.alignments if "刺穿" in row.achievement.text]
    assert pierced
    assert any({"隔膜"} <= marked(r.need) & marked(r.achievement) for r in pierced) or any(
        "长毛" in marked(r.need) and "锂枝晶" in marked(r.achievement) for r in pierced
    )
    assert not any("立项" in row.achievement.text for row in explanation.alignments)


@pytest.mark.parametrize(("query", "other"), [(NEED, ACHIEVEMENT), (ACHIEVEMENT, NEED)])
def test_a_bridge_names_both_terms_and_the_group_that_links_them(
    query: Listing, other: Listing
) -> None:
    (bridge,) = told(query, other).bridges
    assert (bridge.need_term, bridge.achievement_term) == ("长毛", "锂枝晶")
    assert bridge.chain == "battery"
    assert {"长毛", "锂枝晶", "析锂"} <= set(bridge.group)
    assert "需求说的「长毛」即成果的「锂枝晶」" in told(query, other).summary


def test_a_term_of_several_meanings_links_nothing_without_a_chain() -> None:
    assert not told(replace(NEED, facets=Facets()), ACHIEVEMENT).bridges
    assert not told(replace(NEED, facets=Facets(chain="food")), ACHIEVEMENT).bridges


def test_a_term_that_both_use_is_shared_and_no_bridge() -> None:
    both = replace(NEED, body=NEED.body + "怀疑是锂枝晶。")
    explanation = told(both, ACHIEVEMENT)
    assert not explanation.bridges
    assert "锂枝晶" in "".join(explanation.shared_terms)


def test_texts_that_share_nothing_are_joined_by_meaning_and_say_so() -> None:
    plain = Listing("x", Kind.NEED, "", "车间噪声超标。")
    explanation = told(plain, ACHIEVEMENT)
    assert [row.basis for row in explanation.alignments] == [Basis.MEANING]
    assert not marked(explanation.alignments[0].need)
    assert explanation.summary.startswith("双方没有共同用词，按语义相近排出。")


def test_empty_words_and_numbers_are_no_shared_terms() -> None:
    need = replace(NEED, body="我们希望可以解决隔膜问题，每年 300 台。")
    achievement = replace(ACHIEVEMENT, body="可以解决隔膜问题，每年 300 台。")
    assert told(need, achievement).shared_terms == ("隔膜",)


def test_summary_quotes_figures_of_both_texts_and_nothing_else() -> None:
    need = replace(
        NEED, body="隔膜剥离强度不低于 1.2 N/mm，循环寿命不低于 2000 次，价格低于 3 元。"
    )
    achievement = replace(ACHIEVEMENT, body="隔膜剥离强度达 1.5 N/mm，循环寿命 1500 次。")
    match = explained(need, achievement)
    assert match.explanation is not None
    summary = match.explanation.summary
    verdicts = {c.verdict.value for c in match.explanation.indicators}
    assert ("达到 1 项" in summary) == ("met" in verdicts)
    assert ("未达到 1 项" in summary) == ("not-met" in verdicts)
    assert "1.5 N/mm" in summary
    assert "1500 次" in summary
    for fit in match.fits:
        if fit.reason:
            assert fit.reason in summary


def test_short_terms_count_between_word_boundaries_only() -> None:
    analyzer = Analyzer(TokenSet.MIXED, technical_lexicon())
    groups = Terminology((terminology.SynonymGroup("battery", ("分层", "沉底"), ("SOC",)),))

    def found(text: str) -> list[str]:
        return [m.term for m in groups.mentions(Reading.of(text, analyzer))]

    assert found("浆料分层") == ["分层"]
    assert found("沉底会堵") == ["沉底"]
    assert found("大部分层面") == []
    assert found("估计SOC误差") == ["soc"]
    assert found("associate") == []


def test_a_narrower_term_answers_a_wider_one_and_not_the_other_way_round() -> None:
    groups = Terminology((terminology.SynonymGroup("battery", ("涂布",), (), ("狭缝挤压",)),))
    config = replace(CONFIG, terminology=groups)
    wide = replace(NEED, body="涂布老不均匀。")
    narrow = replace(ACHIEVEMENT, body="狭缝挤压头设计。")
    (bridge,) = told(wide, narrow, config).bridges
    assert bridge.link is Link.NARROWER
    assert "「涂布」在成果里具体到「狭缝挤压」" in told(wide, narrow, config).summary
    turned = replace(NEED, body="狭缝挤压头老堵。"), replace(ACHIEVEMENT, body="涂布机设计。")
    assert not told(*turned, config).bridges


def test_expansion_finds_what_only_a_synonym_names_and_is_part_of_the_fingerprint() -> None:
    on = replace(CONFIG, expansion_weight=0.5)
    other = replace(ACHIEVEMENT, id="b", title="", body="抑制锂枝晶的电解液。")
    need = replace(NEED, title="", body="长毛")
    assert explained(need, other, on).lexical > explained(need, other).lexical == 0
    assert CONFIG.fingerprint == MatcherConfig().fingerprint, "synonyms that are off change nothing"
    edited = replace(on, terminology=Terminology(terminology.load()[1:]))
    assert len({CONFIG.fingerprint, on.fingerprint, edited.fingerprint}) == 3
    assert on.scoring_fingerprint != edited.scoring_fingerprint
    assert explained(need, other, replace(on, expansion_if_absent=True)).lexical > 0
    known = replace(on, expansion_if_absent=True)
    encoder = Encoder(HashedCharacters())
    listings = [other, replace(ACHIEVEMENT, id="c", title="", body="霉菌长毛。")]
    index = ListingIndex.build(Kind.ACHIEVEMENT, listings, encoder, known)
    answer = Matcher({Kind.ACHIEVEMENT: index}, encoder, known).match(need)
    assert {m.listing.id: m.lexical for m in answer.matches}["b"] == 0


def test_an_appraised_listing_scores_as_the_one_in_the_index() -> None:
    encoder = Encoder(HashedCharacters())
    for query, other in ((NEED, ACHIEVEMENT), (ACHIEVEMENT, NEED)):
        listings = [other, *(o for o in OTHERS if o.kind is other.kind)]
        index = ListingIndex.build(other.kind, listings, encoder, CONFIG)
        matcher = Matcher({other.kind: index}, encoder, CONFIG)
        scores = {m.listing.id: m.score for m in matcher.match(query).matches}
        assert matcher.appraise(query, listings) == [scores[item.id] for item in listings]
        cut = replace(other, id="cut", body="无关。")
        assert matcher.appraise(query, [cut])[0] < scores[other.id]
        assert KINDS[query.kind].counterpart is other.kind
