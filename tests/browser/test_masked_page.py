"""A masked need: matched by an institute at once, read by it only when both sides have agreed."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, wait_for
from tests.browser.members import join

SECRET = "锆英砂"
PHONE = "13800138000"
TEXT = (
    f"窑炉用{SECRET}坩埚热震后开裂，平均 37 炉就报废，停炉一次两天。"
    "想要抗热震的坩埚，或者能修补裂纹的涂层，用到一百炉以上，由赵铁柱师傅试用。"
)


def test_a_masked_need_is_matched_then_read_after_both_agreed(
    site: Site, page: Page, tab: Callable[[httpx.Client], Page]
) -> None:
    with (
        httpx.Client(base_url=site.url, timeout=60) as enterprise,
        httpx.Client(base_url=site.url, timeout=60) as institute,
    ):
        join(site, enterprise, "enterprise", 31)
        join(site, institute, "institute", 32)
        crucible = institute.post(
            "/api/achievements",
            json={
                "title": "抗热震坩埚的裂纹修补涂层",
                "abstract": "坩埚表面浸渍硅溶胶并烧结出愈合涂层，热震裂纹在升温时自行闭合，实测用到 160 炉不开裂。",
            },
        ).json()["id"]
        url = f"/api/achievements/{crucible}/steps"
        assert site.client.post(url, json={"event": "approve"}).is_success
        owner, reader = tab(enterprise), tab(institute)

        owner.goto("/needs/new")
        owner.locator("[name=title]").fill(f"{SECRET}坩埚热震开裂")
        owner.locator("[name=problem_statement]").fill(TEXT)
        owner.locator("[name=disclosure]").select_option("masked")
        owner.locator("[name='contact.phone']").fill(PHONE)
        owner.get_by_role("button", name="看看脱敏后的样子").click()
        expect(owner.locator("#mask")).to_be_visible()
        expect(owner.locator("#mask")).not_to_contain_text("37")
        expect(owner.locator("#mask")).not_to_contain_text("赵铁柱")
        owner.get_by_role("button", name="提交审核").click()
        expect(owner.locator(".done")).to_contain_text("已提交审核")
        need = owner.url.partition("?")[0].rpartition("/")[2]

        page.goto("/review")
        card = page.locator("article.card", has_text=need)
        card.get_by_role("button", name="通过并发布").click()
        wait_for(lambda: site.get("health")["lag"] == 0)

        reader.goto(f"/achievements/{crucible}")
        found = reader.locator("#matches article.card", has_text=need)
        expect(found).to_contain_text("脱敏")
        for hidden in ("37 炉", "赵铁柱", PHONE):
            expect(reader.locator("body")).not_to_contain_text(hidden)
        found.get_by_role("link").first.click()
        expect(reader.get_by_role("note")).to_contain_text("脱敏公开")
        for hidden in ("37 炉", "赵铁柱", PHONE):
            expect(reader.locator("body")).not_to_contain_text(hidden)
        reader.locator("#consent form", has_text="抗热震坩埚").get_by_role("button").click()
        expect(reader.locator("#consent")).to_contain_text("等待对方")
        expect(reader.locator("body")).not_to_contain_text("37 炉")

        owner.goto(f"/needs/{need}")
        asked = owner.locator("#consent form", has_text="抗热震坩埚")
        expect(asked).to_contain_text("对方已同意")
        asked.get_by_role("button", name="同意").click()
        expect(owner.locator("#consent")).to_contain_text("双方已同意")

        reader.goto(f"/needs/{need}")
        expect(reader.locator(".texts")).to_contain_text("37 炉")
        expect(reader.locator("#consent")).to_contain_text(PHONE)
        owner.reload()
        owner.get_by_text(re.compile("谁看过")).click()
        expect(owner.locator(".history", has_text="联系方式")).to_be_visible()
