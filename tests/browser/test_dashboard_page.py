"""The dashboard draws its map, and fetches what takes longer."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_the_map_is_drawn_and_the_exposure_arrives(page: Page) -> None:
    page.goto("/dashboard")
    expect(page.locator("#gap-map canvas")).to_be_visible()
    expect(page.get_by_text("基尼系数")).to_be_visible(timeout=30_000)
    page.locator("#gap-map canvas").hover(position={"x": 300, "y": 60})
    page.get_by_text("数据表").click()
    assert page.locator("details tbody tr").count() > 0
