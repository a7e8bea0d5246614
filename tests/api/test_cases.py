"""The broker's desk over HTTP: what sides say of a pair, queue, cases, to-dos, agreement."""

from __future__ import annotations

import mailbox
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from matcher.listing import Kind
from service.access import Role
from service.accounts.mail import Mailer
from service.cases import reminders
from tests.api.bounty_people import CONTRACT, Arena, alike, join, publish
from tests.api.people import add_person
from tests.api.test_api import BATTERY, matches, problem

DECLINE = {"interested": False, "reason_code": "too_early", "note": "还在小试"}


def posted(client: TestClient, plural: str, body: dict[str, Any]) -> dict[str, Any]:
    made = client.post(f"/api/{plural}", json=body)
    assert made.status_code == 201, made.text
    return dict(made.json())


@pytest.fixture
def pair(arena: Arena) -> tuple[str, str, int]:
    """A fresh published need and achievement, and the change after both."""
    wanted, offered = alike()
    need = posted(arena.owner, "needs", wanted)
    achievement = posted(arena.first, "achievements", offered)
    publish(arena, Kind.NEED, need)
    return need["id"], achievement["id"], publish(arena, Kind.ACHIEVEMENT, achievement)


def stance(client: TestClient, plural: str, id_: str, other: str, **body: Any) -> Any:
    return client.put(f"/api/{plural}/{id_}/matches/{other}/stance", json=body)


def test_a_declined_pair_disappears_for_both_sides_with_its_reason(
    arena: Arena, pair: tuple[str, str, int]
) -> None:
    need, seal, seq = pair
    assert seal in matches(arena.owner, "needs", need, min_seq=seq, top_k=100)
    told = problem(stance(arena.owner, "needs", need, seal, interested=False), 422)
    assert "谢绝要说明原因" in told["errors"][0]["problem"]
    said = stance(arena.owner, "needs", need, seal, **DECLINE)
    assert said.status_code == 200, said.text
    assert seal not in matches(arena.owner, "needs", need, top_k=100)
    assert need not in matches(arena.first, "achievements", seal, top_k=100)
    shown = arena.owner.get(f"/needs/{need}").text.partition("matches-title")[2]
    assert seal not in shown.partition('id="declined"')[0]
    why = arena.first.get(f"/api/achievements/{seal}/matches/{need}").json()
    assert why["rank"] is None
    assert why["failed_filters"] == [{"filter": "excluded", "label": "一方已谢绝"}]
    for client, url in ((arena.owner, f"needs/{need}"), (arena.first, f"achievements/{seal}")):
        (heard,) = client.get(f"/api/{url}/stances").json()
        assert (heard["side"], heard["reason"], heard["note"]) == ("need", "成熟度不足", "还在小试")
    stale = problem(stance(arena.owner, "needs", need, seal, interested=True), 409)
    assert stale["current"]["reason_code"] == "too_early"
    back = stance(arena.owner, "needs", need, seal, interested=True, version=1)
    assert back.status_code == 200
    assert seal in matches(arena.owner, "needs", need, top_k=100)


def test_the_page_of_a_record_lists_what_was_declined_and_why(
    arena: Arena, pair: tuple[str, str, int]
) -> None:
    need, seal, seq = pair
    matches(arena.owner, "needs", need, min_seq=seq)
    url = f"/needs/{need}"
    form = {"other_id": seal, "note": "寿命不够", "reason_code": "benefit_unclear"}
    gone = arena.owner.post(f"{url}/stance", data=form | {"interested": "no"})
    assert "本单位谢绝：优势不明（寿命不够）" in gone.text
    assert "对方谢绝：优势不明" in arena.first.get(f"/achievements/{seal}").text
    for outsider in (arena.people[None], arena.first, arena.people.rival):
        assert "寿命不够" not in outsider.get(url).text
    again = {"other_id": seal, "interested": "yes", "version": "1"}
    assert "已谢绝" not in arena.owner.post(f"{url}/stance", data=again).text.partition("<h1>")[2]


