"""The desk on the day, what follows from words on meetings, and follow-ups with their reminders."""

from __future__ import annotations

import mailbox
import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from matcher.listing import Kind
from service.access import Principal, Role
from service.cases import stances
from service.cases.tables import CaseRow, StanceRow
from service.db import reading, writing
from service.events import effects, events, follow_ups, reminders
from service.events.tables import EventFollowUpRow, EventPartyRow
from service.tables import VerdictRow
from tests.api.event_scene import SECRET, Scene
from tests.api.people import People
from tests.api.test_api import SEAL
from tests.api.test_meet import feedback_form

INTERESTED = {"met": True, "interested": True}
DECLINED = {"met": True, "interested": False, "reason_code": "price"}
MISSED = {"met": False}


@pytest.fixture
def scene(crowd: People) -> Scene:
    made = Scene.set(crowd)
    made.publish()
    return made


def verdicts(scene: Scene) -> dict[str, tuple[int, str | None, str | None]]:
    """Grade, reason and user of the sides of the public pair."""
    with reading(scene.ctx.engine) as session:
        rows = session.exec(select(VerdictRow).where(VerdictRow.need_id == scene.need)).all()
        return {
            row.judge.rpartition(":")[2]: (row.grade, row.reason_code, row.user_id) for row in rows
        }


def said(scene: Scene) -> dict[Kind, StanceRow]:
    with reading(scene.ctx.engine) as session:
        return stances.of_pair(session, scene.need, scene.seal)


def leads(scene: Scene) -> list[CaseRow]:
    with reading(scene.ctx.engine) as session:
        return list(session.exec(select(CaseRow).where(CaseRow.need_id == scene.need)))


def close(scene: Scene) -> None:
    """Close the event, by which it is planned who is asked later."""
    with writing(scene.ctx.engine) as session:
        events.fire(session, events.get(session, scene.gathering.id), "close", Principal())


def rows_of(scene: Scene) -> list[EventFollowUpRow]:
    with reading(scene.ctx.engine) as session:
        return follow_ups.listed(session, scene.gathering.id)


def test_words_of_both_sides_become_stances_verdicts_and_one_lead(scene: Scene) -> None:
    token = scene.token("李工")
    form = feedback_form(scene.meet(token), SEAL["title"])
    scene.send("outcome", token, **form, word="interested", follow_up="yes", note="先看样品")
    assert verdicts(scene) == {"need": (3, None, None)}
    stance = said(scene)[Kind.NEED]
    assert (stance.interested, stance.user_id, stance.event_id) == (True, None, scene.gathering.id)
    assert stance.note == "", "what was written for the organisers is not shown to the other side"
    assert leads(scene) == []
    assert scene.say(Kind.ACHIEVEMENT, **INTERESTED).status_code == 200
    assert verdicts(scene)["achievement"] == (2, None, None)
    (lead,) = leads(scene)
    assert lead.state == "lead"
    assert lead.created_by == scene.crowd.ids[Role.ORGANISER]
    assert "找矿挖宝" in lead.summary
    manager = scene.crowd[Role.MANAGER]
    assert lead.id in manager.get("/desk/cases").text
    pair = {"need": scene.need, "achievement": scene.seal}
    shown = manager.get("/desk/pair", params=pair).text
    assert "活动反馈（技术需求一方）" in shown
    assert "先看样品" not in shown
    scene.say(Kind.ACHIEVEMENT, version=1, follow_up=True, **INTERESTED)
    assert verdicts(scene)["achievement"][0] == 3
    assert len(leads(scene)) == 1


def test_a_lead_of_two_participants_without_account_has_nobody_as_author(scene: Scene) -> None:
    for name, title in (("周教授", "矿浆泵轴封两周就漏"), ("李工", SEAL["title"])):
        token = scene.token(name)
        form = feedback_form(scene.meet(token), title)
        assert scene.send("outcome", token, **form, word="interested").status_code == 200
    (lead,) = leads(scene)
    assert lead.created_by is None
    manager = scene.crowd[Role.MANAGER]
    assert manager.get(f"/desk/cases/{lead.id}").status_code == 200
    body = {"event": "claim", "version": lead.version}
    assert manager.post(f"/api/cases/{lead.id}/steps", json=body).status_code == 200


