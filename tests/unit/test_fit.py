"""Structured fit: every rule by hand, neutrality of what is not stated, bounds, weights."""

from __future__ import annotations

import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.taxonomy import taxonomy
from eval.fit_weights import Pairs, Prior, maximum_a_posteriori
from matcher.fit import Aspect, Fit, FitWeights, combine, fits, reciprocal, served_weights
from matcher.listing import Facets, Kind, Listing

LISTS = ("chain", "region", "coop_mode", "ip_ownership")
NAMES = {code: label for name in LISTS for code, label in taxonomy(name).labels.items()}


def pair(need: Facets, achievement: Facets) -> tuple[Listing, Listing]:
    return (
        Listing("n", Kind.NEED, "需求", "正文", need),
        Listing("a", Kind.ACHIEVEMENT, "成果", "正文", achievement),
    )


def fit(aspect: Aspect, need: Facets, achievement: Facets) -> Fit:
    return {f.aspect: f for f in fits(*pair(need, achievement), NAMES)}[aspect]


def values(found: Fit) -> object:
    return pytest.approx((found.forward, found.backward))


@pytest.mark.parametrize(
    ("asked", "offered", "expected", "reason"),
    [
        ("battery", "battery", (1, 1), "同属动力电池产业链"),
        ("battery", "hydrogen", (0.3, 0.3), "成果属绿色氢能、需求属动力电池：产业链相邻"),
        ("food", "ic", (-0.5, -0.2), "成果属集成电路、需求属食品饮料：跨产业链，需确认适用"),
        ("养老", "ic", (0, 0), "成果属集成电路、需求属养老：产业链不在目录内，无法比较"),
        ("养老", "养老", (1, 1), "同属养老产业链"),
    ],
)
def test_chain(asked: str, offered: str, expected: tuple[float, float], reason: str) -> None:
    found = fit(Aspect.CHAIN, Facets(chain=asked), Facets(chain=offered))
    assert values(found) == expected
    assert found.reason == reason


def test_every_chain_of_the_list_can_be_compared() -> None:
    chains = list(taxonomy("chain"))
    for asked in chains:
        for offered in chains:
            found = fit(Aspect.CHAIN, Facets(chain=asked), Facets(chain=offered))
            back = fit(Aspect.CHAIN, Facets(chain=offered), Facets(chain=asked))
            assert found.forward != 0
            assert (found.forward, found.backward) == (back.forward, back.backward)


@pytest.mark.parametrize(
    ("asked", "offered", "expected", "reason"),
    [
        ("510100", "510100", 1.0, "同在成都市"),
        ("500000", "500000", 1.0, "同在重庆市"),
        ("510700", "510100", 0.8, "成果在成都市、需求在绵阳市：成都孵化、市州转化"),
        ("510100", "510700", 0.6, "成果在绵阳市、需求在成都市：同在四川省"),
        ("510600", "510700", 0.6, "成果在绵阳市、需求在德阳市：同在四川省"),
        ("510000", "510100", 0.6, "成果在成都市、需求在四川省：同在四川省"),
        ("510000", "510000", 0.6, "成果在四川省、需求在四川省：同在四川省"),
        ("510700", "500000", 0.5, "成果在重庆市、需求在绵阳市：川渝协同"),
        ("500000", "510100", 0.5, "成果在成都市、需求在重庆市：川渝协同"),
        ("440100", "440300", 0.6, "成果在深圳市、需求在广州市：同在广东省"),
        ("510100", "310000", 0.0, "成果在上海市、需求在成都市：异地"),
        ("东京", "东京", 1.0, "同在东京"),
        ("510100", "东京", 0.0, "成果在东京、需求在成都市：地区不在目录内，无法比较"),
    ],
)
def test_region(asked: str, offered: str, expected: float, reason: str) -> None:
    found = fit(Aspect.REGION, Facets(region=asked), Facets(region=offered))
    assert values(found) == (expected, expected)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("modes", "expected"),
    [(("service",), (-0.3, -0.2)), (("service", "licence"), (0, 0)), ((), (0, 0))],
)
def test_distance_counts_where_people_have_to_travel(
    modes: tuple[str, ...], expected: tuple[float, float]
) -> None:
    found = fit(
        Aspect.REGION,
        Facets(region="510100", coop_modes=modes),
        Facets(region="310000", coop_modes=(*modes, "equity")),
    )
    assert values(found) == expected
    assert ("技术服务" in found.reason) == (expected != (0, 0))


