"""Grading the queue of the desk with the keyboard alone, in a real browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site


def test_the_queue_is_graded_with_the_keyboard(site: Site, page: Page) -> None:
    before = {(v["need_id"], v["achievement_id"]) for v in site.get("verdicts", limit=1000)}
    page.goto("/desk?chain=equipment")
    first = page.locator("table.queue a").first
    title = first.inner_text()
    first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="技术需求")).to_contain_text(title)
    expect(page.get_by_role("table", name="双方对应的说法")).to_be_visible()
    expect(page.locator(".aligned mark").first).to_be_visible()
    ids = [
        page.locator(f'input[name="{name}"]').first.input_value()
        for name in ("need_id", "achievement_id")
    ]
    page.keyboard.press("3")
    expect(page.locator('input[name="grade"][value="3"]')).to_be_checked()
    page.keyboard.press("1")
    page.keyboard.press("n")
    page.keyboard.type("3 级以上才行")
    page.keyboard.press("Escape")
    expect(page.locator('input[name="grade"][value="1"]')).to_be_checked()
    page.keyboard.press("r")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    expect(page.get_by_role("alert")).to_have_count(0)
    fresh = [
        v
        for v in site.get("verdicts", limit=1000)
        if (v["need_id"], v["achievement_id"]) not in before
    ]
    (verdict,) = fresh
    assert [verdict["need_id"], verdict["achievement_id"]] == ids
    assert (verdict["grade"], verdict["note"]) == (1, "3 级以上才行")
    assert verdict["reason_code"] == "too_early"
    shown = [page.locator(f'input[name="{name}"]') for name in ("need_id", "achievement_id")]
    if shown[0].count():
        assert [box.first.input_value() for box in shown] != ids, "the next pair follows"
