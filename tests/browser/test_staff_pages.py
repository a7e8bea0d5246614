"""Organisers and analysts: invited by the administrator, then at work in their pages."""

from __future__ import annotations

import io

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site, wait_for

PASSWORD = "a phrase of the staff"


def invited(site: Site, page: Page, browser: Browser, role: str, login: str) -> Page:
    """A tab of somebody whom the administrator invited, signed in."""
    letters = len(list((site.home / "mailbox" / "new").glob("*")))
    page.goto("/admin/invitations")
    page.get_by_label("邮箱").fill(login)
    page.locator("#role").select_option(role)
    page.get_by_role("button", name="发送邀请").click()
    wait_for(lambda: len(list((site.home / "mailbox" / "new").glob("*"))) > letters)
    guest = browser.new_context(base_url=site.url, locale="zh-CN").new_page()
    guest.goto(f"/invitation?token={site.mailed('invitation')}")
    guest.get_by_label("姓名").fill("小周")
    guest.get_by_label("密码").fill(PASSWORD)
    guest.get_by_role("button", name="建立账号").click()
    guest.goto("/login")
    guest.locator("input[name=login]").fill(login)
    guest.locator("input[name=password]").fill(PASSWORD)
    guest.locator("main button[type=submit]").click()
    expect(guest.get_by_role("button", name="退出")).to_be_visible()
    return guest


@pytest.mark.parametrize("role", ["organiser", "analyst"])
def test_staff_read_the_dashboard_and_take_it_away(
    site: Site, page: Page, browser: Browser, role: str
) -> None:
    guest = invited(site, page, browser, role, f"{role}@staff.example")
    guest.get_by_role("link", name="看板").click()
    expect(guest.locator("#gap-map canvas")).to_be_visible()
    with guest.expect_download() as download:
        guest.get_by_role("link", name="下载全部数据").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert book["漏斗"]["B2"].value >= 1
    guest.goto("/needs")
    expect(guest.locator("#list .card").first).to_be_visible()
    for shut in ("/desk", "/review", "/admin/users", "/needs/new"):
        answer = guest.goto(shut)
        assert answer is not None
        assert answer.status == 403, shut
    qrels = guest.request.get("/api/verdicts/qrels")
    assert qrels.status == (200 if role == "analyst" else 403)
    guest.context.close()