def test_a_changed_word_changes_what_followed_from_it(scene: Scene) -> None:
    assert scene.say(Kind.NEED, **DECLINED).status_code == 200
    assert verdicts(scene) == {"need": (1, "price", None)}
    stance = said(scene)[Kind.NEED]
    assert (stance.interested, stance.reason_code) == (False, "price")
    off_topic = DECLINED | {"reason_code": "领域不符"}
    assert scene.say(Kind.NEED, version=1, **off_topic).json()["reason_code"] == "out_of_scope"
    assert verdicts(scene) == {"need": (0, "out_of_scope", None)}
    assert scene.say(Kind.NEED, version=2, **INTERESTED).status_code == 200
    assert verdicts(scene) == {"need": (2, None, None)}
    assert said(scene)[Kind.NEED].reason_code is None
    assert scene.say(Kind.NEED, version=3, **MISSED).status_code == 200
    assert verdicts(scene) == {}
    assert said(scene) == {}


def test_a_word_that_was_given_on_the_platform_outlives_a_missed_meeting(scene: Scene) -> None:
    url = f"/api/needs/{scene.need}/matches/{scene.seal}/stance"
    enterprise = scene.crowd[Role.ENTERPRISE]
    assert enterprise.put(url, json={"interested": True}).status_code == 200
    assert scene.say(Kind.NEED, **MISSED).status_code == 200
    assert said(scene)[Kind.NEED].interested
    scene.say(Kind.NEED, version=1, **DECLINED)
    stance = said(scene)[Kind.NEED]
    assert (stance.interested, stance.version) == (False, 2)
    body = {"interested": True, "version": 2}
    assert enterprise.put(url, json=body).status_code == 200
    scene.say(Kind.NEED, version=2, **MISSED)
    assert said(scene)[Kind.NEED].interested, "the later word on the platform stays"


def test_a_party_with_an_account_does_not_speak_for_the_record_of_another(scene: Scene) -> None:
    rival = scene.crowd.rival.get("/api/me").json()
    with writing(scene.ctx.engine) as session:
        party = session.get_one(EventPartyRow, scene.gathering.parties["川矿集团"])
        party.organisation_id = rival["organisation_id"]
        session.add(party)
    assert scene.say(Kind.NEED, **DECLINED).status_code == 200
    assert said(scene) == {}
    assert verdicts(scene)["need"][0] == 1


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        ({"met": True}, "有没有意向"),
        ({"met": False, "interested": True}, "没有见面时不填意向"),
        ({"met": True, "interested": False}, "没有意向要选原因"),
        (INTERESTED | {"reason_code": "price"}, "原因只在没有意向时填"),
        (DECLINED | {"follow_up": True}, "没有意向时不能选"),
        (DECLINED | {"reason_code": "随便"}, "reason_code"),
    ],
)
def test_words_that_contradict_themselves_are_refused(
    scene: Scene, outcome: dict[str, Any], told: str
) -> None:
    answer = scene.say(Kind.NEED, **outcome)
    assert answer.status_code == 422
    assert told in answer.text
    assert verdicts(scene) == {}


def test_words_wait_for_a_schedule_and_for_a_meeting_in_it(crowd: People) -> None:
    scene = Scene.set(crowd)
    assert scene.say(Kind.NEED, **MISSED).status_code == 404
    scene.gathering.schedule((scene.need, scene.seal, f"{scene.day}T09:00", "1号桌"))
    assert scene.say(Kind.NEED, scene.masked, **MISSED).status_code == 404
    assert scene.say(Kind.NEED, **MISSED).status_code == 200
    assert scene.say(Kind.NEED, **INTERESTED).status_code == 409, (
        "without the version that was read"
    )


def test_no_user_grades_under_the_name_of_an_event(scene: Scene) -> None:
    body = {
        "need_id": scene.need,
        "achievement_id": scene.seal,
        "grade": 3,
        "judge": effects.judge(scene.gathering.id, Kind.NEED),
    }
    assert scene.crowd[Role.MANAGER].post("/api/verdicts", json=body).status_code == 422


