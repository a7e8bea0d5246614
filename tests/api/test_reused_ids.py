"""A record under the id of one that was deleted inherits nothing of it."""

from __future__ import annotations

from matcher.listing import Kind
from service.access import Role
from tests.api.people import People, approve
from tests.api.test_api import NEED, SEAL

SECRET = "第一家单位写过的话"


def test_versions_steps_agreements_and_words_end_with_the_record(crowd: People) -> None:
    first, second, institute = crowd[Role.ENTERPRISE], crowd.rival, crowd[Role.INSTITUTE]
    body = NEED | {"need_id": "N-reused"}
    assert first.post("/api/needs", json=body).status_code == 201
    changed = {"problem_statement": f"{NEED['problem_statement']}{SECRET}"}
    assert first.patch("/api/needs/N-reused", json=changed).status_code == 200
    approve(crowd, Kind.NEED, "N-reused")
    masked = SEAL | {"disclosure": "masked", "contact": {"phone": "13800138000"}}
    seal = institute.post("/api/achievements", json=masked).json()["id"]
    approve(crowd, Kind.ACHIEVEMENT, seal)
    agreed = {"own_id": "N-reused"}
    assert first.post(f"/api/achievements/{seal}/consents", json=agreed).is_success
    assert institute.post("/api/needs/N-reused/consents", json={"own_id": seal}).is_success
    assert not first.get(f"/api/achievements/{seal}").json()["masked"]
    url = f"/api/needs/N-reused/matches/{seal}/stance"
    assert first.put(url, json={"interested": True}).status_code == 200
    assert first.get("/api/needs/N-reused/versions").json()
    assert first.delete("/api/needs/N-reused").is_success

    assert second.post("/api/needs", json=body).status_code == 201
    assert second.get("/api/needs/N-reused/versions").json() == []
    assert [s["event"] for s in second.get("/api/needs/N-reused/history").json()] == ["create"]
    assert second.get("/api/needs/N-reused/disclosures").json() == []
    assert second.get("/api/needs/N-reused/stances").json() == []
    approve(crowd, Kind.NEED, "N-reused")
    assert second.get(f"/api/achievements/{seal}").json()["masked"]
    assert second.get(f"/api/achievements/{seal}/contact").status_code == 403
    assert SECRET not in second.get("/needs/N-reused").text
    # a change keeps the version before it, as for any other record
    assert second.patch("/api/needs/N-reused", json={"title": "同一个编号，另一条需求"}).is_success
    (kept,) = second.get("/api/needs/N-reused/versions").json()
    assert SECRET not in str(kept)
