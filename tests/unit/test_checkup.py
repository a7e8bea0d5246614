"""The check-up of drafts: what is stated is not asked for, what is not stated is, by name."""

from __future__ import annotations

import time

import pytest

from matcher.checkup import RULES, Draft, check
from matcher.checkup.rules import SHORT
from matcher.checkup.subject import quantity, topic

FULL = Draft(
    title="冲压件边缘毛刺多，返工率居高不下",
    text="我们车间两条冲压线做电池壳，目前返工率 7.5%，换过模具钢和间隙，效果不好。"
    "希望返工率降到 1% 以下，节拍不低于每分钟 40 件。半年内解决，预算三百万以内，专利归我们。"
    "要中试过的成熟技术，不要从小试开始。",
)
VAGUE = Draft(
    title="提升产品质量", text="寻求国内领先的先进工艺，大幅提高产品良品率，打造优质品牌。"
)


def codes(draft: Draft) -> list[str]:
    return [finding.code for finding in check(draft).findings]


def question(draft: Draft, code: str) -> str:
    return next(f.question for f in check(draft).findings if f.code == code)


def test_a_need_that_says_everything_in_words_has_no_finding() -> None:
    assert check(FULL).findings == ()
    assert check(FULL).score == 100


def test_an_empty_draft_scores_nothing_and_the_weights_say_so() -> None:
    empty = check(Draft())
    assert empty.score == 0
    silent = {"vague_words", "several_needs"}
    assert sum(rule.weight for rule in RULES if rule.code not in silent) == 100
    assert {f.code for f in empty.findings} == {rule.code for rule in RULES} - silent


def test_the_score_is_what_the_findings_leave() -> None:
    weights = {rule.code: rule.weight for rule in RULES}
    lacking = Draft(FULL.title, FULL.text.replace("预算三百万以内，专利归我们。", ""))
    assert codes(lacking) == ["no_budget", "no_ownership"]
    assert check(lacking).score == 100 - weights["no_budget"] - weights["no_ownership"]


def test_only_adjectives_are_told_with_the_words_and_asked_about_by_name() -> None:
    found = codes(VAGUE)
    assert {"too_short", "no_indicator", "no_figure", "vague_words"} <= set(found)
    vague = next(f for f in check(VAGUE).findings if f.code == "vague_words")
    assert "“国内领先”" in vague.message
    assert "“大幅提高”" in vague.message
    assert question(VAGUE, "no_indicator") == "目前的良品率是多少？希望做到多少？"


def test_praise_beside_a_figure_that_is_demanded_is_no_fault() -> None:
    measured = Draft(text="希望达到国内领先水平，良品率从 88% 提高到 97%。")
    assert "vague_words" not in codes(measured)
    assert "no_indicator" not in codes(measured)


def test_a_figure_that_describes_the_plant_is_no_target() -> None:
    plant = Draft(text="本厂年产 5000 吨电池级碳酸锂，三条产线，浸出这一步老是出问题，想改一改。")
    assert "no_figure" not in codes(plant)
    assert "no_indicator" in codes(plant)


def test_structured_fields_count_as_stated() -> None:
    written = Draft(
        title="渣浆泵轴封",
        text="轴封老漏。",
        targets=("轴封寿命 ≥ 90 天",),
        scene="选矿车间的六台渣浆泵",
        present="双端面机械密封",
        tried="填料密封",
        budget_known=True,
        term_known=True,
        ownership_known=True,
        maturity_known=True,
    )
    assert codes(written) == ["too_short"]
    assert check(written).score == 80


