"""揭榜挂帅 over HTTP: the whole course, who sees what, conflicts, versions, modes."""

from __future__ import annotations

import json
import time

import pytest

from service.access import Role
from service.bounty.modes import MODES, Mode
from tests.api.bounty_people import BID, CONTRACT, SCORES, TASK, Arena, join, soon
from tests.api.people import add_person
from tests.api.test_api import problem


def test_a_task_goes_from_draft_to_the_end_with_every_step_in_its_history(arena: Arena) -> None:
    id_, first, second = arena.under_review()
    for expert, low in ((arena.expert, 0), (arena.manager, 5)):
        assert arena.score(expert, first).status_code == 200
        scores = {code: value - 20 - low for code, value in SCORES.items()}
        assert arena.score(expert, second, scores=scores, advance=False).status_code == 200
    ranking = arena.manager.get(f"/api/bounties/{id_}").json()["ranking"]
    assert [(line["bid_id"], line["rank"]) for line in ranking] == [(first, 1), (second, 2)]
    # 0.35·80 + 0.30·70 + 0.15·90 + 0.20·60
    assert ranking[0]["points"] == 74.5
    assert (ranking[1]["points"], ranking[1]["votes"]) == (52.0, 0)

    assert arena.fire(arena.manager, id_, "shortlist", bid_ids=[first]).status_code == 200
    out = arena.fire(arena.manager, id_, "publicise", bid_ids=[second], until=soon(60))
    assert "入围之内" in problem(out, 422)["detail"]
    notice = arena.fire(arena.manager, id_, "publicise", bid_ids=[first], until=soon(4.0))
    assert notice.status_code == 200, notice.text
    public = arena.people[None].get(f"/api/bounties/{id_}").json()
    assert [winner["organisation"] for winner in public["winners"]] == ["测试单位2"]
    early = arena.fire(arena.manager, id_, "sign", contracts={first: CONTRACT})
    assert "公示还没有结束" in problem(early, 409)["detail"]
    raised = arena.second.post(f"/api/bounties/{id_}/objections", json={"text": "指标口径不一致"})
    assert raised.status_code == 201, raised.text
    time.sleep(4.1)
    late = arena.second.post(f"/api/bounties/{id_}/objections", json={"text": "来晚了的异议"})
    assert "不在公示期" in problem(late, 409)["detail"]
    held = arena.fire(arena.manager, id_, "sign", contracts={first: CONTRACT})
    assert "没答复的异议" in problem(held, 409)["detail"]
    answer = f"/api/bounties/{id_}/objections/{raised.json()['id']}/answer"
    assert arena.manager.post(answer, json={"answer": "口径见附件三"}).status_code == 200
    missing = arena.fire(arena.manager, id_, "sign", contracts={})
    assert "都要有合同" in problem(missing, 422)["detail"]
    signed = arena.fire(arena.manager, id_, "sign", contracts={first: CONTRACT})
    assert signed.status_code == 200, signed.text

    (contract,) = signed.json()["contracts"]
    assert arena.fire(arena.owner, id_, "begin").status_code == 200
    assert arena.fire(arena.owner, id_, "reach_milestone").status_code == 200
    early = arena.fire(arena.manager, id_, "accept")
    assert "没有验收通过" in problem(early, 409)["detail"]
    part = f"/api/bounties/{id_}/contracts/{contract['id']}/milestones"
    assert arena.owner.post(f"{part}/1", json={"passed": True}).status_code == 200
    assert arena.fire(arena.owner, id_, "resume").status_code == 200
    assert arena.owner.post(f"{part}/2", json={"passed": False}).status_code == 200
    assert arena.fire(arena.manager, id_, "accept").status_code == 409
    assert arena.owner.post(f"{part}/2", json={"passed": True}).status_code == 200
    assert arena.move(id_, "accept", "pay", "close")["state"] == "closed"

    history = arena.owner.get(f"/api/bounties/{id_}/history").json()
    assert [entry["to"] for entry in history] == [
        "draft",
        "submitted",
        "recommended",
        "screened",
        "argued",
        "posted",
        "bidding",
        "docking",
        "reviewing",
        "shortlisted",
        "publicised",
        "signed",
        "running",
        "milestone",
        "running",
        "accepted",
        "paid",
        "closed",
    ]
    assert all(entry["actor"] and entry["at"] for entry in history)
    assert history[2]["reason"] == "测试"


