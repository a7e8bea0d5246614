"""The life of a listing through HTTP: review, states, versions, expiry."""

from __future__ import annotations

import json
import mailbox
from collections.abc import Iterator
from datetime import timedelta

import pytest

from matcher.listing import Kind
from service.access import Role
from service.expiry import tick
from service.lifecycle import STATES
from service.settings import Settings
from service.tables import now
from tests.api.people import People, approve, people, step
from tests.api.test_api import BATTERY, NEED, SEAL, matches, post, problem
from tests.server import jiebang


@pytest.fixture
def crowd(settings: Settings) -> Iterator[People]:
    with people(settings) as made:
        yield made


def state(crowd: People, id_: str, plural: str = "needs") -> str:
    return str(crowd[Role.ADMIN].get(f"/api/{plural}/{id_}").json()["status"])


def found(crowd: People, seq: int) -> list[str]:
    """Needs that an achievement of the institute is matched with, and the hall lists."""
    seal = post(crowd[Role.ADMIN], "achievements", SEAL)
    listed = [item["id"] for item in crowd[None].get("/api/needs").json()["items"]]
    matched = matches(crowd[None], "achievements", seal["id"], min_seq=max(seq, seal["seq"]))
    assert sorted(listed) == sorted(matched)
    return matched


def test_a_member_posts_a_manager_reviews_and_only_then_it_is_found(crowd: People) -> None:
    member, manager = crowd[Role.ENTERPRISE], crowd[Role.MANAGER]
    need = post(member, "needs", NEED)
    assert need["status"] == "submitted"
    assert found(crowd, need["seq"]) == []
    problem(crowd[None].get(f"/api/needs/{need['id']}"), 404)
    (waiting,) = manager.get("/api/review").json()
    assert waiting["record"]["id"] == need["id"]
    assert waiting["organisation"] == "测试单位1"
    assert 0 <= waiting["checkup"]["score"] <= 100
    refused = problem(
        manager.post(f"/api/needs/{need['id']}/steps", json={"event": "send_back"}), 422
    )
    assert "退回修改" in refused["detail"]
    step(manager, Kind.NEED, need["id"], "send_back", "请写明轴径和转速")
    assert manager.get("/api/review").json() == []
    history = member.get(f"/api/needs/{need['id']}/history").json()
    assert [(h["event"], h["reason"]) for h in history] == [
        ("create", ""),
        ("send_back", "请写明轴径和转速"),
    ]
    member.patch(f"/api/needs/{need['id']}", json={"background": "轴径 90 毫米，转速 980 转每分"})
    assert state(crowd, need["id"]) == "returned"
    step(member, Kind.NEED, need["id"], "submit")
    done = step(manager, Kind.NEED, need["id"], "approve")
    assert found(crowd, done["seq"]) == [need["id"]]


def test_twins_of_a_submitted_record_are_at_hand(crowd: People) -> None:
    known = post(crowd[Role.ADMIN], "needs", NEED)
    assert crowd.app.state.context.replica.twins.ready(30)
    post(crowd[Role.ENTERPRISE], "needs", NEED)
    (waiting,) = crowd[Role.MANAGER].get("/api/review").json()
    assert [twin["id"] for twin in waiting["suspected_twins"]] == [known["id"]]


def test_a_confidential_twin_is_named_to_reviewers_and_to_nobody_else(crowd: People) -> None:
    hidden = post(crowd[Role.ADMIN], "needs", NEED | {"disclosure": "broker_only"})
    assert crowd.app.state.context.replica.twins.ready(30)
    crowd.app.state.context.matcher(hidden["seq"])
    given = post(crowd[Role.ENTERPRISE], "needs", NEED)
    assert hidden["id"] not in json.dumps(given)
    (waiting,) = crowd[Role.MANAGER].get("/api/review").json()
    assert [twin["id"] for twin in waiting["suspected_twins"]] == [hidden["id"]]