def test_a_target_without_a_value_is_none() -> None:
    assert "no_indicator" in codes(Draft(title="渣浆泵", targets=("更耐磨",)))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("no_budget", "预算三百万以内"),
        ("no_budget", "经费 80-120 万元"),
        ("no_budget", "愿意出五十万"),
        ("no_budget", "资金面议"),
        ("no_term", "半年内要见到样品"),
        ("no_term", "希望 6 个月内完成"),
        ("no_term", "研发周期不超过一年半，即周期为18个月"),
        ("no_term", "明年三月底前验收"),
        ("no_term", "年底前上线"),
        ("no_ownership", "专利归我们"),
        ("no_ownership", "知识产权双方共有"),
        ("no_ownership", "技术成果由企业买断"),
        ("no_scene", "用于高原光伏支架的紧固"),
        ("no_scene", "总装车间的拧紧工位"),
        ("nothing_tried", "换过进口片，也就一千二百小时"),
        ("nothing_tried", "尝试了低温干燥"),
        ("no_present_state", "目前靠人工挑"),
        ("no_present_state", "一副模具八百件就裂"),
        ("no_maturity", "要拿来就能用的"),
        ("no_maturity", "至少做过中试"),
        ("no_figure", "膜寿命从两年缩成九个月"),
        ("no_figure", "用电量砍掉八成"),
    ],
)
def test_what_the_text_says_in_words_is_stated(code: str, text: str) -> None:
    assert code not in codes(Draft(text=text))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("no_budget", "一年多花电费二十万，一副膜片六万八"),
        ("no_term", "轴封两周就漏，换一次停机八小时"),
        ("no_term", "设备是八年前买的，四个月前大修过"),
        ("no_ownership", "这套污水池归我们维护"),
        ("no_maturity", "采样机老是堵，取样机也堵"),
        ("no_figure", "2006年的系统，C60 混凝土，有一种新办法"),
        ("nothing_tried", "希望换一种填料"),
    ],
)
def test_what_only_looks_alike_is_not(code: str, text: str) -> None:
    assert code in codes(Draft(text=text))


def test_several_needs_in_one_are_told_apart_from_a_list_of_indicators() -> None:
    several = Draft(
        text="1. 开发极片毛刺在线检测设备；2. 研制低温电解液；另外还想要一套能耗管理系统。"
    )
    asked = question(several, "several_needs")
    assert "开发极片毛刺在线检测设备" in asked
    assert "研制低温电解液" in asked
    indicators = Draft(text="要求：1. 寿命不低于 3000 次；2. 容量保持率 ≥80%；3. 需要耐 60 ℃。")
    assert "several_needs" not in codes(indicators)


def test_questions_take_the_noun_before_a_quantity_along() -> None:
    assert quantity("选厂的渣浆泵，轴封寿命太短") == "轴封寿命"
    assert quantity("希望提高良品率") == "良品率"
    assert quantity("希望提高效率，节约用水") == ""
    assert quantity("什么也没有") == ""


def test_without_a_quantity_the_question_names_the_topic() -> None:
    assert topic("", "第一句话在这里。第二句") == "第一句话在这里"
    assert (
        topic("很长很长很长很长很长很长很长很长很长的标题", "")
        == "很长很长很长很长很长很长很长很长很长…"
    )
    assert "“图纸对不上”" in question(Draft(title="图纸对不上"), "no_indicator")
    assert "“" not in question(Draft(), "no_budget")


def test_length_is_counted_without_blanks() -> None:
    assert "too_short" in codes(Draft(text="字 " * (SHORT - 1)))
    assert "too_short" not in codes(Draft(text="字" * SHORT))


def test_full_width_and_traditional_writing_reads_the_same() -> None:
    assert codes(Draft(text="預算８０萬元，專利歸我們")) == codes(
        Draft(text="预算80万元，专利归我们")
    )


@pytest.mark.parametrize(
    "part", ["一", "二", "1", "1,", "1.", "\n", "半", "百分之", "预算", "做", "率", "三个月", "（"]
)
def test_no_text_of_the_longest_kind_takes_long(part: str) -> None:
    check(Draft(text="预热"))
    start = time.process_time()
    check(Draft(text=part * (20_000 // len(part))))
    # linear work is well below this, quadratic work took minutes
    assert time.process_time() - start < 10