def test_an_illegal_step_is_refused_with_the_legal_ones_named(arena: Arena) -> None:
    id_ = arena.task()
    told = problem(arena.fire(arena.owner, id_, "pay"), 409)
    assert told["legal"] == ["submit", "withdraw"]
    assert "提交申报（submit）" in told["cure"]
    assert problem(arena.fire(arena.owner, id_, "no_such_step"), 409)["state"] == "draft"
    told = problem(arena.fire(arena.owner, id_, "recommend"), 403)
    assert told["missing"] == {"side": ["desk"]}
    told = problem(arena.fire(arena.owner, id_, "withdraw", reason=" "), 422)
    assert "要说明理由" in told["detail"]
    assert arena.owner.get(f"/api/bounties/{id_}").json()["state"] == "draft"
    assert [h["event"] for h in arena.owner.get(f"/api/bounties/{id_}/history").json()] == [
        "create"
    ]


def test_a_step_that_fails_half_way_leaves_no_trace(arena: Arena) -> None:
    id_ = arena.called()
    told = problem(arena.fire(arena.manager, id_, "dock"), 409)
    assert "还没有截止" in told["detail"]
    assert arena.owner.get(f"/api/bounties/{id_}").json()["state"] == "bidding"
    assert arena.owner.get(f"/api/bounties/{id_}/history").json()[-1]["event"] == "open_bidding"
    assert arena.move(id_, "no_bid")["state"] == "no_bid"


def test_a_returned_task_is_mended_and_needs_the_version_that_was_read(arena: Arena) -> None:
    id_ = arena.task()
    read = arena.owner.get(f"/api/bounties/{id_}").json()
    task = TASK | {"need_id": read["need_id"], "title": "甲改的标题"}
    url = f"/api/bounties/{id_}"
    assert arena.owner.put(url, json={"version": read["version"], "task": task}).status_code == 200
    mine = task | {"title": "乙改的标题"}
    told = problem(arena.owner.put(url, json={"version": read["version"], "task": mine}), 409)
    assert told["type"].endswith("edited-meanwhile")
    assert (told["current"]["title"], told["version"]) == ("甲改的标题", read["version"] + 1)
    merged = arena.owner.put(url, json={"version": told["version"], "task": mine})
    assert merged.json()["title"] == "乙改的标题"
    assert arena.fire(arena.owner, id_, "submit").status_code == 200
    body = {"version": merged.json()["version"] + 1, "task": mine}
    assert "已提交" in problem(arena.owner.put(url, json=body), 409)["detail"]
    arena.move(id_, "send_back")
    body["version"] += 1
    assert arena.owner.put(url, json=body).status_code == 200
    other = TASK | {"need_id": read["need_id"]}
    assert id_ in problem(arena.owner.post("/api/bounties", json=other), 409)["detail"]


def test_a_task_is_made_only_for_a_need_of_ones_own(arena: Arena) -> None:
    id_ = arena.task()
    need = arena.owner.get(f"/api/bounties/{id_}").json()["need_id"]
    arena.move(id_, "withdraw")
    body = TASK | {"need_id": need}
    assert problem(arena.people.rival.post("/api/bounties", json=body), 403)["missing"]["owner"]
    problem(arena.owner.post("/api/bounties", json=body | {"owner_id": "O1"}), 422)
    problem(arena.owner.post("/api/bounties", json=body | {"state": "posted"}), 422)
    problem(arena.owner.post("/api/bounties", json=body | {"need_id": "nothing"}), 404)
    weights = [
        {"code": "a", "label": "甲", "weight": 60},
        {"code": "b", "label": "乙", "weight": 30},
    ]
    told = problem(arena.owner.post("/api/bounties", json=body | {"criteria": weights}), 422)
    assert "100" in told["errors"][0]["problem"]
    told = problem(arena.owner.post("/api/bounties", json=body | {"mode": "race"}), 422)
    assert "组织方式" in told["errors"][0]["problem"]