def test_only_the_side_itself_and_the_house_speak_for_it(
    arena: Arena, pair: tuple[str, str, int]
) -> None:
    need, seal, _ = pair
    assert stance(arena.people.rival, "needs", need, seal, interested=True).status_code == 403
    assert stance(arena.first, "needs", need, seal, interested=True).status_code == 403
    assert stance(arena.second, "achievements", seal, need, interested=True).status_code == 403
    assert arena.people.rival.get(f"/api/needs/{need}/stances").status_code == 403
    problem(stance(arena.owner, "needs", need, "nothing", interested=True), 404)
    draft = posted(arena.second, "achievements", BATTERY | {"status": "draft"})
    problem(stance(arena.owner, "needs", need, draft["id"], interested=True), 404)
    assert stance(arena.manager, "needs", need, seal, interested=True).status_code == 200


def test_interest_of_both_sides_opens_a_lead(arena: Arena, pair: tuple[str, str, int]) -> None:
    need, seal, _ = pair
    assert stance(arena.owner, "needs", need, seal, interested=True).json()["mutual"] is False
    told = stance(arena.first, "achievements", seal, need, interested=True)
    assert told.json()["mutual"] is True
    (case,) = [c for c in arena.manager.get("/api/cases").json() if c["need_id"] == need]
    assert (case["state"], case["achievement_id"], case["manager"]) == ("lead", seal, None)
    whole = arena.manager.get(f"/api/cases/{case['id']}").json()
    assert [s["event"] for s in whole["steps"]] == ["claim"]
    assert sorted(s["side"] for s in whole["stances"]) == ["achievement", "need"]


def queue(client: TestClient, **params: Any) -> list[tuple[str, str]]:
    answer = client.get("/api/desk/queue", params=params)
    assert answer.status_code == 200, answer.text
    return [(item["need_id"], item["achievement_id"]) for item in answer.json()["items"]]


def test_the_queue_has_pairs_by_chain_and_region_that_nobody_settled(
    arena: Arena, pair: tuple[str, str, int]
) -> None:
    need, seal, seq = pair
    matches(arena.owner, "needs", need, min_seq=seq)  # waits for the index
    params = {"chain": "先进装备", "region": "攀枝花"}
    items = arena.manager.get("/api/desk/queue", params=params).json()["items"]
    assert (need, seal) in [(i["need_id"], i["achievement_id"]) for i in items]
    assert {(i["chain"], i["region"]) for i in items} == {("equipment", "510400")}
    scores = [item["score"] for item in items]
    assert scores == sorted(scores, reverse=True)
    assert queue(arena.manager, chain="battery") == []
    seen: list[tuple[str, str]] = []
    after = ""
    while True:
        page = arena.manager.get("/api/desk/queue", params={"needs": 1, "after": after}).json()
        seen += [(item["need_id"], item["achievement_id"]) for item in page["items"]]
        after = page["next_after"]
        if after is None:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == set(queue(arena.manager))
    verdict = {"need_id": need, "achievement_id": seal, "grade": 2, "judge": "经理人"}
    assert arena.manager.post("/api/verdicts", json=verdict).status_code == 201
    assert (need, seal) not in queue(arena.manager)
    assert (need, seal) in queue(arena.people[Role.ADMIN])
    body = {"need_id": need, "achievement_id": seal}
    assert arena.manager.post("/api/cases", json=body).status_code == 201
    assert (need, seal) not in queue(arena.people[Role.ADMIN])
    for role in (Role.ENTERPRISE, Role.INSTITUTE, Role.ANALYST, Role.ORGANISER):
        problem(arena.people[role].get("/api/desk/queue"), 403)


def opened(arena: Arena, pair: tuple[str, str, int]) -> dict[str, Any]:
    body = {"need_id": pair[0], "achievement_id": pair[1], "summary": "初谈", "claim": True}
    made = arena.manager.post("/api/cases", json=body)
    assert made.status_code == 201, made.text
    return dict(made.json())


