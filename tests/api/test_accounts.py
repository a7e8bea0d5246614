"""Accounts end to end: in, out, approval, mail, tokens, throttling, and what is kept of secrets."""

from __future__ import annotations

import logging
import mailbox
import re
import statistics
import time
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import DatabaseError
from sqlmodel import SQLModel, select

from corpora.uscc import check_character
from service.access import Role, Scope
from service.accounts import demo
from service.accounts.tables import ApiTokenRow, AuditRow, MailTokenRow, SessionRow, UserRow
from service.app import create_app
from service.db import reading, writing
from service.settings import Settings
from service.tables import now
from tests.accounts import LOGIN, PASSWORD, add_admin, sign_in
from tests.api.test_api import NEED, problem

FIRST = "91510100AB12CD34E"
REGISTRATION = {
    "login": "Li@Plant.Example",
    "name": "李工",
    "password": "seal lasts ninety days",
    "role": "enterprise",
    "organisation": "攀枝花某选矿厂",
    "uscc": FIRST + check_character(FIRST),
    "org_type": "company",
    "region_code": "攀枝花",
}
GIVEN = {"login": "li@plant.example", "password": REGISTRATION["password"]}


def mails(settings: Settings) -> list[tuple[str, str]]:
    """Who got what, from the mailbox directory."""
    box = mailbox.Maildir(settings.mailbox_dir, create=False)
    found = sorted(box, key=lambda m: m["Message-ID"])
    return [(m["To"], (m.get_payload(decode=True) or b"").decode()) for m in found]


def link(settings: Settings, path: str) -> str:
    """The newest token that was mailed for `path`."""
    tokens = re.findall(rf"/{path}\?token=(\S+)", "\n".join(text for _, text in mails(settings)))
    return tokens[-1]


def visitor(client: TestClient) -> TestClient:
    """Somebody else at the same service, who is not signed in."""
    return TestClient(client.app, raise_server_exceptions=False)


def test_register_wait_approve_sign_in_post(client, settings: Settings) -> None:
    other = visitor(client)
    assert other.post("/api/auth/register", json=REGISTRATION).status_code == 202
    waiting = problem(other.post("/api/auth/login", json=GIVEN), 403)
    assert waiting["type"].endswith("account-pending")
    page = other.post("/login", data=GIVEN, follow_redirects=False)
    assert page.status_code == 403
    assert "等待管理员审批" in page.text
    assert "set-cookie" not in page.headers

    (user,) = client.get("/api/admin/users", params={"state": "pending"}).json()
    (organisation,) = client.get("/api/admin/organisations").json()
    assert (organisation["region_code"], organisation["state"]) == ("510400", "pending")
    assert client.post(f"/api/admin/users/{user['id']}/approve").status_code == 204
    assert client.get("/api/admin/organisations").json()[0]["state"] == "approved"
    assert [to for to, _ in mails(settings)] == ["li@plant.example"] * 2

    granted = other.post("/api/auth/login", json=GIVEN)
    assert granted.status_code == 200, granted.text
    other.headers["Authorization"] = f"Bearer {granted.json()['access_token']}"
    me = other.get("/api/me").json()
    assert (me["role"], me["organisation"]) == ("enterprise", "攀枝花某选矿厂")
    posted = other.post("/api/needs", json=NEED)
    assert posted.status_code == 201
    assert other.delete(f"/api/needs/{posted.json()['id']}").status_code == 204
    assert other.post("/api/auth/logout").status_code == 204
    problem(other.get("/api/me"), 401)


def test_a_second_member_joins_the_organisation_of_the_same_code(client) -> None:
    other = visitor(client)
    other.post("/api/auth/register", json=REGISTRATION)
    second = REGISTRATION | {"login": "wang@plant.example", "organisation": "别的写法"}
    assert other.post("/api/auth/register", json=second).status_code == 202
    assert len(client.get("/api/admin/organisations").json()) == 1
    organisations = {u["organisation_id"] for u in client.get("/api/admin/users").json()}
    assert len(organisations - {None}) == 1


def test_a_taken_address_is_not_given_away(client, settings: Settings) -> None:
    other = visitor(client)
    taken = REGISTRATION | {"login": LOGIN}
    first = other.post("/api/auth/register", json=REGISTRATION)
    second = other.post("/api/auth/register", json=taken)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert "已经有账号" in dict(mails(settings))[LOGIN]
    known = other.post("/api/auth/password/forgotten", json={"login": LOGIN})
    unknown = other.post("/api/auth/password/forgotten", json={"login": "nobody@x.example"})
    assert (known.status_code, known.json()) == (unknown.status_code, unknown.json())
    wrong = other.post("/api/auth/login", json={"login": LOGIN, "password": "not this one"})
    absent = other.post("/api/auth/login", json={"login": "no@x.example", "password": "nor this"})
    assert wrong.json() == absent.json()


