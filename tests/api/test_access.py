"""The access table: every route has a row, every row a refused case, and ownership holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from matcher.listing import KINDS, Kind
from service.access import POSTER, Reach, Role, Scope
from service.guard import access_table, enforce, routes_of
from service.rules import RULES
from tests.api.people import People, approve
from tests.api.test_api import NEED, SEAL, problem

ROOT = Path(__file__).parents[2]
SAFE = ("GET", "HEAD")
OUTSIDE = {"GET /api/openapi.json", "GET /static"}
"""Routes of the framework, which are open and do not pass the guard."""


@pytest.fixture(scope="module")
def crowd(crowd: People) -> People:
    """Everybody, with a draft and a published record of an enterprise and of an institute."""
    for kind, body in ((Kind.NEED, NEED), (Kind.ACHIEVEMENT, SEAL)):
        for status in ("published", "draft"):
            record = body | {KINDS[kind].id_field: f"{kind}-{status}", "status": status}
            sent = crowd[POSTER[kind]].post(f"/api/{KINDS[kind].plural}", json=record)
            assert sent.status_code == 201, sent.text
        approve(crowd, kind, f"{kind}-published")
    return crowd


def address(key: str, id_: str = "") -> tuple[str, str]:
    """Method and path of a row; the record, where one is named, is `id_`."""
    method, _, path = key.partition(" ")
    rule = RULES[key]
    id_ = id_ or f"{rule.record}-published"
    path = path.replace("{id}", id_).replace("{id:path}", id_)
    return method, re.sub(r"\{\w+\}", "nobody", path)


def send(client: Any, key: str, id_: str = "", **options: Any) -> Any:
    method, path = address(key, id_)
    return client.request(method, path, follow_redirects=False, **options)


def test_every_route_has_a_row_and_every_row_a_route(crowd: People) -> None:
    assert sorted(routes_of(crowd.app)) == sorted(RULES)


def test_a_route_without_a_row_is_shut(crowd: People) -> None:
    """Deny by default, whoever asks."""
    app, key = crowd.app, "GET /api/forgotten-by-the-table"
    app.add_api_route("/api/forgotten-by-the-table", lambda: "hello", methods=["GET"])
    problem(crowd[None].get("/api/forgotten-by-the-table"), 401)
    assert key in routes_of(app)
    assert problem(crowd[Role.ADMIN].get("/api/forgotten-by-the-table"), 403)["missing"] == {
        "role": []
    }
    app.router.routes.pop()


def test_every_route_passes_the_guard_but_those_of_the_framework(crowd: People) -> None:
    unguarded = set()
    for route in iter_route_contexts(crowd.app.routes):
        if isinstance(route.original_route, APIRoute):
            assert any(d.dependency is enforce for d in route.dependencies), route.path
        else:
            unguarded.add(f"GET {route.path}")
    assert unguarded == OUTSIDE


def test_the_printed_table_is_the_table_of_the_routes(crowd: People) -> None:
    printed = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    assert access_table(crowd.app) in printed, "run `jiebang access` and put it into docs/access.md"


CLOSED = [
    (key, role) for key, rule in RULES.items() for role in (None, *Role) if role not in rule.reach
]


@pytest.mark.parametrize(("key", "role"), CLOSED, ids=str)
def test_whoever_is_not_in_a_row_is_refused(crowd: People, key: str, role: Role | None) -> None:
    answer = send(crowd[role], key)
    if role is None and key.startswith("GET ") and not key.startswith("GET /api"):
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=%2F")
    elif key.partition(" ")[2].startswith("/api"):
        told = problem(answer, 401 if role is None else 403)
        if role is None:
            assert answer.headers["www-authenticate"].startswith("Bearer")
        else:
            assert set(told["missing"]["role"]) == {r for r in RULES[key].reach if r}
    else:
        assert answer.status_code == (401 if role is None else 403)
        assert "<html" in answer.text


@pytest.mark.parametrize("key", sorted(set(RULES) - OUTSIDE))
def test_a_token_that_does_not_work_is_refused_everywhere(crowd: People, key: str) -> None:
    answer = send(crowd[None], key, headers={"Authorization": "Bearer jbt_made-up"})
    assert answer.status_code in (401, 303)
    if key.partition(" ")[2].startswith("/api"):
        problem(answer, 401)
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def token_for(crowd: People, role: Role, scopes: list[Scope]) -> dict[str, str]:
    body = {"name": "测试", "scopes": scopes}
    made = crowd[role].post("/api/me/tokens", json=body)
    assert made.status_code == 201, made.text
    return {"Authorization": f"Bearer {made.json()['token']}"}


@pytest.fixture(scope="module")
def narrow(crowd: People) -> dict[Scope, dict[str, str]]:
    """An administrator's tokens, each of which lacks one scope."""
    return {
        lacking: token_for(crowd, Role.ADMIN, [s for s in Scope if s is not lacking])
        for lacking in Scope
    }


