"""Confidential records in batch runs over HTTP: they take part, and nobody outside the house learns of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from matcher.listing import KINDS, Kind
from service.access import POSTER, Role
from service.db import reading
from service.settings import Settings
from service.tables import DisclosureRow, Tier
from tests.api.people import People, people, step
from tests.api.test_api import BATTERY, NEED, SEAL, problem
from tests.api.test_batches import finished
from tests.server import database_of, jiebang

TIERS = (Tier.PUBLIC, Tier.MASKED, Tier.BROKER_ONLY)
BODIES = {Kind.NEED: NEED, Kind.ACHIEVEMENT: SEAL}


@dataclass(frozen=True)
class World:
    """Everybody, and a need and an achievement of three tiers; ids by kind and tier."""

    crowd: People
    ids: dict[tuple[Kind, Tier], str]
    home: Path

    def all_of(self, kind: Kind) -> set[str]:
        return {id_ for (of, _), id_ in self.ids.items() if of is kind}

    def answers(self, run_id: str) -> dict[str, list[str]]:
        """Ids of the achievements by need, as an administrator reads them."""
        found = self.crowd[Role.ADMIN].get(f"/api/batches/{run_id}/result")
        assert found.status_code == 200, found.text
        rows = [json.loads(line) for line in found.text.splitlines()[1:]]
        return {row["need_id"]: [m["achievement_id"] for m in row["matches"]] for row in rows}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, new_home: Any) -> Iterator[World]:
    home = new_home(tmp_path_factory.mktemp("home") / "home")
    settings = Settings(home=home, database_url=database_of(home), _env_file=None)
    with people(settings) as crowd:
        ids, last = {}, 0
        for kind, body in BODIES.items():
            for tier in TIERS:
                url = f"/api/{KINDS[kind].plural}"
                sent = crowd[POSTER[kind]].post(url, json=body | {"disclosure": tier})
                assert sent.status_code == 201, sent.text
                ids[(kind, tier)] = sent.json()["id"]
                last = step(crowd[Role.MANAGER], kind, ids[(kind, tier)], "approve")["seq"]
        assert crowd.app.state.context.replica.wait_for(last, 30)
        yield World(crowd, ids, home)


def begin(client: TestClient, **body: Any) -> dict[str, Any]:
    begun = client.post("/api/batches", json=body)
    assert begun.status_code == 201, begun.text
    found: dict[str, Any] = begun.json()
    return found


def test_records_of_every_tier_take_part_and_the_house_alone_reads_of_them(world: World) -> None:
    organiser, manager = world.crowd[Role.ORGANISER], world.crowd[Role.MANAGER]
    run_id = begin(organiser, top_k=10)["id"]
    finished(organiser, run_id)
    answers = world.answers(run_id)
    assert answers.keys() == world.all_of(Kind.NEED)
    assert all(set(found) == world.all_of(Kind.ACHIEVEMENT) for found in answers.values())
    for role in (Role.ORGANISER, Role.ENTERPRISE, Role.INSTITUTE, Role.ANALYST):
        for path in ("result", f"changes/{run_id}"):
            problem(world.crowd[role].get(f"/api/batches/{run_id}/{path}"), 403)

    with reading(world.crowd.office.engine) as session:
        rows = session.exec(
            select(DisclosureRow).where(DisclosureRow.route == "GET /api/batches/{batch_id}/result")
        ).all()
    hidden = {(kind, id_) for (kind, tier), id_ in world.ids.items() if tier is not Tier.PUBLIC}
    assert {(row.kind, row.listing_id) for row in rows} == hidden
    assert {(row.user_id, row.what) for row in rows} == {(world.crowd.ids[Role.ADMIN], "full")}

    whole, part = (c.get(f"/api/batches/{run_id}").json() for c in (manager, organiser))
    assert (whole["needs"], whole["achievements"], whole["done"]) == (3, 3, 3)
    assert "records" in whole["inputs"]
    counted = {name: part[name] for name in ("needs", "achievements", "done", "rate")}
    assert counted == dict.fromkeys(counted)
    assert part["inputs"] == {k: v for k, v in whole["inputs"].items() if k != "records"}
    assert part["percent"] == 100
    assert [run["needs"] for run in organiser.get("/api/batches").json()] == [None]
    assert "3/3" in manager.get("/batches").text
    assert "3/3" not in organiser.get("/batches").text


def test_an_organiser_may_name_what_he_knows_of_and_learns_nothing_of_the_rest(
    world: World,
) -> None:
    organiser = world.crowd[Role.ORGANISER]
    for kind in Kind:
        roster = KINDS[kind].plural
        told = []
        for id_ in (world.ids[(kind, Tier.BROKER_ONLY)], "nobody"):
            known = world.ids[(kind, Tier.PUBLIC)]
            refused = problem(organiser.post("/api/batches", json={roster: [known, id_]}), 400)
            page = organiser.post("/batches", data={"top_k": "5", roster: f"{known}\n{id_}"})
            assert page.status_code == 400
            assert refused["detail"] in page.text
            told.append(json.dumps(refused, ensure_ascii=False).replace(id_, ""))
        assert told[0] == told[1]
    masked = {kind: world.ids[(kind, Tier.MASKED)] for kind in Kind}
    run_id = begin(organiser, needs=[masked[Kind.NEED]], achievements=[masked[Kind.ACHIEVEMENT]])[
        "id"
    ]
    finished(organiser, run_id)
    assert world.answers(run_id) == {masked[Kind.NEED]: [masked[Kind.ACHIEVEMENT]]}
    broker_only = world.ids[(Kind.NEED, Tier.BROKER_ONLY)]
    run_id = begin(world.crowd[Role.MANAGER], needs=[broker_only])["id"]
    finished(organiser, run_id)
    assert world.answers(run_id).keys() == {broker_only}


def test_a_command_of_the_house_names_any_record(world: World, tmp_path: Path) -> None:
    rosters = {}
    for kind in Kind:
        rosters[kind] = tmp_path / f"{kind}.txt"
        rosters[kind].write_text(world.ids[(kind, Tier.BROKER_ONLY)], encoding="utf-8")
    out = tmp_path / "result.jsonl"
    done = jiebang(
        world.home, "batch", "run", "--needs", str(rosters[Kind.NEED]), "--achievements",
        str(rosters[Kind.ACHIEVEMENT]), "--workers", "1", "--out", str(out),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    row = json.loads(out.read_text(encoding="utf-8").splitlines()[1])
    assert row["need_id"] == world.ids[(Kind.NEED, Tier.BROKER_ONLY)]
    found = [match["achievement_id"] for match in row["matches"]]
    assert found == [world.ids[(Kind.ACHIEVEMENT, Tier.BROKER_ONLY)]]


def test_a_run_goes_by_what_was_published_when_it_began(world: World) -> None:
    """Another tier later changes neither the run nor who is told of it."""
    manager, organiser = world.crowd[Role.MANAGER], world.crowd[Role.ORGANISER]
    sent = world.crowd[Role.INSTITUTE].post("/api/achievements", json=BATTERY)
    id_ = sent.json()["id"]
    last = step(manager, Kind.ACHIEVEMENT, id_, "approve")["seq"]
    assert world.crowd.app.state.context.replica.wait_for(last, 30)
    roster = {"needs": [world.ids[(Kind.NEED, Tier.PUBLIC)]], "achievements": [id_]}
    run_id = begin(organiser, **roster)["id"]
    finished(organiser, run_id)
    changed = world.crowd[Role.INSTITUTE].patch(
        f"/api/achievements/{id_}", json={"disclosure": Tier.BROKER_ONLY}
    )
    assert changed.status_code == 200, changed.text
    step(manager, Kind.ACHIEVEMENT, id_, "approve")
    problem(organiser.post("/api/batches", json=roster), 400)
    assert list(world.answers(run_id).values()) == [[id_]]