def test_an_unknown_login_takes_as_long_as_a_wrong_password(client) -> None:
    passwords = client.app.state.context.office.passwords
    stored = passwords.hash(PASSWORD)
    assert not passwords.verify("nobody has this password", None)

    def seconds(hashed: str | None) -> float:
        start = time.thread_time()
        assert not passwords.verify("wrong", hashed)
        return time.thread_time() - start

    known, unknown = (statistics.median(seconds(h) for _ in range(7)) for h in (stored, None))
    assert 0.5 < known / unknown < 2


WRONG = [
    ("uscc", str(REGISTRATION["uscc"])[:-1] + "-", "不会有"),
    ("uscc", str(REGISTRATION["uscc"])[1:] + "0", "校验位"),
    ("password", "short", "10–128"),
    ("password", "aaaaaaaaaaaa", "不同的字符"),
    ("password", "li@plant.example", "登录邮箱"),
    ("login", "li@plant\r\nBcc: all@x.example", "邮箱格式"),
    ("role", "admin", "管理员邀请"),
    ("org_type", "ministry", "单位类型"),
    ("name", "", "姓名"),
]


def test_what_is_wrong_with_a_registration_is_told(client) -> None:
    other = visitor(client)
    for field, value, told in WRONG:
        body = REGISTRATION | {field: value}
        answer = other.post("/api/auth/register", json=body)
        assert answer.status_code == 422
        assert told in answer.text
        page = other.post("/register", data=body)
        assert page.status_code == 422
        assert told in page.text
        assert "攀枝花某选矿厂" in page.text
        if body["password"] != "li@plant.example":
            assert str(body["password"]) not in page.text + answer.text
    assert client.get("/api/admin/users", params={"state": "pending"}).json() == []


def test_an_invitation_works_once_and_gives_its_role_only(client, settings: Settings) -> None:
    asked = {"login": "zhao@broker.example", "role": "manager"}
    assert client.post("/api/admin/invitations", json=asked).status_code == 202
    token, other = link(settings, "invitation"), visitor(client)
    assert "技术经理人" in other.get("/invitation", params={"token": token}).text
    accepted = {"token": token, "name": "赵经理", "password": "brokers make it happen"}
    problem(other.post("/api/auth/invitation", json=accepted | {"role": "admin"}), 422)
    assert other.post("/api/auth/invitation", json=accepted).status_code == 204
    problem(other.post("/api/auth/invitation", json=accepted), 404)
    assert other.get("/invitation", params={"token": token}).status_code == 404
    sign_in(other, asked["login"], accepted["password"])
    assert other.get("/api/me").json()["role"] == "manager"
    for wrong in ({"role": "enterprise"}, {"role": "analyst", "organisation_id": "O0"}):
        problem(
            client.post("/api/admin/invitations", json=asked | {"login": "q@q.example"} | wrong),
            422,
        )
    problem(client.post("/api/admin/invitations", json=asked), 409)


def test_a_reset_works_once_for_half_an_hour_and_ends_everything(
    client, settings: Settings
) -> None:
    other, fresh = visitor(client), "a phrase nobody guesses"
    for _ in range(2):
        other.post("/password/forgotten", data={"login": LOGIN})
    token = link(settings, "password/reset")
    with reading(client.app.state.context.engine) as session:
        digests = session.exec(select(MailTokenRow.digest)).all()
    assert token not in digests
    weak = other.post("/password/reset", data={"token": token, "password": "short"})
    assert weak.status_code == 422
    assert (
        other.post("/password/reset", data={"token": token, "password": fresh}).status_code == 200
    )
    for used in {token, *re.findall(r"reset\?token=(\S+)", str(mails(settings)))}:
        again = other.post("/api/auth/password/reset", json={"token": used[:47], "password": fresh})
        problem(again, 404)
    problem(client.get("/api/me"), 401)
    problem(other.post("/api/auth/login", json={"login": LOGIN, "password": PASSWORD}), 401)
    sign_in(client, LOGIN, fresh)
    other.post("/password/forgotten", data={"login": LOGIN})
    token = link(settings, "password/reset")
    with writing(client.app.state.context.engine) as session:
        for row in session.exec(select(MailTokenRow)):
            row.expires_at = now() - timedelta(seconds=1)
            session.add(row)
    late = other.post("/api/auth/password/reset", json={"token": token, "password": fresh})
    problem(late, 404)


