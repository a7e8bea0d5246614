"""Near-duplicates at posting, import and on pages: told, never refused, merged or left out."""

from __future__ import annotations

import json
import time
from pathlib import Path

from fastapi.testclient import TestClient

from service.settings import Settings
from tests.accounts import admin_client
from tests.api.test_api import post
from tests.server import jiebang

PUMP = {
    "title": "矿浆泵轴封两周就漏",
    "problem_statement": "选厂六台渣浆泵输送含石英砂的矿浆，轴封最长撑十六天就滴漏，希望三个月以上，不改泵体。",
}
AGAIN = {**PUMP, "problem_statement": PUMP["problem_statement"].replace("六台", "六 台（2027 年）")}
OTHER = {
    "title": "新建窖池出酒酯香不足",
    "problem_statement": "新建的两百口窖池酒体己酸乙酯偏低，想尽快让新窖泥达到老窖泥的水平。",
}
SEAL = {
    "title": "含固介质用机械密封的端面织构",
    "abstract": "在碳化硅密封端面加工螺旋槽，借流体动压把颗粒排出间隙；含砂介质台架连续运转 2600 h，泄漏低。",
}
SEAL_AGAIN = {**SEAL, "abstract": SEAL["abstract"].replace("泄漏低", "泄漏很低")}


def imported(client: TestClient, rows: list[dict], **data: str) -> dict:
    content = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    answer = client.post(
        "/api/imports",
        data={"kind": "need", **data},
        files={"file": ("rows.jsonl", content.encode())},
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def settled(client: TestClient) -> None:
    end = time.monotonic() + 30
    while client.get("/api/health").json()["lag"]:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_posting_names_the_twins_and_still_stores(client) -> None:
    first = post(client, "needs", PUMP)
    assert first["suspected_twins"] == []
    assert post(client, "needs", OTHER)["suspected_twins"] == []
    # at once: not when the indexer has come to it
    second = post(client, "needs", AGAIN)
    (twin,) = second["suspected_twins"]
    assert (twin["id"], twin["title"]) == (first["id"], PUMP["title"])
    assert 0.6 <= twin["similarity"] < 1
    assert len(client.get("/api/needs").json()["items"]) == 3


def test_what_was_withdrawn_changed_or_deleted_is_no_twin(client) -> None:
    first = post(client, "needs", PUMP)
    client.patch(f"/api/needs/{first['id']}", json={"status": "withdrawn"})
    second = post(client, "needs", PUMP)
    assert second["suspected_twins"] == []
    client.patch(f"/api/needs/{second['id']}", json=OTHER)
    third = post(client, "needs", PUMP)
    assert third["suspected_twins"] == []
    client.delete(f"/api/needs/{third['id']}")
    assert post(client, "needs", PUMP)["suspected_twins"] == []


def test_a_draft_is_told_its_twins(client) -> None:
    first = post(client, "needs", PUMP)
    result = client.post("/api/needs/check", json=AGAIN).json()
    assert [twin["id"] for twin in result["suspected_twins"]] == [first["id"]]
    assert client.post("/api/needs/check", json=OTHER).json()["suspected_twins"] == []


def test_an_import_reports_twins_in_the_store_and_in_the_file(client) -> None:
    stored = post(client, "needs", PUMP)
    rows = [{"need_id": "N1", **AGAIN}, OTHER, {**OTHER, "title": "新窖池出酒酯香不足"}]
    for dry_run in ("true", "false"):
        report = imported(client, rows, dry_run=dry_run)
        found = [(t["row"], t["id"], t["other_row"]) for t in report["suspected_twins"]]
        assert found == [(1, stored["id"], None), (3, "", 2)]
    assert report["created"] == 3
    again = imported(client, rows)
    assert again["unchanged"] == 3
    # the same file again is no duplicate of itself; what was near before still is
    assert all(t["similarity"] < 1 for t in again["suspected_twins"])
    assert all(t["id"] != "N1" for t in again["suspected_twins"] if t["row"] == 1)


def test_pages_show_one_of_a_group_and_the_api_all(client) -> None:
    need = post(client, "needs", PUMP)
    first = post(client, "achievements", SEAL)
    second = post(client, "achievements", SEAL_AGAIN)
    settled(client)
    listed = client.get(f"/api/needs/{need['id']}/matches", params={"min_seq": second["seq"]})
    assert {m["achievement_id"] for m in listed.json()["matches"]} == {first["id"], second["id"]}
    for page in (
        client.get(f"/needs/{need['id']}"),
        client.post("/", data={"text": PUMP["problem_statement"]}),
    ):
        assert page.status_code == 200
        assert page.text.count('<article class="card">') == 1
        assert "另有 1 条近似记录" in page.text
        assert f"/achievements/{first['id']}" in page.text
        assert f"/achievements/{second['id']}" in page.text


def test_the_form_asks_before_it_publishes_a_twin(client) -> None:
    first = post(client, "needs", PUMP)
    asked = client.post("/needs/new", data=AGAIN, follow_redirects=False)
    assert asked.status_code == 409
    assert f"/needs/{first['id']}" in asked.text
    assert "仍然发布" in asked.text
    assert len(client.get("/api/needs").json()["items"]) == 1
    done = client.post("/needs/new", data={**AGAIN, "not_a_twin": "1"}, follow_redirects=False)
    assert done.status_code == 303
    assert len(client.get("/api/needs").json()["items"]) == 2


def test_a_restart_finds_the_same_twins(settings: Settings) -> None:
    with admin_client(settings) as client:
        first = post(client, "needs", PUMP)
    with admin_client(settings) as client:
        assert [t["id"] for t in post(client, "needs", AGAIN)["suspected_twins"]] == [first["id"]]


def test_the_import_command_lists_them(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "needs.jsonl"
    rows = [{"need_id": "N1", **PUMP}, {"need_id": "N2", **OTHER}]
    file.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), encoding="utf-8")
    first = jiebang(home, "import", str(file), "--kind", "need")
    assert first.returncode == 0, first.stderr
    assert "疑似重复" not in first.stderr
    file.write_text(json.dumps({"need_id": "N3", **AGAIN}, ensure_ascii=False), encoding="utf-8")
    second = jiebang(home, "import", str(file), "--kind", "need")
    assert "第 1 行" in second.stderr
    assert "N1“矿浆泵轴封两周就漏”近似" in second.stderr
    assert "新增 1" in second.stdout
