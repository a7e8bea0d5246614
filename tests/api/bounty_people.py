"""A crowd for the tests of 揭榜挂帅: an enterprise, institutes, reviewers; and how a task moves on."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from fastapi.testclient import TestClient

from matcher.listing import Kind
from service.access import Role
from tests.accounts import sign_in
from tests.api.people import PASSWORD, People, add_person, step
from tests.api.test_api import NEED, SEAL

TASK = {
    "title": "渣浆泵轴封寿命提升",
    "brief": "选厂渣浆泵输送含砂矿浆，轴封寿命要从两周提高到三个月以上，不改泵体，不另接冷却水。",
    "reward_wan": 80,
}
BID = {
    "plan": "碳化硅密封端面加工螺旋槽与环形坝，借流体动压把颗粒排出密封间隙，先做台架再上线验证。",
    "indicators": [{"name": "轴封寿命", "value": "≥ 100 天"}],
    "price_wan": 60,
    "term_months": 8,
    "ip_ownership": "双方共有",
    "team": "机械密封课题组六人",
}
SCORES = {"feasibility": 80, "indicators": 70, "team": 90, "economy": 60}
CONTRACT = {
    "kind": "技术开发",
    "number": "川2026-001",
    "amount_wan": 60,
    "technology_wan": 50,
    "signed_on": "2026-11-20",
    "milestones": [
        {"name": "台架", "due": "2027-03-01", "amount_wan": 20},
        {"name": "上线", "due": "2027-08-01", "amount_wan": 40},
    ],
}


def soon(seconds: float) -> str:
    """A moment in so many seconds."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


@dataclass(frozen=True)
class Arena:
    """Everybody who takes part in a task."""

    people: People
    owner: TestClient
    first: TestClient
    second: TestClient
    expert: TestClient
    manager: TestClient

    @classmethod
    def of(cls, people: People) -> Arena:
        """Two institutes and an independent expert, besides the usual people."""
        add_person(people.office, "second@test.example", Role.INSTITUTE, "88")
        add_person(people.office, "expert@test.example", Role.ANALYST, None)
        return cls(
            people,
            people[Role.ENTERPRISE],
            people[Role.INSTITUTE],
            join(people, "second@test.example"),
            join(people, "expert@test.example"),
            people[Role.MANAGER],
        )

    def task(self, **changed: Any) -> str:
        """A fresh need with a draft of a task."""
        need = self.owner.post("/api/needs", json=NEED)
        publish(self, Kind.NEED, need.json())
        body = TASK | {"need_id": need.json()["id"]} | changed
        made = self.owner.post("/api/bounties", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def fire(self, client: TestClient, id_: str, event: str, **more: Any) -> Any:
        """Send a step with the present version."""
        version = self.manager.get(f"/api/bounties/{id_}").json()["version"]
        body = {"event": event, "version": version, "reason": "测试"} | more
        return client.post(f"/api/bounties/{id_}/steps", json=body)

    def move(self, id_: str, *events: str) -> dict[str, Any]:
        """Steps of the house, each of which must be allowed."""
        answer = None
        for event in events:
            answer = self.fire(self.manager, id_, event)
            assert answer.status_code == 200, answer.text
        assert answer is not None
        return dict(answer.json())

    def called(self, seconds: float = 60, **changed: Any) -> str:
        """A task with an open call."""
        id_ = self.task(**changed)
        assert self.fire(self.owner, id_, "submit").status_code == 200
        self.move(id_, "recommend", "screen", "argue", "post")
        opened = self.fire(self.manager, id_, "open_bidding", until=soon(seconds))
        assert opened.status_code == 200, opened.text
        return id_

    def bid(self, client: TestClient, id_: str, **changed: Any) -> dict[str, Any]:
        """A bid that must be taken."""
        answer = client.put(f"/api/bounties/{id_}/bid", json=BID | changed)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def under_review(self) -> tuple[str, str, str]:
        """A task under review with the bids of both institutes: ids of task and bids."""
        id_ = self.called(4.0)
        first, second = self.bid(self.first, id_)["id"], self.bid(self.second, id_)["id"]
        logins = {"logins": ["expert@test.example", "manager@test.example"]}
        assert self.manager.put(f"/api/bounties/{id_}/reviewers", json=logins).status_code == 200
        time.sleep(4.1)
        self.move(id_, "dock", "review")
        return id_, first, second

    def score(self, client: TestClient, bid: str, **changed: Any) -> Any:
        """A review."""
        body = {"scores": SCORES, "advance": True, "comment": "可行"} | changed
        return client.put(f"/api/bids/{bid}/review", json=body)


_NUMBERS = count(1)


def alike() -> tuple[dict[str, Any], dict[str, Any]]:
    """A need and an achievement that fit each other better than any other one of these tests."""
    mark = f"型号K{next(_NUMBERS)}X"
    need = NEED | {"problem_statement": f"{NEED['problem_statement']}轴封{mark}。"}
    return need, SEAL | {"title": f"{SEAL['title']}{mark}"}


def publish(arena: Arena, kind: Kind, record: dict[str, Any]) -> int:
    """Have a posted record reviewed; returns the change that published it."""
    return int(step(arena.manager, kind, record["id"], "approve")["seq"])


def join(people: People, login: str) -> TestClient:
    """A signed-in client of one more person."""
    client = TestClient(people.app, raise_server_exceptions=False)
    sign_in(client, login, PASSWORD)
    return client
