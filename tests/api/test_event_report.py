"""The report of an event: counts, rates with intervals, funnel, groups, spreadsheet."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from matcher.listing import Kind
from service.access import Role
from service.db import writing
from service.events import events
from service.events.rates import Rate
from service.events.tables import EventAttendeeRow
from tests.api.event_scene import SECRET, Scene
from tests.api.people import People
from tests.api.test_event_outcomes import DECLINED, INTERESTED, MISSED, close


@pytest.fixture
def scene(crowd: People) -> Scene:
    """An event that was held: one pair both of whose sides are interested, one that did not meet."""
    made = Scene.set(crowd)
    made.publish()
    tokens = {name: made.token(name) for name in ("李工", "王总", "周教授")}
    made.meet(tokens["李工"])
    made.send("answer", tokens["李工"], coming="yes")
    made.send("answer", tokens["周教授"], coming="yes")
    organiser = crowd[Role.ORGANISER]
    for name in ("李工", "王总"):
        body = {"attendee_id": made.gathering.people[name]}
        organiser.post(f"/api{made.url}/check-in", json=body)
    made.say(Kind.NEED, **INTERESTED)
    made.say(Kind.ACHIEVEMENT, **INTERESTED)
    made.say(Kind.NEED, made.masked, **MISSED)
    close(made)
    return made


def sign(scene: Scene, days: int, result: str, amount: float | None) -> None:
    body = {
        "need_id": scene.need,
        "achievement_id": scene.seal,
        "days": days,
        "result": result,
        "amount_wan": amount,
        "version": 1,
    }
    answer = scene.crowd[Role.ORGANISER].put(f"/api{scene.url}/follow-ups", json=body)
    assert answer.status_code == 200, answer.text


def report(scene: Scene) -> dict:
    return scene.crowd[Role.ORGANISER].get(f"/api{scene.url}/report").json()


def test_rates_say_of_what_they_are(scene: Scene) -> None:
    rates = {n: (r["count"], r["total"]) for n, r in report(scene)["rates"].items()}
    assert rates == {
        "invited": (3, 3),
        "opened": (2, 3),
        "accepted": (2, 3),
        "attended": (1, 2),
        "held": (1, 2),
        "feedback": (3, 4),
        "interest_need": (1, 1),
        "interest_achievement": (1, 1),
        "mutual": (1, 1),
        "signed": (0, 1),
    }
    assert report(scene)["walk_ins"] == 1


def test_contracts_are_counted_once_with_the_amount_told_last(scene: Scene) -> None:
    sign(scene, 30, "talking", None)
    assert report(scene)["contracts"] == 0
    sign(scene, 90, "signed", 60)
    sign(scene, 180, "delivered", None)
    found = report(scene)
    assert (found["contracts"], found["amount_wan"]) == (1, 60)
    assert [(s["name"], s["count"]) for s in found["stages"]] == [
        ("scheduled", 2),
        ("held", 1),
        ("interest", 1),
        ("mutual", 1),
        ("going", 1),
        ("signed", 1),
    ]
    by_days = {row["days"]: row for row in found["asked"]}
    assert (by_days[90]["planned"], by_days[90]["done"]) == (1, 1)
    assert by_days[90]["results"]["signed"] == 1
    assert by_days[30]["results"]["signed"] == 0


def test_groups_count_parties_people_and_meetings(scene: Scene) -> None:
    groups = {name: {g["label"]: g for g in rows} for name, rows in report(scene)["groups"].items()}
    panzhihua = groups["city"]["攀枝花市"]
    assert (panzhihua["parties"], panzhihua["invited"], panzhihua["coming"]) == (2, 2, 1)
    assert (panzhihua["attended"], panzhihua["meetings"], panzhihua["held"]) == (2, 2, 1)
    assert groups["city"]["成都市"]["meetings"] == 2
    assert groups["small"]["中小企业"]["held"] == 0
    assert groups["small"]["其他"]["mutual"] == 1
    assert "未填" in groups["org_type"]


def test_the_page_draws_the_funnel_and_holds_no_text_of_records(scene: Scene) -> None:
    page = scene.crowd[Role.ORGANISER].get(f"{scene.url}/report").text
    svg = page.partition("<svg")[2].partition("</svg>")[0]
    assert "安排会面 2，举行 1" in svg
    assert 'width="190.0"' in svg, "half of the rail"
    assert "style=" not in page
    assert SECRET not in page
    assert "1 / 2" in page


def test_the_workbook_holds_every_table(scene: Scene) -> None:
    answer = scene.crowd[Role.ORGANISER].get(f"{scene.url}/report.xlsx")
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["比率", "漏斗", "跟踪", "合同", "按市州", "按单位类型", "按规模"]
    rates = {row[0]: row[1:] for row in book["比率"].iter_rows(min_row=2, values_only=True)}
    assert rates["会面举行（占安排）"][:3] == (1, 2, 50)
    assert book["按市州"].max_column == 9


def test_an_event_without_anything_has_a_report(crowd: People) -> None:
    scene = Scene.set(crowd)
    with writing(scene.ctx.engine) as session:
        for person in events.attendees(session, scene.gathering.id):
            assert isinstance(person, EventAttendeeRow)
            session.delete(person)
    found = report(scene)
    assert found["rates"]["invited"]["value"] is None
    assert crowd[Role.ORGANISER].get(f"{scene.url}/report").status_code == 200


def test_one_side_without_interest_is_no_mutual_interest(scene: Scene) -> None:
    scene.say(Kind.ACHIEVEMENT, version=1, **DECLINED)
    rates = report(scene)["rates"]
    assert rates["mutual"]["count"] == 0
    assert rates["interest_achievement"]["count"] == 0
    assert rates["interest_need"]["count"] == 1


def test_the_interval_is_that_of_wilson() -> None:
    # 8 of 10 with z = 1.96: Wilson (1927) gives 0.490 to 0.943
    low, high = Rate("x", "x", 8, 10).interval
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)
    assert Rate("x", "x", 0, 0).interval == (0, 1)
    assert Rate("x", "x", 0, 5).interval == pytest.approx((0, 0.4345), abs=1e-4)