def test_nobody_sees_a_task_before_it_is_posted_but_its_owner_and_the_house(arena: Arena) -> None:
    id_ = arena.task()
    url = f"/api/bounties/{id_}"
    for role in (None, Role.INSTITUTE, Role.ANALYST, Role.ORGANISER):
        hidden = problem(arena.people[role].get(url), 404)
        nothing = problem(arena.people[role].get("/api/bounties/nothing"), 404)
        assert hidden["cure"] == nothing["cure"]
        assert id_ not in arena.people[role].get("/api/bounties").text
    problem(arena.people.rival.get(url), 404)
    for client in (arena.owner, arena.manager, arena.people[Role.ADMIN]):
        assert client.get(url).status_code == 200
        assert id_ in client.get("/api/bounties").text
    problem(arena.people.rival.post(f"{url}/steps", json={"event": "submit", "version": 1}), 404)
    problem(arena.first.put(f"{url}/bid", json=BID), 404)


def test_bids_are_seen_by_their_owner_and_after_closing_by_the_task_owner(arena: Arena) -> None:
    id_ = arena.called(4.0)
    secret = "只有本单位知道的螺旋角十七度"
    bid = arena.bid(arena.first, id_, plan=BID["plan"] + secret)
    url = f"/api/bids/{bid['id']}"
    assert arena.first.get(url).json()["plan"].endswith(secret)
    assert arena.manager.get(url).status_code == 200
    assert arena.manager.put(
        f"/api/bounties/{id_}/reviewers", json={"logins": ["expert@test.example"]}
    ).is_success
    outsiders = (arena.second, arena.people.rival, arena.people[Role.ORGANISER])
    for client in (arena.owner, arena.expert, *outsiders):
        problem(client.get(url), 404)
        assert secret not in client.get(f"/api/bounties/{id_}").text
    problem(arena.people[None].get(url), 401)
    told = problem(arena.owner.put(f"/api/bounties/{id_}/bid", json=BID), 403)
    assert "自己的榜" in told["detail"]
    time.sleep(4.1)
    closed = arena.first.put(f"/api/bounties/{id_}/bid", json=BID | {"version": 1})
    assert problem(closed, 409)["type"].endswith("bidding-closed")
    for client in (arena.owner, arena.expert):
        assert secret in client.get(url).text
        assert secret in client.get(f"/api/bounties/{id_}").text
    for client in outsiders:
        problem(client.get(url), 404)
        assert secret not in client.get(f"/api/bounties/{id_}").text
    arena.move(id_, "dock", "no_bid")
    assert arena.owner.get(f"/api/bounties/{id_}").json()["state"] == "no_bid"


def test_one_bid_for_each_organisation_changed_with_its_version_and_withdrawn(
    arena: Arena,
) -> None:
    id_ = arena.called()
    bid = arena.bid(arena.first, id_)
    url = f"/api/bounties/{id_}/bid"
    told = problem(arena.first.put(url, json=BID | {"price_wan": 1}), 409)
    assert told["current"]["price_wan"] == 60
    changed = arena.bid(arena.first, id_, price_wan=55, version=bid["version"])
    assert (changed["id"], changed["price_wan"], changed["version"]) == (bid["id"], 55, 2)
    problem(arena.first.delete(url, params={"version": 1}), 409)
    assert arena.first.delete(url, params={"version": 2}).status_code == 204
    problem(arena.first.delete(url, params={"version": 3}), 404)
    assert arena.bid(arena.first, id_)["withdrawn"] is False
    for broken in ({"indicators": []}, {"price_wan": -1}, {"term_months": 0}, {"plan": "短"}):
        problem(arena.second.put(url, json=BID | broken), 422)
    problem(arena.second.put(url, json=BID | {"organisation_id": "O1"}), 422)


