"""Generated requests to every operation, as everybody: no server error, and no rule of access broken."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings

from service.access import Principal, Role
from service.rules import RULES, refusal
from tests.api.people import PASSWORD, People
from tests.api.test_api import NEED, SEAL
from tests.server import free_port

EXAMPLES = 4
"""Requests an operation and person."""


@pytest.fixture(scope="module")
def crowd(crowd: People) -> People:
    """Everybody, with a record of each kind."""
    crowd[Role.ADMIN].post("/api/needs", json=NEED)
    crowd[Role.ADMIN].post("/api/achievements", json=SEAL)
    return crowd


@pytest.fixture(scope="module")
def headers(crowd: People) -> dict[Role | None, dict[str, str]]:
    """What each person's program sends; nobody sends nothing."""
    found: dict[Role | None, dict[str, str]] = {None: {}}
    for role in Role:
        login = {"login": f"{role}@test.example", "password": PASSWORD}
        answer = crowd[None].post("/api/auth/login", json=login)
        assert answer.status_code == 200, answer.text
        found[role] = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    crowd[None].cookies.clear()
    return found


@pytest.fixture(scope="module")
def api(crowd: People) -> Iterator[schemathesis.BaseSchema]:
    """The description of the service as a server gives it out."""
    port = free_port()
    # `people` runs the lifespan already
    config = uvicorn.Config(crowd.app, port=port, lifespan="off", log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/api/openapi.json")
    server.should_exit = True
    thread.join()


OPERATIONS = [key for key in RULES if "/api/" in key and key not in (
    "GET /api/openapi.json",
    # would end the credentials that the other requests need
    "POST /api/auth/logout",
)]  # fmt: skip


@pytest.mark.parametrize("key", OPERATIONS)
def test_no_operation_fails_or_lets_anybody_in_who_may_not(
    key: str, api: schemathesis.BaseSchema, headers: dict[Role | None, dict[str, str]]
) -> None:
    method, _, path = key.partition(" ")

    @given(case=api[path][method].as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def check(case: schemathesis.Case) -> None:
        for role, sent in headers.items():
            answer = case.call(headers=sent)
            assert answer.status_code < 500, f"as {role}: {answer.text}"
            if refusal(Principal(role=role), key) is not None:
                assert answer.status_code >= 400, f"as {role}: {answer.text}"
            if answer.status_code >= 400:
                told = answer.headers["content-type"][0]
                assert told.startswith("application/problem+json"), f"as {role}: {told}"

    check()