@pytest.mark.parametrize(
    ("level", "term", "expected", "reason"),
    [
        (7, 12, (1, 1), "成果 TRL 7，达到需求要求的 6"),
        (6, None, (1, 1), "成果 TRL 6，达到需求要求的 6"),
        (
            4,
            18,
            (-0.3, 0),
            "成果 TRL 4，需求要求 6 以上，差 2 级，约需 18 个月，期限 18 个月可行",
        ),
        (
            4,
            12,
            (-0.3 - 0.5 / 3, -0.5 / 3),
            "成果 TRL 4，需求要求 6 以上，差 2 级，约需 18 个月，期限 12 个月偏紧",
        ),
        (5, None, (-0.4, 0), "成果 TRL 5，需求要求 6 以上，差 1 级，约需 9 个月，需求未写期限"),
    ],
)
def test_maturity(level: int, term: int | None, expected: tuple[float, float], reason: str) -> None:
    need = Facets(trl_low=6, trl_high=9, term_months=term)
    found = fit(Aspect.MATURITY, need, Facets(trl_low=level, trl_high=level))
    assert values(found) == expected
    assert found.reason == reason


def test_a_finished_result_for_little_money_makes_the_institute_hesitate() -> None:
    ready = Facets(trl_low=8, trl_high=8)
    poor = fit(Aspect.MATURITY, Facets(trl_low=5, money_high=20), ready)
    assert (poor.forward, poor.backward) == (1.0, -0.3)
    assert poor.reason == "成果 TRL 8，达到需求要求的 5且高出 3 级，而预算上限仅 20 万元"
    assert fit(Aspect.MATURITY, Facets(trl_low=5, money_high=30), ready).backward == 1.0
    assert fit(Aspect.MATURITY, Facets(trl_low=6, money_high=20), ready).backward == 1.0


PRICED = Facets(money_low=300, money_high=300, price_mode="listed")


@pytest.mark.parametrize(
    ("need", "achievement", "expected", "reason"),
    [
        (Facets(money_high=300), PRICED, (0.8, 0.8), "报价 300 万元，在预算上限 300 万元以内"),
        (Facets(money_high=240), PRICED, (-0.4, -0.2), "报价 300 万元高于预算上限 240 万元"),
        (Facets(money_high=100), PRICED, (-1, -2 / 3), "报价 300 万元高于预算上限 100 万元"),
        (Facets(money_high=0), PRICED, (-1, -1), "报价 300 万元高于预算上限 0 万元"),
        (Facets(money_low=400), PRICED, (0.8, 0.8), "报价 300 万元，不超过预算下限 400 万元"),
        (Facets(money_low=100), PRICED, (0, 0), "报价 300 万元，需求未写预算上限"),
        (
            Facets(money_high=100, price_mode="negotiable"),
            PRICED,
            (0, 0),
            "报价 300 万元，可面议",
        ),
        (
            Facets(money_high=100),
            replace(PRICED, price_mode="negotiable"),
            (0, 0),
            "报价 300 万元，可面议",
        ),
        (
            Facets(money_high=100),
            replace(PRICED, price_mode="use_first_pay_later"),
            (-0.5, -2 / 3),
            "报价 300 万元高于预算上限 100 万元，但先使用后付费",
        ),
        (
            Facets(money_high=400),
            replace(PRICED, price_mode="auction"),
            (0.3, 0.3),
            "起价 300 万元，在预算上限 400 万元以内",
        ),
    ],
)
def test_money(
    need: Facets, achievement: Facets, expected: tuple[float, float], reason: str
) -> None:
    found = fit(Aspect.MONEY, need, achievement)
    assert values(found) == expected
    assert found.reason == reason


@pytest.mark.parametrize(
    ("asked", "offered", "expected", "reason"),
    [
        (("licence",), ("licence",), (1, 1), "双方都接受技术许可"),
        (("licence", "service"), ("licence",), (0.75, 1), "双方都接受技术许可"),
        (
            ("commissioned_dev",),
            ("joint_dev",),
            (0.2, 0.2),
            "需求希望委托开发，成果方希望合作开发：同属技术开发，可协商",
        ),
        (
            ("service",),
            ("equity",),
            (-0.5, -0.5),
            "需求希望技术服务，成果方希望作价入股：没有共同的方式",
        ),
        (
            ("service",),
            ("换股",),
            (0, 0),
            "需求希望技术服务，成果方希望换股：合作方式不在目录内，无法比较",
        ),
        (("换股",), ("换股",), (1, 1), "双方都接受换股"),
    ],
)
def test_cooperation(
    asked: tuple[str, ...], offered: tuple[str, ...], expected: tuple[float, float], reason: str
) -> None:
    found = fit(Aspect.COOPERATION, Facets(coop_modes=asked), Facets(coop_modes=offered))
    assert values(found) == expected
    assert found.reason == reason


