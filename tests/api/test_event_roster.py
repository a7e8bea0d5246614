"""The roster over HTTP and on its pages: the file, who may bring what, the chase list, invitations."""

from __future__ import annotations

import io
import mailbox
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlmodel import col, select

from corpora.uscc import check_character
from matcher.listing import KINDS, Kind
from service.access import POSTER, Role
from service.accounts.tables import AuditRow, OrganisationRow
from service.context import Context
from service.db import reading, writing
from service.events import events
from service.events.roster.layout import ENTRIES, PARTIES, PEOPLE, WANTED
from service.events.tables import (
    EventAttendeeRow,
    EventEntryRow,
    EventOutcomeRow,
    EventPartyRow,
    EventWishRow,
)
from service.tables import ListingRow, Tier, now
from tests.api.people import People, approve, step
from tests.api.test_api import NEED, SEAL, problem
from tests.events import Gathering
from tests.roster import book

USCC_OF_NOBODY = "91510100TE5T90077" + check_character("91510100TE5T90077")
COMPANY, INSTITUTE = "测试单位1", "测试单位2"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass
class Meeting:
    """An event in preparation, and everybody."""

    crowd: People
    gathering: Gathering

    @property
    def ctx(self) -> Context:
        context: Context = self.crowd.app.state.context
        return context

    @property
    def id(self) -> str:
        return self.gathering.id

    @property
    def api(self) -> str:
        return f"/api/events/{self.id}"

    @property
    def url(self) -> str:
        return f"/events/{self.id}"

    def uscc(self, name: str) -> str:
        with reading(self.ctx.engine) as session:
            query = select(OrganisationRow.uscc).where(OrganisationRow.name == name)
            return session.exec(query).one()

    def send(self, content: bytes, role: Role = Role.ORGANISER, **data: str) -> dict[str, Any]:
        """An import that must be answered."""
        files = {"file": ("roster.xlsx", content, XLSX)}
        answer = self.crowd[role].post(f"{self.api}/roster", files=files, data=data)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def roster(self, role: Role = Role.ORGANISER) -> dict[str, Any]:
        answer = self.crowd[role].get(f"{self.api}/roster")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that is stored of the roster."""
        with reading(self.ctx.engine) as session:
            return {
                table.__tablename__: sorted(
                    (
                        row.model_dump(mode="json")
                        for row in session.exec(select(table).where(table.event_id == self.id))
                    ),
                    key=str,
                )
                for table in (EventPartyRow, EventAttendeeRow, EventEntryRow, EventWishRow)
            }

    def state(self) -> str:
        with reading(self.ctx.engine) as session:
            return events.get(session, self.id).state


@pytest.fixture
def event(crowd: People) -> Meeting:
    return Meeting(crowd, Gathering.create(crowd.app.state.context))


def publish(crowd: People, kind: Kind, tier: Tier = Tier.PUBLIC, role: Role | None = None) -> str:
    """A fresh published record of the organisation that posts its kind, or of the house."""
    body = (NEED if kind is Kind.NEED else SEAL) | {
        "disclosure": tier,
        "org": "玄霜谷机械有限公司",
    }
    if tier is Tier.NAMED:
        body["named_orgs"] = [USCC_OF_NOBODY]
    client = crowd[role or POSTER[kind]]
    sent = client.post(f"/api/{KINDS[kind].plural}", json=body)
    assert sent.status_code == 201, sent.text
    id_ = str(sent.json()["id"])
    if role is None:
        approve(crowd, kind, id_)
    return id_


def good(event: Meeting, need: str, seal: str) -> dict[str, list[list[object]]]:
    """A whole roster of two parties."""
    return {
        PARTIES.name: [
            [COMPANY, event.uscc(COMPANY), "一般企业", "攀枝花市", "是", 4],
            [INSTITUTE, event.uscc(INSTITUTE), "高等院校", "成都市", "否", "不限"],
        ],
        PEOPLE.name: [
            [COMPANY, "张工", "zhang@test.example", "2027-05-18 09:00-10:00"],
            [COMPANY, "王总", "wang@test.example", ""],
            [INSTITUTE, "李老师", "li@test.example", "2027-05-18"],
        ],
        ENTRIES.name: [
            [COMPANY, "需求", need, 2, 3, "张工"],
            [INSTITUTE, "成果", seal, "", "", ""],
        ],
        WANTED.name: [[need, seal, "企业", "必见"], [need, seal, "院所", "愿意"]],
    }


def errors(report: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(e["sheet"], e["row"], e["column"]) for e in report["errors"]]


def test_a_roster_is_checked_imported_and_twice_changes_nothing(event: Meeting) -> None:
    need, seal = publish(event.crowd, Kind.NEED), publish(event.crowd, Kind.ACHIEVEMENT)
    content = book(good(event, need, seal))
    before = event.rows()
    tried = event.send(content, dry_run="true")
    assert (tried["dry_run"], tried["taken"], tried["rejected"]) == (True, 9, 0)
    assert event.rows() == before, "a dry run stores nothing"
    assert [s["created"] for s in event.send(content)["sheets"]] == [2, 3, 2, 2]
    stored = event.rows()
    again = event.send(content)
    assert [s["unchanged"] for s in again["sheets"]] == [2, 3, 2, 2]
    assert event.rows() == stored
    shown = event.roster()
    assert shown["counts"] == {
        "parties": 2, "people": 3, "needs": 1, "achievements": 1, "wishes": 2, "invited": 0,
        "coming": 0,
    }  # fmt: skip
    first = next(p for p in shown["parties"] if p["name"] == COMPANY)
    assert (first["registered"], first["small"], first["max_meetings"]) == (True, True, 4)
    (entry,) = first["entries"]
    assert (entry["listing_id"], entry["title"], entry["priority"]) == (need, NEED["title"], 2)
    assert [p["name"] for p in entry["people"]] == ["张工"]


def test_what_is_exported_can_be_imported_and_makes_the_same_elsewhere(event: Meeting) -> None:
    need, seal = publish(event.crowd, Kind.NEED), publish(event.crowd, Kind.ACHIEVEMENT)
    event.send(book(good(event, need, seal)))
    stored = event.rows()
    for url in (event.api, event.url):
        answer = event.crowd[Role.ORGANISER].get(f"{url}/roster.xlsx")
        assert answer.headers["content-type"] == XLSX
        report = event.send(answer.content)
        assert [s["unchanged"] for s in report["sheets"]] == [2, 3, 2, 2]
    assert event.rows() == stored
    other = Meeting(event.crowd, Gathering.create(event.ctx))
    assert other.send(answer.content)["rejected"] == 0

    def alike(meeting: Meeting) -> Any:
        shown = meeting.roster()
        return [
            ({k: v for k, v in p.items() if k in ("name", "uscc", "max_meetings", "small")},
             [(q["name"], q["mail"], q["free"]) for q in p["people"]],
             [(e["listing_id"], e["priority"], [n["name"] for n in e["people"]]) for e in p["entries"]])
            for p in shown["parties"]
        ], [(w["need_id"], w["side"], w["wish"]) for w in shown["wishes"]]  # fmt: skip

    assert alike(other) == alike(event)


def test_an_empty_cell_leaves_what_is_known_and_good_rows_pass_beside_faulty_ones(
    event: Meeting,
) -> None:
    need, seal = publish(event.crowd, Kind.NEED), publish(event.crowd, Kind.ACHIEVEMENT)
    event.send(book(good(event, need, seal)))
    report = event.send(
        book(
            {
                PARTIES.name: [
                    [COMPANY, "", "", "", "", 9],
                    ["坏单位", "123"],
                    ["重码单位", event.uscc(COMPANY)],
                    ["新单位"],
                ],
                PEOPLE.name: [
                    [COMPANY, "张工", "", "全程"],
                    ["坏单位", "甲"],
                    ["重码单位", "乙"],
                    ["没有的单位", "丙"],
                ],
                ENTRIES.name: [
                    [INSTITUTE, "需求", need],
                    ["新单位", "需求", "N-nobody"],
                    [COMPANY, "需求", need, "", "", "张工、无名氏"],
                ],
                WANTED.name: [[need, "A-nobody", "企业", "愿意"], [need, seal, "企业", "不见"]],
            }
        )
    )
    assert errors(report) == [
        ("参会单位", 3, "统一社会信用代码"),
        ("参会单位", 4, "统一社会信用代码"),
        ("参会人员", 3, "单位名称"),
        ("参会人员", 4, "单位名称"),
        ("参会人员", 5, "单位名称"),
        ("对接条目", 2, "编号"),
        ("对接条目", 3, "编号"),
        ("对接条目", 4, "编号"),
        ("意愿", 2, "成果编号"),
    ]
    told = {(e["sheet"], e["row"]): e["problem"] for e in report["errors"]}
    assert "有错，没有导入" in told["参会人员", 3]
    assert "有错，没有导入" in told["参会人员", 4]
    assert "里没有“没有的单位”" in told["参会人员", 5]
    assert f"已由“{COMPANY}”带来" in told["对接条目", 2]
    assert all(e["cure"] for e in report["errors"])
    shown = {p["name"]: p for p in event.roster()["parties"]}
    assert shown.keys() == {COMPANY, INSTITUTE, "新单位"}
    company = shown[COMPANY]
    assert (company["uscc"], company["small"], company["max_meetings"]) == (
        event.uscc(COMPANY),
        True,
        9,
    )
    zhang = next(p for p in company["people"] if p["name"] == "张工")
    assert (zhang["mail"], zhang["free"]) == ("zhang@test.example", None)
    wishes = {w["side"]: w["wish"] for w in event.roster()["wishes"]}
    assert wishes == {"need": "no", "achievement": "like"}


def test_confidential_records_are_to_an_organiser_like_ids_that_nobody_has(event: Meeting) -> None:
    crowd = event.crowd
    secret = {tier: publish(crowd, Kind.NEED, tier) for tier in (Tier.BROKER_ONLY, Tier.NAMED)}
    masked = publish(crowd, Kind.NEED, Tier.MASKED)
    party = {PARTIES.name: [[COMPANY, event.uscc(COMPANY)]]}
    ids = [*secret.values(), "N-nobody"]
    report = event.send(book(party | {ENTRIES.name: [[COMPANY, "需求", id_] for id_ in ids]}))
    told = [(e["problem"].replace(e["value"], "X"), e["cure"]) for e in report["errors"]]
    assert len(told) == 3
    assert len(set(told)) == 1
    (party_id,) = (p["id"] for p in event.roster()["parties"])
    answers = [
        problem(
            crowd[Role.ORGANISER].post(
                f"{event.api}/parties/{party_id}/entries", json={"kind": "need", "listing_id": id_}
            ),
            422,
        )["detail"].replace(id_, "X")
        for id_ in ids
    ]
    assert len(set(answers)) == 1
    hidden = event.send(book(party | {ENTRIES.name: [[COMPANY, "需求", masked]]}))
    assert "脱敏公开" in hidden["errors"][0]["problem"]
    assert "玄霜谷" not in str(hidden)
    wanted = [*secret.values(), masked]
    taken = event.send(
        book(party | {ENTRIES.name: [[COMPANY, "需求", id_] for id_ in wanted]}), Role.MANAGER
    )
    assert taken["rejected"] == 0

    house, organiser = event.roster(Role.MANAGER), event.roster()
    assert {e["listing_id"] for e in house["parties"][0]["entries"]} == set(wanted)
    shown = organiser["parties"][0]["entries"]
    assert [(e["listing_id"], e["masked"]) for e in shown if e["listing_id"]] == [(masked, True)]
    assert [e["title"] for e in shown if not e["listing_id"]] == ["保密条目"] * 2
    seen = str(organiser) + crowd[Role.ORGANISER].get(f"{event.url}/roster").text
    seen += crowd[Role.ORGANISER].get(f"{event.url}/chase").text
    exported = crowd[Role.ORGANISER].get(f"{event.url}/roster.xlsx").content
    sheet = load_workbook(io.BytesIO(exported))[ENTRIES.name]
    assert [row[2].value for row in sheet.iter_rows(min_row=2)] == [masked]
    for what in (*secret.values(), "玄霜谷"):
        assert what not in seen
    # neither a row of the file nor an edit nor a wish tells that they are on the roster
    again = event.send(
        book(
            party
            | {
                ENTRIES.name: [[COMPANY, "需求", secret[Tier.NAMED]], [COMPANY, "需求", masked, 3]],
                WANTED.name: [
                    [secret[Tier.NAMED], "A-x", "企业", "愿意"],
                    ["N-nobody", "A-x", "企业", "愿意"],
                ],
            }
        )  # fmt: skip
    )
    problems = [e["problem"].replace(e["value"], "X") for e in again["errors"]]
    assert problems[0] == told[0][0]
    assert len(again["errors"]) == 3
    assert problems[1] == problems[2]
    gone = [
        problem(crowd[Role.ORGANISER].delete(f"{event.api}/entries/need/{id_}"), 404)["detail"]
        for id_ in ("N-nobody", secret[Tier.NAMED])
    ]
    assert gone[0].replace("N-nobody", "X") == gone[1].replace(secret[Tier.NAMED], "X")
    assert crowd[Role.ORGANISER].delete(f"{event.api}/entries/need/{masked}").status_code == 204


def test_a_record_comes_with_its_owner_and_only_once(event: Meeting) -> None:
    crowd = event.crowd
    owned, houses = publish(crowd, Kind.NEED), publish(crowd, Kind.NEED, role=Role.ADMIN)
    draft = crowd[Role.ENTERPRISE].post("/api/needs", json=NEED | {"status": "draft"}).json()["id"]
    parties = {
        PARTIES.name: [[COMPANY, event.uscc(COMPANY)], [INSTITUTE, event.uscc(INSTITUTE)], ["散客"]]
    }
    lines = [[INSTITUTE, "需求", owned], ["散客", "需求", owned], ["散客", "需求", houses]]
    report = event.send(book(parties | {ENTRIES.name: lines[:1]}))
    assert "别的单位发布" in report["errors"][0]["problem"]
    report = event.send(book(parties | {ENTRIES.name: lines[1:]}))
    assert errors(report) == [("对接条目", 2, "编号")]
    assert event.send(book({ENTRIES.name: [[COMPANY, "需求", owned]]}))["rejected"] == 0
    taken = event.send(book({ENTRIES.name: [[COMPANY, "需求", houses]]}))
    assert "已由“散客”带来" in taken["errors"][0]["problem"]
    unpublished = event.send(book({ENTRIES.name: [[COMPANY, "需求", draft]]}), Role.ADMIN)
    assert "没有发布" in unpublished["errors"][0]["problem"]
    other = event.send(book({PARTIES.name: [[COMPANY, event.uscc("测试单位77")]]}))
    assert "属于另一个信用代码" in other["errors"][0]["problem"]


def test_for_which_organisation_a_party_stands_is_written_down(event: Meeting) -> None:
    event.send(book({PARTIES.name: [["某厂"]]}))
    both = [["某厂", event.uscc(COMPANY)], [INSTITUTE, event.uscc(INSTITUTE)]]
    event.send(book({PARTIES.name: both}))
    event.send(book({PARTIES.name: [["某厂", event.uscc("测试单位77")]]}))
    with reading(event.ctx.engine) as session:
        query = select(AuditRow).where(
            AuditRow.action == "event-party-organisation", AuditRow.subject_id == event.id
        )
        noted = session.exec(query.order_by(col(AuditRow.id))).all()
        names = {row.id: row.name for row in session.exec(select(OrganisationRow))}
    told = [(r.detail["party"], names[r.detail["organisation_id"]]) for r in noted]
    assert told == [("某厂", COMPANY), (INSTITUTE, INSTITUTE), ("某厂", "测试单位77")]
    assert {r.actor_id for r in noted} == {event.crowd.ids[Role.ORGANISER]}


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n"])
def test_what_is_no_workbook_is_refused_with_a_cure(event: Meeting, content: bytes) -> None:
    files = {"file": ("roster.xlsx", content or b" ", XLSX)}
    answer = event.crowd[Role.ORGANISER].post(f"{event.api}/roster", files=files)
    assert problem(answer, 422)["cure"]
    shown = event.crowd[Role.ORGANISER].post(f"{event.url}/roster", files=files)
    assert shown.status_code == 422
    assert 'role="alert"' in shown.text


def outbox(event: Meeting) -> set[tuple[str, str]]:
    """Who was written to in this event, and with which link."""
    folder = event.ctx.settings.mailbox_dir
    if not folder.exists():
        return set()
    found = set()
    for message in mailbox.Maildir(folder, create=False):
        text = message.get_payload(decode=True).decode()
        link = re.search(r"/meet\?token=(\S+)", text)
        if link:
            found.add((str(message["To"]), link[1]))
    return found


def test_invitations_are_mailed_written_down_and_open_the_event(event: Meeting) -> None:
    organiser = event.crowd[Role.ORGANISER]
    event.gathering.party("甲厂", "赵一", "钱二").party("乙所", "孙三")
    with writing(event.ctx.engine) as session:
        lost = session.get_one(EventAttendeeRow, event.gathering.people["孙三"])
        lost.mail = ""
        session.add(lost)
    before = outbox(event)
    assert event.state() == "draft"
    sent = organiser.post(f"{event.api}/invitations", json={}).json()
    assert sent == {"letters": 2, "without_mail": ["孙三"], "state": "open"}
    letters = outbox(event) - before
    assert len(letters) == 2
    with reading(event.ctx.engine) as session:
        noted = session.exec(
            select(AuditRow).where(
                AuditRow.action == "event-invited", AuditRow.subject_id == event.id
            )
        ).all()
        keys = event.ctx.office.keys
        digests = {p.digest for p in events.attendees(session, event.id) if p.digest}
    assert {row.detail["party"] for row in noted} == {"甲厂"}
    assert {row.actor_id for row in noted} == {event.crowd.ids[Role.ORGANISER]}
    assert digests == {keys.digest(token) for _, token in letters}
    assert organiser.post(f"{event.api}/invitations", json={}).json()["letters"] == 0
    with writing(event.ctx.engine) as session:
        came = session.get_one(EventAttendeeRow, event.gathering.people["赵一"])
        came.coming = True
        session.add(came)
    shown = organiser.post(f"{event.url}/invitations", data={"to": "unanswered", "back": "chase"})
    assert "发出 1 封邀请" in shown.text
    (again,) = outbox(event) - before - letters
    with reading(event.ctx.engine) as session:
        second = session.get_one(EventAttendeeRow, event.gathering.people["钱二"])
    assert second.digest == keys.digest(again[1])
    assert again[1] not in {token for _, token in letters}
    chosen = {"to": "chosen", "people": [event.gathering.people["赵一"]]}
    assert organiser.post(f"{event.api}/invitations", json=chosen).json()["letters"] == 1
    problem(organiser.post(f"{event.api}/invitations", json={"to": "chosen"}), 422)
    stranger = {"to": "chosen", "people": ["A-nobody"]}
    problem(organiser.post(f"{event.api}/invitations", json=stranger), 404)


def test_the_chase_list_names_every_gap(event: Meeting) -> None:
    crowd, gathering = event.crowd, event.gathering
    vague = {
        "title": "提升产品质量",
        "problem_statement": "寻求国内领先的先进工艺，大幅提高产品良品率，打造优质品牌。",
    }
    plain = crowd[Role.ADMIN].post("/api/needs", json=NEED | vague).json()["id"]
    exact = crowd[Role.ADMIN].post("/api/needs", json=NEED).json()["id"]
    going = publish(crowd, Kind.ACHIEVEMENT, role=Role.ADMIN)
    gone = publish(crowd, Kind.ACHIEVEMENT)
    gathering.party("空单位").party("甲厂", "赵", "钱", "孙", "李", "周", needs=(plain, exact))
    gathering.party(
        "乙所",
        "吴",
        achievements=(going, gone),
        uscc="x",
        org_type="university",
        region_code="510100",
    )
    step(crowd[Role.INSTITUTE], Kind.ACHIEVEMENT, gone, "withdraw")
    stated: dict[str, dict[str, Any]] = {
        "赵": {"mail": ""},
        "钱": {"invited_at": now()},
        "孙": {"invited_at": now(), "opened_at": now()},
        "李": {"coming": False},
        "周": {"coming": True, "free": [["2027-05-18T09:05", "2027-05-18T09:25"]]},
        "吴": {"away": [["2027-05-18T09:00", "2027-05-18T12:00"]]},
    }
    with writing(event.ctx.engine) as session:
        for name, values in stated.items():
            person = session.get_one(EventAttendeeRow, gathering.people[name])
            for field, value in values.items():
                setattr(person, field, value)
            session.add(person)
        row = session.get_one(ListingRow, ("achievement", going))
        row.expires_at = now() + timedelta(days=1)
        session.add(row)
        session.add(
            EventWishRow(
                event_id=event.id, need_id=plain, achievement_id=going, side="need", wish="like"
            )
        )
    rows = crowd[Role.ORGANISER].get(f"{event.api}/chase").json()
    found = {
        (r["code"], r["party"], r["attendee"], r["entry"] and r["entry"]["listing_id"])
        for r in rows
    }
    assert found == {
        *((code, "空单位", None, None) for code in ("no_person", "no_uscc", "no_type", "no_city", "no_entry")),
        *((code, "甲厂", None, None) for code in ("no_uscc", "no_type", "no_city")),
        ("no_mail", "甲厂", "赵", None),
        ("not_opened", "甲厂", "钱", None),
        ("not_answered", "甲厂", "孙", None),
        ("declined", "甲厂", "李", None),
        ("no_time", "甲厂", "周", None),
        ("no_figure", "甲厂", None, plain),
        ("not_invited", "乙所", "吴", None),
        ("no_time", "乙所", "吴", None),
        ("no_wish", "乙所", None, None),
        ("entry_gone", "乙所", None, gone),
        ("entry_expiring", "乙所", None, going),
    }  # fmt: skip
    shown = crowd[Role.ORGANISER].get(f"{event.url}/chase").text
    content = crowd[Role.ORGANISER].get(f"{event.url}/chase.xlsx").content
    lines = list(load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True))
    assert len(lines) == 1 + len(rows)
    for row in rows:
        assert row["text"] in shown
        assert any(line[3] == row["text"] for line in lines)


def test_what_is_removed_takes_along_what_hangs_on_it(event: Meeting) -> None:
    organiser = event.crowd[Role.ORGANISER]
    need, seal = publish(event.crowd, Kind.NEED), publish(event.crowd, Kind.ACHIEVEMENT)
    event.send(book(good(event, need, seal)))
    company, institute = sorted(event.roster()["parties"], key=lambda p: str(p["name"]))
    zhang = next(p["id"] for p in company["people"] if p["name"] == "张工")
    with writing(event.ctx.engine) as session:
        for wish in session.exec(select(EventWishRow).where(EventWishRow.event_id == event.id)):
            wish.attendee_id = zhang
            session.add(wish)
    assert organiser.delete(f"{event.api}/attendees/{zhang}").status_code == 204
    (entry,) = next(p for p in event.roster()["parties"] if p["id"] == company["id"])["entries"]
    assert entry["people"] == []
    assert len(event.roster()["wishes"]) == 2
    outcome = {"need_id": need, "achievement_id": seal, "side": "need", "met": True}
    with writing(event.ctx.engine) as session:
        session.add(EventOutcomeRow(event_id=event.id, **outcome))
    for path in (f"parties/{company['id']}", f"entries/achievement/{seal}"):
        assert "对接结果" in problem(organiser.delete(f"{event.api}/{path}"), 409)["detail"]
    with writing(event.ctx.engine) as session:
        session.delete(session.get_one(EventOutcomeRow, (event.id, need, seal, "need")))
    assert organiser.delete(f"{event.api}/parties/{company['id']}").status_code == 204
    left = event.rows()
    assert [row["name"] for row in left["event_party"]] == [INSTITUTE]
    assert [row["listing_id"] for row in left["event_entry"]] == [seal]
    assert [row["name"] for row in left["event_attendee"]] == ["李老师"]
    assert left["event_wish"] == []
    problem(organiser.delete(f"{event.api}/parties/{company['id']}"), 404)
    other = Gathering.create(event.ctx)
    strange = f"/api/events/{other.id}/parties/{institute['id']}"
    problem(organiser.delete(strange), 404)


def test_the_api_adds_and_changes_one_by_one(event: Meeting) -> None:
    organiser = event.crowd[Role.ORGANISER]
    added = organiser.post(f"{event.api}/parties", json={"name": " 丙  厂 ", "region_code": "成都"})
    assert added.status_code == 201
    party = added.json()
    assert (party["name"], party["region_code"]) == ("丙 厂", "510100")
    problem(organiser.post(f"{event.api}/parties", json={"name": "丙 厂"}), 422)
    problem(organiser.post(f"{event.api}/parties", json={"name": "丁", "uscc": "1"}), 422)
    url = f"{event.api}/parties/{party['id']}"
    change = {"version": 1, "party": {"name": "丙厂", "small": True}}
    assert organiser.put(url, json=change).json()["version"] == 2
    assert problem(organiser.put(url, json=change), 409)["current"]["name"] == "丙厂"
    times = [["2027-05-18T10:00", "2027-05-18T11:00"], ["2027-05-18T09:00", "2027-05-18T10:00"]]
    body = {"name": "周", "mail": "Z@Test.Example", "free": times}
    person = organiser.post(f"{url}/attendees", json=body).json()
    assert person["free"] == [["2027-05-18T09:00", "2027-05-18T11:00"]]
    organiser.post(f"{event.api}/invitations", json={})
    changed = {
        "version": person["version"],
        "attendee": {"name": "周", "mail": "zhou@test.example"},
    }
    answer = organiser.put(f"{event.api}/attendees/{person['id']}", json=changed).json()
    assert (answer["free"], answer["invited_at"]) == (None, None), "the old link is void"
    with reading(event.ctx.engine) as session:
        assert session.get_one(EventAttendeeRow, person["id"]).digest is None
    need = publish(event.crowd, Kind.NEED, role=Role.ADMIN)
    entry = {"kind": "need", "listing_id": need, "people": [person["id"]]}
    assert organiser.post(f"{url}/entries", json=entry).json()["done"] == "created"
    assert (
        organiser.post(f"{url}/entries", json=entry | {"priority": 5}).json()["done"] == "updated"
    )
    problem(organiser.post(f"{url}/entries", json=entry | {"people": ["A-nobody"]}), 422)
    with writing(event.ctx.engine) as session:
        row = events.get(session, event.id)
        row.state = "closed"
        session.add(row)
    problem(organiser.post(f"{url}/entries", json=entry), 409)
    problem(organiser.post(f"{event.api}/invitations", json={}), 409)


def test_the_page_edits_and_keeps_what_was_typed(event: Meeting) -> None:
    organiser, url = event.crowd[Role.ORGANISER], f"{event.url}/roster"
    need = publish(event.crowd, Kind.NEED, role=Role.ADMIN)
    assert "还没有单位" in organiser.get(url).text
    shown = organiser.post(
        f"{url}/party", data={"form": "new-party", "name": "戊厂", "small": "yes"}
    )
    assert (shown.status_code, "戊厂" in shown.text) == (200, True)
    bad = {"form": "new-party", "name": "己厂", "uscc": "123"}
    refused = organiser.post(f"{url}/party", data=bad)
    assert refused.status_code == 422
    assert 'value="己厂"' in refused.text
    assert "18 位" in refused.text.partition('id="refused"')[2]
    party = event.roster()["parties"][0]["id"]
    person = {"form": f"new-person-{party}", "party_id": party, "name": "郑", "free": "明天"}
    refused = organiser.post(f"{url}/person", data=person)
    assert refused.status_code == 422
    assert 'value="明天"' in refused.text
    free = "2027-05-18 09:00-11:00"
    shown = organiser.post(f"{url}/person", data=person | {"free": free})
    assert shown.status_code == 200
    (stored,) = event.roster()["parties"][0]["people"]
    assert stored["free_zh"] == free
    again = {"person_id": stored["id"], "version": "1", "name": "郑工", "mail": "", "free": ""}
    assert organiser.post(f"{url}/person", data=again).status_code == 200
    assert organiser.post(f"{url}/person", data=again).status_code == 409
    entry = {"party_id": party, "kind": "need", "listing_id": need, "people": "郑工"}
    shown = organiser.post(f"{url}/entry", data=entry | {"max_meetings": "3"})
    assert NEED["title"] in shown.text
    assert "没有无名氏" in organiser.post(f"{url}/entry", data=entry | {"people": "无名氏"}).text
    edited = organiser.post(f"{url}/entry", data=entry | {"priority": "99"})
    assert edited.status_code == 422
    for gone in (
        {"kind": "need", "listing_id": need},
        {"person_id": stored["id"]},
        {"party_id": party},
    ):
        assert organiser.post(f"{url}/remove", data=gone).status_code == 200
    assert "还没有单位" in organiser.get(url).text


def test_a_long_roster_shows_the_forms_of_one_party(event: Meeting) -> None:
    event.send(book({PARTIES.name: [[f"单位{number}"] for number in range(31)]}))
    client, url = event.crowd[Role.ORGANISER], f"{event.url}/roster"
    party = event.roster()["parties"][7]
    assert client.get(url).text.count(f"{url}/person") == 0
    shown = client.get(url, params={"party": party["id"]}).text
    assert shown.count(f"{url}/person") == 1
    person = {"form": f"new-person-{party['id']}", "party_id": party["id"], "name": "郑"}
    added = client.post(f"{url}/person", data=person, follow_redirects=False)
    assert added.headers["location"] == f"{url}?party={party['id']}#{party['id']}"
    refused = client.post(f"{url}/person", data=person)
    assert "已有一位郑" in refused.text
    assert 'value="郑"' in refused.text


def test_the_page_shows_the_faults_of_a_file(event: Meeting) -> None:
    content = book({PARTIES.name: [["甲厂", "123"], ["乙厂"]]})
    files = {"file": ("r.xlsx", content, XLSX)}
    client, url = event.crowd[Role.MANAGER], f"{event.url}/roster"
    checked = client.post(url, files=files, data={"action": "check"}).text
    assert "检查完毕" in checked
    assert "18 位" in checked
    assert event.roster()["parties"] == []
    done = client.post(url, files=files, data={"action": "import"}).text
    assert "导入完毕：1 行可用，1 行有错" in done
    assert [p["name"] for p in event.roster()["parties"]] == ["乙厂"]
    assert client.post(url, data={"action": "import"}).status_code == 422
    form = client.get(f"{url}-template.xlsx").content
    assert load_workbook(io.BytesIO(form)).sheetnames[0] == PARTIES.name


@pytest.mark.parametrize("role", [None, Role.ENTERPRISE, Role.INSTITUTE, Role.ANALYST])
def test_nobody_else_reaches_a_roster(event: Meeting, role: Role | None) -> None:
    client: TestClient = event.crowd[role]
    for path in ("roster", "roster.xlsx", "chase", "chase.xlsx"):
        assert client.get(f"{event.api}/{path}").status_code == (401 if role is None else 403)
        page = client.get(f"{event.url}/{path}", follow_redirects=False)
        assert page.status_code == (303 if role is None else 403)
    sent = client.post(f"{event.api}/invitations", json={})
    assert sent.status_code == (401 if role is None else 403)
    problem(event.crowd[Role.ORGANISER].get("/api/events/E-nobody/roster"), 404)