def test_people_arrive_are_searched_and_see_where_to_sit_next(crowd: People) -> None:
    scene = Scene.set(crowd, days_ago=-1)
    scene.publish()
    organiser = crowd[Role.ORGANISER]
    page = organiser.get(f"{scene.url}/desk").text
    assert f"{scene.day[5:]} 09:00 · 1号桌（A厅）" in page
    assert SECRET in page, "the organiser knows who brings it"
    assert "十六天就滴漏" not in page
    found = organiser.get(f"{scene.url}/desk", params={"q": "研究院"}).text
    people = found.partition('id="people"')[2].partition('id="meetings"')[0]
    assert "周教授" in people
    assert "李工" not in people
    data = {"attendee": scene.gathering.people["李工"], "q": "李"}
    answer = organiser.post(f"{scene.url}/check-in", data=data)
    assert answer.url.query.decode() == "q=%E6%9D%8E"
    arrived = scene.person("李工").checked_in_at
    assert arrived is not None
    api = f"/api{scene.url}/check-in"
    body = {"attendee_id": data["attendee"]}
    assert organiser.post(api, json=body).status_code == 200
    assert scene.person("李工").checked_in_at == arrived
    row, *_ = organiser.get(f"/api{scene.url}/desk", params={"q": "李工"}).json()
    assert row["checked_in_at"] is not None
    assert row["next"]["with"] == "密封研究院"
    organiser.post(f"{scene.url}/check-in", data=data | {"undo": "yes"})
    assert scene.person("李工").checked_in_at is None
    wrong = organiser.post(f"{scene.url}/check-in", data={"attendee": "A0"})
    assert wrong.status_code == 404
    assert "名单里没有这个人" in wrong.text


def test_the_organiser_writes_down_either_side_on_the_desk(scene: Scene) -> None:
    organiser = scene.crowd[Role.ORGANISER]
    pair = {"need": scene.need, "achievement": scene.seal}
    page = organiser.get(f"{scene.url}/desk", params=pair).text
    assert page.count(f'action="{scene.url}/outcomes"') == 2
    sent = pair | {"side": "achievement", "word": "declined", "note": "量太小"}
    refused = organiser.post(f"{scene.url}/outcomes", data=sent)
    assert refused.status_code == 422
    assert "量太小</textarea>" in refused.text
    done = organiser.post(f"{scene.url}/outcomes", data=sent | {"reason_code": "price"})
    assert done.status_code == 200
    assert verdicts(scene) == {"achievement": (1, "price", None)}
    stale = organiser.post(f"{scene.url}/outcomes", data=sent | {"word": "missed"})
    assert stale.status_code == 409
    (meeting, _) = organiser.get(f"/api{scene.url}/outcomes").json()
    assert meeting["sides"]["achievement"]["outcome"]["note"] == "量太小"
    masked = organiser.get(f"/api{scene.url}/outcomes").json()[1]["sides"]["need"]
    assert SECRET not in masked["title"]


def test_pairs_with_interest_are_asked_at_three_days_once(scene: Scene) -> None:
    scene.say(Kind.NEED, **INTERESTED)
    scene.say(Kind.NEED, scene.masked, **MISSED)
    close(scene)
    last = date.fromisoformat(scene.day)
    assert [(r.need_id, r.days, r.due) for r in rows_of(scene)] == [
        (scene.need, days, last + timedelta(days=days)) for days in (30, 90, 180)
    ]
    with writing(scene.ctx.engine) as session:
        event = events.get(session, scene.gathering.id)
        assert follow_ups.plan(session, event) == 0
    scene.say(Kind.NEED, scene.masked, version=1, met=False, follow_up=True)
    assert len(rows_of(scene)) == 6, "a word after the end counts too"
    scene.say(Kind.NEED, version=1, **DECLINED)
    assert {row.need_id for row in rows_of(scene)} == {scene.masked}


def test_results_are_written_down_with_their_version(crowd: People) -> None:
    scene = Scene.set(crowd, days_ago=35)
    scene.publish()
    scene.say(Kind.NEED, **INTERESTED)
    close(scene)
    organiser = crowd[Role.ORGANISER]
    url = f"{scene.url}/follow-ups"
    page = organiser.get(url).text
    assert "到期 1" in page
    assert "未到期 2" in page
    assert "逾期 0" in page
    assert page.count(f'action="{url}"') == 3
    assert organiser.get(url, params={"state": "due"}).text.count(f'action="{url}"') == 1
    data = {"need_id": scene.need, "achievement_id": scene.seal, "days": "30", "version": "1"}
    bare = organiser.post(url, data=data | {"result": "signed", "note": "合同走流程"})
    assert bare.status_code == 422
    assert "已签合同要填合同金额" in bare.text
    assert 'value="合同走流程"' in bare.text
    signed = {"result": "signed", "amount_wan": "60", "note": "合同走流程"}
    assert "60 万元" in organiser.post(url, data=data | signed).text
    stale = organiser.post(url, data=data | {"result": "ended"})
    assert stale.status_code == 409
    assert "已签合同" in stale.text.partition('role="alert"')[2].partition("</article>")[0]
    (done,) = organiser.get(f"/api{url}", params={"state": "done"}).json()
    assert (done["result"], done["amount_wan"], done["version"]) == ("signed", 60, 2)
    body = {k: v for k, v in data.items() if k not in ("days", "version")}
    body |= {"days": 30, "version": 2, "result": "talking", "amount_wan": 5}
    assert organiser.put(f"/api{url}", json=body).status_code == 422
    for days in (31, 10**30):
        odd = body | {"days": days, "amount_wan": None}
        assert organiser.put(f"/api{url}", json=odd).status_code == 422
    with writing(scene.ctx.engine) as session:
        event = events.get(session, scene.gathering.id)
        follow_ups.plan(session, event)
    assert [row.result for row in rows_of(scene)] == ["signed", "", ""]


