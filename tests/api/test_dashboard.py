"""The dashboard counts what really happened."""

from __future__ import annotations

import io

import openpyxl

from matcher.listing import Direction
from tests.api.test_api import NEED, SEAL, post

EVENTS = ("claim", "verify_need", "verify_supply", "recommend", "contact")


def test_a_need_is_counted_at_each_stage_that_it_reached(client) -> None:
    here = NEED | {"industry_chain": "equipment"}
    need = post(client, "needs", here)
    post(client, "needs", NEED | {"title": "另一条需求没有人理会", "industry_chain": "equipment"})
    seal = post(client, "achievements", SEAL | {"industry_chain": "equipment", "org": "某大学"})
    url = f"/api/needs/{need['id']}/matches/{seal['id']}/stance"
    assert client.put(url, json={"interested": True}).status_code == 200
    other = f"/api/achievements/{seal['id']}/matches/{need['id']}/stance"
    assert client.put(other, json={"interested": True}).status_code == 200
    (case,) = client.get("/api/cases").json()
    for version, event in enumerate(EVENTS, start=case["version"]):
        step = {"event": event, "version": version}
        taken = client.post(f"/api/cases/{case['id']}/steps", json=step)
        assert taken.status_code == 200, taken.text
    client.get(f"/api/needs/{need['id']}/matches", params={"min_seq": seal["seq"]})
    found = client.get("/api/dashboard").json()
    assert [(s["name"], s["count"]) for s in found["funnel"]] == [
        ("published", 2), ("matched", 1), ("contacted", 1), ("met", 0), ("signed", 0),
    ]  # fmt: skip
    waits = {w["name"]: w for w in found["waits"]}
    assert (waits["contact"]["count"], waits["sign"]["count"]) == (1, 0)
    assert waits["contact"]["hours"] >= 0
    assert waits["sign"]["hours"] is None
    cells = {(g["chain"], g["region"]): (g["needs"], g["achievements"]) for g in found["gaps"]}
    assert cells[("equipment", "510400")] == (2, 0)
    assert cells[("equipment", "510100")] == (0, 1)
    assert found["exposure"]["institutions"] == 1
    assert found["exposure"]["top"] == [["某大学", 2]]


def test_the_workbook_holds_the_same_and_no_formula(client) -> None:
    need = post(client, "needs", NEED)
    last = post(client, "achievements", SEAL | {"org": "=HYPERLINK(1)"})
    client.get(f"/api/needs/{need['id']}/matches", params={"min_seq": last["seq"]})
    book = openpyxl.load_workbook(io.BytesIO(client.get("/dashboard.xlsx").content))
    assert book.sheetnames == ["漏斗", "用时", "供需缺口", "曝光"]
    assert book["漏斗"]["B2"].value == 1
    assert book["曝光"]["A2"].value == "'=HYPERLINK(1)"
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)


def test_the_administrator_sees_weights_and_thresholds_in_force(client) -> None:
    page = client.get("/admin/scoring").text
    config = client.app.state.context.replica.config
    model = client.app.state.context.encoder.model
    found = config.confidence.of(Direction.NEED_TO_ACHIEVEMENT, model, config.scoring_fingerprint)
    assert found is not None
    assert f"&lt; {found.threshold:.2f}" in page
    assert f"{config.fit_weights.region:g}" in page
