"""The check-up of drafts over HTTP and as a command: nothing stored, nothing hidden shown."""

from __future__ import annotations

import json
import logging
from pathlib import Path

from fastapi.testclient import TestClient

from tests.server import jiebang

DRAFT = {
    "title": "提升冲压件质量",
    "problem_statement": "寻求国内领先的工艺，大幅提高冲压件良品率。",
}
SECRET_PHONE = "13800007777"


def checked(client: TestClient, body: dict) -> dict:
    answer = client.post("/api/needs/check", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(result: dict) -> set[str]:
    return {finding["code"] for finding in result["findings"]}


def test_a_draft_gets_score_and_questions_and_an_empty_one_scores_nothing(client) -> None:
    result = checked(client, DRAFT)
    asked = {finding["code"]: finding for finding in result["findings"]}
    assert asked["no_indicator"]["question"] == "目前的冲压件良品率是多少？希望做到多少？"
    assert asked["no_indicator"]["field"] == "targets"
    assert asked["no_indicator"]["severity"] == "major"
    assert checked(client, {})["score"] == 0
    assert 0 < checked(client, {**DRAFT, "budget_max_cny_wan": 80})["score"] < 50


def test_structured_fields_answer_the_questions(client) -> None:
    before = codes(checked(client, DRAFT))
    stated = {
        "targets": ["良品率 ≥ 98 %"],
        "application_scene": "电池壳冲压车间",
        "current_state": "级进模，返工率高",
        "tried_solutions": "换过模具钢",
        "negotiable": True,
        "deadline": "2027-06-30",
        "ip_ownership": "归需求方",
        "trl_min": 7,
    }
    assert before - codes(checked(client, {**DRAFT, **stated})) == before - {"too_short"}


def test_nothing_is_stored_logged_or_repeated(client, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    marked = {**DRAFT, "contact": {"phone": SECRET_PHONE}, "trl_min": "没有人知道"}
    refused = client.post("/api/needs/check", json=marked)
    assert refused.status_code == 422
    kept = client.post("/api/needs/check", json={**DRAFT, "contact": {"phone": SECRET_PHONE}})
    assert kept.status_code == 200
    for said in (refused.text, kept.text, caplog.text):
        assert SECRET_PHONE not in said
        assert "没有人知道" not in said
    assert DRAFT["problem_statement"] not in caplog.text
    assert client.get("/api/needs", params={"status": "any"}).json()["items"] == []


def test_secret_content_is_refused(client) -> None:
    answer = client.post("/api/needs/check", json={**DRAFT, "classified": True})
    assert answer.status_code == 422
    assert "不接收涉密内容" in answer.text
    assert "findings" not in answer.json()


def test_the_route_is_not_taken_for_a_record(client) -> None:
    assert client.get("/api/needs/check").status_code == 404
    document = client.get("/api/openapi.json").json()
    operation = document["paths"]["/api/needs/check"]["post"]
    body = operation["requestBody"]["content"]["application/json"]
    assert "required" not in body["schema"]
    for example in body["examples"].values():
        checked(client, example["value"])


def test_the_command_checks_every_need_of_a_file(home: Path, tmp_path: Path) -> None:
    source, out = tmp_path / "needs.csv", tmp_path / "checked.jsonl"
    source.write_text(
        "需求编号,需求名称,技术难题描述,预算\n"
        "N1,提升冲压件质量,寻求国内领先的工艺，大幅提高良品率。,80万\n"
        ",轴封[漏],渣浆泵轴封两周就漏,\n",
        encoding="utf-8",
    )
    done = jiebang(home, "check", str(source), "--format", "jsonl", "--out", str(out))
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert (first["need_id"], first["row"], second["need_id"]) == ("N1", 2, None)
    assert "no_budget" not in codes(first)
    assert "no_budget" in codes(second)
    table = jiebang(home, "check", str(source))
    assert f"{first['score']} 分" in table.stdout
    assert "轴封[漏]" in table.stdout
    missing = jiebang(home, "check", str(tmp_path / "none.csv"))
    assert missing.returncode == 2
    assert missing.stderr.count("\n") == 1
