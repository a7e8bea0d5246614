"""From a registration to a signed contract, by a client that knows nothing but HTTP."""

from __future__ import annotations

import mailbox
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from corpora.uscc import check_character
from tests.accounts import add_admin_to, token
from tests.api.bounty_people import BID, CONTRACT, SCORES, TASK, soon
from tests.api.test_api import NEED, SEAL
from tests.server import Server

PHRASE = "a phrase that is long enough"
SECONDS = 60


class Walker(httpx.Client):
    """A program with a token; what it sends must be accepted."""

    def ask(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """Send JSON, and return the JSON of the answer."""
        answer = self.request(method, f"/api/{path}", json=body, params=params)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.content else None


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, new_home: Callable[[Path], Path]) -> Path:
    return new_home(tmp_path_factory.mktemp("walk"))


@pytest.fixture(scope="module")
def url(home: Path) -> Iterator[str]:
    """A real server process."""
    add_admin_to(home)
    server = Server(home)
    try:
        server.wait_ready()
        yield server.url
    finally:
        server.stop()


@pytest.fixture(scope="module")
def admin(url: str) -> Iterator[Walker]:
    with Walker(base_url=url, headers=token(url), timeout=SECONDS) as made:
        yield made


def signed_in(url: str, login: str) -> Walker:
    walker = Walker(base_url=url, timeout=SECONDS)
    given = walker.ask("POST", "auth/login", {"login": login, "password": PHRASE})
    walker.headers["Authorization"] = f"Bearer {given['access_token']}"
    return walker


def registered(url: str, admin: Walker, role: str, number: int) -> Walker:
    """A member of a new organisation, once an administrator has let them in."""
    first, login = f"91510100W{number:08}", f"{role}{number}@walk.example"
    person = {
        "login": login,
        "name": f"{role}甲",
        "password": PHRASE,
        "role": role,
        "organisation": f"行走测试单位{number}",
        "uscc": first + check_character(first),
        "org_type": "company",
        "region_code": "攀枝花",
    }
    with Walker(base_url=url, timeout=SECONDS) as nobody:
        nobody.ask("POST", "auth/register", person)
    (user,) = [u for u in admin.ask("GET", "admin/users") if u["login"] == login]
    admin.ask("POST", f"admin/users/{user['id']}/approve")
    return signed_in(url, login)


def mailed(home: Path) -> str:
    """Everything in the mailbox directory of the service."""
    if not (home / "mailbox").exists():
        return ""
    letters = mailbox.Maildir(home / "mailbox", create=False)
    return "\n".join((m.get_payload(decode=True) or b"").decode() for m in letters)


def invited(url: str, admin: Walker, home: Path) -> Walker:
    """A technology manager, by the link in the letter."""
    login = "manager@walk.example"
    admin.ask("POST", "admin/invitations", {"login": login, "role": "manager"})
    # letters go out after the answer
    end = time.monotonic() + SECONDS
    while not (secrets := re.findall(r"/invitation\?token=(\S+)", mailed(home))):
        assert time.monotonic() < end, "no letter came"
        time.sleep(0.05)
    with Walker(base_url=url, timeout=SECONDS) as nobody:
        accepted = {"token": secrets[-1], "name": "经理人", "password": PHRASE}
        nobody.ask("POST", "auth/invitation", accepted)
    return signed_in(url, login)


@pytest.fixture(scope="module")
def walkers(url: str, admin: Walker, home: Path) -> Iterator[dict[str, Walker]]:
    made = {
        "enterprise": registered(url, admin, "enterprise", 1),
        "institute": registered(url, admin, "institute", 2),
        "manager": invited(url, admin, home),
    }
    yield made
    for walker in made.values():
        walker.close()


def published(owner: Walker, manager: Walker, plural: str, body: dict[str, Any]) -> dict[str, Any]:
    """A record that was posted, found in the queue of reviewers, and approved."""
    record = owner.ask("POST", plural, body)
    assert record["status"] == "submitted"
    waiting = [w["record"]["id"] for w in manager.ask("GET", "review")]
    assert record["id"] in waiting
    return dict(manager.ask("POST", f"{plural}/{record['id']}/steps", {"event": "approve"}))


