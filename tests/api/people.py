"""People of the access tests: one of each role, with organisations, each with a client of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from corpora.uscc import check_character
from matcher.listing import KINDS, Kind
from service.access import OF_ORGANISATIONS, Role
from service.accounts.office import Office
from service.accounts.tables import OrganisationRow, State, UserRow
from service.app import create_app
from service.db import writing
from service.settings import Settings
from tests.accounts import sign_in

PASSWORD = "another long phrase"


def add_person(office: Office, login: str, role: Role, organisation: str | None) -> str:
    """An approved user; the organisation is named by the last digits of its credit code."""
    with writing(office.engine) as session:
        organisation_id = None
        if organisation is not None:
            first = f"91510100TEST{organisation:0>5}".replace("S", "5")
            row = OrganisationRow(
                name=f"测试单位{organisation}",
                uscc=first + check_character(first),
                org_type="company",
                region_code="510100",
                state=State.APPROVED,
            )
            session.add(row)
            session.flush()
            organisation_id = row.id
        user = UserRow(
            login=login,
            name=f"测试{role.label_zh}",
            password_hash=_hashed(office),
            role=role,
            organisation_id=organisation_id,
            state=State.APPROVED,
        )
        session.add(user)
        return user.id


_KNOWN: list[str] = []


def _hashed(office: Office) -> str:
    if not _KNOWN:
        _KNOWN.append(office.passwords.hash(PASSWORD))
    return _KNOWN[0]


@dataclass(frozen=True)
class People:
    """Clients by role, a second enterprise, and somebody who is not signed in."""

    app: FastAPI
    clients: dict[Role | None, TestClient]
    rival: TestClient
    ids: dict[Role, str]

    @property
    def office(self) -> Office:
        office: Office = self.app.state.context.office
        return office

    def __getitem__(self, role: Role | None) -> TestClient:
        return self.clients[role]


@contextmanager
def people(settings: Settings) -> Iterator[People]:
    """The service, with everybody signed in."""
    app = create_app(settings)
    office: Office = app.state.context.office
    with TestClient(app, raise_server_exceptions=False) as anonymous:
        clients: dict[Role | None, TestClient] = {None: anonymous}
        ids = {}
        for number, role in enumerate(Role):
            organisation = str(number + 1) if role in OF_ORGANISATIONS else None
            ids[role] = add_person(office, f"{role}@test.example", role, organisation)
            clients[role] = signed_in(app, f"{role}@test.example")
        add_person(office, "rival@test.example", Role.ENTERPRISE, "77")
        yield People(app, clients, signed_in(app, "rival@test.example"), ids)


def signed_in(app: FastAPI, login: str) -> TestClient:
    client = TestClient(app, raise_server_exceptions=False)
    sign_in(client, login, PASSWORD)
    return client


def approve(crowd: People, kind: Kind, id_: str) -> None:
    """A technology manager publishes a submitted record."""
    step(crowd[Role.MANAGER], kind, id_, "approve")


def step(client: TestClient, kind: Kind, id_: str, event: str, reason: str = "") -> dict[str, Any]:
    """Take a step that must succeed; returns the record."""
    url = f"/api/{KINDS[kind].plural}/{id_}/steps"
    answer = client.post(url, json={"event": event, "reason": reason})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