@pytest.mark.parametrize(
    ("wanted", "achievement", "expected", "reason"),
    [
        ("demand", Facets(ownership="demand"), 0.6, "需求要求知识产权归需求方，成果方可接受"),
        ("demand", Facets(ownership="solver"), -0.7, "需求要求知识产权归需求方，成果方倾向归揭榜方"),
        ("demand", Facets(ownership="shared"), -0.35, "需求要求知识产权归需求方，成果方倾向双方共有"),
        ("solver", Facets(ownership="demand"), -0.2, "需求要求知识产权归揭榜方，成果方倾向归需求方"),
        ("negotiable", Facets(ownership="solver"), 0.2, "知识产权归属可协商"),
        ("demand", Facets(ownership="negotiable"), 0.2, "知识产权归属可协商"),
        ("demand", Facets(coop_modes=("licence",)), -0.7, "需求要求知识产权归需求方，成果方倾向归揭榜方"),
        ("demand", Facets(coop_modes=("licence", "assignment")), 0.6,
         "需求要求知识产权归需求方，成果方可接受"),
        ("shared", Facets(coop_modes=("joint_dev",)), 0.6, "需求要求知识产权双方共有，成果方可接受"),
        ("demand", Facets(coop_modes=("commissioned_dev",)), 0.6,
         "需求要求知识产权归需求方，成果方可接受"),
        ("demand", Facets(coop_modes=("service",)), 0.0, ""),
        ("归国家", Facets(ownership="solver"), 0.0, "需求要求知识产权归国家：归属不在目录内，无法比较"),
    ],
)  # fmt: skip
def test_rights(wanted: str, achievement: Facets, expected: float, reason: str) -> None:
    found = fit(Aspect.RIGHTS, Facets(ownership=wanted), achievement)
    assert values(found) == (expected, expected)
    assert found.reason == reason


def test_a_code_without_a_label_is_shown_as_it_is() -> None:
    found = fits(*pair(Facets(chain="battery"), Facets(chain="battery")))
    assert found[0].reason == "同属battery产业链"


def test_the_lists_that_share_names_share_no_code() -> None:
    assert len(NAMES) == sum(len(taxonomy(name)) for name in LISTS)


def test_only_a_need_and_an_achievement_in_this_order() -> None:
    need, achievement = pair(Facets(), Facets())
    with pytest.raises(ValueError, match="expected a need"):
        fits(achievement, need)


FACETS = st.builds(
    Facets,
    chain=st.sampled_from([None, "battery", "hydrogen", "ic", "养老"]),
    region=st.sampled_from([None, "510100", "510700", "510000", "500000", "310000", "东京"]),
    trl_low=(levels := st.one_of(st.none(), st.integers(1, 9))),
    trl_high=levels,
    money_low=(money := st.one_of(st.none(), st.floats(0, 1e9))),
    money_high=money,
    coop_modes=st.lists(
        st.sampled_from([*taxonomy("coop_mode"), "换股"]), max_size=4, unique=True
    ).map(tuple),
    ownership=st.sampled_from([None, *taxonomy("ip_ownership"), "归国家"]),
    term_months=st.one_of(st.none(), st.integers(1, 36)),
    price_mode=st.sampled_from([None, *taxonomy("price_mode")]),
)
WEIGHTS = st.builds(FitWeights, **dict.fromkeys(Aspect, st.floats(0, 20)))

UNSTATED = {
    Aspect.CHAIN: {"chain": None},
    Aspect.REGION: {"region": None},
    Aspect.MATURITY: {"trl_low": None, "trl_high": None},
    Aspect.MONEY: {"money_low": None, "money_high": None},
    Aspect.COOPERATION: {"coop_modes": ()},
    Aspect.RIGHTS: {"ownership": None, "coop_modes": ()},
}


@given(FACETS, FACETS, st.sampled_from(Aspect), st.booleans())
def test_what_either_side_does_not_state_is_neutral(
    need: Facets, achievement: Facets, aspect: Aspect, by_need: bool
) -> None:
    blank = UNSTATED[aspect]
    if by_need:
        need = replace(need, **blank)
    else:
        achievement = replace(achievement, **blank)
    assert fit(aspect, need, achievement) == Fit(aspect, 0.0, 0.0, "")