def test_attempts_are_throttled_by_account_and_address(client) -> None:
    other = visitor(client)
    wrong = {"login": LOGIN, "password": "not this one"}
    for _ in range(5):
        problem(other.post("/api/auth/login", json=wrong), 401)
    refused = other.post("/api/auth/login", json={"login": LOGIN, "password": PASSWORD})
    problem(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 900
    page = other.post("/login", data={"login": LOGIN.upper(), "password": PASSWORD})
    assert page.status_code == 429
    assert "秒之后再试" in page.text
    elsewhere = TestClient(client.app, client=("203.0.113.9", 1), raise_server_exceptions=False)
    right = {"login": LOGIN, "password": PASSWORD}
    assert elsewhere.post("/api/auth/login", json=right).status_code == 200
    spoofed = other.post("/api/auth/login", json=right, headers={"X-Forwarded-For": "203.0.113.9"})
    problem(spoofed, 429)


def test_one_address_cannot_try_every_account(client) -> None:
    client.app.state.context.office.passwords.verify = lambda *_: False
    other = visitor(client)
    for n in range(50):
        body = {"login": f"user{n}@x.example", "password": "the same for all"}
        assert other.post("/api/auth/login", json=body).status_code == 401
    problem(other.post("/api/auth/login", json={"login": "more@x.example", "password": "x"}), 429)


def test_a_session_is_fresh_safe_and_ends(client, settings: Settings) -> None:
    other = visitor(client)
    other.cookies.set("jiebang_session", "jbs_chosen-by-somebody-else")
    answer = other.post(
        "/login", data={"login": LOGIN, "password": PASSWORD}, follow_redirects=False
    )
    cookie = answer.headers["set-cookie"]
    assert "chosen-by-somebody-else" not in cookie
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    token = re.match(r"jiebang_session=([^;]+)", cookie)[1]
    stolen = visitor(client)
    stolen.cookies.set("jiebang_session", token)
    assert stolen.get("/api/me").status_code == 200
    sign_in(other)
    other.post("/logout")
    other.cookies.clear()
    other.cookies.set("jiebang_session", token)
    sign_in_again = stolen.get("/account", follow_redirects=False)
    assert sign_in_again.status_code in (200, 303)
    with writing(client.app.state.context.engine) as session:
        for row in session.exec(select(SessionRow)):
            assert token not in row.digest
            row.expires_at = now() - timedelta(seconds=1)
            session.add(row)
    problem(stolen.get("/api/me"), 401)


def test_a_session_that_was_signed_out_cannot_be_replayed(client) -> None:
    other = visitor(client)
    sign_in(other)
    kept = other.cookies["jiebang_session"]
    assert other.post("/logout", follow_redirects=False).status_code == 303
    other.cookies.set("jiebang_session", kept)
    problem(other.get("/api/me"), 401)


OUTSIDE = ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "needs")


def test_signing_in_leads_nowhere_else(client) -> None:
    form = {"login": LOGIN, "password": PASSWORD}
    for wanted, reached in (*((path, "/") for path in OUTSIDE), ("/needs?q=a", "/needs?q=a")):
        sent = form | {"next": wanted}
        answer = visitor(client).post("/login", data=sent, follow_redirects=False)
        assert answer.headers["location"] == reached


def test_tokens_are_scoped_shown_once_revoked_and_end(client) -> None:
    body = {"name": "看板", "scopes": ["account"], "days": 1}
    made = client.post("/api/me/tokens", json=body).json()
    program = visitor(client)
    program.headers["Authorization"] = f"Bearer {made['token']}"
    listed = program.get("/api/me/tokens")
    assert [row["name"] for row in listed.json()] == ["看板"]
    assert made["token"] not in listed.text
    problem(program.get("/api/needs"), 403)
    wider = problem(program.post("/api/me/tokens", json=body | {"scopes": ["admin"]}), 403)
    assert wider["missing"] == {"scope": ["admin"]}
    for wrong in ({"days": 0}, {"days": 10**6}, {"scopes": []}, {"scopes": ["all"]}):
        problem(client.post("/api/me/tokens", json=body | wrong), 422)
    url = f"/api/me/tokens/{made['id']}"
    assert program.delete(url).status_code == 204
    problem(program.get("/api/me/tokens"), 401)
    problem(client.delete(url), 404)
    later = client.post("/api/me/tokens", json=body).json()
    program.headers["Authorization"] = f"Bearer {later['token']}"
    assert program.get("/api/me/tokens").status_code == 200
    with writing(client.app.state.context.engine) as session:
        row = session.get_one(ApiTokenRow, later["id"])
        row.expires_at = now() - timedelta(seconds=1)
        session.add(row)
    problem(program.get("/api/me/tokens"), 401)


