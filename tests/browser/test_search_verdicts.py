"""Grading the results of a pasted text, in a real browser against a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.conftest import Site, wait_for

SLURRY = "尾矿泵站的轴封进砂就磨穿，两周滴漏一次，想把密封寿命做到一百天以上。"
CELLAR = "己酸菌复合菌剂，九十天让新窖泥的产酯水平接近老窖泥，已在三家酒厂用过。"


def search(page: Page, text: str) -> None:
    page.goto("/")
    page.get_by_label("正文", exact=True).fill(text)
    page.get_by_role("button", name="匹配", exact=True).click()


def boxes(page: Page) -> Locator:
    return page.locator("#answer .verdict-box")


def give(box: Locator, grade: str, **filled: str) -> None:
    box.locator("summary").click()
    expect(box.locator("form")).to_contain_text("仅用于评测，不会公开")
    box.get_by_label(grade).check()
    for label, text in filled.items():
        box.get_by_label(label).fill(text)
    box.get_by_role("button", name="记录评价").click()


def drafts_of(site: Site, plural: str, text: str) -> list[dict]:  # type: ignore[type-arg]
    main = "problem_statement" if plural == "needs" else "abstract"
    items = site.get(plural, status="draft")["items"]
    return [item for item in items if item[main] == text]


def test_results_are_graded_and_the_text_becomes_one_draft(site: Site, page: Page) -> None:
    search(page, SLURRY)
    second = boxes(page).nth(1)
    other = page.locator("#answer .card .id").nth(1).inner_text()
    assert drafts_of(site, "needs", SLURRY) == [], "a search alone stores nothing"
    give(second, "2 有差距", 备注="寿命还差一截", 评价人="经理人乙")
    expect(second.get_by_role("status")).to_have_text("已记录：2 分（有差距）")
    (draft,) = drafts_of(site, "needs", SLURRY)
    expect(page.locator("#draft")).to_contain_text(draft["id"])
    (stored,) = site.get("verdicts", need_id=draft["id"])
    assert (stored["achievement_id"], stored["grade"]) == (other, 2)
    assert (stored["note"], stored["judge"]) == ("寿命还差一截", "经理人乙")

    give(boxes(page).nth(0), "3 能解决", 评价人="经理人乙")
    expect(boxes(page).nth(0).get_by_role("status")).to_have_text("已记录：3 分（能解决）")
    search(page, SLURRY)
    expect(boxes(page).nth(1).locator(".verdict").first).to_contain_text("寿命还差一截")
    expect(boxes(page).nth(1).locator("summary")).to_have_text("修改评价")
    expect(page.locator("#draft")).to_contain_text(draft["id"])
    give(boxes(page).nth(2), "0 不合用")
    expect(boxes(page).nth(2).get_by_role("status")).to_contain_text("0 分")
    give(boxes(page).nth(1), "1 相关")
    expect(boxes(page).nth(1).get_by_role("status")).to_contain_text("1 分")
    assert [d["id"] for d in drafts_of(site, "needs", SLURRY)] == [draft["id"]]
    grades = {v["achievement_id"]: v["grade"] for v in site.get("verdicts", need_id=draft["id"])}
    assert sorted(grades.values()) == [0, 1, 3]
    assert grades[other] == 1

    wait_for(lambda: site.get("health")["lag"] == 0)
    assert draft["id"] not in [item["id"] for item in site.get("needs")["items"]]
    found = site.get(f"achievements/{other}/matches", top_k=200)["matches"]
    assert found
    assert draft["id"] not in [match["need_id"] for match in found]
    for path in ("/needs", "/needs?q=磨穿", f"/achievements/{other}"):
        page.goto(path)
        expect(page.locator("main")).not_to_contain_text(draft["id"])
        expect(page.locator("main")).not_to_contain_text("磨穿")


def test_a_text_that_must_not_be_stored_is_refused_in_place(site: Site, page: Page) -> None:
    for text, told in (
        (f"{SLURRY}请打 138 0000 3333 找王工。", "文字里有手机号"),
        (f"机密★三年\n{SLURRY}", "不接收涉密内容"),
    ):
        search(page, text)
        box = boxes(page).first
        give(box, "3 能解决")
        expect(box.get_by_role("alert")).to_contain_text(told)
        assert drafts_of(site, "needs", text) == []
        expect(page.locator("#draft")).to_have_text("")
    search(page, f"{SLURRY}分数忘了选")
    box = boxes(page).first
    box.locator("summary").click()
    box.get_by_role("button", name="记录评价").click()
    expect(box.get_by_role("alert")).to_contain_text("请先选择")
    assert drafts_of(site, "needs", f"{SLURRY}分数忘了选") == []


@pytest.fixture
def without_scripts(site: Site, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    site.sign_in(context)
    yield context
    context.close()


def test_results_are_graded_without_scripts(site: Site, without_scripts: BrowserContext) -> None:
    page = without_scripts.new_page()
    page.goto("/?chain=food")
    page.get_by_label("成果找市场").check()
    page.get_by_label("正文", exact=True).fill(CELLAR)
    page.get_by_role("button", name="匹配", exact=True).click()
    expect(boxes(page)).to_have_count(1)
    give(boxes(page).first, "3 能解决")
    expect(boxes(page).first).to_contain_text("已记录：3 分")
    expect(boxes(page)).to_have_count(1)
    expect(page.get_by_label("正文", exact=True)).to_have_value(CELLAR)
    expect(page.get_by_label("成果找市场")).to_be_checked()
    (draft,) = drafts_of(site, "achievements", CELLAR)
    (stored,) = site.get("verdicts", achievement_id=draft["id"])
    assert (stored["need_id"], stored["grade"]) == ("N-cellar", 3)
    give(boxes(page).first, "2 有差距")
    expect(boxes(page).first).to_contain_text("已记录：2 分")
    assert len(drafts_of(site, "achievements", CELLAR)) == 1


def test_other_sites_cannot_grade_and_unknown_results_store_nothing(site: Site) -> None:
    text = f"{SLURRY}由别站代发"
    form = {"text": text, "achievement_id": "A-seal", "grade": "3"}
    headers = {"Origin": "https://evil.example"}
    assert site.client.post("/judged", data=form, headers=headers).status_code == 403
    missing = site.client.post("/judged", data=form | {"achievement_id": "A-nobody"})
    assert missing.status_code == 404
    assert site.client.post("/judged", data=form | {"grade": "7"}).status_code == 422
    assert drafts_of(site, "needs", text) == []