@given(FACETS, FACETS, WEIGHTS)
def test_bounds_order_and_reasons(need: Facets, achievement: Facets, weights: FitWeights) -> None:
    found = fits(*pair(need, achievement), NAMES)
    assert [f.aspect for f in found] == list(Aspect)
    for one in found:
        assert -1 <= one.forward <= 1
        assert -1 <= one.backward <= 1
        assert one.reason or one.forward == one.backward == 0
    forward, backward = combine(found, weights)
    assert -1 <= forward <= 1
    assert -1 <= backward <= 1
    better = tuple(replace(f, forward=1.0, reason="好") for f in found)
    assert combine(better, weights)[0] >= forward
    assert combine(better, weights)[1] == backward


def test_a_fit_refuses_what_is_out_of_bounds_or_unexplained() -> None:
    with pytest.raises(ValueError, match="outside"):
        Fit(Aspect.CHAIN, 1.5, 0, "x")
    with pytest.raises(ValueError, match="reason"):
        Fit(Aspect.CHAIN, 0.5, 0, "")


def test_combine_shifts_an_even_chance_by_the_sum_of_log_odds() -> None:
    found = (Fit(Aspect.CHAIN, 1, 0.5, "x"), Fit(Aspect.MONEY, -0.5, -1, "x"))
    weights = FitWeights(chain=2, money=1)
    forward, backward = combine(found, weights)
    assert (1 + forward) / 2 == pytest.approx(1 / (1 + math.exp(-1.5)))
    assert backward == 0
    assert combine(found, FitWeights.of(dict.fromkeys(Aspect, 0))) == (0, 0)
    assert combine((), weights) == (0, 0)


@given(st.floats(0, 1), st.floats(0, 1))
def test_reciprocal_leans_to_the_smaller(a: float, b: float) -> None:
    found = reciprocal(a, b)
    assert found == reciprocal(b, a)
    assert min(a, b) - 1e-9 <= found <= (a + b) / 2 + 1e-9
    assert found <= 2 * min(a, b) + 1e-9


def test_reciprocal_by_hand() -> None:
    assert reciprocal(0.9, 0.3) == pytest.approx(0.45)
    assert reciprocal(1, 0) == reciprocal(0, 0) == 0
    with pytest.raises(ValueError, match="0, 1"):
        reciprocal(1.2, 0.5)


def test_weights_are_complete_and_not_negative() -> None:
    served = asdict(served_weights())
    assert sorted(served) == sorted(Aspect)
    assert any(served.values())
    for wrong in ({**served, "chain": -1}, {**served, "chain": math.nan}):
        with pytest.raises(ValueError, match="0 or more"):
            FitWeights.of(wrong)
    for wrong in ({**served, "odd": 1}, {"chain": 1}):
        with pytest.raises(ValueError, match="expected the weights"):
            FitWeights.of(wrong)
    with pytest.raises(ValueError, match="numbers"):
        FitWeights.of({**served, "chain": "much"})


def judged(truth: list[float], n: int = 4000) -> Pairs:
    rng = np.random.default_rng(1)
    design = np.column_stack([np.ones(n), rng.uniform(0, 1, n), rng.uniform(-1, 1, (n, 6))])
    relevant = rng.uniform(size=n) < 1 / (1 + np.exp(-design @ np.array([-2.0, 3.0, *truth])))
    return Pairs(np.arange(n).astype(str), design, relevant.astype(float))


def test_learning_recovers_the_weights_that_made_the_judgements() -> None:
    truth = [1.5, 0.0, 0.8, 0.4, 0.0, 0.2]
    found = maximum_a_posteriori(judged(truth), Prior.of(10.0))
    assert found.tolist() == pytest.approx([-2.0, 3.0, *truth], abs=0.3)
    assert (found[2:] >= 0).all()


def test_the_prior_holds_where_it_should() -> None:
    pairs = judged([1.5, -1.0, 0.8, 0.4, 0.0, 0.2])
    tight = maximum_a_posteriori(pairs, Prior.of(1e-3))
    assumed = list(asdict(FitWeights()).values())
    assert tight[2:].tolist() == pytest.approx(assumed, abs=1e-2)
    loose = maximum_a_posteriori(pairs, Prior.of(10.0, frozenset({Aspect.CHAIN})))
    assert loose[2] == FitWeights().chain
    assert loose[3] == 0
    assert maximum_a_posteriori(pairs, Prior.of(10.0), bounded=False)[3] < -0.7
