"""The one way in for tests: an administrator of a home, and clients that are signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from fastapi.testclient import TestClient

from service.access import Role
from service.accounts import registry
from service.accounts.office import Office
from service.app import create_app
from service.context import open_database
from service.errors import ConflictError
from service.settings import Settings
from tests.server import database_of

LOGIN = "admin@test.example"
PASSWORD = "a long phrase for tests"
_FIELD = re.compile(r'name="csrf_token" value="([0-9a-f]+)"')


def add_admin(office: Office) -> None:
    """Make the administrator, where he is not there yet."""
    try:
        registry.add_user(office, LOGIN, "测试管理员", PASSWORD, Role.ADMIN)
    except ConflictError:
        return


def add_admin_to(home: Path) -> None:
    """Make the administrator of a service that is not running here."""
    settings = Settings(home=home, database_url=database_of(home), _env_file=None)
    engine = open_database(settings)
    add_admin(Office.of(settings, engine))
    engine.dispose()


def sign_in(client: httpx.Client, login: str = LOGIN, password: str = PASSWORD) -> None:
    """Sign in by the page: the client keeps the cookie, and sends the form token as a header."""
    client.headers.pop("X-CSRF-Token", None)
    client.cookies.clear()
    answer = client.post(
        "/login", data={"login": login, "password": password}, follow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    found = _FIELD.search(client.get("/account").text)
    assert found is not None
    client.headers["X-CSRF-Token"] = found[1]


@contextmanager
def admin_client(settings: Settings) -> Iterator[TestClient]:
    """The whole service over a home, with the administrator signed in."""
    app = create_app(settings)
    add_admin(app.state.context.office)
    with TestClient(app, raise_server_exceptions=False) as made:
        sign_in(made)
        yield made


def token(url: str) -> dict[str, str]:
    """The header of a program that the administrator of the service at `url` lets in."""
    answer = httpx.post(f"{url}/api/auth/login", json={"login": LOGIN, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