def test_nobody_revokes_the_token_of_another(client) -> None:
    demo.seed(client.app.state.context.office)
    mine = client.post("/api/me/tokens", json={"name": "我的", "scopes": ["read"]}).json()
    other = visitor(client)
    sign_in(other, "manager@demo.example", "demo-manager-2026")
    problem(other.delete(f"/api/me/tokens/{mine['id']}"), 404)
    assert len(client.get("/api/me/tokens").json()) == 1


def test_blocking_ends_sessions_and_tokens_at_once(client) -> None:
    demo.seed(client.app.state.context.office)
    users = {u["login"]: u for u in client.get("/api/admin/users").json()}
    other, program = visitor(client), visitor(client)
    sign_in(other, "enterprise@demo.example", "demo-enterprise-2026")
    made = other.post("/api/me/tokens", json={"name": "程序", "scopes": ["read"]}).json()
    program.headers["Authorization"] = f"Bearer {made['token']}"
    assert program.get("/api/needs").status_code == 200
    organisation = users["enterprise@demo.example"]["organisation_id"]
    assert client.post(f"/api/admin/organisations/{organisation}/block").status_code == 204
    problem(other.get("/api/me"), 401)
    problem(program.get("/api/needs"), 401)
    given = {"login": "enterprise@demo.example", "password": "demo-enterprise-2026"}
    refused = problem(visitor(client).post("/api/auth/login", json=given), 403)
    assert refused["type"].endswith("account-blocked")
    me = users[LOGIN]["id"]
    problem(client.post(f"/api/admin/users/{me}/block"), 409)


def test_a_changed_role_ends_what_the_old_one_allowed(client) -> None:
    demo.seed(client.app.state.context.office)
    users = {u["login"]: u for u in client.get("/api/admin/users").json()}
    analyst, enterprise = (
        users[f"{role}@demo.example"]["id"] for role in ("analyst", "enterprise")
    )
    other = visitor(client)
    sign_in(other, "analyst@demo.example", "demo-analyst-2026")
    problem(other.get("/api/review"), 403)
    url = "/api/admin/users/{}/role"
    assert client.put(url.format(analyst), json={"role": "manager"}).status_code == 204
    problem(other.get("/api/me"), 401)
    sign_in(other, "analyst@demo.example", "demo-analyst-2026")
    assert other.get("/api/review").status_code == 200
    for role in ("analyst", "admin"):  # who belongs to an organisation acts for it
        problem(client.put(url.format(enterprise), json={"role": role}), 409)
    problem(client.put(url.format(analyst), json={"role": "institute"}), 409)
    problem(client.put(url.format(users[LOGIN]["id"]), json={"role": "analyst"}), 409)
    problem(client.put(url.format("nobody"), json={"role": "analyst"}), 404)
    problem(client.put(url.format(analyst), json={"role": "root"}), 422)
    shown = client.post("/admin/users/role", data={"id": analyst, "role": "organiser"})
    assert "身份已改为活动组织者" in shown.text
    done = [e for e in client.get("/api/admin/audit").json() if e["action"] == "role-changed"]
    assert [(e["detail"]["was"], e["detail"]["role"]) for e in done] == [
        ("manager", "organiser"),
        ("analyst", "manager"),
    ]


