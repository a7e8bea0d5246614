"""The reasons of fit of a masked counterpart say no more than its mask."""

from __future__ import annotations

from matcher.listing import Kind
from service.access import Role
from tests.api.people import People, approve
from tests.api.test_api import NEED, SEAL


def test_sums_that_the_mask_rounds_are_not_quoted(crowd: People) -> None:
    masked = {"disclosure": "masked", "budget_min_cny_wan": 37, "budget_max_cny_wan": 83}
    posted = crowd[Role.ENTERPRISE].post("/api/needs", json=NEED | masked)
    assert posted.status_code == 201, posted.text
    need = posted.json()["id"]
    approve(crowd, Kind.NEED, need)
    seal = crowd[Role.INSTITUTE].post("/api/achievements", json=SEAL | {"price_wan": 90}).json()
    approve(crowd, Kind.ACHIEVEMENT, seal["id"])
    last = crowd[Role.ADMIN].get("/api/health").json()["watermark"]
    url = f"/api/achievements/{seal['id']}/matches"
    query = {"explain": "true", "min_seq": last}

    def reasons(role: Role) -> str:
        found = crowd[role].get(url, params=query).json()["matches"]
        (match,) = [m for m in found if m["need_id"] == need]
        return " ".join(fit["reason"] for fit in match["fits"])

    told = reasons(Role.INSTITUTE)
    assert "100 万元" in told  # the band of the mask
    assert "83" not in told
    assert "37" not in told
    page = crowd[Role.INSTITUTE].get(f"/achievements/{seal['id']}").text
    assert "83 万" not in page
    why = crowd[Role.INSTITUTE].get(f"{url}/{need}").text
    assert "83" not in why.partition('"fits"')[2]
