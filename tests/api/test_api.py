"""The HTTP interface over a real database, model and index."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from tests.accounts import admin_client
from tests.server import jiebang

NEED = {
    "title": "矿浆泵轴封两周就漏",
    "problem_statement": "选厂六台渣浆泵输送含石英砂的矿浆，轴封最长撑十六天就滴漏，希望三个月以上，不改泵体。",
    "region_code": "攀枝花",
    "industry_chain": "先进装备",
    "budget_min_cny_wan": 20,
    "budget_max_cny_wan": 80,
    "coop_modes": ["联合开发"],
}
SEAL = {
    "title": "含固介质用机械密封的端面织构",
    "abstract": "在碳化硅密封端面加工螺旋槽，借流体动压把颗粒排出间隙；含砂介质台架连续运转 2600 h，泄漏低。",
    "region_code": "510100",
    "trl": 7,
    "price_mode": "listed",
    "price_wan": 60,
}
BATTERY = {
    "title": "狭缝挤压涂布边缘隆起的控制",
    "abstract": "以自由界面追踪法求解模头出口流动，设计带渐缩倒角的垫片，侧缘隆起由 14 微米减到 3 微米以内。",
    "region_code": "510700",
    "industry_chain": "battery",
    "trl": 8,
}


def post(client: TestClient, plural: str, body: dict) -> dict:
    answer = client.post(f"/api/{plural}", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def matches(client: TestClient, plural: str, id_: str, **params) -> list[str]:
    answer = client.get(f"/api/{plural}/{id_}/matches", params=params)
    assert answer.status_code == 200, answer.text
    other = "achievement_id" if plural == "needs" else "need_id"
    return [match[other] for match in answer.json()["matches"]]


def problem(answer, status: int) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert body["status"] == status
    return body


def test_a_posted_changed_and_withdrawn_record_shows_in_matches_both_ways(client) -> None:
    need = post(client, "needs", NEED)
    other = post(client, "achievements", BATTERY)
    seal = post(client, "achievements", SEAL)
    seen = matches(client, "needs", need["id"], min_seq=seal["seq"])
    assert seen == [seal["id"], other["id"]]
    assert matches(client, "achievements", seal["id"]) == [need["id"]]
    changed = client.patch(
        f"/api/achievements/{other['id']}",
        json={"title": NEED["title"], "abstract": NEED["problem_statement"]},
    ).json()
    assert matches(client, "needs", need["id"], min_seq=changed["seq"])[0] == other["id"]
    withdrawn = client.patch(f"/api/achievements/{other['id']}", json={"status": "withdrawn"})
    assert matches(client, "needs", need["id"], min_seq=withdrawn.json()["seq"]) == [seal["id"]]
    gone = client.delete(f"/api/achievements/{seal['id']}")
    assert gone.status_code == 204
    assert matches(client, "needs", need["id"], min_seq=int(gone.headers["X-Jiebang-Seq"])) == []
    problem(client.get(f"/api/achievements/{seal['id']}"), 404)


def test_records_are_stored_as_codes_and_listed_by_text_and_facets(client) -> None:
    need = post(client, "needs", NEED)
    assert need["region_code"] == "510400"
    assert need["industry_chain"] == "equipment"
    assert need["coop_modes"] == ["joint_dev"]
    read = client.get(f"/api/needs/{need['id']}")
    assert read.json()["title"] == NEED["title"]
    assert read.headers["ETag"] == '"1"'

    def listed(plural: str = "needs", **params) -> list[str]:
        answer = client.get(f"/api/{plural}", params=params)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["items"]]

    for params in (
        {"q": "石英砂 轴封"},
        {"q": "礦漿泵"},
        {"region": "攀枝花市"},
        {"chain": ["battery", "equipment"]},
        {"money_min": 50, "money_max": 100},
        {"coop_mode": "joint_dev"},
        {"status": "any"},
    ):
        assert listed(**params) == [need["id"]], params
    for params in (
        {"q": "石英砂 酒曲"},
        {"region": "510100"},
        {"money_min": 81},
        {"money_max": 19},
        {"coop_mode": "equity"},
        {"status": "withdrawn"},
        {"trl_min": 1},
        {"q": "%"},
    ):
        assert listed(**params) == [], params


def test_pages_of_a_list_hold_every_record_once(client) -> None:
    made = {
        post(client, "achievements", BATTERY | {"title": f"成果第{n}号"})["id"] for n in range(7)
    }
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = client.get("/api/achievements", params=params).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == 7
    assert set(seen) == made
    problem(client.get("/api/achievements", params={"cursor": "!!"}), 400)


def test_why_is_x_not_in_my_list(client) -> None:
    need = post(client, "needs", NEED)
    post(client, "achievements", SEAL)
    last = post(client, "achievements", BATTERY)
    url = f"/api/needs/{need['id']}/matches/{last['id']}"
    plain = client.get(url, params={"min_seq": last["seq"]}).json()
    assert plain["rank"] == 2
    assert plain["failed_filters"] == []
    assert {"lexical", "dense"} <= plain["match"]["parts"].keys()
    listed = client.get(f"/api/needs/{need['id']}/matches").json()["matches"][1]
    assert listed["score"] == plain["score"]
    filtered = client.get(url, params={"region": "成都", "trl_min": 9}).json()
    assert filtered["rank"] is None
    assert [f["filter"] for f in filtered["failed_filters"]] == ["regions", "trl"]
    problem(client.get(f"/api/needs/{need['id']}/matches/nobody"), 404)


def test_filters_of_matches_and_explanations(client) -> None:
    need = post(client, "needs", NEED)
    seal = post(client, "achievements", SEAL)
    battery = post(client, "achievements", BATTERY)
    seq = battery["seq"]
    assert matches(client, "needs", need["id"], min_seq=seq, region="绵阳") == [battery["id"]]
    assert matches(client, "needs", need["id"], money_max=60) == [seal["id"]]
    assert matches(client, "needs", need["id"], trl_min=8) == [battery["id"]]
    answer = client.get(f"/api/needs/{need['id']}/matches", params={"explain": True}).json()
    first = answer["matches"][0]["explanation"]
    text = f"{SEAL['title']}\n{SEAL['abstract']}"
    for passage in first["passages"]:
        assert text[passage["start"] : passage["end"]].strip() == passage["text"]
    assert "密封" in "".join(first["shared_terms"]) or first["passages"]


def test_a_text_is_matched_without_being_stored(client) -> None:
    seal = post(client, "achievements", SEAL)
    client.get("/api/health")
    body = {"text": NEED["problem_statement"], "title": NEED["title"]}
    stored = post(client, "needs", NEED)
    answer = client.post("/api/match", json=body, params={"region": "510100"})
    assert [m["achievement_id"] for m in answer.json()["matches"]] == [seal["id"]]
    kept = client.get(f"/api/needs/{stored['id']}/matches").json()["matches"][0]
    # the text states no facets, so structured fit says nothing of it; the texts score alike
    assert answer.json()["matches"][0]["parts"] == kept["parts"]
    assert len(client.get("/api/needs").json()["items"]) == 1
    problem(client.post("/api/match", json={"text": " \n"}), 422)
    problem(client.post("/api/match", json={"text": "泵漏", "top_k": True}), 422)


@pytest.mark.parametrize("value", [True, "true", "是", "涉密", "机密"])
def test_classified_is_refused_at_every_entrance(client, tmp_path: Path, value) -> None:
    refused = problem(client.post("/api/needs", json=NEED | {"classified": value}), 422)
    assert any("涉密" in e["problem"] for e in refused["errors"])
    kept = post(client, "needs", NEED)
    problem(client.patch(f"/api/needs/{kept['id']}", json={"classified": value}), 422)
    rows = json.dumps(NEED | {"classified": value}, ensure_ascii=False).encode()
    report = client.post("/api/imports", data={"kind": "need"}, files={"file": ("a.jsonl", rows)})
    assert report.json()["rejected"] == 1
    assert report.json()["created"] == 0
    assert len(client.get("/api/needs").json()["items"]) == 1


def test_contact_is_never_returned_logged_encoded_or_exported(
    client, settings: Settings, caplog, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "王小明专用联系标记"
    body = NEED | {"contact": {"name": secret, "phone": "13900001234", "email": "x@y.cn"}}
    need = post(client, "needs", body)
    post(client, "achievements", SEAL)
    client.patch(f"/api/needs/{need['id']}", json={"duration_months": 6})
    faulty = client.post("/api/needs", json=body | {"budget_min_cny_wan": secret})
    texts = [faulty.text, caplog.text]
    for url in (
        f"/api/needs/{need['id']}",
        "/api/needs",
        f"/api/needs?q={secret}",
        f"/api/needs/{need['id']}/matches?explain=true",
        f"/needs/{need['id']}",
        "/needs",
    ):
        texts.append(
            client.get(url).text.replace(f"q={secret}", "").replace(f'value="{secret}"', "")
        )
    book = tmp_path / "book.xlsx"
    book.write_bytes(client.get(f"/needs/{need['id']}/matches.xlsx").content)
    for text in texts:
        assert secret not in text
        assert "13900001234" not in text
    for path in settings.index_dir.rglob("*"):
        assert path.is_dir() or secret.encode() not in path.read_bytes()


def test_concurrent_edits_are_noticed(client) -> None:
    need = post(client, "needs", NEED)
    url = f"/api/needs/{need['id']}"
    first = client.patch(url, json={"duration_months": 6}, headers={"If-Match": '"1"'})
    assert first.status_code == 200
    assert first.json()["version"] == 2
    stale = client.patch(url, json={"duration_months": 9}, headers={"If-Match": '"1"'})
    assert problem(stale, 412)["version"] == 2
    problem(client.delete(url, headers={"If-Match": '"1"'}), 412)
    problem(client.patch(url, json={"duration_months": 9}, headers={"If-Match": "abc"}), 400)
    problem(client.post("/api/needs", json=NEED | {"need_id": need["id"]}), 409)


def test_verdicts_are_graded_replaced_and_exported_as_qrels(client, home: Path) -> None:
    need = post(client, "needs", NEED)
    seal = post(client, "achievements", SEAL)
    pair = {"need_id": need["id"], "achievement_id": seal["id"]}
    for judge, grade in (("甲", 1), ("甲", 3), ("乙", 2)):
        answer = client.post("/api/verdicts", json=pair | {"judge": judge, "grade": grade})
        assert answer.status_code == 201, answer.text
    assert sorted(v["grade"] for v in client.get("/api/verdicts").json()) == [2, 3]
    rejected = client.post("/api/verdicts", json=pair | {"grade": 0, "reason_code": "nonsense"})
    problem(rejected, 422)
    for grade in (4, -1, True, 1.5, "2"):
        problem(client.post("/api/verdicts", json=pair | {"grade": grade}), 422)
    problem(client.post("/api/verdicts", json=pair | {"need_id": "nobody", "grade": 1}), 404)
    exported = jiebang(home, "export", "qrels")
    assert exported.returncode == 0, exported.stderr
    assert exported.stdout.splitlines()[1:] == [f"{need['id']}\t{seal['id']}\t2"]


def test_imports_report_every_fault_and_store_all_good_rows_once(client) -> None:
    text = (
        "需求编号,需求名称,技术难题描述,所在市州,拟投入资金上限(万元)\n"
        "X1,矿浆泵轴封两周就漏,六台渣浆泵轴封滴漏，希望三个月以上,攀枝花,80\n"
        "X2,短,六台渣浆泵轴封滴漏，希望三个月以上,攀枝花,八十\n"
        "X3,極片塗布兩邊起棱😀,收卷八百米就像荷葉一樣翹起來請幫忙解決,宜宾,３００\n"
    )

    def send(data: bytes, **form) -> dict:
        answer = client.post(
            "/api/imports", data={"kind": "need", **form}, files={"file": ("需求.csv", data)}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    dry = send(text.encode("gb18030"), dry_run="true")
    assert (dry["accepted"], dry["rejected"], dry["created"]) == (2, 1, 0)
    assert client.get("/api/needs").json()["items"] == []
    done = send(text.encode("utf-8-sig"))
    assert (done["created"], done["rejected"]) == (2, 1)
    assert {(e["row"], e["column"]) for e in done["errors"]} >= {(3, "需求名称")}
    assert all(e["problem"] and e["cure"] for e in done["errors"])
    assert "X2" in done["rejected_csv"]
    again = send(text.encode())
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)
    mended = done["rejected_csv"].replace("短", "短题目改长了").replace("八十", "80")
    assert send(mended.encode())["created"] == 1
    assert client.get("/api/needs/X3").json()["budget_max_cny_wan"] == 300
    broken = client.post(
        "/api/imports", data={"kind": "need"}, files={"file": ("a.csv", "甲,乙\n1,2\n".encode())}
    )
    assert problem(broken, 422)["cure"]


def test_templates_download_and_import_again(client) -> None:
    answer = client.get("/api/imports/template", params={"kind": "achievement"})
    assert answer.headers["content-disposition"].endswith('.xlsx"')
    assert answer.content[:2] == b"PK"
    problem(client.get("/api/imports/template", params={"kind": "unknown"}), 422)


def test_a_reader_ahead_of_the_index_is_asked_to_wait(client) -> None:
    made = post(client, "needs", NEED)
    replica = client.app.state.context.replica
    replica.stop()
    later = post(client, "needs", NEED)
    waiting = client.get(f"/api/needs/{made['id']}/matches", params={"min_seq": later["seq"]})
    problem(waiting, 503)
    assert waiting.headers["Retry-After"] == "1"
    assert client.get("/api/health").json()["lag"] == 1


def test_openapi_describes_errors_as_problems_and_gives_examples(client) -> None:
    document = client.get("/api/openapi.json").json()
    for plural in ("needs", "achievements"):
        create = document["paths"][f"/api/{plural}"]["post"]
        body = create["requestBody"]["content"]["application/json"]
        for example in body["examples"].values():
            assert client.post(f"/api/{plural}", json=example["value"]).status_code == 201
        assert {"title", "problem_statement" if plural == "needs" else "abstract"} <= set(
            body["schema"]["required"]
        )
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            refused = operation["responses"]["400"]["content"]
            assert list(refused) == ["application/problem+json"]
    assert "$defs" not in json.dumps(document)


def test_health_says_when_it_is_ready(settings: Settings) -> None:
    app = create_app(settings)
    not_started = TestClient(app).get("/api/health")
    assert not_started.status_code == 503
    assert TestClient(app).get("/api/needs/x/matches").status_code == 503
    with TestClient(app) as client:
        health = client.get("/api/health")
        assert health.status_code == 200
        assert health.json()["lag"] == 0
        problem(client.get("/api/needs/x/matches", params={"min_seq": 10**6}), 400)


def test_unknown_paths_methods_and_bodies_are_problems(client) -> None:
    problem(client.get("/api/nope"), 404)
    problem(client.put("/api/needs"), 405)
    problem(
        client.post("/api/needs", content=b"{", headers={"Content-Type": "application/json"}), 422
    )
    problem(client.post("/api/needs", json=[1, 2]), 422)
    problem(client.post("/api/needs", json=NEED | {"surprise": 1}), 422)
    problem(client.get("/api/needs", params={"limit": 0}), 422)
    problem(client.get("/api/needs", params={"money_min": "nan"}), 422)


def test_a_body_above_the_limit_is_refused(settings: Settings) -> None:
    with admin_client(settings.model_copy(update={"max_body_bytes": 2000})) as client:
        problem(client.post("/api/needs", json=NEED | {"background": "长" * 3000}), 413)
        assert client.post("/api/needs", json=NEED).status_code == 201


def test_a_page_of_another_site_cannot_write(client) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        problem(client.post("/api/needs", json=NEED, headers=headers), 403)
        upload = client.post(
            "/api/imports",
            data={"kind": "need"},
            files={"file": ("a.csv", b"x")},
            headers=headers,
        )
        problem(upload, 403)
        assert client.get("/api/needs", headers=headers).json()["items"] == []
