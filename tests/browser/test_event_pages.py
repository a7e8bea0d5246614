"""An organiser's way in a real browser: from the roster file to the timetable as it is printed."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from service.access import Role
from service.accounts import registry
from service.accounts.office import Office
from service.context import open_database
from service.settings import Settings
from tests.accounts import sign_in
from tests.browser.conftest import Site
from tests.server import database_of

LOGIN, PASSWORD = "organiser@event.example", "a phrase for organisers"
ROWS: dict[str, list[dict[str, object]]] = {
    "参会单位": [
        {"单位名称": "攀枝花某选矿厂", "单位类型": "企业", "所在市州": "攀枝花市", "小企业": "是"},
        {"单位名称": "川南酒业", "单位类型": "企业", "所在市州": "宜宾市"},
        {"单位名称": "岷江流体机械研究所", "单位类型": "科研院所", "所在市州": "成都市"},
        {"单位名称": "酿造研究院", "单位类型": "科研院所", "所在市州": "不知道在哪"},
    ],
    "参会人员": [
        {"单位名称": "攀枝花某选矿厂", "姓名": "李工", "邮箱": "li@event.example"},
        {"单位名称": "川南酒业", "姓名": "陈工", "邮箱": "chen@event.example"},
        {
            "单位名称": "岷江流体机械研究所",
            "姓名": "周教授",
            "邮箱": "zhou@event.example",
            "可参加时间": "2027-05-18 10:00-11:00",
        },
        {"单位名称": "酿造研究院", "姓名": "赵研究员", "邮箱": "zhao@event.example"},
    ],
    "对接条目": [
        {"单位名称": "攀枝花某选矿厂", "类别": "需求", "编号": "N-pump"},
        {"单位名称": "川南酒业", "类别": "需求", "编号": "N-cellar"},
        {"单位名称": "岷江流体机械研究所", "类别": "成果", "编号": "A-seal"},
        {"单位名称": "酿造研究院", "类别": "成果", "编号": "A-brew"},
    ],
}


@pytest.fixture
def organiser(site: Site, browser: Browser) -> Iterator[Page]:
    """A tab in which an organiser is signed in."""
    settings = Settings(home=site.home, database_url=database_of(site.home), _env_file=None)
    engine = open_database(settings)
    registry.add_user(Office.of(settings, engine), LOGIN, "活动组织者", PASSWORD, Role.ORGANISER)
    engine.dispose()
    context = browser.new_context(base_url=site.url, locale="zh-CN", accept_downloads=True)
    with httpx.Client(base_url=site.url, timeout=60) as client:
        sign_in(client, LOGIN, PASSWORD)
        Site(site.url, client).sign_in(context)
    yield context.new_page()
    context.close()


def filled(template: Path, into: Path) -> Path:
    """The template with the rows of this test."""
    book = load_workbook(template)
    for name, rows in ROWS.items():
        sheet = book[name]
        header = {str(cell.value).rstrip("*"): cell.column for cell in sheet[1]}
        for row in rows:
            at = sheet.max_row + 1
            for column, value in row.items():
                sheet.cell(row=at, column=header[column], value=value)
    book.save(into)
    return into


def test_from_the_roster_file_to_the_printed_timetable(
    site: Site, organiser: Page, tmp_path: Path
) -> None:
    page = organiser
    event = new_event(page)
    import_roster(page, tmp_path)
    match_and_plan(page)
    move_by_hand(page)
    require_printable(page)

    # and the match book
    page.get_by_role("link", name="对接手册").click()
    with page.expect_download() as download:
        page.locator(f'a[href^="/events/{event}/book.pdf"]').first.click()
    download.value.save_as(tmp_path / "book.pdf")
    book = "".join(sheet.extract_text() for sheet in PdfReader(tmp_path / "book.pdf").pages)
    assert "含固介质渣浆泵用碳化硅机械密封" in book.replace("\n", "")


def new_event(page: Page) -> str:
    """Make an event with the form; its id."""
    page.goto("/events")
    page.get_by_role("button", name="新建活动").click()
    page.get_by_label("活动名称").fill("矿山装备专场")
    page.get_by_label("地点").fill("攀枝花科创中心")
    page.locator("[name=periods]").fill("2027-05-18 09:00-11:00")
    page.locator("[name=tables]").fill("1-2号桌 | A厅")
    page.get_by_role("button", name="新建", exact=True).click()
    expect(page.locator("h1")).to_have_text("矿山装备专场")
    return page.url.rpartition("/")[2]


def import_roster(page: Page, tmp_path: Path) -> None:
    """A fault is told with its place; once it is mended the roster comes in."""
    page.get_by_role("link", name="名单", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载空白模板").click()
    download.value.save_as(tmp_path / "template.xlsx")
    page.set_input_files("#file", filled(tmp_path / "template.xlsx", tmp_path / "roster.xlsx"))
    page.get_by_role("button", name="先检查（不入库）").click()
    expect(page.locator("#report")).to_contain_text("还没有入库")
    expect(page.locator("#report")).to_contain_text("所在市州")
    ROWS["参会单位"][3]["所在市州"] = "泸州市"
    page.set_input_files("#file", filled(tmp_path / "template.xlsx", tmp_path / "roster.xlsx"))
    page.get_by_role("button", name="直接导入").click()
    expect(page.locator("#report")).to_contain_text("0 行有错")
    expect(page.locator("#parties")).to_be_visible()


def match_and_plan(page: Page) -> None:
    """Pairs and schedule keep themselves up to date while they are worked on."""
    page.get_by_role("link", name="配对与日程").click()
    page.get_by_role("button", name="开始匹配").click()
    expect(page.get_by_text("候选 4 对。")).to_be_visible(timeout=180_000)
    page.get_by_role("button", name="排日程").click()
    expect(page.get_by_role("heading", name="第 1 版日程")).to_be_visible(timeout=120_000)
    expect(page.locator("table.timetable a", has_text="机械密封")).to_have_count(1)


def move_by_hand(page: Page) -> None:
    """A meeting is pinned elsewhere, everything is arranged around it, and it is published."""
    page.locator("table.timetable a", has_text="机械密封").click()
    expect(page.get_by_text("匹配概率")).to_be_visible()
    page.locator("[name=slot]").select_option("2027-05-18T10:40")
    page.locator("[name=table_id]").select_option("2号桌")
    page.get_by_role("button", name="固定在这里").click()
    expect(page.get_by_text("还没有排进这一版")).to_be_visible()
    page.get_by_role("button", name="重新排").click()
    expect(page.get_by_role("heading", name="第 2 版日程")).to_be_visible(timeout=120_000)
    row = page.locator("table.timetable tr", has_text="10:40–11:00")
    expect(row).to_contain_text("机械密封")
    expect(row).to_contain_text("固定")
    page.get_by_role("button", name="发布第 2 版").click()
    expect(page.get_by_text("已发布")).to_be_visible()


def require_printable(page: Page) -> None:
    """The wall is one sheet in landscape, with nothing of the page around it."""
    page.get_by_role("link", name="墙报").click()
    expect(page.locator("table.timetable")).to_contain_text("岷江流体机械研究所")
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    # fonts map some characters to radicals of the same shape
    text = unicodedata.normalize("NFKC", "".join(p.extract_text() for p in printed.pages))
    (sheet,) = printed.pages
    assert sheet.mediabox.width > sheet.mediabox.height  # landscape, on one sheet
    assert "10:40" in text
    assert "攀枝花某选矿厂" in text
    assert "退出" not in text  # nothing of the page around it
    assert "李工" not in text
