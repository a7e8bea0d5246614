"""The check-up beside the form of a need, in a real browser, with scripts and without."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.conftest import Site
from tests.browser.records import NEEDS

VAGUE = "寻求国内领先的先进工艺，大幅提高冲压件良品率。"
PHONE = "13700003333"


def score(page: Page) -> int:
    return int(page.locator("#checkup .points .number").inner_text())


def test_questions_follow_the_typing_and_contact_data_stays_in_the_browser(page: Page) -> None:
    sent: list[Request] = []
    page.on("request", lambda r: sent.append(r) if r.url.endswith("/needs/checkup") else None)
    page.goto("/needs/new")
    expect(page.locator("#checkup")).to_contain_text("边写边看")
    page.get_by_label("联系电话").fill(PHONE)
    page.get_by_label("技术难题描述").press_sequentially(VAGUE, delay=1)
    checkup = page.locator("#checkup")
    expect(checkup).to_contain_text("目前的冲压件良品率是多少？希望做到多少？")
    expect(checkup).to_contain_text("“国内领先”")
    expect(page.get_by_label("技术难题描述")).to_be_focused()
    expect(page.locator("#announce")).to_contain_text("体检")
    before = score(page)

    page.get_by_label("主要技术指标").fill("良品率 ≥ 98 %")
    expect(checkup).not_to_contain_text("希望做到多少")
    page.get_by_label("知识产权归属要求").select_option(label="归需求方")
    expect(checkup).not_to_contain_text("知识产权归谁")
    assert score(page) > before
    expect(page.get_by_label("联系电话")).to_have_value(PHONE)
    assert sent
    assert all(PHONE not in (request.post_data or "") for request in sent)


def test_a_gap_leads_to_its_field(page: Page) -> None:
    page.goto("/needs/new")
    page.get_by_label("技术难题描述").fill(VAGUE)
    page.get_by_role("link", name="填“应用场景”").click()
    assert page.url.endswith("#application_scene")
    expect(page.locator("#application_scene")).to_be_in_viewport()


def test_secret_content_gets_no_check_up(page: Page) -> None:
    page.goto("/needs/new")
    page.get_by_label("技术难题描述").fill(VAGUE)
    expect(page.locator("#checkup .gaps")).to_be_visible()
    page.get_by_label("内容涉及国家秘密").check()
    expect(page.locator("#checkup [role=alert]")).to_contain_text("不接收涉密内容")
    expect(page.locator("#checkup .gaps")).to_have_count(0)


@pytest.fixture
def plain(site: Site, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    site.sign_in(context)
    yield context
    context.close()


def test_without_scripts_a_button_checks_and_nothing_is_stored(
    site: Site, plain: BrowserContext
) -> None:
    before = len(site.get("needs")["items"])
    page = plain.new_page()
    page.goto("/needs/new")
    page.get_by_label("需求名称").fill("冲压件毛刺")
    page.get_by_label("技术难题描述").fill(VAGUE)
    page.get_by_label("技术许可").check()
    page.get_by_label("联系电话").fill(PHONE)
    page.get_by_role("button", name="体检一下").click()
    expect(page.locator("#checkup")).to_contain_text("目前的冲压件良品率是多少")
    expect(page.get_by_label("需求名称")).to_have_value("冲压件毛刺")
    expect(page.get_by_label("技术许可")).to_be_checked()
    assert PHONE not in page.content()
    assert len(site.get("needs")["items"]) == before


def test_enter_in_a_line_publishes_and_does_not_check(page: Page) -> None:
    page.goto("/needs/new")
    page.get_by_label("需求名称").fill("短")
    page.get_by_label("需求名称").press("Enter")
    expect(page).to_have_url(re.compile("/needs/new$"))
    expect(page.locator("#error-summary")).to_be_visible()


def test_the_form_of_an_achievement_has_no_check_up(page: Page) -> None:
    page.goto("/achievements/new")
    expect(page.locator("#checkup")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_form_fits_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/needs/new")
    page.get_by_label("技术难题描述").fill(VAGUE)
    expect(page.locator("#checkup .gaps")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_twin_is_told_while_typing_and_confirmed_before_it_is_published(
    site: Site, page: Page
) -> None:
    pump = next(record for record in NEEDS if record["need_id"] == "N-pump")
    before = len(site.get("needs")["items"])
    page.goto("/needs/new")
    page.get_by_label("需求名称").fill(pump["title"])
    page.get_by_label("技术难题描述").fill(pump["problem_statement"].replace("六台", "七台"))
    expect(page.locator("#checkup .twins")).to_contain_text(pump["title"])
    page.get_by_role("button", name="发布", exact=True).click()

    warning = page.locator("#error-summary")
    expect(warning).to_be_focused()
    expect(warning.get_by_role("link", name=pump["title"])).to_have_attribute(
        "href", "/needs/N-pump"
    )
    expect(page.get_by_label("需求名称")).to_have_value(pump["title"])
    assert len(site.get("needs")["items"]) == before

    page.get_by_role("button", name="不是同一条，仍然发布").click()
    expect(page.get_by_role("status").first).to_contain_text("已发布")
    assert len(site.get("needs")["items"]) == before + 1
    posted = page.url.partition("?")[0].removeprefix(site.url + "/")

    page.goto("/achievements/A-seal")
    folded = page.locator("details.twins")
    expect(folded).to_contain_text("另有 1 条近似记录")
    folded.locator("summary").click()
    expect(folded.get_by_role("link", name=pump["title"])).to_be_visible()
    assert site.client.delete(f"/api/{posted}").status_code == 204