def test_production_refuses_demo_accounts_and_marks_cookies(settings: Settings) -> None:
    app = create_app(settings)
    demo.seed(app.state.context.office)
    given = {"login": "admin@demo.example", "password": "demo-admin-2026"}
    with TestClient(app) as client:
        assert "demo-admin-2026" in client.get("/login").text
        token = client.post("/api/auth/login", json=given).json()["access_token"]
    update = {
        "production": True,
        "secret": settings.secret,
        "base_url": "https://jiebang.example",
    }
    app = create_app(settings.model_copy(update=update))
    add_admin(app.state.context.office)
    assert not demo.seed(app.state.context.office)
    with TestClient(app, base_url="https://testserver") as client:
        assert "demo" not in client.get("/login").text
        assert problem(client.post("/api/auth/login", json=given), 403)["type"].endswith(
            "demo-refused"
        )
        problem(client.get("/api/me", headers={"Authorization": f"Bearer {token}"}), 401)
        answer = client.post(
            "/login", data={"login": LOGIN, "password": PASSWORD}, follow_redirects=False
        )
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-jiebang=")
        assert "Secure" in cookie.split("; ")


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"secret": "too short", "base_url": "https://jiebang.example"},
        {"secret": "x" * 40, "base_url": "http://jiebang.example"},
    ],
)
def test_production_refuses_a_default_secret(home: Path, chosen: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="JIEBANG_"):
        Settings(home=home, production=True, _env_file=None, **chosen)
    good = {"secret": "x" * 40, "base_url": "https://jiebang.example"}
    assert Settings(home=home, production=True, _env_file=None, **good).production


def test_secrets_are_stored_as_hashes_and_logged_nowhere(
    client, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    other = visitor(client)
    other.post("/api/auth/register", json=REGISTRATION)
    other.post("/api/auth/login", json={"login": LOGIN, "password": "typed by mistake"})
    made = client.post("/api/me/tokens", json={"name": "x", "scopes": ["read"]}).json()
    other.post("/password/forgotten", data={"login": LOGIN})
    with client.app.state.context.engine.connect() as connection:
        dump = "\n".join(
            str(tuple(row))
            for table in SQLModel.metadata.sorted_tables
            for row in connection.execute(table.select())
        )
    assert LOGIN in dump
    with reading(client.app.state.context.engine) as session:
        hashes = session.exec(select(UserRow.password_hash)).all()
    assert all(stored.startswith("$argon2id$") for stored in hashes)
    session_token = client.cookies["jiebang_session"]
    mailed = link(settings, "password/reset")
    for secret in (PASSWORD, str(REGISTRATION["password"]), "typed by mistake", made["token"],
                   session_token, mailed):  # fmt: skip
        assert secret not in dump
        assert secret not in caplog.text


def test_events_are_kept_and_cannot_be_changed(client) -> None:
    other = visitor(client)
    other.post("/api/auth/login", json={"login": LOGIN, "password": "not this one"})
    events = client.get("/api/admin/audit").json()
    assert [e["action"] for e in events] == ["sign-in-failed", "sign-in", "created"]
    older = client.get("/api/admin/audit", params={"before": events[0]["id"]}).json()
    assert older == events[1:]
    for change in ("UPDATE audit SET action = 'nothing'", "DELETE FROM audit"):
        with pytest.raises(DatabaseError), writing(client.app.state.context.engine) as session:
            session.connection().exec_driver_sql(change)
    with reading(client.app.state.context.engine) as session:
        assert len(session.exec(select(AuditRow)).all()) == 3


def test_the_own_password_changes_only_with_the_present_one(client) -> None:
    fresh = "another phrase altogether"
    elsewhere = visitor(client)
    sign_in(elsewhere)
    wrong = client.post("/account/password", data={"current": "guess", "password": fresh})
    assert wrong.status_code == 422
    assert "现在的密码不对" in wrong.text
    done = client.post("/account/password", data={"current": PASSWORD, "password": fresh})
    assert done.status_code == 200
    assert client.get("/api/me").status_code == 200
    problem(elsewhere.get("/api/me"), 401)
    sign_in(elsewhere, LOGIN, fresh)


def test_every_form_that_posts_carries_the_token(client) -> None:
    client.post("/api/needs", json=NEED | {"need_id": "N1"})
    client.app.state.context.matcher(1)
    own = client.headers["X-CSRF-Token"]
    seen = 0
    for path in ("/", "/needs/new", "/achievements/new", "/import", "/needs/N1", "/account",
                 "/admin/users", "/admin/organisations", "/admin/invitations", "/nowhere"):  # fmt: skip
        text = client.get(path).text
        forms = re.findall(r'<form[^>]*method="post"[^>]*>\s*<input[^>]*>', text)
        assert len(forms) == text.count('method="post"')
        assert all(f'name="csrf_token" value="{own}"' in form for form in forms)
        seen += len(forms)
    assert seen > 10
    assert "csrf_token" not in visitor(client).get("/login").text


def test_scopes_and_roles_have_chinese_names() -> None:
    for value in (*Role, *Scope):
        assert re.search(r"[一-鿿]", value.label_zh)
