"""Getting in, in a real browser: registration, approval, posting for one's organisation, leaving."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from corpora.uscc import check_character
from tests.browser.conftest import Site

FIRST = "91510400AB12CD34E"
PASSWORD = "seal lasts ninety days"


@pytest.fixture
def stranger(site: Site, browser: Browser) -> Iterator[Page]:
    """A tab of somebody who is not signed in."""
    context = browser.new_context(base_url=site.url, locale="zh-CN")
    yield context.new_page()
    context.close()


def test_register_be_approved_post_and_leave(site: Site, page: Page, stranger: Page) -> None:
    stranger.goto("/needs/new")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("登录")
    stranger.get_by_role("link", name="注册单位账号").click()
    stranger.get_by_role("button", name="提交注册").click()
    expect(stranger.locator("#error-summary")).to_be_focused()
    expect(stranger.locator("#error-uscc")).to_contain_text("18 位")
    stranger.get_by_label("企业成员").check()
    stranger.get_by_label("单位名称").fill("攀枝花某选矿厂")
    stranger.get_by_label("统一社会信用代码").fill(FIRST + check_character(FIRST))
    stranger.get_by_label("单位类型").select_option(label="一般企业")
    stranger.get_by_label("所在市州").select_option(label="攀枝花市")
    stranger.get_by_label("姓名").fill("<b>李工</b>")
    stranger.get_by_label("邮箱").fill("li@plant.example")
    stranger.get_by_label("密码", exact=True).fill(PASSWORD)
    stranger.get_by_role("button", name="提交注册").click()
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("等待审批")

    def sign_in() -> None:
        stranger.goto("/login?next=%2Fneeds%2Fnew")
        stranger.get_by_label("邮箱").fill("li@plant.example")
        stranger.get_by_label("密码", exact=True).fill(PASSWORD)
        stranger.locator("form.panel").get_by_role("button", name="登录").click()

    sign_in()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("等待审批")
    page.goto("/admin/users?state=pending")
    page.get_by_role("button", name="通过 <b>李工</b>").click()
    expect(page.get_by_role("status").first).to_contain_text("已通过")

    sign_in()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("发布技术需求")
    expect(stranger.locator(".who")).to_contain_text("<b>李工</b> 企业成员 · 攀枝花某选矿厂")
    expect(stranger.get_by_role("link", name="发布成果")).to_have_count(0)
    stranger.get_by_label("需求名称").fill("球磨机衬板三个月磨穿")
    stranger.get_by_label("技术难题描述").fill("钒钛磁铁矿球磨机衬板三个月就磨穿，希望用满一年。")
    stranger.get_by_role("button", name="提交审核").click()
    expect(stranger.get_by_role("status").first).to_contain_text("已提交审核")
    expect(stranger.locator(".verdict-box")).to_have_count(0)
    posted = stranger.url.partition("?")[0].removeprefix(site.url + "/")

    stranger.goto("/admin/users")
    expect(stranger.locator("main")).to_contain_text("只有管理员可以做")
    stranger.get_by_role("button", name="退出").click()
    stranger.goto("/account")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("登录")
    assert site.client.delete(f"/api/{posted}").status_code == 204


def test_a_token_is_made_shown_once_and_revoked(page: Page) -> None:
    page.goto("/account")
    page.locator("summary", has_text="新建令牌").click()
    page.get_by_label("名称", exact=True).fill("看板程序")
    page.get_by_role("button", name="新建", exact=True).click()
    expect(page.locator(".secret")).to_contain_text("jbt_")
    page.goto("/account")
    expect(page.locator(".secret")).to_have_count(0)
    page.get_by_role("button", name="撤销令牌 看板程序").click()
    expect(page.get_by_role("status").first).to_have_text("令牌已撤销")
    expect(page.locator("main")).to_contain_text("还没有令牌")