def test_people_with_an_interest_do_not_review(arena: Arena) -> None:
    add_person(arena.people.office, "insider@test.example", Role.INSTITUTE, "91")
    insider = join(arena.people, "insider@test.example")
    id_ = arena.called(4.0)
    bids = [arena.bid(client, id_)["id"] for client in (arena.first, arena.second)]
    url = f"/api/bounties/{id_}/reviewers"
    for login, why in (
        ("institute@test.example", "揭榜单位"),
        ("enterprise@test.example", "发榜单位"),
        ("nobody@test.example", "没有这些用户"),
    ):
        told = problem(arena.manager.put(url, json={"logins": [login]}), 422)
        assert why in told["detail"]
    logins = ["insider@test.example", "expert@test.example", "manager@test.example"]
    assert arena.manager.put(url, json={"logins": logins}).status_code == 200
    # the insider's own institute bids after they were asked to review
    own = arena.bid(insider, id_)["id"]
    declared = {"bid_id": bids[0], "reason": "课题组有合作"}
    assert arena.expert.post(f"/api/bounties/{id_}/conflicts", json=declared).status_code == 201
    problem(arena.second.post(f"/api/bounties/{id_}/conflicts", json=declared), 403)
    time.sleep(4.1)
    arena.move(id_, "dock", "review")
    problem(insider.get(f"/api/bids/{bids[0]}"), 404)
    problem(arena.score(insider, bids[0]), 404)
    assert problem(arena.score(insider, own), 403)["detail"].endswith("属于揭榜单位")
    problem(arena.expert.get(f"/api/bids/{bids[0]}"), 404)
    problem(arena.score(arena.expert, bids[0]), 404)
    assert arena.score(arena.expert, bids[1]).status_code == 200
    assert arena.score(arena.manager, bids[0]).status_code == 200
    # a conflict that is declared later takes the score back
    whole = {"reason": "亲属任职"}
    assert arena.expert.post(f"/api/bounties/{id_}/conflicts", json=whole).status_code == 201
    lines = arena.manager.get(f"/api/bounties/{id_}").json()["ranking"]
    assert {line["bid_id"]: line["reviews"] for line in lines} == {
        bids[0]: 1,
        bids[1]: 0,
        own: 0,
    }
    told = problem(arena.fire(arena.manager, id_, "shortlist", bid_ids=[bids[1]]), 409)
    assert "还没有有效评审" in told["detail"]


def test_a_review_is_changed_with_its_version_and_has_all_criteria(arena: Arena) -> None:
    _, first, _ = arena.under_review()
    assert arena.score(arena.expert, first).json()["version"] == 1
    told = problem(arena.score(arena.expert, first, advance=False), 409)
    assert told["current"]["advance"] is True
    assert arena.score(arena.expert, first, advance=False, version=1).json()["version"] == 2
    short = {"feasibility": 80, "luck": 100}
    told = problem(arena.score(arena.manager, first, scores=short), 422)
    assert {e["field"] for e in told["errors"]} == {
        "scores.indicators",
        "scores.team",
        "scores.economy",
        "scores.luck",
    }
    problem(arena.score(arena.manager, first, scores=SCORES | {"team": 101}), 422)
    shown = arena.expert.get(f"/api/bids/{first}").json()["own_review"]
    assert (shown["advance"], shown["points"]) == (False, 74.5)


def test_a_sustained_objection_reopens_the_review(arena: Arena) -> None:
    id_, first, second = arena.under_review()
    for bid in (first, second):
        assert arena.score(arena.expert, bid).status_code == 200
    lines = arena.manager.get(f"/api/bounties/{id_}").json()["ranking"]
    assert [line["rank"] for line in lines] == [1, 1], "equal bids have equal ranks"
    assert arena.fire(arena.manager, id_, "shortlist", bid_ids=[first, second]).is_success
    told = arena.fire(arena.manager, id_, "publicise", bid_ids=[first, second], until=soon(60))
    assert "最多 1 个" in problem(told, 422)["cure"]
    assert arena.fire(arena.manager, id_, "publicise", bid_ids=[first], until=soon(60)).is_success
    assert arena.move(id_, "reopen")["state"] == "reviewing"
    assert not any(
        bid["awarded"] for bid in arena.manager.get(f"/api/bounties/{id_}").json()["bids"]
    )