def letters(scene: Scene) -> list[tuple[str, str]]:
    """To whom, and what was mailed."""
    box = mailbox.Maildir(scene.ctx.settings.mailbox_dir)
    texts = [(m["To"], (m.get_payload(decode=True) or b"").decode()) for m in box]
    return [(to, text) for to, text in texts if f"{scene.url}/follow-ups" in text]


def test_what_is_due_is_mailed_once_to_whoever_works_on_it(crowd: People) -> None:
    scene = Scene.set(crowd, days_ago=35)
    with writing(scene.ctx.engine) as session:
        event = events.get(session, scene.gathering.id)
        event.created_by = crowd.ids[Role.ORGANISER]
        session.add(event)
    scene.publish()
    scene.say(Kind.NEED, **INTERESTED)
    scene.say(Kind.ACHIEVEMENT, **INTERESTED)
    (lead,) = leads(scene)
    body = {"event": "claim", "version": lead.version}
    crowd[Role.MANAGER].post(f"/api/cases/{lead.id}/steps", json=body)
    close(scene)
    ctx = scene.ctx
    day = date.fromisoformat(scene.day) + timedelta(days=30)
    send = (ctx.engine, ctx.office.mailer, ctx.settings.base_url)
    reminders.send(*send, day - timedelta(days=1))
    assert letters(scene) == []
    reminders.send(*send, day)
    first = letters(scene)
    assert sorted(to for to, _ in first) == ["manager@test.example", "organiser@test.example"]
    for _, text in first:
        assert "1 项" in text
        assert SEAL["title"] not in text
    assert reminders.send(*send, day) == 0
    assert reminders.send(*send, day + timedelta(days=60)) >= 2
    assert len(letters(scene)) == 4


def test_the_desk_is_for_organisers_and_the_house(scene: Scene) -> None:
    pages = [f"{scene.url}/{name}" for name in ("desk", "follow-ups", "report", "report.xlsx")]
    data = [f"/api{scene.url}/{n}" for n in ("desk", "outcomes", "follow-ups", "report")]
    for role, client in scene.crowd.clients.items():
        allowed = role in (Role.ORGANISER, Role.MANAGER, Role.ADMIN)
        for url in pages + data:
            answer = client.get(url, follow_redirects=False)
            assert (answer.status_code == 200) is allowed, (role, url, answer.status_code)
        if not allowed:
            body = {"attendee_id": scene.gathering.people["李工"]}
            assert client.post(f"/api{scene.url}/check-in", json=body).status_code in (401, 403)
            assert client.put(f"/api{scene.url}/outcomes", json={}).status_code in (401, 403)
    for name in ("desk", "follow-ups", "report"):
        assert scene.crowd[Role.ADMIN].get(f"/events/E0/{name}").status_code == 404


def test_hours_that_change_move_what_nobody_has_asked_yet(scene: Scene) -> None:
    scene.say(Kind.NEED, **INTERESTED)
    close(scene)
    later = (date.fromisoformat(scene.day) + timedelta(days=2)).isoformat()
    with writing(scene.ctx.engine) as session:
        event = events.get(session, scene.gathering.id)
        event.periods = [*event.periods, [f"{later}T09:00", f"{later}T10:00"]]
        session.add(event)
        follow_ups.plan(session, event)
    assert rows_of(scene)[0].due == date.fromisoformat(later) + timedelta(days=30)
    assert not re.search(
        "逾期 [1-9]", scene.crowd[Role.ORGANISER].get(f"{scene.url}/follow-ups").text
    )
