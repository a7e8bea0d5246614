"""成果找市场: offers to takers, who sees an interest, and what is refused."""

from __future__ import annotations

import re
from typing import Any

from matcher.listing import Kind
from service.access import Role
from tests.api.bounty_people import CONTRACT, Arena, publish
from tests.api.test_api import SEAL, problem

OFFER = {
    "title": "端面织构机械密封征集承接方",
    "brief": "含砂介质用机械密封，寿命一百天以上，可以先装两台试用。",
}


def offered(arena: Arena, **changed: Any) -> str:
    record = arena.first.post("/api/achievements", json=SEAL).json()
    publish(arena, Kind.ACHIEVEMENT, record)
    body = OFFER | {"achievement_id": record["id"]} | changed
    made = arena.first.post("/api/offers", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def taken(arena: Arena, offer: str) -> str:
    made = arena.owner.post(f"/api/offers/{offer}/takes", json={"message": "想谈谈"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def go(client: Any, url: str, event: str, **more: Any) -> Any:
    version = client.get(url).json()["version"]
    return client.post(f"{url}/steps", json={"event": event, "version": version} | more)


def test_an_offer_is_made_of_ones_own_published_achievement_once(arena: Arena) -> None:
    draft = arena.first.post("/api/achievements", json=SEAL | {"status": "draft"}).json()
    body = OFFER | {"achievement_id": draft["id"]}
    assert "没有发布" in problem(arena.first.post("/api/offers", json=body), 409)["detail"]
    problem(arena.second.post("/api/offers", json=body), 404)
    id_ = offered(arena)
    body["achievement_id"] = arena.first.get(f"/api/offers/{id_}").json()["achievement_id"]
    assert problem(arena.second.post("/api/offers", json=body), 403)["missing"]["owner"]
    assert id_ in problem(arena.first.post("/api/offers", json=body), 409)["detail"]
    problem(arena.owner.post("/api/offers", json=body), 403)
    trial = problem(arena.first.post("/api/offers", json=body | {"trial_months": 3}), 422)
    assert "付费触发条件" in trial["errors"][0]["problem"]


def test_an_interest_is_seen_by_both_sides_and_the_house_only(arena: Arena) -> None:
    offer = offered(arena)
    take = taken(arena, offer)
    url = f"/api/takes/{take}"
    assert take in problem(arena.owner.post(f"/api/offers/{offer}/takes", json={}), 409)["detail"]
    for client in (arena.owner, arena.first, arena.manager):
        assert client.get(url).status_code == 200
        assert take in client.get(f"/api/offers/{offer}").text
        assert client.get(f"{url}/history").json()[0]["to"] == "interest"
    for client in (arena.people.rival, arena.second):
        problem(client.get(url), 404)
        problem(client.get(f"{url}/history"), 404)
        problem(client.post(f"{url}/steps", json={"event": "withdraw", "version": 1}), 404)
        assert take not in client.get(f"/api/offers/{offer}").text
    problem(arena.people[Role.ANALYST].get(url), 403)


def test_each_side_takes_its_own_steps_and_the_price_is_that_of_the_contract(
    arena: Arena,
) -> None:
    offer = offered(arena)
    url = f"/api/takes/{taken(arena, offer)}"
    refused = problem(go(arena.owner, url, "price", price_wan=1), 403)
    assert refused["missing"] == {"side": ["owner", "desk"]}
    assert problem(go(arena.owner, url, "sign"), 409)["legal"] == [
        *("start_trial", "price", "decline", "withdraw")
    ]
    assert "试用期" in problem(go(arena.first, url, "start_trial"), 422)["detail"]
    assert "价格" in problem(go(arena.first, url, "price"), 422)["detail"]
    assert go(arena.first, url, "price", price_wan=50).json()["state"] == "priced"
    told = problem(go(arena.owner, url, "sign", contract=CONTRACT), 422)
    assert "50" in told["detail"]
    assert arena.owner.get(url).json()["state"] == "priced"
    assert go(arena.first, url, "price", price_wan=60).json()["price_wan"] == 60
    stale = {"event": "withdraw", "version": 1, "reason": "不要了"}
    assert problem(arena.owner.post(f"{url}/steps", json=stale), 409)["current"]["price_wan"] == 60
    problem(go(arena.owner, url, "withdraw"), 422)
    assert go(arena.owner, url, "withdraw", reason="不要了").json()["state"] == "withdrawn"


def test_a_closed_offer_takes_nobody_and_a_withdrawn_one_is_hidden(arena: Arena) -> None:
    offer = offered(arena)
    url = f"/api/offers/{offer}"
    assert go(arena.first, url, "close").json()["state"] == "closed"
    problem(arena.owner.get(url), 404)
    problem(arena.owner.post(f"{url}/takes", json={}), 404)
    assert go(arena.first, url, "reopen").json()["state"] == "posted"
    taken(arena, offer)
    assert go(arena.first, url, "withdraw", reason="转让完毕").json()["state"] == "withdrawn"
    assert arena.owner.get(url).status_code == 200, "whoever takes part still sees it"
    problem(arena.people[None].get(url), 404)
    assert offer not in arena.people[None].get("/api/offers").text


def test_the_pages_take_an_offer_from_listing_to_contract(arena: Arena) -> None:
    record = arena.first.post("/api/achievements", json=SEAL).json()
    publish(arena, Kind.ACHIEVEMENT, record)
    form = OFFER | {"achievement_id": record["id"], "trial_months": "3"}
    refused = arena.first.post("/offers/new", data=form)
    assert refused.status_code == 422
    assert "付费触发条件" in refused.text
    assert OFFER["brief"] in refused.text, "what was typed stays"
    made = arena.first.post("/offers/new", data=form | {"trial_trigger": "连续运转 90 天"})
    url = made.url.path
    assert OFFER["title"] in arena.people[None].get("/offers").text
    wanted = arena.owner.post(f"{url}/takes", data={"message": "想先试两台"})
    found = re.search(r"/takes/I\w+", wanted.text)
    assert found
    take = found[0]
    assert take not in arena.people.rival.get(url).text
    assert arena.people.rival.get(take).status_code == 404

    def step(client: Any, event: str, **more: str) -> Any:
        version = client.get(f"/api{take}").json()["version"]
        return client.post(f"{take}/steps", data={"event": event, "version": str(version)} | more)

    trial = step(arena.first, "start_trial", trial_months="3", trial_trigger="连续运转 90 天")
    assert "试用（先使用后付费）" in trial.text
    assert step(arena.owner, "price", price_wan="1").status_code == 403
    assert "60 万元" in step(arena.first, "price", price_wan="60").text
    unsigned = step(arena.owner, "sign", kind="licence")
    assert unsigned.status_code == 422
    contract = {"kind": "licence", "amount_wan": "60", "signed_on": "2026-11-20"}
    signed = step(arena.owner, "sign", **contract).text
    assert "已签约" in signed
    assert "测试企业成员" in signed, "the course names who took a step"
