"""Importing files through the page."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

FILE = (
    "需求名称,技术难题描述,期望成熟度,联系电话\n"
    "窑尾粉尘排放超标,水泥窑窑尾粉尘排放一直超标需要低成本改造办法,6,13700003333\n"
    "短,太短,12,13700004444\n"
)


def test_a_file_is_checked_then_imported(site: Site, page: Page) -> None:
    page.goto("/import")
    page.get_by_role("button", name="先检查").click()
    expect(page.locator("#report")).to_contain_text("还没有选择文件")
    page.get_by_label("文件", exact=True).set_input_files(
        {"name": "需求.csv", "mimeType": "text/csv", "buffer": FILE.encode("gbk")}
    )
    page.get_by_role("button", name="先检查").click()
    expect(page.locator("#report h2").first).to_have_text("需求.csv：检查完毕，还没有入库")
    rows = page.locator("#report tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(2)).to_contain_text("期望成熟度")
    assert site.get("needs", q="窑尾粉尘")["items"] == []

    with page.expect_download() as download:
        page.get_by_role("button", name="下载退回的行").click()
    rejected = download.value.path().read_text(encoding="utf-8-sig")
    assert rejected.splitlines()[0] == "需求名称,技术难题描述,期望成熟度,联系电话,错误"
    assert rejected.splitlines()[1].startswith("短,太短,12,13700004444,")

    page.get_by_role("button", name="直接导入").click()
    expect(page.locator("#report h2").first).to_have_text("需求.csv：导入完毕")
    assert len(site.get("needs", q="窑尾粉尘")["items"]) == 1


def test_a_file_that_cannot_be_read_is_told(page: Page) -> None:
    page.goto("/import")
    page.get_by_label("文件", exact=True).set_input_files(
        {"name": "需求.xlsx", "mimeType": "application/octet-stream", "buffer": b"not a workbook"}
    )
    page.get_by_role("button", name="直接导入").click()
    expect(page.locator("#report").get_by_role("alert")).to_contain_text("没有导入")


def test_templates_can_be_downloaded(page: Page) -> None:
    page.goto("/import")
    for label, name in (("技术需求模板", "needs"), ("科技成果模板", "achievements")):
        with page.expect_download() as download:
            page.get_by_role("link", name=label).click()
        assert download.value.suggested_filename == f"jiebang-{name}-template.xlsx"