def fire(client: TestClient, id_: str, event: str, **more: Any) -> Any:
    version = client.get(f"/api/cases/{id_}").json()["version"]
    return client.post(f"/api/cases/{id_}/steps", json={"event": event, "version": version} | more)


def test_a_case_goes_from_lead_to_done(arena: Arena, pair: tuple[str, str, int]) -> None:
    case = opened(arena, pair)
    assert (case["state"], case["manager"]) == ("claimed", "测试技术经理人")
    again = {"need_id": pair[0], "achievement_id": pair[1]}
    assert problem(arena.manager.post("/api/cases", json=again), 409)["case_id"] == case["id"]
    told = problem(fire(arena.manager, case["id"], "sign"), 409)
    assert told["legal"] == ["verify_need", "release", "lose"]
    for event in ("verify_need", "verify_supply", "recommend", "contact", "meet", "negotiate"):
        moved = fire(arena.manager, case["id"], event)
        assert moved.status_code == 200, moved.text
    assert "合同信息" in problem(fire(arena.manager, case["id"], "sign"), 422)["detail"]
    assert arena.manager.get(f"/api/cases/{case['id']}").json()["state"] == "negotiating"
    signed = fire(arena.manager, case["id"], "sign", contract=CONTRACT | {"milestones": []})
    assert signed.json()["contract"]["amount_wan"] == 60
    problem(fire(arena.manager, case["id"], "register"), 422)
    for event in ("register", "deliver", "finish"):
        moved = fire(arena.manager, case["id"], event, registration="2026510001")
        assert moved.status_code == 200, moved.text
    assert moved.json()["contract"]["registration"] == "2026510001"
    history = arena.manager.get(f"/api/cases/{case['id']}/history").json()
    assert [entry["to"] for entry in history][-3:] == ["registered", "delivering", "done"]
    assert all(entry["actor"] == "测试技术经理人" for entry in history)


def test_a_lost_case_has_a_reason_code_and_can_be_taken_up_again(
    arena: Arena, pair: tuple[str, str, int]
) -> None:
    id_ = opened(arena, pair)["id"]
    assert "too_early" in problem(fire(arena.manager, id_, "lose"), 422)["cure"]
    lost = fire(arena.manager, id_, "lose", reason_code="价格", reason="报价高一倍")
    assert (lost.json()["state"], lost.json()["lost_reason"]) == ("lost", "price")
    history = arena.manager.get(f"/api/cases/{id_}/history").json()
    assert history[-1]["reason"] == "价格：报价高一倍"
    back = fire(arena.manager, id_, "reopen", reason="报价降了")
    assert (back.json()["state"], back.json()["lost_reason"]) == ("claimed", None)


def test_concurrent_edits_are_detected_and_nothing_is_lost(
    arena: Arena, pair: tuple[str, str, int]
) -> None:
    case = opened(arena, pair)
    url, version = f"/api/cases/{case['id']}", case["version"]
    first = arena.manager.put(url, json={"version": version, "summary": "甲写的"})
    assert first.status_code == 200
    told = problem(
        arena.people[Role.ADMIN].put(url, json={"version": version, "summary": "乙写的"}), 409
    )
    assert (told["current"]["summary"], told["version"]) == ("甲写的", version + 1)
    assert arena.manager.get(url).json()["summary"] == "甲写的"
    step = {"event": "verify_need", "version": version}
    problem(arena.manager.post(f"{url}/steps", json=step), 409)
    assert arena.manager.get(url).json()["state"] == "claimed"


