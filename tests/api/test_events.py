"""Events over HTTP and on pages: hours and tables, matching, schedules, what is decided by hand, the wall."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.access import Role
from service.db import writing
from service.events.tables import EventAttendeeRow, EventWishRow
from tests.api.people import People
from tests.browser.records import ACHIEVEMENTS, NEEDS
from tests.events import EVENT, Gathering
from tests.server import jiebang

SECRET = {
    "achievement_id": "A-secret",
    "title": "渣浆泵轴封在线监测装置",
    "abstract": "在渣浆泵轴封处装声发射探头，提前三天预报泄漏，已在两家选厂运行。",
    "org": "不愿透露的研究所",
    "disclosure": "masked",
}


@pytest.fixture(scope="module")
def organiser(crowd: People) -> TestClient:
    """An organiser, over published records of the house."""
    load(crowd, "achievement", [*ACHIEVEMENTS, SECRET])
    load(crowd, "need", NEEDS)
    return crowd[Role.ORGANISER]


def load(crowd: People, kind: str, records: list[dict[str, Any]]) -> None:
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    answer = crowd[Role.ADMIN].post(
        "/api/imports", data={"kind": kind}, files={"file": ("r.jsonl", lines.encode())}
    )
    assert answer.json()["accepted"] == len(records), answer.text


def gathered(crowd: People, **changes: Any) -> Gathering:
    """Two enterprises and two institutes with a person each."""
    made = Gathering.create(crowd.app.state.context, **changes)
    made.party("选矿厂", "张工", needs=("N-pump",), region_code="510400", small=True)
    made.party("酒厂", "李工", needs=("N-cellar",))
    made.party("岷江所", "王研究员", achievements=("A-seal", "A-secret"))
    return made.party("微生物所", "赵研究员", achievements=("A-brew",))


def waited(client: TestClient, id_: str) -> dict[str, Any]:
    """The last schedule, once its process has ended."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        found = client.get(f"/api/events/{id_}/schedules").json()[0]
        if found["state"] != "solving":
            return dict(found)
        time.sleep(0.2)
    raise AssertionError("the solver does not end")


def planned(client: TestClient, id_: str, **asked: Any) -> dict[str, Any]:
    answer = client.post(f"/api/events/{id_}/schedules", json={"seconds": 20} | asked)
    assert answer.status_code == 202, answer.text
    found = waited(client, id_)
    assert found["state"] == "done", found
    return dict(client.get(f"/api/events/{id_}/schedules/{found['number']}").json())


def places(schedule: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(m["need_id"], m["achievement_id"]): m["begin"] for m in schedule["held"]}


def test_an_event_is_made_changed_and_refused(organiser: TestClient) -> None:
    made = organiser.post("/api/events", json=EVENT)
    assert made.status_code == 201, made.text
    event = made.json()
    assert event["slots"] == [
        f"2027-05-18T{t}" for t in ("09:00", "09:20", "09:40", "10:20", "10:40", "11:00")
    ]
    url = f"/api/events/{event['id']}"
    changed = organiser.put(url, json={"version": 1, "event": EVENT | {"slot_minutes": 30}})
    assert changed.json()["slots"] == [
        f"2027-05-18T{t}" for t in ("09:00", "09:30", "10:20", "10:50")
    ]
    stale = organiser.put(url, json={"version": 1, "event": EVENT})
    assert (stale.status_code, stale.json()["version"]) == (409, 2)
    for fault, told in (
        ({"periods": [["2027-05-18T10:00", "2027-05-18T09:00"]]}, "之后"),
        ({"periods": [["2027-05-18T09:00", "2027-05-19T09:00"]]}, "同一天"),
        ({"periods": [["2027-05-18T09:00", "2027-05-18T09:10"]]}, "时段"),
        ({"tables": [{"id": "1"}, {"id": "1"}]}, "重复"),
        ({"terms": {"caps": {"needs": {"per_listing": -1}}}}, ""),
        ({"name": "甲\n乙"}, "一行"),
        ({"tables": [{"id": "甲\n乙"}]}, "一行"),
        ({"periods": [["0202-05-18T09:00", "0202-05-18T10:00"]]}, "年份"),
    ):
        refused = organiser.post("/api/events", json=EVENT | fault)
        assert refused.status_code == 422
        assert told in refused.text
    assert organiser.get("/api/events/none").status_code == 404
    assert organiser.get(f"{url}/schedules/99999999999999999999").status_code == 422
    assert organiser.post(f"{url}/schedules", json={}).status_code == 409  # nothing to schedule


