"""The link of a participant on a phone without scripts: coming, times, wishes, schedule, feedback."""

from __future__ import annotations

import mailbox
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, Page, expect

from service.accounts.office import Office
from service.context import Context, open_database
from service.events.local import here
from service.settings import Settings
from tests.browser.conftest import Site, wait_for
from tests.browser.records import ACHIEVEMENTS, NEEDS
from tests.events import Gathering
from tests.server import database_of

FINGER = 44
"""Pixels that a finger needs."""


@pytest.fixture
def phone(site: Site, browser: Browser) -> Iterator[Page]:
    """A phone on which nobody is signed in and no script runs."""
    context = browser.new_context(
        base_url=site.url,
        locale="zh-CN",
        viewport={"width": 390, "height": 844},
        java_script_enabled=False,
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def records(site: Site) -> Iterator[None]:
    """Records of its own, taken away again: what is said of a pair changes matches and verdicts."""
    need = NEEDS[0] | {"need_id": "N-meet"}
    offers = [
        r | {"achievement_id": r["achievement_id"].replace("A-", "A-meet-")}
        for r in ACHIEVEMENTS[:2]
    ]
    site.load("need", [need])
    site.load("achievement", offers)
    yield
    site.client.delete("/api/needs/N-meet")
    for offer in offers:
        site.client.delete(f"/api/achievements/{offer['achievement_id']}")
    wait_for(lambda: site.get("health")["lag"] == 0)


@pytest.fixture
def gathering(site: Site, records: None) -> Iterator[Gathering]:
    """An event of today in the database of the running service."""
    settings = Settings(home=site.home, database_url=database_of(site.home), _env_file=None)
    engine = open_database(settings)
    office = Office.of(settings, engine)
    ctx = cast(Context, SimpleNamespace(engine=engine, office=office))
    day = (here() - timedelta(days=1)).date().isoformat()
    yield (
        Gathering.create(ctx, periods=[[f"{day}T09:00", f"{day}T10:00"]])
        .party("川矿集团", "李工", needs=("N-meet",))
        .party("岷江流体机械研究所", "周教授", achievements=("A-meet-seal", "A-meet-impeller"))
    )
    engine.dispose()


def invited(site: Site, gathering: Gathering, name: str) -> str:
    """The address in the letter that invites a person."""
    box = mailbox.Maildir(site.home / "mailbox")
    before = len(box)
    body = {"to": "chosen", "people": [gathering.people[name]]}
    answer = site.client.post(f"/api/events/{gathering.id}/invitations", json=body)
    assert answer.json()["letters"] == 1, answer.text
    wait_for(lambda: len(box) > before)
    return f"/meet?token={site.mailed('meet')}"


def require_fit(page: Page) -> None:
    """Nothing is wider than the phone, and what is touched is large enough."""
    width = page.locator("body").bounding_box()
    assert width is not None
    for target in page.locator(".meet button, .choices label").all():
        box = target.bounding_box()
        if box is None:
            continue
        assert box["height"] >= FINGER, target.inner_text()
        assert box["x"] + box["width"] <= width["width"] + 1, target.inner_text()
    for part in page.locator("main, section, article, form, h1, h2, h3").all():
        box = part.bounding_box()
        assert box is None or box["x"] + box["width"] <= 391, part.inner_text()[:40]


def run_over(site: Site, gathering: Gathering) -> None:
    """Match the roster, and wait for it."""
    started = site.client.post(f"/api/events/{gathering.id}/matching")
    assert started.status_code == 202, started.text
    run: str = started.json()["run_id"]
    wait_for(lambda: cast(Any, site.get(f"batches/{run}"))["state"] == "done")


def test_a_participant_answers_wishes_and_tells_on_a_phone(
    site: Site, phone: Page, gathering: Gathering
) -> None:
    run_over(site, gathering)
    url = invited(site, gathering, "李工")
    phone.goto(url)
    require_fit(phone)
    phone.get_by_role("button", name="到场", exact=True).click()
    expect(phone.locator("p.done")).to_contain_text("已记下您是否到场")
    first = phone.locator("input[name=slot]").first
    first.uncheck()
    phone.get_by_role("button", name="保存时间").click()
    expect(phone.locator("input[name=slot]").first).not_to_be_checked()
    wish = phone.locator("fieldset", has_text="机械密封").get_by_label("一定要见")
    wish.check()
    phone.get_by_role("button", name="保存意愿").click()
    expect(phone.locator("fieldset", has_text="机械密封").get_by_label("一定要见")).to_be_checked()
    phone.get_by_role("link", name="依据").first.click()
    expect(phone.locator("h1")).to_have_text("匹配依据")
    phone.get_by_role("link", name="返回").click()

    day = (here() - timedelta(days=1)).date().isoformat()
    gathering.schedule(("N-meet", "A-meet-seal", f"{day}T09:20", "2号桌"))
    phone.goto(url)
    seat = phone.locator("article.seat")
    expect(seat).to_contain_text("09:20–09:40 · 2号桌（A厅）")
    expect(seat).to_contain_text("岷江流体机械研究所 · 周教授")
    require_fit(phone)
    seat.get_by_label("见了，没有意向").check()
    seat.get_by_label("备注").fill("要先看样品")
    seat.get_by_role("button", name="提交反馈").click()
    expect(phone.get_by_role("alert")).to_contain_text("没有意向要选原因")
    expect(seat.get_by_label("备注")).to_have_value("要先看样品")
    seat.get_by_label("没有意向的原因").select_option("too_early")
    seat.get_by_role("button", name="提交反馈").click()
    expect(phone.locator("p.done")).to_contain_text("已收到反馈")