def test_post_review_publish_match_interest_case_signed(walkers: dict[str, Walker]) -> None:
    enterprise, institute, manager = walkers.values()
    need = published(enterprise, manager, "needs", NEED)
    seal = published(institute, manager, "achievements", SEAL)
    found = enterprise.ask("GET", f"needs/{need['id']}/matches", min_seq=seal["seq"])
    assert seal["id"] == found["matches"][0]["achievement_id"]
    found = institute.ask("GET", f"achievements/{seal['id']}/matches")
    assert need["id"] == found["matches"][0]["need_id"]
    queue = manager.ask("GET", "desk/queue", chain="先进装备")["items"]
    assert (need["id"], seal["id"]) in [(q["need_id"], q["achievement_id"]) for q in queue]

    yes = {"interested": True}
    said = enterprise.ask("PUT", f"needs/{need['id']}/matches/{seal['id']}/stance", yes)
    assert said["mutual"] is False
    said = institute.ask("PUT", f"achievements/{seal['id']}/matches/{need['id']}/stance", yes)
    assert said["mutual"] is True

    (case,) = manager.ask("GET", "cases", state="lead")
    assert (case["need_id"], case["achievement_id"]) == (need["id"], seal["id"])
    for event in [
        "claim",
        "verify_need",
        "verify_supply",
        "recommend",
        "contact",
        "meet",
        "negotiate",
    ]:
        step = {"event": event, "version": case["version"]}
        case = manager.ask("POST", f"cases/{case['id']}/steps", step)
    step = {"event": "sign", "version": case["version"], "contract": CONTRACT}
    case = manager.ask("POST", f"cases/{case['id']}/steps", step)
    assert (case["state"], case["contract"]["amount_wan"]) == ("signed", 60)
    history = manager.ask("GET", f"cases/{case['id']}/history")
    assert [h["to"] for h in history][:2] == ["lead", "claimed"]
    assert all(h["at"] for h in history)


def test_a_task_from_posting_to_contract(walkers: dict[str, Walker]) -> None:
    enterprise, institute, manager = walkers.values()
    need = published(enterprise, manager, "needs", NEED | {"title": "矿浆泵轴封换新"})
    task = enterprise.ask("POST", "bounties", TASK | {"need_id": need["id"]})
    url = f"bounties/{task['id']}"

    def go(walker: Walker, event: str, **more: Any) -> dict[str, Any]:
        version = manager.ask("GET", url)["version"]
        step = {"event": event, "version": version} | more
        return dict(walker.ask("POST", f"{url}/steps", step))

    go(enterprise, "submit")
    for event in ("recommend", "screen", "argue", "post"):
        go(manager, event)
    go(manager, "open_bidding", until=soon(1.5))
    assert task["id"] in [t["id"] for t in institute.ask("GET", "bounties")["items"]]
    bid = institute.ask("PUT", f"{url}/bid", BID)
    manager.ask("PUT", f"{url}/reviewers", {"logins": ["manager@walk.example"]})
    time.sleep(1.6)
    go(manager, "dock")
    go(manager, "review")
    review = {"scores": SCORES, "advance": True}
    manager.ask("PUT", f"bids/{bid['id']}/review", review)
    go(manager, "shortlist", bid_ids=[bid["id"]])
    go(manager, "publicise", bid_ids=[bid["id"]], until=soon(0.5))
    time.sleep(0.6)
    signed = go(manager, "sign", contracts={bid["id"]: CONTRACT})
    assert signed["state"] == "signed"
    assert signed["ranking"][0]["points"] == 74.5


def test_an_achievement_from_offer_to_contract(walkers: dict[str, Walker]) -> None:
    """成果找市场, with a trial before the price."""
    enterprise, institute, manager = walkers.values()
    seal = published(institute, manager, "achievements", SEAL | {"title": "端面织构机械密封"})
    offer = institute.ask(
        "POST",
        "offers",
        {
            "achievement_id": seal["id"],
            "title": "端面织构机械密封，先用后付",
            "brief": "含砂介质用机械密封，可先装两台试用三个月，达到寿命后付费。",
            "trial_months": 3,
            "trial_trigger": "连续运转满 90 天不漏",
        },
    )
    assert offer["id"] in [o["id"] for o in enterprise.ask("GET", "offers")]
    take = enterprise.ask("POST", f"offers/{offer['id']}/takes", {"message": "想先试两台"})

    def go(walker: Walker, event: str, **more: Any) -> dict[str, Any]:
        version = walker.ask("GET", f"takes/{take['id']}")["version"]
        step = {"event": event, "version": version} | more
        return dict(walker.ask("POST", f"takes/{take['id']}/steps", step))

    trial = go(institute, "start_trial")
    assert (trial["state"], trial["trial_months"]) == ("trial", 3)
    assert trial["trial_until"] > seal["updated_at"][:10]
    go(institute, "price", price_wan=60)
    signed = go(enterprise, "sign", contract=CONTRACT | {"kind": "技术许可", "milestones": []})
    assert signed["contract"]["kind"] == "licence"
    states = [h["to"] for h in enterprise.ask("GET", f"takes/{take['id']}/history")]
    assert states == ["interest", "trial", "priced", "signed"]
