"""The pages of 揭榜挂帅 as each role gets them: what is shown, what is hidden, what a refusal keeps."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from typing import Any

from matcher.listing import Kind
from service.access import Role
from service.web.forms import BEIJING
from tests.api.bounty_people import BID, TASK, Arena, publish
from tests.api.test_api import NEED

BID_FORM = BID | {"indicators": "轴封寿命：≥ 100 天", "ip_ownership": "shared"}


def at(seconds: float) -> str:
    """What a browser sends for a moment in so many seconds, in Beijing time."""
    return (datetime.now(BEIJING) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%f")


def step(client: Any, url: str, event: str, **more: Any) -> Any:
    """Press the button of a step on the page of a task."""
    shown = client.get(url).text
    found = re.search(rf'id="step-{event}">.*?name="version" value="(\d+)"', shown, re.DOTALL)
    assert found, f"no step {event}"
    answer = client.post(f"{url}/steps", data={"event": event, "version": found[1]} | more)
    assert answer.status_code == 200, answer.text
    assert 'id="refused"' not in answer.text
    return answer


def reviewed(arena: Arena, url: str) -> list[str]:
    """Both bids scored by the expert in the pages; a form that lacks something is kept."""
    bids = re.findall(r"/bids/(D\w+)", arena.expert.get(url).text)
    assert len(bids) == 2
    scores = {"score-feasibility": "80", "score-indicators": "70", "score-team": "90"}
    short = arena.expert.post(f"/bids/{bids[0]}/review", data=scores | {"advance": "yes"})
    assert short.status_code == 422
    assert "经费与周期合理性" in short.text
    assert 'value="80"' in short.text, "what was typed stays"
    for bid in bids:
        full = scores | {"score-economy": "60", "advance": "yes"}
        assert "74.5 分，赞成" in arena.expert.post(f"/bids/{bid}/review", data=full).text
    return bids


def test_a_task_walks_through_the_pages(arena: Arena) -> None:
    need = arena.owner.post("/api/needs", json=NEED).json()
    publish(arena, Kind.NEED, need)
    form = arena.owner.get("/bounties/new", params={"need": need["id"]})
    assert NEED["title"] in form.text
    bad = arena.owner.post("/bounties/new", data={"need_id": need["id"], "title": "榜"})
    assert bad.status_code == 422
    assert "任务说明没有填" in bad.text
    made = arena.owner.post("/bounties/new", data=TASK | {"need_id": need["id"]})
    assert made.status_code == 200, made.text
    url = made.url.path
    step(arena.owner, url, "submit")
    for event in ("recommend", "screen", "argue", "post"):
        step(arena.manager, url, event)
    step(arena.manager, url, "open_bidding", until=at(5))
    assert TASK["title"] in arena.people[None].get("/bounties").text

    assert "揭榜" in arena.first.get(url).text
    handed = arena.first.post(f"{url}/bid", data=BID_FORM)
    assert "第 1 版" in handed.text
    arena.second.post(f"{url}/bid", data=BID_FORM | {"price_wan": "70"})
    for client in (arena.owner, arena.second, arena.people[None]):
        assert BID["team"] not in client.get(url).text.replace("机械密封课题组六人</textarea>", "")
    named = arena.manager.post(f"{url}/reviewers", data={"logins": "expert@test.example"})
    assert "expert@test.example" in named.text
    time.sleep(5.1)
    step(arena.manager, url, "dock")
    step(arena.manager, url, "review")

    bids = reviewed(arena, url)
    step(arena.manager, url, "shortlist", bid_ids=bids)
    step(arena.manager, url, "publicise", bid_ids=[bids[0]], until=at(4))
    assert "拟中榜" in arena.people[None].get(url).text
    objected = arena.second.post(f"{url}/objections", data={"text": "指标口径不一致"})
    assert "指标口径不一致" in objected.text
    number = re.search(r'name="number" value="(\d+)"', arena.manager.get(url).text)
    assert number
    told = {"number": number[1], "answer": "口径见附件"}
    assert "口径见附件" in arena.manager.post(f"{url}/answers", data=told).text
    time.sleep(4.1)
    contract = {
        f"kind-{bids[0]}": "development",
        f"amount_wan-{bids[0]}": "60",
        f"signed_on-{bids[0]}": "2026-11-20",
        f"milestones-{bids[0]}": "台架试验 | 2027-03-01 | 20\n上线 ｜ 2027-08-01 ｜ 40",
    }
    step(arena.manager, url, "sign", **contract)
    step(arena.owner, url, "begin")
    for position in ("1", "2"):
        shown = arena.owner.get(url).text
        found = re.search(r'name="contract" value="(K\w+)"', shown)
        assert found
        data = {"contract": found[1], "position": position, "passed": "yes"}
        assert arena.owner.post(f"{url}/milestones", data=data).status_code == 200
    step(arena.manager, url, "accept")
    public = arena.people[None].get(url).text
    assert "中榜" in public
    assert "测试企业成员" not in public, "who took a step is for the sides"
    assert "测试企业成员" in arena.owner.get(url).text


def test_a_refusal_shows_what_somebody_else_made_of_it_and_keeps_what_was_typed(
    arena: Arena,
) -> None:
    id_ = arena.called()
    url = f"/bounties/{id_}"
    arena.bid(arena.first, id_)
    arena.bid(arena.first, id_, price_wan=41, version=1)
    answer = arena.first.post(f"{url}/bid", data=BID_FORM | {"version": "1", "price_wan": "59"})
    assert answer.status_code == 409
    refused = answer.text.partition('id="refused"')[2].partition("</article>")[0]
    assert "第 2 版" in refused
    assert "41" in refused
    assert 'value="59"' in answer.text
    stale = arena.owner.post(f"{url}/steps", data={"event": "withdraw", "version": "1"})
    assert stale.status_code == 409
    illegal = arena.owner.post(f"{url}/steps", data={"event": "pay", "version": "7"})
    assert illegal.status_code == 409
    assert "撤榜（withdraw）" in illegal.text


def test_texts_are_escaped_and_hidden_tasks_stay_hidden(arena: Arena) -> None:
    sly = "<script>alert(1)</script>渣浆泵轴封"
    id_ = arena.task(title=sly, brief=sly * 3)
    assert "<script>alert" not in arena.owner.get(f"/bounties/{id_}").text
    assert "&lt;script&gt;" in arena.owner.get("/bounties").text
    for client in (arena.people[None], arena.first, arena.people.rival, arena.people[Role.ANALYST]):
        assert client.get(f"/bounties/{id_}").status_code == 404
        assert id_ not in client.get("/bounties").text
