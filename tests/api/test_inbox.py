"""Standing matches: who is told of what, by inbox and by mail."""

from __future__ import annotations

import mailbox
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from matcher.listing import Kind
from service.access import Role
from service.settings import Settings
from service.standing import digest
from service.tables import now
from tests.api.people import People, approve, people, step
from tests.api.test_api import post
from tests.api.test_disclosure import PUBLIC

NEED, SEAL = PUBLIC[Kind.NEED], PUBLIC[Kind.ACHIEVEMENT]


@pytest.fixture
def crowd(settings: Settings) -> Iterator[People]:
    with people(settings) as made:
        yield made


def inbox(client: TestClient) -> list[dict[str, Any]]:
    answer = client.get("/api/me/inbox")
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def soon(found: Callable[[], Any]) -> Any:
    """What is found once the follower has come so far."""
    deadline = time.monotonic() + 60
    while not (value := found()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return value


def published(crowd: People, client: TestClient, plural: str, body: dict[str, Any]) -> str:
    id_ = str(post(client, plural, body)["id"])
    approve(crowd, Kind.NEED if plural == "needs" else Kind.ACHIEVEMENT, id_)
    return id_


def test_owners_of_both_sides_are_told_of_a_match_that_appears(
    crowd: People, settings: Settings
) -> None:
    enterprise, institute = crowd[Role.ENTERPRISE], crowd[Role.INSTITUTE]
    need = published(crowd, enterprise, "needs", NEED)
    seal = published(crowd, institute, "achievements", SEAL)
    (told,) = soon(lambda: inbox(enterprise))
    assert (told["id"], told["other_id"], told["read"]) == (need, seal, False)
    (found,) = institute.get(f"/api/achievements/{seal}/matches").json()["matches"]
    assert found["band"] != "low"
    assert told["probability"] == pytest.approx(found["probability"])
    (other,) = soon(lambda: inbox(institute))
    assert (other["id"], other["other_id"]) == (seal, need)
    assert inbox(crowd.rival) == []
    assert SEAL["title"] in enterprise.get("/inbox").text
    # one mail an organisation, without a word of what it is about, and no second one at once
    context = crowd.app.state.context
    assert digest(context) == 2
    assert digest(context, now() + timedelta(hours=1)) == 0
    box = mailbox.Maildir(settings.mailbox_dir, create=False)
    letters = [(m.get_payload(decode=True) or b"").decode() for m in box]
    assert len(letters) == 2
    assert all("1 条新的匹配" in letter and "/inbox" in letter for letter in letters)
    assert not any(NEED["title"] in letter or SEAL["title"] in letter for letter in letters)
    assert enterprise.post("/api/me/inbox/read").status_code == 204
    assert inbox(enterprise)[0]["read"]
    step(institute, Kind.ACHIEVEMENT, seal, "withdraw")
    assert inbox(enterprise) == []


def test_an_inbox_keeps_to_the_tier_of_the_other_side(crowd: People) -> None:
    enterprise, institute = crowd[Role.ENTERPRISE], crowd[Role.INSTITUTE]
    published(crowd, crowd.rival, "needs", NEED | {"title": "泵房的密封要能顶三个月"})
    masked = {"org": "玄霜谷机械有限公司", "background": "玄霜谷", "disclosure": "masked"}
    open_ = published(crowd, enterprise, "needs", NEED | masked)
    hidden = published(crowd, enterprise, "needs", NEED | {"disclosure": "broker_only"})
    seal = published(crowd, institute, "achievements", SEAL)
    own = soon(lambda: [m for m in inbox(enterprise) if m["id"] == hidden])
    assert own[0]["other_id"] == seal
    told = soon(lambda: inbox(institute))
    assert {match["other_id"]: match["masked"] for match in told}[open_]
    assert hidden not in str(told)
    assert "玄霜谷" not in institute.get("/inbox").text + str(told)
