"""Pages give no foothold to hostile text or to other sites, and leave nobody out."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

SCRIPT = "<script>window.hit=1</script>"
IMAGE = '"><img src=x onerror=hit=1>'
PAGES = ("/", "/needs", "/achievements", "/needs/new", "/achievements/new", "/import",
         "/needs/N-pump", "/achievements/A-seal", "/nowhere", "/login", "/register",
         "/password/forgotten", "/password/reset?token=x", "/account", "/admin/users",
         "/admin/organisations", "/admin/invitations", "/admin/audit")  # fmt: skip


def expect_harmless(page: Page) -> None:
    assert page.locator("main script, main img, main svg").count() == 0
    assert page.evaluate("window.hit") is None


def test_hostile_text_is_shown_as_text_everywhere(site: Site, page: Page) -> None:
    page.goto("/needs/new")
    for box in page.locator("form.posting input[type=text], form.posting textarea").all():
        name = box.get_attribute("name") or ""
        if not name.startswith(("budget", "duration")):
            box.fill(f"{SCRIPT}{IMAGE}")
    page.locator("[name=title]").fill(f"泵 {SCRIPT}{IMAGE}")
    page.locator("[name=budget_max_cny_wan]").fill(IMAGE)
    page.get_by_role("button", name="发布").click()
    expect(page.locator("#error-summary")).to_be_visible()
    expect_harmless(page)
    page.locator("[name=budget_max_cny_wan]").fill("10")
    page.locator("[name=named_orgs]").fill("")
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"泵 {SCRIPT}{IMAGE}")
    record = page.url.partition("?")[0]
    for label in ("技术难题描述", "主要技术指标", "应用场景"):
        expect(page.locator(".texts").get_by_text(label)).to_be_visible()
    expect_harmless(page)

    box = page.locator(".verdict-box").first
    box.get_by_text("评价这一对").click()
    box.get_by_label("0 不合用").check()
    box.get_by_label("备注").fill(SCRIPT)
    box.get_by_label("评价人").fill(IMAGE)
    box.get_by_role("button", name="记录评价").click()
    expect(box.get_by_role("status")).to_be_visible()
    page.goto(record)
    expect(page.locator("#verdicts tbody")).to_contain_text(SCRIPT)
    expect(page.locator("#verdicts tbody")).to_contain_text(IMAGE)
    expect_harmless(page)

    page.goto("/needs?q=window.hit")
    expect(page.locator("#list .card")).to_contain_text(SCRIPT)
    expect_harmless(page)
    page.goto("/")
    page.get_by_label("成果找市场").check()
    page.get_by_label("正文", exact=True).fill(f"泵 {SCRIPT}{IMAGE} window hit script")
    page.get_by_role("button", name="匹配", exact=True).click()
    expect(page.locator("#answer")).to_contain_text(SCRIPT)
    expect(page.locator("#answer mark").first).to_be_visible()
    expect_harmless(page)
    for path in ("/needs?q=", "/needs/N-pump?why=", "/needs/", "/?direction="):
        page.goto(f"{path}%3Cscript%3Ewindow.hit%3D1%3C%2Fscript%3E%22%3E%3Cimg src%3Dx%3E")
        expect_harmless(page)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/page"},
    ],
)
def test_requests_of_other_sites_are_refused(site: Site, headers: dict[str, str]) -> None:
    form = {
        "title": "别站代发的需求",
        "problem_statement": "这条需求由别的网站替人提交，不应入库。",
    }
    answer = site.client.post("/needs/new", data=form, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert site.get("needs", q="别站代发")["items"] == []
    verdict = {"need_id": "N-pump", "achievement_id": "A-brew", "grade": "0", "judge": "别站"}
    assert site.client.post("/verdicts", data=verdict, headers=headers).status_code == 403
    assert "别站" not in [v["judge"] for v in site.get("verdicts")]


def test_our_own_requests_pass(site: Site) -> None:
    verdict = {"need_id": "N-cellar", "achievement_id": "A-brew", "grade": "3", "judge": "本站"}
    for headers in ({"Origin": site.url}, {"Sec-Fetch-Site": "same-origin"}, {}):
        answer = site.client.post("/verdicts", data=verdict, headers=headers)
        assert answer.status_code == 303
        assert answer.headers["location"] == "/needs/N-cellar#verdicts"


def test_errors_are_pages_for_readers_and_problems_for_programs(site: Site) -> None:
    for path, status in (("/nowhere", 404), ("/needs/none", 404), ("/needs?cursor=*", 400),
                         ("/needs?q=" + "长" * 201, 422)):  # fmt: skip
        answer = site.client.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"].startswith("text/html")
        assert 'lang="zh-CN"' in answer.text
        problem = site.client.get("/api" + path)
        assert problem.status_code == status
        assert problem.headers["content-type"] == "application/problem+json"
    part = site.client.get("/needs/none", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "没有这条记录" in part.text


def test_a_record_has_its_page_whatever_its_id(site: Site, page: Page) -> None:
    id_ = '甲/乙 #1?"<x>'
    text = "编号里有斜杠、井号和引号的一条需求，页面也要能打开。"
    body = {"need_id": id_, "title": "编号特别的需求", "problem_statement": text}
    answer = site.client.post("/api/needs", json=body)
    assert answer.status_code == 201
    assert answer.headers["location"].isascii()
    page.goto("/needs?q=编号特别")
    page.get_by_role("link", name="编号特别的需求").click()
    expect(page.locator("main .id").first).to_have_text(id_)
    with page.expect_download() as download:
        page.get_by_role("link", name="导出对接手册").click()
    assert download.value.path().stat().st_size > 0


def test_pages_carry_safe_headers_and_no_contact_data(site: Site) -> None:
    for path in PAGES:
        answer = site.client.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "13900001111" not in answer.text
        assert "李工不公开" not in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_pages_fit_a_phone_and_label_every_field(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("h1").count() == 1
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll("input, select, textarea")]
            .filter(e => e.type !== "hidden" && !e.hidden && !e.labels.length && !e.ariaLabel)
            .map(e => e.outerHTML)"""
    )
    assert unnamed == []
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
