"""What a visitor does with the pages, in a real browser against a real server."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Site
from tests.browser.records import ACHIEVEMENTS

PUMP = "渣浆泵送含石英砂的矿浆，轴封两周就滴漏，换一次要停机，希望轴封寿命到三个月。"


def search(page: Page, text: str) -> None:
    page.get_by_label("正文", exact=True).fill(text)
    page.get_by_role("button", name="匹配", exact=True).click()


def test_a_posted_need_shows_its_matches_at_once(site: Site, page: Page) -> None:
    page.goto("/needs/new")
    page.get_by_label("需求名称").fill("尾矿渣浆泵轴封漏浆")
    page.get_by_label("技术难题描述").fill(PUMP)
    page.get_by_label("主要技术指标").fill("轴封寿命 ≥ 90 天\n泄漏量 ≤ 5 毫升每小时")
    page.get_by_label("关键词").fill("渣浆泵、轴封")
    page.get_by_label("所在市州").select_option(label="攀枝花市")
    page.get_by_label("所属产业链").select_option(label="先进装备")
    page.get_by_label("技术许可").check()
    page.get_by_label("拟投入资金上限(万元)").fill("８０万元")
    page.get_by_label("联系人", exact=True).fill("王工保密")
    page.get_by_label("联系电话").fill("13800002222")
    page.get_by_role("button", name="发布").click()

    expect(page.get_by_role("status").first).to_contain_text("已发布")
    expect(page.get_by_role("heading", level=1)).to_have_text("尾矿渣浆泵轴封漏浆")
    expect(page.locator("#matches .card").first).to_contain_text("含固介质渣浆泵用碳化硅机械密封")
    expect(page.locator(".texts")).to_contain_text("轴封寿命 ≥ 90 天")
    expect(page.locator(".facts")).to_contain_text("攀枝花市")
    expect(page.locator("body")).not_to_contain_text("王工保密")
    expect(page.locator("body")).not_to_contain_text("13800002222")
    stored = site.get(page.url.partition("?")[0].removeprefix(site.url + "/"))
    assert stored["budget_max_cny_wan"] == 80
    assert stored["region_code"] == "510400"
    assert stored["coop_modes"] == ["licence"]


def test_search_marks_shared_words_and_obeys_filters(site: Site, page: Page) -> None:
    page.goto("/")
    search(page, PUMP)
    first = page.locator("#answer .card").first
    expect(first).to_contain_text("含固介质渣浆泵用碳化硅机械密封")
    expect(first.locator("mark").filter(has_text="轴封").first).to_be_visible()
    expect(first.get_by_role("meter")).to_be_visible()
    published = len(site.get("achievements")["items"])  # other tests of this site publish too
    assert published >= len(ACHIEVEMENTS)
    expect(page.locator("#answer .card")).to_have_count(min(published, 10))
    assert page.url.endswith("/"), "the text must not get into an address"

    page.get_by_text("筛选结果").click()
    page.locator("summary", has_text="不限").first.click()
    page.get_by_label("动力电池").check()
    expect(page.locator("#answer .card")).to_have_count(1)
    expect(page.locator("#answer")).to_contain_text("磷酸铁锂极片干法回收工艺")
    page.get_by_label("成熟度从").select_option("9")
    expect(page.locator("#answer .empty")).to_contain_text("技术成熟度")


def test_search_the_other_way_round_and_with_nothing_to_match(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="匹配", exact=True).click()
    expect(page.locator("#answer .empty")).to_contain_text("还没有可匹配的文字")
    page.get_by_label("成果找市场").check()
    search(page, "复合菌剂让新窖泥三个月达到老窖泥的产酯水平")
    expect(page.locator("#answer .card").first).to_contain_text("新建窖池出酒酯香不足")
    page.get_by_role("button", name="把这段文字填进发布表单").click()
    expect(page.get_by_label("成果简介")).to_have_value(
        "复合菌剂让新窖泥三个月达到老窖泥的产酯水平"
    )


def test_pages_work_without_scripts(site: Site, browser_without_scripts: BrowserContext) -> None:
    page = browser_without_scripts.new_page()
    page.goto("/")
    search(page, PUMP)
    expect(page.locator("#answer .card").first).to_contain_text("含固介质渣浆泵")
    expect(page.get_by_label("正文", exact=True)).to_have_value(PUMP)
    page.goto("/needs/N-cellar")
    box = page.locator(".verdict-box").first
    box.get_by_text("评价这一对").click()
    box.get_by_label("1 相关").check()
    box.get_by_role("button", name="记录评价").click()
    expect(page.locator("#verdicts tbody tr")).to_have_count(1)


@pytest.fixture
def browser_without_scripts(site: Site, browser):  # type: ignore[no-untyped-def]
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    site.sign_in(context)
    yield context
    context.close()


def test_a_refused_form_keeps_what_was_typed(site: Site, page: Page) -> None:
    before = len(site.get("achievements")["items"])
    page.goto("/achievements/new")
    page.get_by_label("成果名称").fill("短")
    page.get_by_label("成果简介").fill("说明同样\n太短")
    page.get_by_label("技术成熟度").select_option("4")
    page.get_by_label("报价(万元)").fill("很多")
    page.get_by_label("共建平台").check()
    page.get_by_label("涉及国家秘密").check()
    page.get_by_role("button", name="发布").click()

    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#error-title")).to_contain_text("至少 4 字")
    expect(page.locator("#error-abstract")).to_contain_text("至少 10 字")
    expect(page.locator("#error-price_wan")).to_contain_text("金额")
    expect(page.locator("#error-classified")).to_contain_text("不接收涉密内容")
    expect(page.get_by_label("成果名称")).to_have_value("短")
    expect(page.get_by_label("成果名称")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("成果简介")).to_have_value("说明同样\n太短")
    expect(page.get_by_label("技术成熟度")).to_have_value("4")
    expect(page.get_by_label("报价(万元)")).to_have_value("很多")
    expect(page.get_by_label("共建平台")).to_be_checked()
    assert len(site.get("achievements")["items"]) == before


def test_a_verdict_is_stored_and_shown(site: Site, page: Page) -> None:
    page.goto("/needs/N-pump")
    box = page.locator(".verdict-box").first
    box.get_by_text("评价这一对").click()
    box.get_by_role("button", name="记录评价").click()
    expect(box.get_by_role("alert")).to_contain_text("请先选择")
    box.get_by_label("2 有差距").check()
    box.get_by_label("不合适的原因").select_option(label="价格")
    box.get_by_label("备注").fill("报价高于预算")
    box.get_by_label("评价人").fill("技术经理人甲")
    box.get_by_role("button", name="记录评价").click()
    expect(box.get_by_role("status")).to_have_text("已记录：2 分（有差距），价格")

    (stored,) = site.get("verdicts", need_id="N-pump")
    assert (stored["achievement_id"], stored["grade"]) == ("A-seal", 2)
    assert (stored["reason_code"], stored["note"]) == ("price", "报价高于预算")
    assert stored["judge"] == "技术经理人甲"
    page.goto("/achievements/A-seal")
    expect(page.locator("#verdicts tbody tr")).to_contain_text("报价高于预算")
    expect(page.get_by_label("评价人").first).to_have_value("技术经理人甲")


def test_the_match_book_downloads_under_the_filters(page: Page) -> None:
    page.goto("/needs/N-pump?chain=battery")
    with page.expect_download() as download:
        page.get_by_role("link", name="导出对接手册").click()
    assert download.value.suggested_filename == "N-pump-matches.xlsx"
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert [row[1] for row in rows] == ["编号", "N-pump", "A-battery"]


def test_why_a_counterpart_is_not_among_the_matches(page: Page) -> None:
    page.goto("/needs/N-pump?chain=equipment")
    for wanted, told in (
        ("A-brew", "被筛选条件排除：产业链"),
        ("A-seal", "排在第 1 名"),
        ("A-none", "不在可匹配的科技成果里"),
    ):
        page.get_by_label("科技成果的编号").fill(wanted)
        page.get_by_role("button", name="查明").click()
        expect(page.locator("#why")).to_contain_text(told)


def test_lists_are_searched_and_paged(site: Site, page: Page) -> None:
    crop = {
        "problem_statement": "想要抗倒伏又早熟的油菜新品种，坡地也能机收。",
        "industry_chain": "种业",
    }
    site.load(
        "need", [crop | {"need_id": f"S{n:02}", "title": f"坡地油菜品种 {n:02}"} for n in range(23)]
    )
    page.goto("/needs?chain=seed")
    expect(page.locator("#list .card")).to_have_count(20)
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("#list .card")).to_have_count(3)
    expect(page.locator("#list .card").first).to_contain_text("坡地油菜品种 20")
    page.get_by_label("全文检索").fill("早熟 22")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#list .card")).to_have_count(1)
    page.get_by_role("link", name="坡地油菜品种 22").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("坡地油菜品种 22")
