"""The mask: what must not be in it, and what has to be left for it to be of use."""

from __future__ import annotations

import pytest

from corpora.records import AchievementRecord, NeedRecord
from service.masking import masked

NEED = NeedRecord(
    title="星海标记渣浆泵轴封两周就漏",
    org="攀枝花市星海标记机械有限公司",
    uscc="91510100MA6TEST00A",
    park="钒钛高新区",
    region_code="510400",
    industry_chain="equipment",
    need_kind="retrofit",
    problem_statement=(
        "星海标记机械有限公司与川南重工厂的渣浆泵输送矿浆，由张伟民工程师负责，轴封最长撑十六天就滴漏；"
        "采用约翰克兰8B1T型和 KSB-LCC100 泵，转速 980 r/min，专利号 ZL201810123456.7，"
        "地点在盐边县红格镇，电话 13900001234，见 www.xinghai.example 。玄霜谷牌阀门也试过。"
    ),
    background="本厂是星海标记。",
    tried_solutions="试过玄霜谷。",
    budget_min_cny_wan=30,
    budget_max_cny_wan=83.5,
    duration_months=8,
    keywords=["渣浆泵", "星海标记", "轴封"],
    coop_modes=["joint_dev", "星海私房合作"],
    disclosure="masked",
    contact={"name": "李国强"},
)


@pytest.mark.parametrize(
    "hidden",
    [
        "星海", "川南", "张伟民", "伟民", "十六", "约翰", "8B1T", "KSB", "LCC100", "980", "2018",
        "盐边", "红格", "1390000", "xinghai", "玄霜谷", "83.5", "李国强", "钒钛高新区", "9151",
        "私房",
    ],
)  # fmt: skip
def test_no_name_model_or_exact_figure_is_left(hidden: str) -> None:
    seen = masked(NEED).model_dump_json()
    assert hidden in NEED.model_dump_json() + "李国强"
    assert hidden not in seen


def test_enough_is_left_to_know_what_it_is_about() -> None:
    seen = masked(NEED)
    assert isinstance(seen, NeedRecord)
    assert seen.title.startswith("先进装备领域的技术改造需求（")
    for word in ("渣浆泵", "轴封", "滴漏"):
        assert word in seen.title + seen.problem_statement
    assert seen.keywords == ["渣浆泵", "轴封"]
    assert (seen.budget_min_cny_wan, seen.budget_max_cny_wan) == (20, 100)
    assert seen.duration_months == 9
    assert seen.region_code == "510400"
    assert seen.coop_modes == ["joint_dev"]
    assert (seen.background, seen.tried_solutions, seen.org) == ("", "", "")


def test_people_rights_and_awards_of_an_achievement_are_not_in_its_mask() -> None:
    seen = masked(
        AchievementRecord(
            title="含固介质用机械密封的端面织构",
            abstract="在密封端面加工螺旋槽，台架连续运转 2600 h；由霍小格与西岭大学完成。",
            org="西岭大学",
            inventors=["霍小格"],
            lead="霍小格",
            awards=["西岭科技进步奖"],
            ip=[{"kind": "发明", "number": "CN112233445A", "owner": "西岭大学"}],
            price_wan=61,
            trl=7,
            disclosure="masked",
        )
    )
    text = seen.model_dump_json()
    for hidden in ("西岭", "霍", "小格", "CN1122", "2600", "61"):
        assert hidden not in text
    assert "螺旋槽" in text
    assert "数千 h" in text
    assert seen.trl == 7