@pytest.mark.parametrize("key", sorted(set(RULES) - OUTSIDE))
def test_a_token_without_the_scope_of_a_row_is_refused(
    crowd: People, narrow: dict[Scope, dict[str, str]], key: str
) -> None:
    scope = RULES[key].scope
    answer = send(crowd[None], key, headers=narrow[scope])
    assert answer.status_code == 403
    if key.partition(" ")[2].startswith("/api"):
        assert problem(answer, 403)["missing"] == {"scope": [scope.value]}


UNSAFE = [key for key in RULES if not key.startswith("GET ")]


@pytest.mark.parametrize("key", UNSAFE)
def test_a_cookie_alone_changes_nothing(crowd: People, key: str) -> None:
    """CSRF: without the token of the session, and with another one, in header or form."""
    role = next(r for r in (*RULES[key].reach,) if r)
    client = crowd[role]
    own = client.headers.pop("X-CSRF-Token")
    try:
        for options in (
            {},
            {"headers": {"X-CSRF-Token": "0" * len(own)}},
            {"data": {"csrf_token": "1" * len(own)}},
            {"headers": {"Origin": "http://testserver"}},
        ):
            answer = send(client, key, **options)
            assert answer.status_code == 403, answer.text
            assert "校验码" in answer.text
    finally:
        client.headers["X-CSRF-Token"] = own


