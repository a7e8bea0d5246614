"""The pages of the broker's desk: queue, pair, verdict, board, case, to-dos."""

from __future__ import annotations

import re
from typing import Any

import pytest

from matcher.listing import Kind
from service.access import Role
from tests.api.bounty_people import Arena, alike, publish
from tests.api.test_api import NEED, SEAL, matches

VERDICT = {"grade": "2", "reason_code": "too_early", "note": "还差台架", "judge": "经理人甲"}


@pytest.fixture
def pair(arena: Arena) -> dict[str, str]:
    """A fresh pair that the queue suggests."""
    wanted, offered = alike()
    need = arena.owner.post("/api/needs", json=wanted).json()
    seal = arena.first.post("/api/achievements", json=offered).json()
    publish(arena, Kind.NEED, need)
    seq = publish(arena, Kind.ACHIEVEMENT, seal)
    matches(arena.owner, "needs", need["id"], min_seq=seq)
    return {"need_id": need["id"], "achievement_id": seal["id"]}


def pair_url(pair: dict[str, str], **more: str) -> dict[str, Any]:
    ids = {"need": pair["need_id"], "achievement": pair["achievement_id"]}
    return {"url": "/desk/pair", "params": ids | more}


def test_a_pair_is_read_side_by_side_and_graded_and_the_next_one_comes(
    arena: Arena, pair: dict[str, str]
) -> None:
    listed = arena.manager.get("/desk", params={"chain": "equipment", "region": "510400"}).text
    assert f"need={pair['need_id']}" in listed
    assert arena.manager.get("/desk", params={"chain": "battery"}).text.count("/desk/pair") == 0
    shown = arena.manager.get(**pair_url(pair, chain="equipment")).text
    for part in (NEED["problem_statement"], SEAL["abstract"], "需求这样说", "data-judge"):
        assert part in shown
    refused = arena.manager.post("/desk/verdict", data=pair | VERDICT | {"grade": ""})
    assert refused.status_code == 422
    assert "请先选择" in refused.text
    assert "还差台架" in refused.text, "what was typed stays"
    graded = arena.manager.post(
        "/desk/verdict", data=pair | VERDICT | {"chain": "equipment"}, follow_redirects=False
    )
    assert graded.status_code == 303
    judged = f"need={pair['need_id']}&achievement={pair['achievement_id']}"
    assert graded.headers["location"].startswith("/desk")
    assert judged not in graded.headers["location"]
    assert judged.replace("&", "&amp;") not in arena.manager.get("/desk").text
    (stored,) = arena.manager.get("/api/verdicts", params=pair).json()
    assert (stored["grade"], stored["reason_code"], stored["judge"]) == (2, "too_early", "经理人甲")
    again = arena.manager.get(**pair_url(pair)).text
    assert re.search(r'value="2" checked', again)


def test_a_case_is_opened_worked_on_and_shown_on_board_and_list(
    arena: Arena, pair: dict[str, str]
) -> None:
    opened = arena.manager.post("/desk/cases", data=pair)
    url = opened.url.path
    assert url.startswith("/desk/cases/C")
    assert arena.manager.post("/desk/cases", data=pair).url.path == url, "one case a pair"

    def step(event: str, **more: str) -> Any:
        shown = arena.manager.get(url).text
        found = re.search(rf'id="step-{event}">.*?name="version" value="(\d+)"', shown, re.DOTALL)
        assert found, f"no step {event}"
        data = {"event": event, "version": found[1]} | more
        return arena.manager.post(f"{url}/steps", data=data)

    for event in ("verify_need", "verify_supply", "recommend", "contact", "meet", "negotiate"):
        assert step(event).status_code == 200
    assert "合同金额没有填" in step("sign", kind="licence", signed_on="2026-11-20").text
    signed = step("sign", kind="licence", signed_on="2026-11-20", amount_wan="60")
    assert "技术许可" in signed.text
    assert "60 万元" in signed.text
    title = NEED["title"]
    for view in ("board", "list"):
        shown = arena.manager.get("/desk/cases", params={"view": view, "mine": "true"}).text
        assert url in shown
        assert title in shown
        assert "签约" in shown
    assert url not in arena.manager.get("/desk/cases", params={"chain": "battery"}).text
    lost = step("lose", reason_code="price", reason="报价高")
    assert "价格：报价高" in lost.text


def test_a_summary_that_somebody_else_changed_is_refused_with_both_texts(
    arena: Arena, pair: dict[str, str]
) -> None:
    url = arena.manager.post("/desk/cases", data=pair).url.path
    shown = arena.manager.get(url).text
    found = re.search(r'/summary">.*?name="version" value="(\d+)"', shown, re.DOTALL)
    assert found
    version = {"version": found[1]}
    admin = arena.people[Role.ADMIN]
    assert admin.post(f"{url}/summary", data=version | {"summary": "甲写的摘要"}).status_code == 200
    mine = arena.manager.post(f"{url}/summary", data=version | {"summary": "乙写的摘要"})
    assert mine.status_code == 409
    assert "甲写的摘要" in mine.text.partition('id="refused"')[2].partition("</article>")[0]
    assert re.search(r"<textarea name=\"summary\"[^>]*>乙写的摘要", mine.text)
    assert "甲写的摘要" in arena.manager.get(url).text


def test_todos_are_added_put_off_and_done(arena: Arena, pair: dict[str, str]) -> None:
    url = arena.manager.post("/desk/cases", data=pair).url.path
    bad = arena.manager.post(f"{url}/todos", data={"text": "约会面", "due": "明天"})
    assert bad.status_code == 422
    assert "截止日没有填" in bad.text
    assert arena.manager.post(f"{url}/todos", data={"text": "约会面", "due": "2020-01-01"})
    shown = arena.manager.get("/desk/todos").text
    assert "已过期" in shown
    found = re.search(r'name="id" value="(T\w+)"><input[^>]*value="(\d+)">', shown)
    assert found
    data = {"id": found[1], "version": found[2], "text": "约会面", "due": "2030-01-01"}
    assert "已过期" not in arena.manager.post("/desk/todos", data=data | {"done": "no"}).text
    stale = arena.manager.post("/desk/todos", data=data | {"done": "yes"})
    assert stale.status_code == 409
    data["version"] = str(int(found[2]) + 1)
    assert found[1] not in arena.manager.post("/desk/todos", data=data | {"done": "yes"}).text
