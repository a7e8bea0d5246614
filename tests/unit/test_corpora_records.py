"""Records: limits, secrecy, contact data, listing and hash; taxonomies and the field table."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from corpora.fields import FIELDS
from corpora.problems import field_problems
from corpora.records import POSTINGS, RECORDS, AchievementRecord, NeedPosting, NeedRecord
from corpora.taxonomy import names, taxonomy
from corpora.values import Target, split_indicators
from matcher.listing import Facets, Kind

GOOD = {"title": "烘干段水分波动大", "problem_statement": "出口水分忽高忽低,靠人工取样"}


def codes(error: ValidationError, kind: Kind = Kind.NEED) -> dict[str, str]:
    return {p.fields[0]: p.code for p in field_problems(error, kind)}


@pytest.mark.parametrize("kind", list(Kind))
def test_field_table_and_models_agree(kind: Kind) -> None:
    named = {s.name for s in FIELDS[kind] if "." not in s.name} - {"budget"}
    assert named == set(RECORDS[kind].model_fields)
    assert {s.taxonomy for s in FIELDS[kind] if s.taxonomy} <= set(names())
    labels = [s.label for s in FIELDS[kind]]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("region", "成都", "510100"),
        ("region", "成都市", "510100"),
        ("region", "510100", "510100"),
        ("region", "四川省成都市武侯区", "510100"),
        ("region", "成都高新区", "510100"),
        ("region", "510107", "510100"),
        ("region", "內江市", "511000"),
        ("region", "吉林", "220000"),
        ("region", "吉林市", "220200"),
        ("region", "重庆", "500000"),
        ("region", "阿坝州", "513200"),
        ("region", "Tokyo", None),
        ("region", "四川大学", None),
        ("chain", "積體電路", "ic"),
        ("chain", "动力电池", "battery"),
        ("chain", "ＡＩ", "ai"),
        ("coop_mode", "joint dev", "joint_dev"),
        ("reason", "成熟度不足", "too_early"),
    ],
)
def test_values_resolve(name: str, text: str, code: str | None) -> None:
    assert taxonomy(name).resolve(text) == code


def test_lists_are_complete_and_unambiguous() -> None:
    assert len(taxonomy("chain")) == 20
    assert sum(code.startswith("51") and code != "510000" for code in taxonomy("region")) == 21
    for name in names():
        values = taxonomy(name)
        assert values.title and values.source
        for code, label in values.labels.items():
            assert values.resolve(code) == code
            assert values.resolve(label) == code
    with pytest.raises(KeyError):
        taxonomy("../chain")


def test_listing_of_one_text_is_that_text() -> None:
    record = NeedRecord(need_id="n1", title=" 标题", problem_statement=" 一 \n二 ")
    listing = record.to_listing()
    assert (listing.id, listing.title, listing.body) == ("n1", " 标题", " 一 \n二 ")
    assert record.to_listing("other").id == "other"
    with pytest.raises(ValueError, match="identifier"):
        NeedRecord(title="x").to_listing()


def test_listing_composes_paragraphs_in_order() -> None:
    record = NeedRecord(
        need_id="n1",
        problem_statement="难题",
        keywords=["水分", "烘干"],
        background="背景文字",
        targets=[
            "循环寿命>=3000次",
            {"name": "响应时间", "operator": "<=", "value": 0.5, "unit": "s"},
        ],
        org="某公司",
        region_code="成都",
        industry_chain="动力电池",
        trl_min=5,
        budget_max_cny_wan=300,
        coop_modes=["技术许可", "licence", "自定方式"],
    )
    listing = record.to_listing()
    assert listing.body == (
        "难题\n需求背景：背景文字\n主要技术指标：循环寿命 ≥ 3000 次；响应时间 ≤ 0.5 s\n"
        "关键词：水分、烘干"
    )
    assert listing.facets == Facets(
        "battery", "510100", 5, 9, None, 300.0, ("licence", "自定方式"), "published", org="某公司"
    )
    assert record.unlisted() == [("coop_modes", "自定方式")]
    complete = record.model_copy(update={"body_complete": True})
    assert complete.to_listing().body == "难题"


def test_achievement_facets() -> None:
    record = AchievementRecord(achievement_id="a", abstract="x", trl=4, price_wan=20, stage="中试")
    assert record.facets() == Facets(trl_low=4, trl_high=4, money_low=20.0, money_high=20.0)
    assert record.stage == "pilot"
    assert AchievementRecord(abstract="x", stage="中试").facets() == Facets()
    assert AchievementRecord(abstract="x", price_mode="挂牌").facets() == Facets(
        price_mode="listed"
    )


def test_terms_of_a_need_are_facets() -> None:
    record = NeedRecord(ip_ownership="共有", duration_months=12, negotiable=True)
    assert record.facets() == Facets(ownership="shared", term_months=12, price_mode="negotiable")
    assert NeedRecord(negotiable=False).facets() == Facets()


@pytest.mark.parametrize(
    "bad",
    [
        {"trl_min": True},
        {"trl_min": "3"},
        {"trl_min": 0},
        {"trl_min": 10},
        {"budget_min_cny_wan": True},
        {"budget_min_cny_wan": "3"},
        {"budget_min_cny_wan": -1},
        {"budget_min_cny_wan": float("nan")},
        {"budget_max_cny_wan": float("inf")},
        {"duration_months": 37},
        {"deadline": 20270101},
        {"deadline": "2027-13-01"},
        {"keywords": "a,b"},
        {"title": "a\x00b"},
        {"title": "\ud800"},
        {"background": "长" * 20_001},
        {"targets": [{"name": "x", "value": True}]},
        {"targets": [{"operator": ">="}]},
        {"unknown": 1},
        {"negotiable": 1},
    ],
)
def test_bad_values_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        NeedRecord(**bad)
    problems = field_problems(caught.value, Kind.NEED)
    assert [p.fields for p in problems] == [tuple(bad)]
    assert problems[0].problem and problems[0].cure
    assert not any(c.isascii() and c.isalpha() for c in problems[0].problem.replace("NUL", ""))


def test_budget_order_names_both_fields() -> None:
    with pytest.raises(ValidationError) as caught:
        NeedRecord(budget_min_cny_wan=5, budget_max_cny_wan=3)
    (problem,) = field_problems(caught.value, Kind.NEED)
    assert problem.fields == ("budget_min_cny_wan", "budget_max_cny_wan")
    assert problem.problem == "资金下限大于上限"


def test_texts_are_cleaned_never_cut() -> None:
    record = NeedRecord(
        title="a\x07b\ufeff", background="一\r\n二\r三\t四", problem_statement="长" * 20_000
    )
    assert (record.title, record.background) == ("ab", "一\n二\n三\t四")
    assert len(record.problem_statement) == 20_000


@pytest.mark.parametrize("answer", [True, "true", "是", "涉密", "机密★10年", "１", 1, "Yes"])
@pytest.mark.parametrize("kind", list(Kind))
def test_classified_is_refused(kind: Kind, answer: object) -> None:
    with pytest.raises(ValidationError) as caught:
        RECORDS[kind](title="x", classified=answer)
    assert codes(caught.value, kind) == {"classified": "classified"}
    assert "涉密" in field_problems(caught.value, kind)[0].problem


def test_secrecy_of_achievements() -> None:
    with pytest.raises(ValidationError):
        AchievementRecord(title="x", secrecy="秘密级")
    with pytest.raises(ValidationError):
        NeedRecord(title="x", classified="说不清")
    assert AchievementRecord(title="x", secrecy="非密", classified="否").secrecy == "public"
    assert AchievementRecord(title="x", classified=None).classified is False


def test_posting_asks_for_more() -> None:
    assert NeedPosting(**GOOD).title == GOOD["title"]
    with pytest.raises(ValidationError) as caught:
        NeedPosting(title=" 短 ", problem_statement="   ")
    assert codes(caught.value) == {
        "title": "too_short",
        "problem_statement": "string_too_short",
    } or (
        codes(caught.value)
        == {"title": "string_too_short", "problem_statement": "string_too_short"}
    )
    with pytest.raises(ValidationError) as caught:
        NeedPosting(title="长" * 61, problem_statement="")
    assert codes(caught.value) == {"title": "string_too_long", "problem_statement": "missing"}
    for kind in Kind:
        assert issubclass(POSTINGS[kind], RECORDS[kind])


def test_hash_ignores_identifier_contact_and_moments_only() -> None:
    base = NeedRecord(**GOOD)
    same = NeedRecord(
        **GOOD,
        need_id="x",
        contact={"name": "a"},
        confirmed_at=date(2026, 1, 1),
        published_at="2026-01-01",
    )
    assert base.content_hash() == same.content_hash() == NeedPosting(**GOOD).content_hash()
    for change in (
        {"org": "某厂"},
        {"budget_max_cny_wan": 3},
        {"title": "别的名称"},
        {"status": "草稿"},
    ):
        assert NeedRecord(**{**GOOD, **change}).content_hash() != base.content_hash()
    cheap, dear = NeedRecord(budget_max_cny_wan=3), NeedRecord(budget_max_cny_wan=3.0)
    assert cheap.content_hash() == dear.content_hash()


secrets = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=3).map(
    lambda s: f"§{s}§"
)


@given(
    st.one_of(secrets, st.dictionaries(st.sampled_from(["name", "phone", "email"]), secrets)),
    st.sampled_from(list(Kind)),
    st.booleans(),
)
def test_contact_is_nowhere(contact: object, kind: Kind, valid: bool) -> None:
    told = list(contact.values()) if isinstance(contact, dict) else [contact]
    data = {"title": "某个名称", "contact": contact, "trl_min" if kind is Kind.NEED else "trl": 5}
    if not valid:
        data |= {"status": 5, "unknown": 1, "classified": True}
    try:
        record = RECORDS[kind].model_validate(data)
    except ValidationError as error:
        assert not valid
        shown = [str(error), repr(error.errors()), *map(repr, field_problems(error, kind))]
    else:
        assert valid
        assert sorted(record.contact_values().values()) == sorted(told)
        shown = [
            repr(record),
            str(record),
            repr(record.model_dump()),
            record.model_dump_json(),
            repr(record.to_listing("x")),
            repr(record.unlisted()),
        ]
        bare = {k: v for k, v in data.items() if k != "contact"}
        assert record.content_hash() == RECORDS[kind].model_validate(bare).content_hash()
    for text in shown:
        for secret in told:
            assert secret not in text
            assert repr(secret)[1:-1] not in text


@pytest.mark.parametrize(
    ("line", "text", "value"),
    [
        ("循环寿命≥3000次", "循环寿命 ≥ 3000 次", 3000),
        ("能量密度 不低于 160 Wh/kg", "能量密度 ≥ 160 Wh/kg", 160),
        ("误差<=0.3%", "误差 ≤ 0.3 %", 0.3),
        ("产量:1,200 t/a", "产量 = 1200 t/a", 1200),
        ("表面无裂纹", "表面无裂纹", None),
        ("寿命 3000 次以上", "寿命 3000 次以上", None),
    ],
)
def test_indicators_in_one_line(line: str, text: str, value: float | None) -> None:
    (target,) = split_indicators(line)
    assert (str(target), target.value) == (text, value)
    assert split_indicators(str(target)) == [target]


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60))
def test_any_line_is_an_indicator(line: str) -> None:
    for target in split_indicators(line):
        assert isinstance(target, Target)