def test_what_is_changed_after_publication_is_reviewed_again(crowd: People) -> None:
    member = crowd[Role.ENTERPRISE]
    need = post(member, "needs", NEED)
    approve(crowd, Kind.NEED, need["id"])
    url = f"/api/needs/{need['id']}"
    phone = member.patch(url, json={"contact": {"phone": "13900001234"}}).json()
    assert phone["status"] == "published"
    changed = member.patch(url, json={"title": "矿浆泵轴封三天就漏，急"}).json()
    assert changed["status"] == "submitted"
    assert found(crowd, changed["seq"]) == []
    approve(crowd, Kind.NEED, need["id"])
    versions = member.get(f"{url}/versions").json()
    assert [v["record"]["title"] for v in versions] == [NEED["title"]]
    assert versions[0]["status"] == "published"
    assert "13900001234" not in member.get(f"{url}/versions").text
    problem(crowd.rival.get(f"{url}/versions"), 403)
    problem(crowd.rival.get(f"{url}/history"), 403)
    house = crowd[Role.ADMIN].patch(url, json={"title": "矿浆泵轴封三天就漏，特急"}).json()
    assert house["status"] == "published"


def test_drafts_wait_for_their_owner(crowd: People) -> None:
    member = crowd[Role.ENTERPRISE]
    need = post(member, "needs", NEED | {"status": "draft"})
    assert need["status"] == "draft"
    assert crowd[Role.MANAGER].get("/api/review").json() == []
    assert [r["id"] for r in member.get("/api/me/listings").json()] == [need["id"]]
    assert crowd.rival.get("/api/me/listings").json() == []
    assert member.patch(f"/api/needs/{need['id']}", json={"status": "published"}).json()[
        "status"
    ] == ("submitted")
    for late in ("withdrawn", "returned", "expired", "closed"):
        problem(member.post("/api/needs", json=NEED | {"status": late}), 422)


def test_withdrawn_closed_and_reopened(crowd: People) -> None:
    member = crowd[Role.ENTERPRISE]
    need = post(member, "needs", NEED)["id"]
    approve(crowd, Kind.NEED, need)
    for event, then in (("withdraw", "withdrawn"), ("reopen", "submitted")):
        assert step(member, Kind.NEED, need, event)["status"] == then
    approve(crowd, Kind.NEED, need)
    closed = step(member, Kind.NEED, need, "close")
    assert found(crowd, closed["seq"]) == []
    legal = problem(member.post(f"/api/needs/{need}/steps", json={"event": "submit"}), 409)
    assert legal["state"] == "closed"
    assert set(legal["legal"]) == {"reopen", "publish", "revise"}
    problem(member.post(f"/api/needs/{need}/steps", json={"event": "nonsense"}), 409)


@pytest.mark.parametrize(
    ("role", "event"),
    [(Role.ENTERPRISE, "approve"), (Role.ENTERPRISE, "publish"), (Role.MANAGER, "publish")],
)
def test_nobody_approves_or_publishes_beyond_his_role(
    crowd: People, role: Role, event: str
) -> None:
    need = post(crowd[Role.ENTERPRISE], "needs", NEED)["id"]
    told = problem(crowd[role].post(f"/api/needs/{need}/steps", json={"event": event}), 403)
    assert "admin" in told["missing"]["role"]
    page = crowd[role].post(f"/needs/{need}/steps", data={"event": event}, follow_redirects=False)
    assert page.status_code == 403
    assert state(crowd, need) == "submitted"


def test_a_step_on_a_version_that_is_no_longer_current_is_refused(crowd: People) -> None:
    need = post(crowd[Role.ENTERPRISE], "needs", NEED)
    url = f"/api/needs/{need['id']}"
    crowd[Role.ENTERPRISE].patch(url, json={"duration_months": 6})
    stale = crowd[Role.MANAGER].post(
        f"{url}/steps", json={"event": "approve"}, headers={"If-Match": '"1"'}
    )
    assert problem(stale, 412)["version"] == 2
    assert state(crowd, need["id"]) == "submitted"


def test_an_import_of_a_member_is_submitted_and_the_same_file_changes_nothing(
    crowd: People,
) -> None:
    line = (
        "需求编号,需求名称,技术难题描述\nX1,矿浆泵轴封两周就漏,六台渣浆泵轴封滴漏，希望三个月以上\n"
    )
    sent = {"data": {"kind": "need"}, "files": {"file": ("a.csv", line.encode())}}
    assert crowd[Role.ENTERPRISE].post("/api/imports", **sent).json()["created"] == 1
    assert state(crowd, "X1") == "submitted"
    approve(crowd, Kind.NEED, "X1")
    assert crowd[Role.ENTERPRISE].post("/api/imports", **sent).json()["unchanged"] == 1
    assert state(crowd, "X1") == "published"
    house = line.replace("X1", "H1")
    crowd[Role.ADMIN].post(
        "/api/imports", data={"kind": "need"}, files={"file": ("a.csv", house.encode())}
    )
    assert state(crowd, "H1") == "published"