def test_an_event_that_was_never_published_can_be_deleted(
    crowd: People, organiser: TestClient
) -> None:
    gathering = gathered(crowd)
    gathering.schedule(("N-pump", "A-seal", "2027-05-18T09:00", "1号桌"), published=False)
    url = f"/api/events/{gathering.id}"
    assert organiser.delete(url).status_code == 204
    assert organiser.get(url).status_code == 404
    kept = gathered(crowd)
    kept.schedule(("N-pump", "A-seal", "2027-05-18T09:00", "1号桌"))
    refused = organiser.delete(f"/api/events/{kept.id}")
    assert (refused.status_code, "结束活动" in refused.text) == (409, True)
    assert organiser.get(f"/api/events/{kept.id}").status_code == 200
    fresh = organiser.post("/api/events", json=EVENT).json()["id"]
    form = {"csrf_token": token(organiser, f"/events/{fresh}")}
    gone = organiser.post(f"/events/{fresh}/delete", data=form, follow_redirects=False)
    assert gone.headers["location"] == "/events"
    assert fresh not in organiser.get("/events").text


def test_the_form_makes_the_same_event(crowd: People, organiser: TestClient) -> None:
    form = {
        "name": "校企双进",
        "place": "绵阳",
        "slot_minutes": "20",
        "periods": "2027-05-18 9:00-10:00\n2027/5/18 10：20 至 11:20",
        "tables": "1-2号桌 | A厅\n贵宾桌 | B厅 | 2027-05-18 9:30-10:30",
        "organisation_types": "企业：2",
        "needs_per_listing": "2",
        "csrf_token": token(organiser, "/events/new"),
    }
    made = organiser.post("/events/new", data=form, follow_redirects=False)
    assert made.status_code == 303, made.text
    event = organiser.get(f"/api{made.headers['location']}").json()
    assert event["slots"][0] == "2027-05-18T09:00"
    assert [t["id"] for t in event["tables"]] == ["1号桌", "2号桌", "贵宾桌"]
    assert event["tables"][2]["closed"] == [["2027-05-18T09:30", "2027-05-18T10:30"]]
    house = crowd[Role.MANAGER]
    stated = house.get(f"/api{made.headers['location']}/problem").json()["tables"]
    assert [table["closed"] for table in stated] == [
        [],
        [],
        ["2027-05-18T09:20", "2027-05-18T09:40", "2027-05-18T10:20"],
    ]
    assert event["terms"]["caps"]["needs"]["per_listing"] == 2
    assert list(event["terms"]["caps"]["organisation_types"].values()) == [2]
    page = organiser.get(made.headers["location"]).text
    assert "排得下 15 场" in page
    for odd in ({"tables": "\n".join(["1-999"] * 50)}, {"organisation_types": "企业：²"}):
        assert organiser.post("/events/new", data=form | odd).status_code == 422
    # what the form does not show stays as it was
    hidden = event["terms"] | {"shares": event["terms"]["shares"] | {"cities": {"成都市": 10}}}
    sent = {name: event[name] for name in ("name", "place", "slot_minutes", "periods", "tables")}
    url = f"/api{made.headers['location']}"
    changed = {"version": event["version"], "event": sent | {"terms": hidden}}
    assert organiser.put(url, json=changed).status_code == 200
    again = form | {"version": str(event["version"] + 1), "place": "德阳"}
    answer = organiser.post(f"{made.headers['location']}/edit", data=again, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    found = organiser.get(url).json()
    assert (found["place"], found["terms"]["shares"]["cities"]) == ("德阳", {"成都市": 10})
    refused = organiser.post("/events/new", data=form | {"periods": "明天上午"})
    assert refused.status_code == 422
    assert "每行写一段" in refused.text
    assert "贵宾桌" in refused.text  # what was typed is kept


def token(client: TestClient, url: str) -> str:
    text = client.get(url).text
    return text.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_from_the_roster_to_the_wall(crowd: People, organiser: TestClient) -> None:
    gathering = gathered(crowd)
    gathering.match()
    id_ = gathering.id
    pairs = organiser.get(f"/api/events/{id_}/candidates").json()
    best = {p["need_id"]: p["achievement_id"] for p in reversed(pairs)}
    assert best == {"N-pump": "A-seal", "N-cellar": "A-brew"}
    first = planned(organiser, id_)
    kept = places(first)
    assert {("N-pump", "A-seal"), ("N-cellar", "A-brew")} <= kept.keys()
    assert first["status"] == "OPTIMAL"

    # a pin moves one meeting and leaves the other where it is
    order = {"need_id": "N-pump", "achievement_id": "A-seal", "op": "pin"}
    where = {"slot": "2027-05-18T11:00", "table_id": "2号桌"}
    assert organiser.post(f"/api/events/{id_}/orders", json=order | where).status_code == 204
    assert "还没有排进这一版" in organiser.get(f"/events/{id_}/schedule").text
    second = planned(organiser, id_)
    assert places(second)["N-pump", "A-seal"] == "2027-05-18T11:00"
    assert places(second)["N-cellar", "A-brew"] == kept["N-cellar", "A-brew"]
    assert "还没有排进这一版" not in organiser.get(f"/events/{id_}/schedule").text

    # somebody is away in that slot: the pin cannot be held, which is told with a way out
    zhang = [p["people"]["need"] for p in second["held"] if p["need_id"] == "N-pump"]
    assert all(names == ["张工"] for names in zhang)
    away = {
        "attendee_id": gathering.people["张工"],
        "away": [["2027-05-18T10:00", "2027-05-18T12:00"]],
    }
    assert organiser.post(f"/api/events/{id_}/absences", json=away).status_code == 204
    organiser.post(f"/api/events/{id_}/schedules", json={"seconds": 20})
    assert waited(organiser, id_)["state"] == "infeasible"
    assert "最少要这样让步" in organiser.get(f"/events/{id_}/schedule").text
    assert organiser.post(f"/api/events/{id_}/orders", json=order | where).status_code == 409
    assert (
        organiser.post(f"/api/events/{id_}/orders", json=order | {"op": "clear"}).status_code == 204
    )
    third = planned(organiser, id_)
    assert places(third)["N-pump", "A-seal"] < "2027-05-18T10:00"

    # nothing is public before it is published, and what is published stays while others are tried
    wall = crowd[None].get(f"/events/{id_}/wall")
    assert wall.status_code == 404
    answer = organiser.post(f"/api/events/{id_}/schedules/{third['number']}/publish")
    assert answer.status_code == 200, answer.text
    assert organiser.get(f"/api/events/{id_}").json()["state"] == "published"
    shown = crowd[None].get(f"/events/{id_}/wall").text
    assert "含固介质渣浆泵用碳化硅机械密封" in shown
    assert "选矿厂" in shown
    assert "张工" not in shown
    again = organiser.post(f"/api/events/{id_}/schedules/{first['number']}/publish").json()
    assert again["number"] > third["number"]  # going back makes a version of its own
    days = crowd[None].get(f"/api/events/{id_}/wall").json()["days"]
    held = {row["slot"] for row in days[0]["rows"] if any(row["cells"])}
    assert held == set(kept.values())


def test_a_confidential_record_is_on_the_wall_without_a_name(
    crowd: People, organiser: TestClient
) -> None:
    gathering = gathered(crowd)
    gathering.schedule(("N-pump", "A-secret", "2027-05-18T09:00", "1号桌"))
    for url in (f"/events/{gathering.id}/wall", f"/api/events/{gathering.id}/wall"):
        shown = crowd[None].get(url).text
        assert "保密对接" in shown
        assert "岷江所" not in shown
        assert "监测" not in shown
        assert "A-secret" not in shown
    page = organiser.get(f"/events/{gathering.id}/schedule")
    assert page.status_code == 200
    assert "不愿透露" not in page.text


def test_a_refusal_and_a_must_of_the_sides_count(crowd: People, organiser: TestClient) -> None:
    gathering = gathered(crowd)
    gathering.match()
    with writing(gathering.ctx.engine) as session:
        for need, achievement, wish in (
            ("N-pump", "A-seal", "no"),
            ("N-cellar", "A-seal", "must"),
        ):
            session.add(
                EventWishRow(
                    event_id=gathering.id,
                    need_id=need,
                    achievement_id=achievement,
                    side="need",
                    wish=wish,
                )
            )
    found = places(planned(organiser, gathering.id))
    assert ("N-pump", "A-seal") not in found
    assert ("N-cellar", "A-seal") in found


def test_pins_that_cannot_both_be_held_are_refused_at_once(
    crowd: People, organiser: TestClient
) -> None:
    tables = [
        {"id": "1号桌"},
        {"id": "2号桌", "closed": [["2027-05-18T09:20", "2027-05-18T10:00"]]},
    ]
    id_ = gathered(crowd, tables=tables).id
    slot = "2027-05-18T09:00"

    def pin(need: str, achievement: str, **more: Any) -> Any:
        body = {"need_id": need, "achievement_id": achievement, "op": "pin"} | more
        return organiser.post(f"/api/events/{id_}/orders", json=body)

    assert pin("N-pump", "A-seal", slot=slot, table_id="1号桌").status_code == 204
    twice = pin("N-cellar", "A-seal", slot=slot)
    assert (twice.status_code, "王研究员" in twice.text) == (409, True)
    taken = pin("N-cellar", "A-brew", slot=slot, table_id="1号桌")
    assert (taken.status_code, "1号桌" in taken.text) == (409, True)
    assert pin("N-cellar", "A-brew", slot="2027-05-18T09:10").status_code == 422
    assert pin("N-cellar", "A-brew", table_id="9号桌").status_code == 422
    assert pin("N-cellar", "A-none").status_code == 404
    shut = pin("N-cellar", "A-brew", slot="2027-05-18T09:20", table_id="2号桌")
    assert (shut.status_code, "停用" in shut.text) == (409, True)


def test_a_lost_solver_is_told_and_can_be_asked_again(crowd: People, organiser: TestClient) -> None:
    from datetime import timedelta

    from service.events import planning
    from service.events.tables import EventScheduleRow
    from service.tables import now

    gathering = gathered(crowd)
    gathering.match()
    with writing(gathering.ctx.engine) as session:
        session.add(
            EventScheduleRow(
                event_id=gathering.id,
                number=1,
                deadline=now() - timedelta(seconds=1),
                problem={},
            )
        )
    url = f"/api/events/{gathering.id}/schedules"
    assert organiser.get(url).json()[0]["state"] == "failed"
    assert planning.LOST in organiser.get(f"/events/{gathering.id}/schedule").text
    assert planned(organiser, gathering.id)["number"] == 2


def test_the_service_matches_the_roster_itself(crowd: People, organiser: TestClient) -> None:
    gathering = gathered(crowd)
    crowd.app.state.context.matcher(organiser.get("/api/health").json()["watermark"])
    form = {"csrf_token": token(organiser, f"/events/{gathering.id}/schedule")}
    answer = organiser.post(f"/events/{gathering.id}/matching", data=form, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    end = time.monotonic() + 180
    while organiser.get(f"/api/events/{gathering.id}").json()["matching"]["state"] != "done":
        assert time.monotonic() < end
        time.sleep(0.3)
    pairs = organiser.get(f"/api/events/{gathering.id}/candidates").json()
    assert ("N-pump", "A-seal") in {(p["need_id"], p["achievement_id"]) for p in pairs}
    shown = organiser.get(
        f"/events/{gathering.id}/schedule", params={"need": "N-pump", "achievement": "A-seal"}
    ).text
    assert "匹配概率" in shown


def test_members_cannot_look_into_events(crowd: People) -> None:
    id_ = gathered(crowd).id
    for role in (Role.ENTERPRISE, Role.INSTITUTE, Role.ANALYST):
        for url in ("/api/events", f"/api/events/{id_}", f"/api/events/{id_}/schedules"):
            assert crowd[role].get(url).status_code == 403
    assert crowd[None].get(f"/api/events/{id_}").status_code == 401


def test_an_event_goes_through_files_as_well(
    crowd: People, organiser: TestClient, tmp_path: Path
) -> None:
    gathering = gathered(crowd)
    gathering.match()
    event, schedule = tmp_path / "event.json", tmp_path / "schedule.json"
    home = crowd.app.state.context.settings.home
    done = jiebang(home, "event", "export", gathering.id, "--out", str(event))
    assert done.returncode == 0, done.stderr
    assert organiser.get(f"/api/events/{gathering.id}/problem").status_code == 403
    stated = crowd[Role.MANAGER].get(f"/api/events/{gathering.id}/problem").json()
    assert json.loads(event.read_text(encoding="utf-8")) == stated
    assert "密封" not in event.read_text(encoding="utf-8")  # no titles
    done = jiebang(home, "event", "solve", str(event), "--out", str(schedule))
    assert done.returncode == 0, done.stderr
    found = json.loads(schedule.read_text(encoding="utf-8"))["meetings"]
    pairs = {(m["need_id"], m["achievement_id"]) for m in found}
    assert pairs == places(planned(organiser, gathering.id)).keys()


def test_a_deleted_record_leaves_its_events(crowd: People, organiser: TestClient) -> None:
    gone = {**NEEDS[0], "need_id": "N-gone", "title": "要删去的需求"}
    load(crowd, "need", [gone])
    gathering = Gathering.create(crowd.app.state.context)
    gathering.party("选矿厂", "张工", needs=("N-gone",))
    gathering.party("岷江所", "王研究员", achievements=("A-seal",))
    gathering.schedule(("N-gone", "A-seal", "2027-05-18T09:00", "1号桌"))
    url = f"/api/events/{gathering.id}"
    order = {"need_id": "N-gone", "achievement_id": "A-seal", "op": "forbid"}
    assert organiser.post(f"{url}/orders", json=order).status_code == 204
    assert crowd[Role.ADMIN].delete("/api/needs/N-gone").status_code == 204
    load(crowd, "need", [gone | {"title": "另一条同编号的需求"}])
    assert organiser.get(f"{url}/schedules/1").json()["held"] == []
    assert organiser.get(f"{url}/orders").json() == []
    assert "另一条" not in crowd[None].get(f"/events/{gathering.id}/wall").text
    assert organiser.get(f"/events/{gathering.id}/schedule").status_code == 200
    assert crowd[Role.ADMIN].delete("/api/needs/N-gone").status_code == 204


def test_a_run_that_an_event_uses_stays(crowd: People, organiser: TestClient) -> None:
    gathering = gathered(crowd)
    run = gathering.match()
    url = f"/api/batches/{run}"
    assert organiser.delete(url).status_code == 403
    refused = crowd[Role.MANAGER].delete(url)
    assert (refused.status_code, "对接活动" in refused.text) == (409, True)
    assert organiser.get(f"/api/events/{gathering.id}/candidates").json()
    assert organiser.delete(f"/api/events/{gathering.id}").status_code == 204
    form = {"csrf_token": token(crowd[Role.MANAGER], "/batches")}
    gone = crowd[Role.MANAGER].post(f"/batches/{run}/delete", data=form, follow_redirects=False)
    assert gone.status_code == 303, gone.text
    assert crowd[Role.MANAGER].get(url).status_code == 404


def test_an_event_that_is_over_is_changed_no_more(crowd: People, organiser: TestClient) -> None:
    gathering = gathered(crowd)
    gathering.schedule(("N-pump", "A-seal", "2027-05-18T09:00", "1号桌"))
    url = f"/api/events/{gathering.id}"
    closed = organiser.post(f"{url}/steps", json={"event": "close"}).json()
    assert (closed["state"], closed["closed_at"] is not None) == ("closed", True)
    pair = {"need_id": "N-pump", "achievement_id": "A-seal", "op": "pin"}
    away = {"attendee_id": gathering.people["张工"], "away": None}
    for answer in (
        organiser.put(url, json={"version": closed["version"], "event": EVENT}),
        organiser.post(f"{url}/matching"),
        organiser.post(f"{url}/schedules", json={}),
        organiser.post(f"{url}/schedules/1/publish"),
        organiser.post(f"{url}/orders", json=pair),
        organiser.post(f"{url}/absences", json=away),
    ):
        assert (answer.status_code, "已经结束" in answer.text) == (409, True)
    page = organiser.get(f"/events/{gathering.id}/schedule").text
    assert "机械密封" in page
    assert f"/events/{gathering.id}/schedules" not in page
    missing = organiser.post(f"{url}/steps", json={"event": "reopen"})
    assert missing.status_code == 422  # with a reason only
    again = organiser.post(f"{url}/steps", json={"event": "reopen", "reason": "还要补一场"})
    assert again.json()["closed_at"] is None
    assert organiser.post(f"{url}/orders", json=pair).status_code == 204


def test_what_was_changed_since_is_quoted_no_more(crowd: People, organiser: TestClient) -> None:
    secret = "三号井回采率只有四成"
    body = NEEDS[0]["problem_statement"]
    need = {**NEEDS[0], "need_id": "N-edit", "problem_statement": f"{secret}。{body}"}
    load(crowd, "need", [need])
    gathering = Gathering.create(crowd.app.state.context)
    gathering.party("选矿厂", "张工", needs=("N-edit",))
    gathering.party("岷江所", "王研究员", achievements=("A-seal",))
    gathering.match()
    gathering.schedule(("N-edit", "A-seal", "2027-05-18T09:00", "1号桌"))
    query = {"need": "N-edit", "achievement": "A-seal"}
    url = f"/events/{gathering.id}"

    def shown() -> str:
        chosen = organiser.get(f"{url}/schedule", params=query).text
        return chosen + organiser.get(f"{url}/book").text

    assert "双方都谈到" in shown()
    load(crowd, "need", [need | {"problem_statement": body}])
    after = shown()
    assert secret not in after
    assert "双方都谈到" not in after
    assert "匹配之后条目改过" in after
    assert "名单此后有变" in after
    gathering.match()
    assert "双方都谈到" in shown()
    assert crowd[Role.ADMIN].delete("/api/needs/N-edit").status_code == 204


def test_a_hidden_entry_gives_organisers_neither_id_nor_chance(
    crowd: People, organiser: TestClient
) -> None:
    hidden = {**SECRET, "achievement_id": "A-broker", "disclosure": "broker_only"}
    load(crowd, "achievement", [hidden])
    gathering = Gathering.create(crowd.app.state.context)
    gathering.party("选矿厂", "张工", needs=("N-pump",))
    gathering.party("岷江所", "王研究员", achievements=("A-broker", "A-seal"))
    gathering.match()
    url = f"/api/events/{gathering.id}"
    pin = {"need_id": "N-pump", "achievement_id": "A-broker", "op": "pin"}
    assert organiser.post(f"{url}/orders", json=pin).status_code == 204
    found = planned(organiser, gathering.id)
    assert {m["achievement_id"] for m in found["held"]} == {None, "A-seal"}
    texts = [organiser.get(f"{url}/{name}").text for name in ("candidates", "orders")]
    for text in (*texts, json.dumps(found)):
        assert "A-broker" not in text
    house = crowd[Role.MANAGER].get(f"{url}/candidates").json()
    assert {p["achievement_id"] for p in house} == {"A-seal", "A-broker"}
    assert crowd[Role.ADMIN].delete("/api/achievements/A-broker").status_code == 204


def test_wishes_are_told_to_the_organiser_and_stop_nobody(
    crowd: People, organiser: TestClient
) -> None:
    gathering = gathered(crowd)
    gathering.match()
    url = f"/api/events/{gathering.id}"
    terms = {"least_probability": 0.99}
    version = organiser.get(url).json()["version"]
    changed = {"version": version, "event": EVENT | {"terms": terms}}
    assert organiser.put(url, json=changed).status_code == 200
    pair = {"need_id": "N-cellar", "achievement_id": "A-seal"}
    assert ("N-cellar", "A-seal") not in places_of_all(crowd, gathering.id)
    like = pair | {"side": "need", "wish": "like"}
    assert organiser.post(f"{url}/wishes", json=like).status_code == 204
    assert ("N-cellar", "A-seal") in places_of_all(crowd, gathering.id)  # however unlikely it is
    must = pair | {"side": "need", "wish": "must"}
    assert organiser.post(f"{url}/wishes", json=must).status_code == 204
    # what the organiser rules out is no contradiction
    assert organiser.post(f"{url}/orders", json=pair | {"op": "forbid"}).status_code == 204
    seal = {"need_id": "N-pump", "achievement_id": "A-seal", "op": "pin"}
    assert organiser.post(f"{url}/orders", json=seal).status_code == 204
    assert ("N-cellar", "A-seal") not in places(planned(organiser, gathering.id))
    form = pair | {
        "side": "need",
        "wish": "",
        "csrf_token": token(organiser, f"/events/{gathering.id}/schedule"),
    }
    gone = organiser.post(f"/events/{gathering.id}/wishes", data=form, follow_redirects=False)
    assert gone.status_code == 303, gone.text
    stated = crowd[Role.MANAGER].get(f"{url}/problem").json()
    assert stated["preferences"] == []


def places_of_all(crowd: People, id_: str) -> set[tuple[str, str]]:
    """The pairs that may be scheduled."""
    found = crowd[Role.MANAGER].get(f"/api/events/{id_}/problem").json()["candidates"]
    return {(pair["need_id"], pair["achievement_id"]) for pair in found}


def test_what_is_published_keeps_its_hours_and_tables(crowd: People, organiser: TestClient) -> None:
    gathering = gathered(crowd)
    gathering.schedule(
        ("N-pump", "A-seal", "2027-05-18T09:20", "1号桌"),
        ("N-cellar", "A-brew", "2027-05-18T11:00", "2号桌"),
    )
    url = f"/api/events/{gathering.id}"
    before = crowd[None].get(f"{url}/wall").json()["days"]
    other = EVENT | {"slot_minutes": 30, "tables": [{"id": "贵宾桌"}]}
    version = organiser.get(url).json()["version"]
    assert organiser.put(url, json={"version": version, "event": other}).status_code == 200
    assert crowd[None].get(f"{url}/wall").json()["days"] == before
    page = organiser.get(f"/events/{gathering.id}/schedule").text
    assert "09:20–09:40" in page
    assert "还没有排进这一版" in page


def test_absences_add_up_and_end(crowd: People, organiser: TestClient) -> None:
    gathering = gathered(crowd)
    zhang = gathering.people["张工"]
    url = f"/events/{gathering.id}"

    def say(since: str) -> list[str]:
        form = {"attendee_id": zhang, "since": since}
        form["csrf_token"] = token(organiser, f"{url}/schedule")
        answer = organiser.post(f"{url}/absences", data=form, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        people = crowd[Role.MANAGER].get(f"/api{url}/problem").json()["people"]
        (free,) = [p["free"] for p in people if p["id"] == zhang]
        return list(free or ["always"])

    assert say("2027-05-18T11:00")[-1] == "2027-05-18T10:40"
    assert say("2027-05-18T10:20")[-1] == "2027-05-18T09:40"
    assert say("2027-05-18T11:00")[-1] == "2027-05-18T09:40"
    assert say("none") == ["always"]


def test_matching_that_is_cancelled_or_under_way_leaves_the_pairs_of_before(
    crowd: People, organiser: TestClient
) -> None:
    gathering = gathered(crowd)
    gathering.match()
    pairs = organiser.get(f"/api/events/{gathering.id}/candidates").json()
    gathering.match(begin_only=True)
    url = f"/api/events/{gathering.id}"
    assert organiser.get(f"{url}/candidates").json() == pairs
    refused = organiser.post(f"{url}/schedules", json={})
    assert (refused.status_code, "正在匹配" in refused.text) == (409, True)
    run = organiser.get(url).json()["matching"]["run_id"]
    assert organiser.post(f"/api/batches/{run}/cancel").status_code == 200
    page = organiser.get(f"/events/{gathering.id}/schedule").text
    assert "上次匹配已取消" in page
    assert "重新匹配" in page
    assert places(planned(organiser, gathering.id))


def link(gathering: Gathering, name: str) -> str:
    """The address of a fresh link of a person."""
    with writing(gathering.ctx.engine) as session:
        person = session.get_one(EventAttendeeRow, gathering.people[name])
        token_, person.digest = gathering.ctx.office.keys.fresh("jbe")
        session.add(person)
    return f"/meet?token={token_}"


def test_the_link_of_a_hidden_entry_does_not_tell_its_topic(crowd: People) -> None:
    hidden = {**NEEDS[0], "need_id": "N-broker", "disclosure": "broker_only"}
    load(crowd, "need", [hidden])
    gathering = Gathering.create(crowd.app.state.context)
    gathering.party("选矿厂", "张工", needs=("N-broker",))
    gathering.party("岷江所", "王研究员", achievements=("A-seal",))
    gathering.match()
    page = crowd[None].get(link(gathering, "张工")).text
    assert "链接里不列对象" in page
    assert "机械密封" not in page
    other = crowd[None].get(link(gathering, "王研究员")).text
    assert "轴封" not in other
    assert crowd[Role.ADMIN].delete("/api/needs/N-broker").status_code == 204


def test_a_note_is_read_by_organisers_and_who_wrote_it(
    crowd: People, organiser: TestClient
) -> None:
    gathering = Gathering.create(
        crowd.app.state.context, periods=[["2026-05-18T09:00", "2026-05-18T10:00"]]
    )
    gathering.party("选矿厂", "张工", "李工", needs=("N-pump",))
    gathering.party("岷江所", "王研究员", achievements=("A-seal",))
    gathering.schedule(("N-pump", "A-seal", "2026-05-18T09:00", "1号桌"))
    url, pair = f"/api/events/{gathering.id}", {"need_id": "N-pump", "achievement_id": "A-seal"}
    said = {"met": True, "interested": True, "note": "老板急着要，可以压价"}
    told = organiser.put(f"{url}/outcomes", json=pair | {"side": "need", "outcome": said})
    assert told.status_code == 200, told.text
    address = link(gathering, "张工")
    page = crowd[None].get(address).text
    assert "见了，有意向" in page
    assert "压价" not in page
    names = re.findall(r'name="(meeting|side|version)" value="(\w+)"', page)
    form = dict(names) | {"token": address.partition("=")[2], "word": "interested"}
    sent = crowd[None].post("/meet/outcome", data=form, follow_redirects=False)
    assert sent.status_code == 303, sent.text
    assert (
        "压价"
        in organiser.get(
            f"/events/{gathering.id}/desk", params={"need": "N-pump", "achievement": "A-seal"}
        ).text
    )
