"""A task of 揭榜挂帅 from draft to contract, by enterprise, administrator and institute in browsers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect

from service.web.forms import BEIJING
from tests.accounts import LOGIN
from tests.browser.conftest import Site
from tests.browser.members import join

NEED = {
    "title": "浮选槽搅拌轴频繁断裂",
    "problem_statement": "浮选槽搅拌轴平均四十天断一次，断口在轴肩，希望一年以上不断，不改槽体。",
    "region_code": "攀枝花市",
    "industry_chain": "先进装备",
}


@pytest.fixture
def sides(site: Site) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Signed-in members of an enterprise and of an institute."""
    with (
        httpx.Client(base_url=site.url, timeout=60) as owner,
        httpx.Client(base_url=site.url, timeout=60) as bidder,
    ):
        join(site, owner, "enterprise", 1)
        join(site, bidder, "institute", 2)
        yield owner, bidder


def at(seconds: float) -> str:
    """What is typed for a moment in so many seconds."""
    return (datetime.now(BEIJING) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def press(page: Page, url: str, *names: str) -> None:
    """Press the buttons of steps, one after the other."""
    for name in names:
        page.goto(url)
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("alert")).to_have_count(0)


def review(page: Page) -> None:
    """Open the one bid from the page of its task, and score it."""
    page.locator("#bids + .overflow-auto a").click()
    for label, points in (("可行性", "80"), ("满足程度", "70"), ("团队", "90"), ("经费", "60")):
        page.get_by_label(label).fill(points)
    page.get_by_label("赞成入围").check()
    page.get_by_role("button", name="提交评审").click()
    expect(page.locator("#review .done")).to_contain_text("74.5 分，赞成")


def test_a_task_from_draft_to_contract(
    site: Site,
    page: Page,
    tab: Callable[[httpx.Client], Page],
    sides: tuple[httpx.Client, httpx.Client],
) -> None:
    need = sides[0].post("/api/needs", json=NEED).json()["id"]
    assert site.client.post(f"/api/needs/{need}/steps", json={"event": "approve"}).is_success
    owner, bidder = tab(sides[0]), tab(sides[1])

    owner.goto(f"/bounties/new?need={need}")
    expect(owner.get_by_label("榜单名称")).to_have_value(NEED["title"])
    owner.get_by_label("榜单金额（万元，选填）").fill("80")
    owner.get_by_role("button", name="存为草稿").click()
    owner.get_by_role("button", name="提交申报").click()
    expect(owner.locator("h1 + .origin .mark")).to_have_text("申报")
    url = owner.url
    press(page, url, "归口推荐", "通过初筛", "通过专家论证", "发榜")
    page.goto(url)
    page.locator("#step-open_bidding").get_by_label("揭榜截止时间").fill(at(9))
    page.get_by_role("button", name="开始揭榜").click()
    page.get_by_label("评审人邮箱").fill(LOGIN)
    page.get_by_role("button", name="指定评审人").click()

    bidder.goto(url)
    bidder.get_by_label("技术方案").fill(
        "轴肩改为大圆弧并做滚压强化，先在一台浮选槽上装用半年再推广。"
    )
    bidder.get_by_label("承诺指标").fill("断轴间隔：≥ 400 天")
    bidder.get_by_label("报价（万元）").fill("60")
    bidder.get_by_label("周期（月）").fill("8")
    bidder.get_by_role("button", name="揭榜", exact=True).click()
    expect(bidder.locator("#bid")).to_contain_text("第 1 版")
    owner.reload()
    expect(owner.locator("main")).not_to_contain_text("滚压强化")

    page.wait_for_timeout(9000)
    press(page, url, "进入供需对接", "开始评榜")
    review(page)
    page.goto(url)
    page.locator("#step-shortlist input[type=checkbox]").check()
    page.get_by_role("button", name="确定入围").click()
    page.locator("#step-publicise input[type=radio]").check()
    page.get_by_label("公示截止时间").fill(at(3))
    page.get_by_role("button", name="公示", exact=True).click()
    bidder.goto(url)
    expect(bidder.locator("#bid")).to_contain_text("中榜")
    page.wait_for_timeout(3000)
    page.goto(url)
    page.get_by_label("合同金额（万元）").fill("60")
    page.get_by_label("签订日期").fill("2026-11-20")
    page.get_by_label("里程碑").fill("装用半年 | 2027-06-01 | 60")
    page.get_by_role("button", name="签约立项").click()
    expect(page.locator("h1 + .origin .mark")).to_have_text("签约立项")
    owner.goto(url)
    expect(owner.locator(".timeline li")).to_have_count(12)
    expect(owner.locator("main")).to_contain_text("装用半年")
