"""Confidential records: markers are planted in what must not be seen, and every output is searched.

The owner, the house and whoever was let in do see them, so that a search that finds nothing means
something.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from matcher.listing import KINDS, Kind
from service.access import POSTER, Role, Thing
from service.accounts.tables import AuditRow, OrganisationRow
from service.db import reading
from service.disclosure import Sight
from service.expiry import tick
from service.rules import RULES
from service.settings import Settings
from service.tables import DisclosureRow, Tier, TransitionRow, now
from tests.api.bounty_people import TASK, Arena
from tests.api.people import People, add_person, approve, people, signed_in, step
from tests.api.test_api import problem
from tests.api.test_offers import OFFER
from tests.server import jiebang

CONFIDENTIAL = (Tier.MASKED, Tier.BROKER_ONLY, Tier.NAMED)
MARKERS = {
    (Kind.NEED, Tier.MASKED): "玄霜谷",
    (Kind.NEED, Tier.BROKER_ONLY): "赤藿崖",
    (Kind.NEED, Tier.NAMED): "碧蘅渚",
    (Kind.ACHIEVEMENT, Tier.MASKED): "墨鸢坞",
    (Kind.ACHIEVEMENT, Tier.BROKER_ONLY): "翠篁滩",
    (Kind.ACHIEVEMENT, Tier.NAMED): "丹葭洲",
}
CONTACT = "13955667788"
MODEL = "QX7731902"
"""A model and number that the records of every tier hide."""
PUBLIC = {
    Kind.NEED: {
        "title": "渣浆泵轴封两周就漏",
        "problem_statement": "选厂渣浆泵输送含砂矿浆，轴封撑不过两周就滴漏，希望三个月以上，不改泵体。",
        "industry_chain": "equipment",
    },
    Kind.ACHIEVEMENT: {
        "title": "含砂介质渣浆泵用机械密封",
        "abstract": "渣浆泵轴封端面加工螺旋槽，把矿浆颗粒排出间隙，含砂台架连续运转三个月不滴漏。",
        "industry_chain": "equipment",
    },
}
ENDS_THE_SESSION = {"POST /logout", "POST /api/auth/logout"}
"""Routes that the walk leaves out: they show nothing, and nobody would be signed in after them."""


def confidential(kind: Kind, tier: Tier) -> dict[str, Any]:
    """A record with a marker in all that its tier hides."""
    marker = MARKERS[(kind, tier)]
    body: dict[str, Any] = PUBLIC[kind] | {
        "disclosure": tier,
        "org": f"{marker}机械有限公司",
        "park": f"{marker}园",
        "keywords": ["渣浆泵", marker],
        "contact": {"name": marker, "phone": CONTACT},
    }
    if kind is Kind.NEED:
        body |= {
            "problem_statement": body["problem_statement"] + f"{marker}牌{MODEL}型也试过。",
            "background": marker,
            "tried_solutions": marker,
            "application_scene": marker,
            "current_state": marker,
            "solver_requirements": marker,
            "targets": [{"name": f"{marker}寿命", "operator": "≥", "value": 90, "unit": "天"}],
            "budget_max_cny_wan": 83.25,
            "industry_gbt4754": marker,
        }
    else:
        body |= {
            "abstract": body["abstract"] + f"由{marker}研究院完成，编号{MODEL}。",
            "inventors": [marker],
            "innovations": [marker],
            "metrics": [{"name": f"{marker}寿命", "operator": "≥", "value": 90, "unit": "天"}],
            "economics": marker,
            "ip": [{"kind": "发明", "number": MODEL, "owner": marker}],
            "price_wan": 83.25,
        }
    if tier is not Tier.MASKED:
        body |= {"title": f"{marker}的{body['title']}"}
    return body


@dataclass(frozen=True)
class World:
    """Everybody, records of every tier of both kinds, and a partner whom the named ones name."""

    crowd: People
    partners: dict[Kind, TestClient]
    """Named by the needs, and by the achievements."""
    ids: dict[tuple[Kind, Tier], str]
    things: dict[Thing, str]
    """A posted task for the masked need, and an offer of the masked achievement."""
    settings: Settings

    def readers(self) -> list[tuple[str, TestClient, set[str]]]:
        """Name and client of everybody, with the markers that they may see."""
        everything = set(MARKERS.values())
        of = {kind: {m for (k, _), m in MARKERS.items() if k is kind} for kind in Kind}
        named = {kind: MARKERS[(kind, Tier.NAMED)] for kind in Kind}
        return [
            ("nobody", self.crowd[None], set()),
            ("rival", self.crowd.rival, set()),
            ("organiser", self.crowd[Role.ORGANISER], set()),
            ("analyst", self.crowd[Role.ANALYST], set()),
            ("enterprise", self.crowd[Role.ENTERPRISE], of[Kind.NEED]),
            ("institute", self.crowd[Role.INSTITUTE], of[Kind.ACHIEVEMENT]),
            ("partner institute", self.partners[Kind.NEED], {named[Kind.NEED]}),
            ("partner enterprise", self.partners[Kind.ACHIEVEMENT], {named[Kind.ACHIEVEMENT]}),
            ("manager", self.crowd[Role.MANAGER], everything),
            ("admin", self.crowd[Role.ADMIN], everything),
        ]


def uscc_of(crowd: People, name: str) -> str:
    with reading(crowd.office.engine) as session:
        found = session.exec(select(OrganisationRow).where(OrganisationRow.name == name)).one()
    return found.uscc


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, new_home: Any) -> Iterator[World]:
    from tests.server import database_of

    home = new_home(tmp_path_factory.mktemp("home") / "home")
    settings = Settings(home=home, database_url=database_of(home), _env_file=None)
    with people(settings) as crowd:
        partners, codes = {}, {}
        for kind, role, number in (
            (Kind.NEED, Role.INSTITUTE, "81"),
            (Kind.ACHIEVEMENT, Role.ENTERPRISE, "82"),
        ):
            add_person(crowd.office, f"p{number}@test.example", role, number)
            partners[kind] = signed_in(crowd.app, f"p{number}@test.example")
            codes[kind] = uscc_of(crowd, f"测试单位{number}")
        ids = {}
        last = 0
        for kind in Kind:
            for tier in Tier:
                body = PUBLIC[kind] if tier is Tier.PUBLIC else confidential(kind, tier)
                if tier is Tier.NAMED:
                    body = body | {"named_orgs": [codes[kind]]}
                sent = crowd[POSTER[kind]].post(f"/api/{KINDS[kind].plural}", json=body)
                assert sent.status_code == 201, sent.text
                ids[(kind, tier)] = sent.json()["id"]
                done = step(crowd[Role.MANAGER], kind, ids[(kind, tier)], "approve")
                last = done["seq"]
        for client, kind in ((crowd.rival, Kind.NEED), (partners[Kind.NEED], Kind.ACHIEVEMENT)):
            sent = client.post(f"/api/{KINDS[kind].plural}", json=PUBLIC[kind])
            approve(crowd, kind, sent.json()["id"])
            last += 2
        assert crowd.app.state.context.replica.wait_for(last, 30)
        assert crowd.app.state.context.replica.twins.ready(60)
        things = posted_things(crowd, ids)
        yield World(crowd, partners, ids, things, settings)


def posted_things(crowd: People, ids: dict[tuple[Kind, Tier], str]) -> dict[Thing, str]:
    """What everybody sees and names its owner, of records that must not name them."""
    arena = Arena.of(crowd)
    task = TASK | {"need_id": ids[(Kind.NEED, Tier.MASKED)]}
    bounty = arena.owner.post("/api/bounties", json=task).json()["id"]
    assert arena.fire(arena.owner, bounty, "submit").status_code == 200
    arena.move(bounty, "recommend", "screen", "argue", "post")
    offer = {"achievement_id": ids[(Kind.ACHIEVEMENT, Tier.MASKED)]} | OFFER
    made = crowd[Role.INSTITUTE].post("/api/offers", json=offer)
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "posted"
    return {Thing.BOUNTY: bounty, Thing.OFFER: made.json()["id"]}


def text_of(answer: Any) -> str:
    """Everything that an answer says: headers, and the sheets of a workbook."""
    body = answer.text
    if answer.content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
            body = "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return f"{dict(answer.headers)}\n{body}"


def body_for(key: str, world: World) -> dict[str, Any]:
    """What a program or a form would plausibly send; nothing of it holds a marker."""
    need, achievement = PUBLIC[Kind.NEED], PUBLIC[Kind.ACHIEVEMENT]
    public = {f"{kind}_id": world.ids[(kind, Tier.PUBLIC)] for kind in Kind}
    bodies: dict[str, Any] = {
        "POST /api/match": {"text": need["problem_statement"], "explain": True, "top_k": 50},
        "POST /api/needs/check": need,
        "POST /api/needs/mask": need,
        "POST /api/achievements/mask": achievement,
        "POST /api/verdicts": public | {"grade": 2, "judge": "walker"},
        "PATCH /api/needs/{id}": {},
        "PATCH /api/achievements/{id}": {},
    }
    if key.startswith("POST /api/") and key.endswith("/steps"):
        return {"json": {"event": "nonsense"}}
    if key.startswith("POST /api/") and key.endswith("/consents"):
        return {"json": {"own_id": "nobody"}}
    if key in bodies:
        return {"json": bodies[key]}
    if key.startswith("POST /api/imports") or key == "POST /import":
        line = f"需求名称,技术难题描述\n{need['title']},{need['problem_statement']}\n"
        data = {"kind": "need", "dry_run": "true", "action": "check"}
        return {"data": data, "files": {"file": ("a.csv", line.encode())}}
    forms: dict[str, dict[str, str]] = {
        "POST /": {"direction": "achievement-to-need", "text": achievement["abstract"]},
        "POST /needs/new": need | {"title": "短"},
        "POST /achievements/new": achievement | {"title": "短"},
        "POST /needs/mask": need,
        "POST /achievements/mask": achievement,
        "POST /needs/draft": {"title": need["title"], "text": need["problem_statement"]},
        "POST /needs/checkup": need,
        "POST /judged": {"text": need["problem_statement"], "grade": "2", "judge": "walker"}
        | {"achievement_id": public["achievement_id"]},
        "POST /verdicts": public | {"grade": "2", "judge": "walker"},
    }
    if key.startswith("POST ") and not key.startswith("POST /api"):
        return {"data": forms.get(key, {"event": "nonsense", "own_id": "nobody"})}
    return {"json": {}} if key.startswith("POST") else {}


def addresses(key: str, world: World) -> Iterator[tuple[str, str]]:
    """Every path of a route with the records there are, and the id that stands in it."""
    path = key.partition(" ")[2]
    rule = RULES[key]
    if rule.record is None:
        yield re.sub(r"\{\w+\}", "nobody", path), ""
        return
    if isinstance(rule.record, Thing):
        id_ = world.things.get(rule.record, "nobody")
        yield re.sub(r"\{\w+\}", "1", path.replace("{id}", id_)), id_
        return
    for (kind, _), id_ in world.ids.items():
        if kind is not rule.record:
            continue
        filled = path.replace("{id}", id_).replace("{id:path}", id_)
        if "{other_id}" not in filled:
            yield filled, id_
            continue
        for (other_kind, _), other in world.ids.items():
            if other_kind is not kind:
                yield filled.replace("{other_id}", other), f"{id_} {other}"


QUERIES = {"explain": "true", "top_k": "50", "status": "any", "limit": "200"}


WALKED = [
    # what takes away, and files of ours, are left out
    key
    for key in sorted(set(RULES) - ENDS_THE_SESSION)
    if not key.startswith("DELETE ") and key != "GET /static"
]


@pytest.mark.parametrize("key", WALKED)
def test_no_answer_holds_what_its_reader_may_not_see(
    world: World, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    method = key.partition(" ")[0]
    for name, client, allowed in world.readers():
        for path, ids in addresses(key, world):
            options = body_for(key, world)
            if method == "GET":
                options["params"] = QUERIES
            answer = client.request(method, path, **options)
            assert answer.status_code < 500 or "not-ready" in answer.text, (name, path)
            told = text_of(answer)
            for marker in set(MARKERS.values()) - allowed:
                assert marker not in told, (name, path)
            owner = "enterprise" if RULES[key].record is Kind.NEED else "institute"
            assert CONTACT not in told or (key.endswith("/contact") and name == owner), path
            for kind, owner in ((Kind.NEED, "测试单位1"), (Kind.ACHIEVEMENT, "测试单位2")):
                id_ = world.ids[(kind, Tier.MASKED)]
                if id_ not in ids and MARKERS[(kind, Tier.MASKED)] not in allowed:
                    # whose it is: they may both be shown, but not together
                    assert not (id_ in told and re.search(rf"{owner}(?!\d)", told)), (name, path)
            if not allowed:
                assert MODEL not in told, (name, path)
                for (kind, tier), id_ in world.ids.items():
                    if tier in (Tier.BROKER_ONLY, Tier.NAMED) and id_ not in ids:
                        assert id_ not in told, (name, path, kind, tier)
    for record in caplog.records:
        # the test client logs its own requests; no path holds a marker
        assert not any(marker in record.getMessage() for marker in MARKERS.values())
        assert CONTACT not in record.getMessage()


def test_whoever_may_see_a_record_sees_its_marker(world: World) -> None:
    for (kind, tier), marker in MARKERS.items():
        url = f"/{KINDS[kind].plural}/{world.ids[(kind, tier)]}"
        for _, client, allowed in world.readers():
            for path in (f"/api{url}", url):
                answer = client.get(path)
                assert (marker in answer.text) == (marker in allowed)
                known = marker in allowed or tier is Tier.MASKED
                assert answer.status_code == (200 if known else 404)
                assert CONTACT not in answer.text


@pytest.mark.parametrize("kind", list(Kind))
def test_hidden_words_find_nothing_and_count_nothing(world: World, kind: Kind) -> None:
    plural = KINDS[kind].plural
    for (of, tier), marker in MARKERS.items():
        if of is not kind:
            continue
        for name, client, allowed in world.readers():
            found = client.get(f"/api/{plural}", params={"q": marker, "status": "any"}).json()
            page = client.get(f"/{plural}", params={"q": marker}).text
            ids = [item["id"] for item in found["items"]]
            if marker in allowed:
                assert ids == [world.ids[(kind, tier)]], name
                assert world.ids[(kind, tier)] in page
            else:
                assert ids == [], name
                assert "没有符合条件" in page
                assert world.ids[(kind, tier)] not in page


def test_exact_figures_of_a_masked_record_cannot_be_found_out_by_filtering(world: World) -> None:
    need = world.ids[(Kind.NEED, Tier.MASKED)]
    for low in (83.25, 83.26, 99):
        listed = world.crowd[None].get("/api/needs", params={"money_min": low}).json()["items"]
        assert need in {item["id"] for item in listed}
    listed = world.crowd[None].get("/api/needs", params={"money_min": 101}).json()["items"]
    assert need not in {item["id"] for item in listed}


def matched(client: TestClient, kind: Kind, id_: str) -> dict[str, dict[str, Any]]:
    answer = client.get(
        f"/api/{KINDS[kind].plural}/{id_}/matches", params={"explain": True, "top_k": 50}
    )
    assert answer.status_code == 200, answer.text
    other = KINDS[KINDS[kind].counterpart].id_field
    return {match[other]: match for match in answer.json()["matches"]}


@pytest.mark.parametrize("kind", list(Kind))
def test_a_masked_record_is_matched_in_full_and_shown_by_its_mask(world: World, kind: Kind) -> None:
    other = KINDS[kind].counterpart
    own = world.ids[(other, Tier.PUBLIC)]
    seen = matched(world.crowd[POSTER[other]], other, own)
    house = matched(world.crowd[Role.MANAGER], other, own)
    masked = world.ids[(kind, Tier.MASKED)]
    assert seen[masked]["masked"]
    assert not house[masked]["masked"]
    for part in ("score", "probability", "parts", "forward", "backward"):
        assert seen[masked][part] == house[masked][part]
    told = seen[masked]["explanation"]
    for part in ("passages", "alignments", "shared_terms", "bridges", "indicators"):
        assert told[part] == []
    assert house[masked]["explanation"]["alignments"]
    for tier in (Tier.BROKER_ONLY, Tier.NAMED):
        assert world.ids[(kind, tier)] in house
        assert world.ids[(kind, tier)] not in seen
    partner = matched(world.partners[kind], other, own)
    assert world.ids[(kind, Tier.NAMED)] in partner
    assert not partner[world.ids[(kind, Tier.NAMED)]]["masked"]


def test_what_anybody_may_type_is_matched_only_with_what_he_may_read(world: World) -> None:
    confidential_ids = {world.ids[(Kind.NEED, tier)] for tier in CONFIDENTIAL}
    text = PUBLIC[Kind.ACHIEVEMENT]["abstract"]
    body = {"direction": "achievement-to-need", "text": text, "top_k": 50}

    def found(client: TestClient) -> set[str]:
        return {m["need_id"] for m in client.post("/api/match", json=body).json()["matches"]}

    assert not found(world.crowd[None]) & confidential_ids
    assert not found(world.crowd[Role.INSTITUTE]) & confidential_ids
    assert confidential_ids <= found(world.crowd[Role.MANAGER])
    draft = world.crowd[Role.INSTITUTE].post(
        "/api/achievements", json=PUBLIC[Kind.ACHIEVEMENT] | {"status": "draft"}
    )
    url = f"/api/achievements/{draft.json()['id']}"
    listed = world.crowd[Role.INSTITUTE].get(f"{url}/matches", params={"top_k": 50}).json()
    assert not {m["need_id"] for m in listed["matches"]} & confidential_ids
    assert world.crowd[Role.INSTITUTE].delete(url).status_code == 204


def test_matches_of_a_masked_record_are_for_whoever_reads_it(world: World) -> None:
    need = world.ids[(Kind.NEED, Tier.MASKED)]
    refused = problem(world.crowd[Role.INSTITUTE].get(f"/api/needs/{need}/matches"), 403)
    assert "consent" in refused["missing"]
    assert world.crowd[Role.INSTITUTE].get(f"/needs/{need}/matches.xlsx").status_code == 403
    assert world.crowd[Role.ENTERPRISE].get(f"/api/needs/{need}/matches").status_code == 200


def test_what_may_not_be_known_changes_no_answer(world: World) -> None:
    """Scores, order and size of an answer are the same before and after a hidden record."""
    body = {"text": PUBLIC[Kind.NEED]["problem_statement"], "explain": True}
    before = world.crowd[None].post("/api/match", json=body).json()
    sent = world.crowd[Role.INSTITUTE].post(
        "/api/achievements", json=confidential(Kind.ACHIEVEMENT, Tier.BROKER_ONLY)
    )
    done = step(world.crowd[Role.MANAGER], Kind.ACHIEVEMENT, sent.json()["id"], "approve")
    assert world.crowd.app.state.context.replica.wait_for(done["seq"], 30)
    after = world.crowd[None].post("/api/match", json=body).json()
    assert before.pop("seq") < after.pop("seq")
    assert before == after
    step(world.crowd[Role.MANAGER], Kind.ACHIEVEMENT, sent.json()["id"], "withdraw")


def test_mails_logs_audit_and_files_hold_no_marker(world: World, tmp_path: Path) -> None:
    context, settings = world.crowd.app.state.context, world.settings
    soon = now() + timedelta(days=settings.listing_days - 1)
    assert tick(context.engine, context.office.mailer, settings, soon).reminded >= len(world.ids)
    exported = jiebang(settings.home, "export", "qrels", "--out", str(tmp_path / "qrels.tsv"))
    assert exported.returncode == 0, exported.stderr
    texts = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    mails = [path.read_bytes() for path in settings.mailbox_dir.rglob("*") if path.is_file()]
    assert mails
    context.replica._save_if(1)
    snapshots = [p.read_bytes() for p in settings.index_dir.rglob("*") if p.is_file()]
    assert any(PUBLIC[Kind.NEED]["title"].encode() in found for found in snapshots)
    with reading(context.engine) as session:
        for table in (AuditRow, TransitionRow, DisclosureRow):
            texts += [repr(row).encode() for row in session.exec(select(table))]
    for found in (*texts, *mails, *snapshots):
        assert not any(marker.encode() in found for marker in MARKERS.values())
        assert CONTACT.encode() not in found


def test_ids_of_ones_own_making_are_refused_for_confidential_records(world: World) -> None:
    body = confidential(Kind.NEED, Tier.MASKED) | {"need_id": "星海机械-轴封-01"}
    problem(world.crowd[Role.ENTERPRISE].post("/api/needs", json=body), 422)


def test_both_sides_agree_and_then_read_each_other(world: World) -> None:
    """The last test of the module: it opens a record."""
    crowd = world.crowd
    need = world.ids[(Kind.NEED, Tier.MASKED)]
    achievement = world.ids[(Kind.ACHIEVEMENT, Tier.MASKED)]
    marker = MARKERS[(Kind.NEED, Tier.MASKED)]
    institute, enterprise = crowd[Role.INSTITUTE], crowd[Role.ENTERPRISE]
    for client in (institute, crowd[Role.MANAGER], crowd.rival, world.partners[Kind.NEED]):
        problem(client.get(f"/api/needs/{need}/contact"), 403)
    rival_id = crowd.rival.get("/api/me/listings").json()[0]["id"]
    # nobody agrees for somebody else, nor on a record that he may not know of
    assert (
        institute.post(
            f"/api/needs/{need}/consents",
            json={"own_id": world.partners[Kind.NEED].get("/api/me/listings").json()[0]["id"]},
        ).status_code
        == 403
    )
    hidden = world.ids[(Kind.ACHIEVEMENT, Tier.BROKER_ONLY)]
    problem(
        crowd.rival.post(f"/api/achievements/{hidden}/consents", json={"own_id": rival_id}), 404
    )
    first = institute.post(f"/api/needs/{need}/consents", json={"own_id": achievement}).json()
    assert first == {"need_id": need, "achievement_id": achievement, "agreed": False}
    assert marker not in institute.get(f"/api/needs/{need}").text
    assert "对方已同意" in enterprise.get(f"/needs/{need}").text
    done = enterprise.post(
        f"/achievements/{achievement}/consents", data={"own_id": need, "page": "own"}
    )
    assert "双方已同意" in done.text
    told = institute.get(f"/api/needs/{need}")
    assert marker in told.text
    assert not told.json()["masked"]
    assert institute.get(f"/api/needs/{need}/contact").json()["contact"]["phone"] == CONTACT
    assert CONTACT in institute.get(f"/needs/{need}").text
    assert (
        MARKERS[(Kind.ACHIEVEMENT, Tier.MASKED)]
        in enterprise.get(f"/api/achievements/{achievement}").text
    )
    found = matched(institute, Kind.ACHIEVEMENT, achievement)[need]
    assert found["explanation"]["alignments"]
    for client in (crowd.rival, crowd[None], world.partners[Kind.NEED]):
        assert marker not in client.get(f"/api/needs/{need}").text
    log = enterprise.get(f"/api/needs/{need}/disclosures").json()
    assert {"full", "contact"} <= {
        entry["what"] for entry in log if entry["user"] == "测试院所成员"
    }
    assert "测试技术经理人" in {entry["user"] for entry in log}
    assert "测试企业成员" not in {entry["user"] for entry in log}
    problem(institute.get(f"/api/needs/{need}/disclosures"), 403)
    taken_back(crowd, need, achievement)


def taken_back(crowd: People, need: str, achievement: str) -> None:
    """Either side may take its word back; then nobody reads on, and what was read stays written."""
    enterprise, institute = crowd[Role.ENTERPRISE], crowd[Role.INSTITUTE]
    marker = MARKERS[(Kind.NEED, Tier.MASKED)]
    before = len(enterprise.get(f"/api/needs/{need}/disclosures").json())
    own = f"/api/achievements/{achievement}/consents/{need}"
    problem(crowd.rival.delete(own), 403)
    problem(institute.delete(own), 403)
    assert "收回同意" in enterprise.get(f"/needs/{need}").text
    assert enterprise.delete(own).status_code == 204
    problem(enterprise.delete(own), 404)
    problem(institute.get(f"/api/needs/{need}/contact"), 403)
    assert marker not in institute.get(f"/api/needs/{need}").text
    assert CONTACT not in institute.get(f"/needs/{need}").text
    assert (
        MARKERS[(Kind.ACHIEVEMENT, Tier.MASKED)]
        not in enterprise.get(f"/api/achievements/{achievement}").text
    )
    assert len(enterprise.get(f"/api/needs/{need}/disclosures").json()) == before
    events = crowd[Role.ADMIN].get("/api/admin/audit").json()
    withdrawn = [e for e in events if e["action"] == "consent-withdrawn"]
    assert [(e["subject_id"], e["detail"]["other"]) for e in withdrawn] == [(need, achievement)]
    page = {"own_id": need, "page": "own"}
    assert "双方已同意" in enterprise.post(f"/achievements/{achievement}/consents", data=page).text
    gone = enterprise.post(f"/achievements/{achievement}/consents", data=page | {"withdraw": "1"})
    assert "对方已同意" in gone.text


def test_sights_are_in_order() -> None:
    assert Sight.NONE < Sight.MASK < Sight.FULL