@pytest.mark.parametrize("key", UNSAFE)
def test_another_site_changes_nothing(crowd: People, key: str) -> None:
    role = next(r for r in (*RULES[key].reach,) if r)
    answer = send(crowd[role], key, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "别的网站" in answer.text


OWNED = [key for key, rule in RULES.items() if isinstance(rule.record, Kind)]


@pytest.mark.parametrize("key", OWNED)
def test_records_of_others_are_out_of_reach(crowd: People, key: str) -> None:
    """IDOR: the id is known, the record is somebody else's."""
    rule = RULES[key]
    for role, reach in rule.reach.items():
        client = crowd.rival if role is Role.ENTERPRISE else crowd[role]
        draft = f"{rule.record}-draft"
        if reach is Reach.ALL or POSTER[rule.record] is role is Role.INSTITUTE:
            continue
        hidden = send(client, key, draft, json={})
        assert hidden.status_code == 404
        assert "密封" not in hidden.text
        if reach is Reach.OWN:
            refused = send(client, key, f"{rule.record}-published", json={})
            assert refused.status_code == 403
            assert "别的单位" in refused.text


def test_owners_reach_their_own_and_the_house_reaches_all(crowd: People) -> None:
    for kind in Kind:
        url = f"/api/{KINDS[kind].plural}/{kind}-draft"
        for role in (POSTER[kind], Role.MANAGER, Role.ADMIN):
            assert crowd[role].get(url).status_code == 200
        assert crowd[POSTER[kind]].patch(url, json={"park": "高新区"}).status_code == 200
    mine = crowd[Role.ENTERPRISE].get("/api/needs", params={"status": "any"}).json()["items"]
    assert {"need-draft", "need-published"} <= {item["id"] for item in mine}
    for other in (None, Role.INSTITUTE, Role.ANALYST, Role.ORGANISER):
        listed = crowd[other].get("/api/needs", params={"status": "any"}).json()["items"]
        assert "need-draft" not in {item["id"] for item in listed}
        assert crowd[other].get("/api/needs", params={"status": "draft"}).json()["items"] == []
    rival = crowd.rival.get("/api/needs", params={"status": "any"}).json()["items"]
    assert "need-draft" not in {item["id"] for item in rival}


def test_an_import_cannot_take_over_a_record(crowd: People) -> None:
    row = json.dumps(NEED | {"need_id": "need-published", "title": "被别人改掉的标题"})
    sent = {"data": {"kind": "need"}, "files": {"file": ("a.jsonl", row.encode())}}
    refused = problem(crowd.rival.post("/api/imports", **sent), 409)
    assert "need-published" in refused["detail"]
    page = crowd.rival.post(
        "/import", data={"kind": "need", "action": "import"}, files=sent["files"]
    )
    assert "已被别的单位占用" in page.text
    stored = crowd[None].get("/api/needs/need-published").json()
    assert stored["title"] == NEED["title"]
    for role, kind in ((Role.ENTERPRISE, "achievement"), (Role.INSTITUTE, "need")):
        problem(crowd[role].post("/api/imports", **(sent | {"data": {"kind": kind}})), 403)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("needs", NEED | {"owner_id": "O1"}),
        ("needs", NEED | {"created_by": "U1"}),
        ("needs", NEED | {"version": 9}),
        ("auth/register", {"login": "x@y.example", "state": "approved"}),
        ("auth/login", {"login": "x@y.example", "password": "x", "role": "admin"}),
        ("me/tokens", {"name": "x", "scopes": ["read"], "user_id": "U1"}),
        ("admin/invitations", {"login": "x@y.example", "role": "manager", "state": "approved"}),
        ("verdicts", {"need_id": "a", "achievement_id": "b", "grade": 1, "user_id": "U1"}),
    ],
)
def test_ownership_roles_and_states_cannot_be_assigned(
    crowd: People, path: str, body: dict[str, Any]
) -> None:
    told = problem(crowd[Role.ADMIN].post(f"/api/{path}", json=body), 422)
    extra = {"owner_id", "created_by", "version", "state", "role", "user_id"} & set(body)
    assert extra & {error["field"] for error in told["errors"]}


def test_one_judge_cannot_replace_the_grade_of_another(crowd: People) -> None:
    pair = {"need_id": "need-published", "achievement_id": "achievement-published", "judge": "甲"}
    assert crowd[Role.ADMIN].post("/api/verdicts", json=pair | {"grade": 3}).status_code == 201
    refused = crowd[Role.MANAGER].post("/api/verdicts", json=pair | {"grade": 0})
    assert problem(refused, 403)["missing"]["owner"]
    assert [v["grade"] for v in crowd[Role.ANALYST].get("/api/verdicts").json()] == [3]
    exported = crowd[Role.ANALYST].get("/api/verdicts/qrels")
    assert exported.text.splitlines()[1:] == ["need-published\tachievement-published\t3"]
    page = crowd[None].get("/needs/need-published")
    assert page.status_code == 200
    assert "已有评价" not in page.text


def test_openapi_says_what_an_operation_asks_for(crowd: People) -> None:
    document = crowd[None].get("/api/openapi.json").json()
    assert set(document["components"]["securitySchemes"]) == {"bearer", "session", "form"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            open_ = None in RULES[f"{method.upper()} {path}"].reach
            assert ({} in operation["security"]) == open_, path