def test_a_directed_task_skips_the_call_and_only_its_institute_knows_of_it(arena: Arena) -> None:
    partner = arena.first.get("/api/me").json()["organisation_id"]
    id_ = arena.task(mode="directed", invited=[partner])
    url = f"/api/bounties/{id_}"
    assert arena.fire(arena.owner, id_, "submit").status_code == 200
    arena.move(id_, "recommend", "screen", "argue")
    problem(arena.first.get(url), 404)
    arena.move(id_, "post")
    told = problem(arena.fire(arena.manager, id_, "open_bidding", until=soon(60)), 409)
    assert told["legal"] == ["dock", "withdraw", "no_bid"]
    arena.move(id_, "dock")
    problem(arena.second.put(f"{url}/bid", json=BID), 404)
    problem(arena.second.get(url), 404)
    assert id_ in arena.first.get("/api/bounties").text
    assert id_ not in arena.second.get("/api/bounties").text
    bid = arena.bid(arena.first, id_)
    assert arena.owner.get(f"/api/bids/{bid['id']}").status_code == 200
    logins = {"logins": ["expert@test.example"]}
    assert arena.manager.put(f"{url}/reviewers", json=logins).status_code == 200
    assert arena.move(id_, "review")["state"] == "reviewing"
    body = TASK | {"mode": "directed", "need_id": "x"}
    told = problem(arena.owner.post("/api/bounties", json=body), 422)
    assert "受邀单位" in told["errors"][0]["problem"]


def test_a_further_mode_is_a_row_of_the_table(
    arena: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    """赛马制: several winners run at once, and a failed milestone ends one of them."""
    monkeypatch.setitem(MODES, "race", Mode("race", awards=2, cut=True))
    id_ = arena.called(4.0, mode="赛马制")
    bids = [arena.bid(client, id_)["id"] for client in (arena.first, arena.second)]
    logins = {"logins": ["expert@test.example"]}
    assert arena.manager.put(f"/api/bounties/{id_}/reviewers", json=logins).status_code == 200
    time.sleep(4.1)
    arena.move(id_, "dock", "review")
    for bid in bids:
        assert arena.score(arena.expert, bid).status_code == 200
    assert arena.fire(arena.manager, id_, "shortlist", bid_ids=bids).is_success
    assert arena.fire(arena.manager, id_, "publicise", bid_ids=bids, until=soon(3.0)).is_success
    time.sleep(3.1)
    signed = arena.fire(arena.manager, id_, "sign", contracts=dict.fromkeys(bids, CONTRACT))
    assert signed.status_code == 200, signed.text
    lost, won = (contract["id"] for contract in signed.json()["contracts"])
    arena.move(id_, "begin", "reach_milestone")
    part = f"/api/bounties/{id_}/contracts"
    assert arena.owner.post(f"{part}/{lost}/milestones/1", json={"passed": False}).is_success
    for position in (1, 2):
        assert arena.owner.post(f"{part}/{won}/milestones/{position}", json={"passed": True})
    assert arena.move(id_, "accept")["state"] == "accepted"


@pytest.mark.parametrize("until", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "x"])
def test_a_moment_that_cannot_be_is_refused(arena: Arena, until: str) -> None:
    id_ = arena.task()
    problem(arena.fire(arena.manager, id_, "open_bidding", until=until), 422)
    page = arena.manager.post(
        f"/bounties/{id_}/steps",
        data={"event": "open_bidding", "version": "1", "until": until.partition("+")[0]},
    )
    assert page.status_code in (409, 422)


@pytest.mark.parametrize("odd", ["\ud800", "a\x00b"])
def test_characters_that_no_database_takes_are_refused(arena: Arena, odd: str) -> None:
    admin, kind = arena.people[Role.ADMIN], {"Content-Type": "application/json"}
    offer = {"achievement_id": odd, "title": "标题甲", "brief": "说明" * 9}
    for path, body in (
        ("bounties", TASK | {"need_id": odd}),
        ("bounties", TASK | {"need_id": "x", "mode": "directed", "invited": [odd]}),
        ("offers", offer),
        ("cases", {"need_id": odd, "achievement_id": "x"}),
    ):
        # the client itself would refuse to send a lone surrogate unescaped
        sent = admin.post(f"/api/{path}", content=json.dumps(body), headers=kind)
        problem(sent, 422)
