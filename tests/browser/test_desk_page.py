"""Grading the queue of the desk with the keyboard alone, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, wait_for

NEED = {
    "need_id": "N-rail",
    "title": "钢轨波磨引起的啸叫",
    "problem_statement": "曲线段钢轨波磨啸叫，打磨三个月又来，想要能抑制钢轨波磨的办法。",
    "industry_chain": "轨道交通",
}
ACHIEVEMENT = {
    "achievement_id": "A-rail",
    "title": "抑制钢轨波磨的摩擦调控块",
    "abstract": "固体摩擦调控块贴附轮缘，曲线段钢轨波磨增长率降低七成，啸叫消失。",
    "industry_chain": "轨道交通",
}


@pytest.fixture
def own_pair(site: Site) -> Iterator[None]:
    """A pair of its own, taken away again: other tests count records and grades."""
    need, achievement = site.post("needs", NEED), site.post("achievements", ACHIEVEMENT)
    wait_for(lambda: site.get("health")["lag"] == 0)
    yield
    site.client.delete(f"/api/needs/{need['id']}")
    site.client.delete(f"/api/achievements/{achievement['id']}")
    wait_for(lambda: site.get("health")["lag"] == 0)


@pytest.mark.usefixtures("own_pair")
def test_the_queue_is_graded_with_the_keyboard(site: Site, page: Page) -> None:
    before = {(v["need_id"], v["achievement_id"]) for v in site.get("verdicts", limit=1000)}
    page.goto("/desk?chain=轨道交通")
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
