"""The link of a participant: answers, times, wishes, the own schedule, feedback, and what it hides."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from matcher.listing import Kind
from service.access import Role
from service.answers import MASKED_SUMMARY
from service.db import reading
from service.events import outcomes, wishes
from service.events.naming import UNNAMED
from tests.api.event_scene import SECRET, Scene
from tests.api.people import People, approve
from tests.api.test_api import NEED, SEAL


@pytest.fixture
def scene(crowd: People) -> Scene:
    return Scene.set(crowd)


def alert(page: str) -> str:
    """What the page tells of a refusal."""
    return page.partition('role="alert"')[2].partition("</article>")[0]


def wish_form(page: str) -> tuple[str, list[str]]:
    """The entry and the candidates that a page asks about."""
    entry = re.search(r'name="entry" value="(\w+)"', page)
    assert entry is not None
    return entry[1], sorted(set(re.findall(r'name="wish-(\w+)"', page)))


def feedback_form(page: str, title: str) -> dict[str, str]:
    """The hidden fields of the form on the meeting with a counterpart."""
    article = next(part for part in page.split("<article") if title in part and "meeting" in part)
    found = re.findall(r'name="(meeting|side|version)" value="(\w*)"', article)
    return {name: value for name, value in found if value}


def test_a_link_that_nobody_holds_is_refused(scene: Scene) -> None:
    for token in ("", "jbe_none"):
        answer = scene.client.get(f"/meet?token={token}")
        assert answer.status_code == 404
        assert "链接无效" in answer.text
        for name in ("book.pdf", "calendar.ics"):
            assert scene.client.get(f"/meet/{name}?token={token}").status_code == 404
    assert scene.send("answer", "jbe_none", coming="yes").status_code == 404
    old = scene.token("李工")
    scene.token("李工")
    assert scene.client.get(f"/meet?token={old}").status_code == 404


def test_opening_is_written_down_once_and_coming_is_answered(scene: Scene) -> None:
    token = scene.token("李工")
    shown = scene.client.get(f"/meet?token={token}")
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "same-origin"
    opened = scene.person("李工").opened_at
    assert opened is not None
    scene.meet(token)
    assert scene.person("李工").opened_at == opened
    assert "没有选择是否到场" in alert(scene.send("answer", token).text)
    assert scene.person("李工").coming is None
    assert "已记下您是否到场" in scene.send("answer", token, coming="yes").text
    assert scene.person("李工").coming is True
    scene.send("answer", token, coming="no")
    assert scene.person("李工").coming is False


def test_free_times_are_checked_boxes_and_kept_as_intervals(scene: Scene) -> None:
    token, day = scene.token("李工"), scene.day
    every = re.findall(r'name="slot" value="([\dT:-]+)" checked', scene.meet(token))
    assert len(every) == 6
    chosen = [f"{day}T09:00", f"{day}T09:20", f"{day}T10:20"]
    assert scene.send("free", token, slot=chosen).status_code == 200
    assert scene.person("李工").free == [
        [f"{day}T09:00", f"{day}T09:40"],
        [f"{day}T10:20", f"{day}T10:40"],
    ]
    assert re.findall(r'name="slot" value="([\dT:-]+)" checked', scene.meet(token)) == chosen
    none = scene.send("free", token)
    assert none.status_code == 422
    assert "一个时段也没有勾选" in alert(none.text)
    wrong = scene.send("free", token, slot=[f"{day}T09:05", f"{day}T09:40"])
    assert "没有" in alert(wrong.text)
    assert f'value="{day}T09:40" checked' in wrong.text, "what was typed stays"
    assert f'value="{day}T09:00" checked' not in wrong.text
    scene.send("free", token, slot=every)
    assert scene.person("李工").free is None, "all of it is all the time"


def test_wishes_are_asked_of_candidates_and_end_with_the_schedule(scene: Scene) -> None:
    token = scene.token("李工")
    assert "还没有可选的对象" in scene.meet(token)
    scene.gathering.match()
    page = scene.meet(token)
    assert SEAL["title"] in page
    assert "密封研究院" in page
    entry, (candidate,) = wish_form(page)
    assert (
        scene.send("wish", token, entry=entry, **{f"wish-{candidate}": "must"}).status_code == 200
    )
    with reading(scene.ctx.engine) as session:
        (row,) = wishes.of_event(session, scene.gathering.id)[scene.need, scene.seal].values()
    assert (row.side, row.wish, row.attendee_id) == ("need", "must", scene.person("李工").id)
    assert re.search(rf'name="wish-{candidate}" value="must" checked', scene.meet(token))
    bad = scene.send("wish", token, entry=entry, **{f"wish-{candidate}": "perhaps"})
    assert "没有这种意愿" in alert(bad.text)
    assert "没有这个条目" in alert(scene.send("wish", token, entry="x").text)
    scene.send("wish", token, entry=entry, **{f"wish-{candidate}": "no"})
    with reading(scene.ctx.engine) as session:
        said = wishes.of_event(session, scene.gathering.id)
        refused = {p for p, sides in said.items() if any(w.wish == "no" for w in sides.values())}
        assert refused == {(scene.need, scene.seal)}
    scene.send("wish", token, entry=entry, **{f"wish-{candidate}": ""})
    with reading(scene.ctx.engine) as session:
        assert wishes.of_event(session, scene.gathering.id) == {}
    scene.publish()
    late = scene.send("wish", token, entry=entry, **{f"wish-{candidate}": "must"})
    assert late.status_code == 409
    assert "日程已经发布" in alert(late.text)


def test_reasons_are_read_of_public_pairs_only(scene: Scene) -> None:
    scene.gathering.match()
    scene.publish()
    institute = scene.token("周教授")
    links = re.findall(r"/meet/reasons\?token=[\w-]+&amp;pair=(\w+)", scene.meet(institute))
    assert len(links) == 1
    told = scene.client.get(f"/meet/reasons?token={institute}&pair={links[0]}")
    assert told.status_code == 200
    assert "轴封" in told.text
    masked = scene.token("王总")
    hidden = re.search(r'id="m-(\w+)-need"', scene.meet(masked))
    assert hidden is not None
    for token in (institute, masked):
        answer = scene.client.get(f"/meet/reasons?token={token}&pair={hidden[1]}")
        assert answer.status_code == 404
        assert SECRET not in answer.text


def test_a_masked_counterpart_is_named_nowhere_on_a_link(scene: Scene) -> None:
    scene.gathering.match()
    token = scene.token("周教授")
    before = scene.meet(token)
    scene.publish()
    after = scene.meet(token)
    for page in (before, after):
        assert NEED["title"] in page, "the public counterpart is shown"
        assert "川矿集团" in page
        assert UNNAMED in page, "the masked one is there without its name"
        for word in (SECRET, "王总", scene.masked, "十六天就滴漏"):
            assert word not in page.replace(NEED["problem_statement"], "")
    assert MASKED_SUMMARY in after
    book = PdfReader(io.BytesIO(scene.taken("book.pdf", token)))
    told = "".join(sheet.extract_text() for sheet in book.pages).replace("\n", "")
    calendar = scene.taken("calendar.ics", token).decode().replace("\r\n ", "")
    assert calendar.count("BEGIN:VEVENT") == after.count('class="seat"')
    for text in (told, calendar):
        assert "川矿集团" in text
        assert UNNAMED in text
        for word in (SECRET, "王总", scene.masked, "十六天就滴漏"):
            assert word not in text.replace(NEED["problem_statement"], "")
    own = scene.meet(scene.token("王总"))
    assert SECRET not in own.replace(f"{SECRET}矿业", ""), "by a link one's own record stays masked"
    assert SEAL["title"] in own
    assert "周教授" in own


def test_a_record_that_only_brokers_know_has_no_title_and_no_candidate(crowd: People) -> None:
    scene = Scene.set(crowd)
    shut = crowd[Role.ENTERPRISE].patch(
        f"/api/needs/{scene.masked}", json={"disclosure": "broker_only"}
    )
    assert shut.status_code == 200, shut.text
    approve(crowd, Kind.NEED, scene.masked)
    scene.gathering.match()
    before = scene.meet(scene.token("周教授"))
    assert len(wish_form(before)[1]) == 1
    scene.publish()
    after = scene.meet(scene.token("周教授"))
    assert "保密条目" in after
    assert scene.masked not in after
    assert SECRET not in after
    assert "本单位的条目（保密，登录后查看）" in scene.meet(scene.token("王总"))


def test_feedback_is_given_by_who_sat_there_and_kept_where_it_is_refused(scene: Scene) -> None:
    scene.publish()
    token = scene.token("李工")
    form = feedback_form(scene.meet(token), SEAL["title"])
    half = scene.send("outcome", token, **form, word="declined", note="报价还要谈")
    assert half.status_code == 422
    assert "没有意向要选原因" in alert(half.text)
    assert "报价还要谈</textarea>" in half.text
    assert 'value="declined" required checked' in half.text
    nothing = scene.send("outcome", token, **form)
    assert "见面情况没有填" in alert(nothing.text)
    sent = scene.send("outcome", token, **form, word="interested", follow_up="yes")
    assert "已收到反馈" in sent.text
    with reading(scene.ctx.engine) as session:
        row = outcomes.of_event(session, scene.gathering.id)[scene.need, scene.seal][Kind.NEED]
    assert (row.met, row.interested, row.follow_up, row.user_id) == (True, True, True, None)
    assert row.attendee_id == scene.person("李工").id
    again = scene.send("outcome", token, **form, word="missed")
    assert again.status_code == 409, "the page that was read is out of date"
    form = feedback_form(scene.meet(token), SEAL["title"])
    assert form["version"] == "1"
    assert scene.send("outcome", token, **form, word="missed").status_code == 200
    stranger = scene.send("outcome", scene.token("王总"), **form, word="missed")
    assert stranger.status_code == 404


def test_feedback_waits_for_the_meeting_and_goes_on_after_the_event(crowd: People) -> None:
    scene = Scene.set(crowd, days_ago=-1)
    scene.publish()
    token = scene.token("李工")
    page = scene.meet(token)
    assert "会面开始之后可以在这里反馈" in page
    ref = re.search(r'id="m-(\w+)-need"', page)
    assert ref is not None
    early = scene.send("outcome", token, meeting=ref[1], side="need", word="missed")
    assert early.status_code == 409
    assert "才开始" in alert(early.text)


def test_somebody_signed_in_reads_a_link_as_nobody(scene: Scene) -> None:
    scene.gathering.match()
    scene.publish()
    token = scene.token("周教授")
    manager = scene.crowd[Role.MANAGER]
    assert SECRET not in manager.get(f"/meet?token={token}").text
    page = manager.get(f"/meet?token={token}").text
    assert 'name="csrf_token"' in page.partition('action="/meet/answer"')[2][:400]
    sent = manager.post("/meet/answer", data={"token": token, "coming": "yes"})
    assert sent.status_code == 200
    assert scene.person("周教授").coming is True