def test_a_case_belongs_to_whoever_claimed_it_until_it_is_handed_over(
    arena: Arena, pair: tuple[str, str, int]
) -> None:
    add_person(arena.people.office, "colleague@test.example", Role.MANAGER, None)
    colleague = join(arena.people, "colleague@test.example")
    case = opened(arena, pair)
    url = f"/api/cases/{case['id']}"
    assert problem(fire(colleague, case["id"], "verify_need"), 403)["missing"]["owner"]
    problem(colleague.put(url, json={"version": case["version"], "summary": "x"}), 403)
    to = {"version": case["version"], "login": "enterprise@test.example"}
    problem(arena.manager.put(f"{url}/manager", json=to), 422)
    to["login"] = "colleague@test.example"
    assert arena.manager.put(f"{url}/manager", json=to).status_code == 200
    assert fire(colleague, case["id"], "verify_need").status_code == 200
    assert case["id"] in [c["id"] for c in colleague.get("/api/cases?mine=true").json()]
    assert case["id"] not in [c["id"] for c in arena.manager.get("/api/cases?mine=true").json()]


def test_todos_are_due_are_mailed_once_and_are_ones_own(
    arena: Arena, pair: tuple[str, str, int]
) -> None:
    case = opened(arena, pair)
    url = f"/api/cases/{case['id']}/todos"
    yesterday, later = date.today() - timedelta(days=1), date.today() + timedelta(days=30)
    body = {"text": "约双方开会，保密内容甲", "due": str(yesterday)}
    todo = arena.manager.post(url, json=body).json()
    assert (todo["overdue"], todo["done"]) == (True, False)
    assert arena.manager.post(url, json={"text": "回访", "due": str(later)}).status_code == 201
    assert problem(arena.people[Role.ADMIN].put(f"/api/todos/{todo['id']}", json={}), 422)
    change = body | {"version": 1}
    problem(arena.people[Role.ADMIN].put(f"/api/todos/{todo['id']}", json=change), 404)
    mine = arena.manager.get("/api/todos", params={"until": str(date.today())}).json()
    assert todo["id"] in [row["id"] for row in mine]

    context = arena.people.app.state.context
    mailer = Mailer(context.settings)
    due = date.today() + timedelta(days=1)
    assert reminders.send(context.engine, mailer, "http://desk.example", due) == 1
    assert reminders.send(context.engine, mailer, "http://desk.example", due) == 0
    letters = [m for m in mailbox.Maildir(context.settings.mailbox_dir) if "待办" in _subject(m)]
    (letter,) = letters
    text = letter.get_payload(decode=True).decode()
    assert case["id"] in text
    assert "保密内容甲" not in text

    done = arena.manager.put(f"/api/todos/{todo['id']}", json=change | {"done": True})
    assert done.json()["done"] is True
    assert problem(arena.manager.put(f"/api/todos/{todo['id']}", json=change), 409)["current"]
    assert todo["id"] not in arena.manager.get("/api/todos").text
    assert todo["id"] in arena.manager.get("/api/todos?done=true").text


def _subject(message: Any) -> str:
    from email.header import decode_header, make_header

    return str(make_header(decode_header(message["Subject"])))


def test_agreement_of_judges_and_pooled_qrels(arena: Arena, pair: tuple[str, str, int]) -> None:
    need, seal, _ = pair
    second = posted(arena.first, "achievements", BATTERY)["id"]
    for judge, grades in (("评委甲", (3, 0)), ("评委乙", (3, 0)), ("评委丙", (0, 3))):
        for achievement, grade in zip((seal, second), grades, strict=True):
            body = {"need_id": need, "achievement_id": achievement, "grade": grade, "judge": judge}
            assert arena.manager.post("/api/verdicts", json=body).status_code == 201
    found = arena.people[Role.ANALYST].get("/api/verdicts/agreement").json()
    by = {tuple(one["judges"]): one["kappa"] for one in found["judges"]}
    assert by["评委乙", "评委甲"] == 1.0
    assert by["评委丙", "评委甲"] == -1.0
    qrels = arena.people[Role.ANALYST].get("/api/verdicts/qrels").text.splitlines()
    assert f"{need}\t{seal}\t3" in qrels
    problem(arena.owner.get("/api/verdicts/agreement"), 403)