def mails(settings: Settings) -> list[str]:
    if not settings.mailbox_dir.exists():
        return []
    box = mailbox.Maildir(settings.mailbox_dir, create=False)
    return [(m.get_payload(decode=True) or b"").decode() for m in box]


def test_records_run_out_after_a_reminder_and_come_back_when_confirmed(
    crowd: People, settings: Settings
) -> None:
    member, context = crowd[Role.ENTERPRISE], crowd.app.state.context
    need = post(member, "needs", NEED)["id"]
    approve(crowd, Kind.NEED, need)
    house = post(crowd[Role.ADMIN], "needs", NEED | {"title": "泵房的密封要能顶三个月"})["id"]

    def ticked(days: float) -> tuple[int, int]:
        mailer = context.office.mailer
        done = tick(context.engine, mailer, settings, now() + timedelta(days=days))
        return done.expired, done.reminded

    assert ticked(settings.listing_days - settings.reminder_days - 1) == (0, 0)
    assert ticked(settings.listing_days - settings.reminder_days + 1) == (0, 1)
    assert ticked(settings.listing_days - settings.reminder_days + 1) == (0, 0)
    (mail,) = mails(settings)
    assert need in mail
    assert NEED["title"] not in mail
    assert ticked(settings.listing_days + 1) == (1, 0)
    assert state(crowd, need) == "expired"
    assert state(crowd, house) == "published"
    history = member.get(f"/api/needs/{need}/history").json()
    assert (history[-1]["event"], history[-1]["actor"]) == ("expire", "")
    back = step(member, Kind.NEED, need, "confirm")
    assert back["status"] == "published"
    assert set(found(crowd, back["seq"])) == {need, house}
    assert ticked(settings.listing_days - 1) == (0, 1)


def test_a_record_holds_until_the_day_that_it_states(crowd: People, settings: Settings) -> None:
    day = (now() + timedelta(days=30)).date().isoformat()
    need = post(crowd[Role.ENTERPRISE], "needs", NEED | {"expires_at": day})["id"]
    approve(crowd, Kind.NEED, need)
    context = crowd.app.state.context
    for days, expired in ((29, 0), (32, 1)):
        done = tick(context.engine, context.office.mailer, settings, now() + timedelta(days=days))
        assert done.expired == expired


def test_the_command_ticks(crowd: People, settings: Settings) -> None:
    need = post(crowd[Role.ENTERPRISE], "needs", NEED | {"expires_at": "2020-01-01"})["id"]
    approve(crowd, Kind.NEED, need)
    done = jiebang(settings.home, "lifecycle", "tick", listing_days=1, reminder_days=2)
    assert done.returncode == 0, done.stderr
    assert "提醒 1 条" in done.stdout


def test_pages_show_state_reasons_and_the_queue(crowd: People) -> None:
    member, manager = crowd[Role.ENTERPRISE], crowd[Role.MANAGER]
    need = post(member, "needs", NEED)["id"]
    queue = manager.get("/review").text
    assert NEED["title"] in queue
    assert "需求体检" in queue
    page = manager.post(f"/needs/{need}/steps", data={"event": "send_back", "next": "/review"}).text
    assert "要说明理由" in page
    manager.post(
        f"/needs/{need}/steps",
        data={"event": "send_back", "reason": "轴径没写<b>", "next": "/review"},
    )
    mine = member.get("/mine").text
    assert "轴径没写&lt;b&gt;" in mine
    assert STATES["returned"] in mine
    form = member.get(f"/needs/{need}/edit").text
    assert NEED["problem_statement"] in form
    sent = {
        "title": NEED["title"],
        "problem_statement": NEED["problem_statement"] + "轴径 90 毫米。",
        "version": "2",
    }
    saved = member.post(f"/needs/{need}/edit", data=sent, follow_redirects=False)
    assert saved.status_code == 303
    again = member.post(f"/needs/{need}/edit", data=sent, follow_redirects=False)
    assert again.status_code == 412
    stored = member.get(f"/api/needs/{need}").json()
    assert stored["problem_statement"].endswith("轴径 90 毫米。")
    assert "budget_max_cny_wan" not in stored
    assert crowd.rival.get(f"/needs/{need}/edit").status_code == 404
    assert BATTERY["title"] not in member.get("/mine").text
