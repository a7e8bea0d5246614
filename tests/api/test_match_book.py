"""Match books of an event: what is in them, for whom, and that other programs can read them."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import ics
import pypdf
import pytest
from icalendar import Calendar
from python_calamine import CalamineWorkbook
from sqlmodel import select

from matcher.listing import KINDS, Kind
from service.access import Principal, Role
from service.answers import MASKED_SUMMARY
from service.context import Context
from service.db import reading, writing
from service.events import events
from service.events.book.calendar import book_ics
from service.events.book.gathering import ARRANGED, book_for
from service.events.book.pdf import book_pdf
from service.events.book.typeset import REPLACEMENT
from service.events.book.workbook import book_xlsx
from service.events.naming import CONFIDENTIAL, OWN_CONFIDENTIAL, UNNAMED
from service.events.tables import EventEntryRow, EventScheduleRow
from service.tables import DisclosureRow, Tier
from tests.api.people import People, add_person, signed_in
from tests.api.test_api import post
from tests.api.test_disclosure import MARKERS, MODEL, confidential
from tests.events import Gathering

NEED = {
    "title": "矿浆泵轴封两周就漏",
    "problem_statement": "选厂六台渣浆泵输送含石英砂的矿浆，轴封最长撑十六天就滴漏，希望三个月以上，不改泵体。",
    "targets": [
        {"name": "连续运转时间", "operator": "≥", "value": 2160, "unit": "h"},
        {"name": "泄漏量", "operator": "≤", "value": 5, "unit": "mL/h"},
    ],
    "industry_chain": "equipment",
}
SEAL = {
    "title": "含固介质用机械密封的端面织构",
    "abstract": "在碳化硅密封端面加工螺旋槽，借流体动压把颗粒排出间隙；渣浆泵轴封含砂矿浆台架连续运转时间 2600 h。",
    "industry_chain": "equipment",
}
FORMULA = '=HYPERLINK("http://evil.example","点我")'
ODD = "䶮氏电解槽🚀寿命10⁻³的改进"
SLOTS = [f"2027-05-18T{time}" for time in ("09:00", "09:20", "09:40", "10:20", "10:40", "11:00")]
FILES = ("book.pdf", "book.xlsx", "book.ics", "shortlist.pdf", "books.zip")
HIDDEN_PEOPLE = "皇甫嵩阳"
HIDDEN_ORG = "蜀岷密封研究所"


class Fair:
    """An event with public and confidential records, its people and a schedule."""

    def __init__(self, crowd: People) -> None:
        self.crowd = crowd
        self.ctx: Context = crowd.app.state.context
        admin = crowd[Role.ADMIN]
        self.need = post(admin, "needs", NEED)
        self.seal = post(admin, "achievements", SEAL)
        self.formula = post(admin, "needs", NEED | {"title": FORMULA, "trl_min": 6})
        self.odd = post(admin, "achievements", SEAL | {"title": ODD, "trl": 8})
        self.secret = {
            (kind, tier): post(admin, KINDS[kind].plural, confidential(kind, tier))
            for kind, tier in (
                (Kind.ACHIEVEMENT, Tier.MASKED),
                (Kind.NEED, Tier.MASKED),
                (Kind.NEED, Tier.BROKER_ONLY),
            )
        }
        self.ctx.matcher(next(reversed(self.secret.values()))["seq"])
        self.made = Gathering.create(self.ctx)
        self.made.party("攀西矿业", "李矿生", needs=(self.need["id"], self.formula["id"]))
        self.made.party(
            "锦江大学", "王端面", "赵学敏", achievements=(self.seal["id"], self.odd["id"])
        )
        self.made.match()
        self.made.party(
            HIDDEN_ORG, HIDDEN_PEOPLE, achievements=(self.of(Kind.ACHIEVEMENT, Tier.MASKED),)
        )
        self.made.party(
            "涪城酿造",
            "孙酿",
            needs=(self.of(Kind.NEED, Tier.MASKED), self.of(Kind.NEED, Tier.BROKER_ONLY)),
        )
        self.meetings = (
            (self.need["id"], self.seal["id"], SLOTS[0], "1号桌"),
            (self.formula["id"], self.odd["id"], SLOTS[1], "1号桌"),
            (self.need["id"], self.of(Kind.ACHIEVEMENT, Tier.MASKED), SLOTS[2], "2号桌"),
            (self.of(Kind.NEED, Tier.BROKER_ONLY), self.seal["id"], SLOTS[3], "1号桌"),
            (self.of(Kind.NEED, Tier.MASKED), self.odd["id"], SLOTS[4], "2号桌"),
        )

    def of(self, kind: Kind, tier: Tier) -> str:
        return str(self.secret[kind, tier]["id"])

    def party(self, name: str) -> str:
        return self.made.parties[name]

    def get(self, name: str, role: Role = Role.ORGANISER, **params: str):
        return self.crowd[role].get(f"/api/events/{self.made.id}/{name}", params=params)

    def participant(self, name: str, principal: Principal | None = None):
        return book_for(
            self.ctx,
            self.made.id,
            principal or Principal(),
            self.party(name),
            route="GET /meet",
            as_participant=True,
        )


@pytest.fixture(scope="module")
def fair(crowd: People) -> Fair:
    made = Fair(crowd)
    made.made.schedule(*made.meetings)
    return made


def pages(content: bytes) -> list[str]:
    """The text of every page; a character without a glyph fails."""
    found = []
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        text = page.extract_text()
        assert not re.search(r"[\x00\ufffd\ue000-\uf8ff]", text), "a glyph without a character"
        found.append(text)
    return found


def flat(content: bytes) -> str:
    return re.sub(r"\s", "", "".join(pages(content)))


def sheets(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def everything(book) -> str:
    """All that can be read from the files of a book, with what they are compressed in opened."""
    out = [flat(book_pdf(book)), book_ics(book).decode().replace("\r\n ", "")]
    reader = pypdf.PdfReader(io.BytesIO(book_pdf(book)))
    out += [str(reader.metadata), *(str(entry) for entry in reader.outline)]
    with zipfile.ZipFile(io.BytesIO(book_xlsx(book))) as archive:
        out += [archive.read(name).decode("utf-8", "replace") for name in archive.namelist()]
    return "".join(out)


def test_the_pdf_holds_meetings_reasons_indicators_and_questions_with_every_glyph(
    fair: Fair,
) -> None:
    answer = fair.get("book.pdf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    found = pages(answer.content)
    for number, text in enumerate(found, start=1):
        assert f"第 {number} 页，共 {len(found)} 页" in text
        assert "机密分级：" in text
        assert "找矿挖宝 · 装备专场" in text
    cover, contents = found[0], found[1]
    assert "成都科创中心" in cover
    assert "2027-05-18（周二）" in cover
    assert "会面：5 场" in cover
    assert "目录" in contents
    told = flat(answer.content)
    for part in (
        NEED["title"], SEAL["title"], "攀西矿业", "李矿生", "王端面、赵学敏", "A厅1号桌", "09:00–09:20",
        "为什么见面", "需求这样说", "成果这样说", "连续运转时间", "达到", "没有说明", "建议提问",
        "【问需求方】需求没有写预算", "【问成果方】成果没有写报价方式",
    ):  # fmt: skip
        assert part.replace(" ", "") in told, part
    leads = [
        int(row.rsplit(maxsplit=1)[-1])
        for row in contents.splitlines()
        if row.strip()[-1:].isdigit()
    ]
    starts = [n for n, text in enumerate(found[2:], start=3) if "为什么见面" in text]
    assert set(leads) & set(starts), "the contents lead to meetings"


def test_every_character_has_a_glyph_or_a_visible_replacement(
    fair: Fair, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("WARNING", logger="fpdf"):
        content = fair.get("book.pdf").content
    assert not caplog.records, "the writer misses no glyph"
    assert f"{REPLACEMENT}氏电解槽{REPLACEMENT}寿命10¯³的改进" in flat(content)
    for page in pypdf.PdfReader(io.BytesIO(content)).pages:
        (font,) = page["/Resources"]["/Font"].values()
        whole = font.get_object()
        assert "NotoSansSC" in whole["/BaseFont"]
        descriptor = whole["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "/FontFile2" in descriptor, "the font travels with the file"


def test_the_short_list_of_a_party_is_one_page(fair: Fair) -> None:
    whole = flat(fair.get("shortlist.pdf").content)
    assert "会面安排" in whole
    assert whole.count("1号桌") >= 3
    found = pages(fair.get("shortlist.pdf", party=fair.party("锦江大学")).content)
    assert len(found) == 1
    text = re.sub(r"\s", "", found[0])
    for part in ("锦江大学会面安排", "攀西矿业（李矿生）", "09:00–09:20", NEED["title"], UNNAMED):
        assert part in text, part


def test_the_workbook_is_read_by_another_program_and_holds_no_formula(fair: Fair) -> None:
    content = fair.get("book.xlsx").content
    found = sheets(content)
    assert list(found) == ["日程", "对接说明", "指标", "提问"]
    plan = found["日程"]
    assert plan[1][:6] == [1, date(2027, 5, 18), "09:00", "09:20", "A厅", "1号桌"]
    assert NEED["title"] in plan[1]
    assert len(plan) == 1 + len(fair.meetings)
    reasons = [row for row in found["对接说明"][1:] if row[0] == 1]
    assert reasons[0][3]
    assert any("渣浆泵" in str(row[5]) and "渣浆泵" in str(row[6]) for row in reasons)
    verdicts = {row[3]: row[6] for row in found["指标"][1:] if row[0] == 1}
    assert verdicts["连续运转时间"] == "达到"
    assert verdicts["泄漏量"] == "没有说明"
    assert any("泄漏量" in str(row[4]) for row in found["提问"][1:])
    titles = {row[7] for row in plan[1:]}
    assert f"'{FORMULA}" in titles
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert all(b"<f>" not in archive.read(name) for name in parts)


@pytest.mark.parametrize("start", ["=1+1", "+1号泵", "-5℃密封", "@SUM(A1)"])
def test_a_title_that_begins_like_a_formula_stays_text(fair: Fair, start: str) -> None:
    admin = fair.crowd[Role.ADMIN]
    need = post(admin, "needs", NEED | {"title": f"{start}的难题"})
    made = Gathering.create(fair.ctx, name=f"{start}专场")
    made.party(f"{start}公司", "甲", needs=(need["id"],))
    made.party("乙方", f"{start}某", achievements=(fair.seal["id"],))
    made.schedule((need["id"], fair.seal["id"], SLOTS[0], "1号桌"))
    answer = fair.crowd[Role.ORGANISER].get(f"/api/events/{made.id}/book.xlsx")
    row = sheets(answer.content)["日程"][1]
    assert row[7:10] == [f"'{start}的难题", f"'{start}公司", "甲"]
    assert row[13] == f"'{start}某"
    archive = fair.crowd[Role.ORGANISER].get(f"/api/events/{made.id}/books.zip")
    with zipfile.ZipFile(io.BytesIO(archive.content)) as found:
        assert all(not name.startswith(("/", "..")) for name in found.namelist())


def test_the_calendar_is_read_by_another_program_and_moves_with_the_schedule(fair: Fair) -> None:
    made = Gathering.create(fair.ctx)
    made.party("攀西矿业", "李矿生", "钱工", needs=(fair.need["id"], fair.formula["id"]))
    made.party("锦江大学", "王端面", achievements=(fair.seal["id"], fair.odd["id"]))
    made.schedule(
        (fair.need["id"], fair.seal["id"], SLOTS[0], "1号桌"),
        (fair.formula["id"], fair.odd["id"], SLOTS[1], "2号桌"),
    )
    url = f"/api/events/{made.id}/book.ics"
    organiser = fair.crowd[Role.ORGANISER]
    answer = organiser.get(url)
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "TZID:Asia/Shanghai" in answer.text
    assert "DTSTART;TZID=Asia/Shanghai:20270518T090000" in answer.text
    first = {event.name: event for event in ics.Calendar(answer.text).events}
    assert len(first) == 2
    event = first[f"对接：{NEED['title']} × {SEAL['title']}"]
    assert event.begin.isoformat() == "2027-05-18T09:00:00+08:00"
    assert event.end.isoformat() == "2027-05-18T09:20:00+08:00"
    assert event.location == "成都科创中心 A厅 1号桌"
    made.schedule((fair.need["id"], fair.seal["id"], SLOTS[3], "2号桌"))
    text = organiser.get(url).text
    second = {event.uid: event for event in ics.Calendar(text).events}
    assert set(second) == {event.uid for event in first.values()}, "the names of meetings stay"
    assert second[event.uid].begin.isoformat() == "2027-05-18T10:20:00+08:00"
    parsed = Calendar.from_ical(text)
    assert parsed["METHOD"] == "PUBLISH"
    states = {str(e["UID"]): (str(e["STATUS"]), e["SEQUENCE"]) for e in parsed.walk("VEVENT")}
    assert states.pop(event.uid) == ("CONFIRMED", 2)
    assert list(states.values()) == [("CANCELLED", 2)]
    _leaves_the_pair(fair.ctx, made, "钱工")
    made_book = book_for(fair.ctx, made.id, Principal(), route="GET /x", draft=True)
    gone = Calendar.from_ical(book_ics(made_book, made.people["钱工"])).walk("VEVENT")
    assert {str(e["STATUS"]) for e in gone} == {"CANCELLED"}
    kept = Calendar.from_ical(book_ics(made_book, made.people["李矿生"])).walk("VEVENT")
    assert sorted(str(e["STATUS"]) for e in kept) == ["CANCELLED", "CONFIRMED"]


def _leaves_the_pair(ctx: Context, made: Gathering, person: str) -> None:
    """One more published schedule, in which somebody sits no longer."""
    with writing(ctx.engine) as session:
        last = session.exec(
            select(EventScheduleRow)
            .where(EventScheduleRow.event_id == made.id)
            .order_by(EventScheduleRow.number.desc())
        ).first()
        content = dict(last.schedule)
        content["meetings"] = [
            m | {"people": [p for p in m["people"] if p != made.people[person]]}
            for m in content["meetings"]
        ]
        session.add(
            EventScheduleRow(
                event_id=made.id, number=last.number + 1, state="done", deadline=last.deadline,
                problem=last.problem, schedule=content, published_at=last.published_at,
            )
        )  # fmt: skip


def test_a_meeting_whose_record_left_the_roster_is_cancelled(fair: Fair) -> None:
    made = Gathering.create(fair.ctx)
    made.party("攀西矿业", "李矿生", needs=(fair.need["id"],))
    made.party("锦江大学", "王端面", achievements=(fair.seal["id"],))
    made.schedule((fair.need["id"], fair.seal["id"], SLOTS[0], "1号桌"))
    with writing(fair.ctx.engine) as session:
        key = (made.id, "achievement", fair.seal["id"])
        session.delete(session.get_one(EventEntryRow, key))
    url = f"/api/events/{made.id}/book.ics"
    text = fair.crowd[Role.ORGANISER].get(url, params={"party": made.parties["锦江大学"]}).text
    (event,) = Calendar.from_ical(text).walk("VEVENT")
    assert str(event["STATUS"]) == "CANCELLED"
    assert SEAL["title"] not in text


def test_a_masked_counterpart_is_in_no_byte_of_what_a_participant_gets(fair: Fair) -> None:
    hidden = (
        MARKERS[Kind.ACHIEVEMENT, Tier.MASKED], MODEL, HIDDEN_ORG, HIDDEN_PEOPLE, "83.25",
    )  # fmt: skip
    book = fair.participant("攀西矿业")
    told = everything(book)
    assert NEED["title"] in told
    assert SEAL["title"] in told
    assert UNNAMED in told
    masked = book.talks[2].sides[Kind.ACHIEVEMENT]
    assert (masked.party, masked.people) == (UNNAMED, ())
    for word in hidden:
        assert word not in told, word
    for name in FILES[:4]:
        content = fair.get(name, party=fair.party("攀西矿业")).content
        for word in hidden:
            assert word.encode() not in content
            if name.endswith(".pdf"):
                assert word not in flat(content)
    house = everything(book_for(fair.ctx, fair.made.id, house_of(fair), route="GET /x"))
    for word in (HIDDEN_ORG, HIDDEN_PEOPLE):
        assert word in house, "a search that finds nothing must mean something"


def house_of(fair: Fair) -> Principal:
    return Principal(user_id=fair.crowd.ids[Role.MANAGER], role=Role.MANAGER)


def test_one_s_own_confidential_entry_is_named_without_its_content(fair: Fair) -> None:
    book = fair.participant("涪城酿造")
    told = everything(book)
    assert OWN_CONFIDENTIAL in told
    assert "孙酿" in told
    assert "锦江大学" in told, "who brings a public record is named"
    for tier in (Tier.MASKED, Tier.BROKER_ONLY):
        assert MARKERS[Kind.NEED, tier] not in told
    assert not any(talk.why.sentences or talk.why.figures for talk in book.talks)
    other = fair.participant("锦江大学")
    told = everything(other)
    assert CONFIDENTIAL in told
    for word in (MARKERS[Kind.NEED, Tier.BROKER_ONLY], "涪城酿造", "孙酿"):
        assert word not in told, word
    assert fair.of(Kind.NEED, Tier.BROKER_ONLY) not in told


def test_an_organiser_reads_no_record_that_only_brokers_may_and_knows_who_brings_it(
    fair: Fair,
) -> None:
    told = flat(fair.get("book.pdf").content)
    assert CONFIDENTIAL in told
    assert "涪城酿造" in told
    assert HIDDEN_ORG in told, "organisers know who brings an entry"
    for tier in (Tier.MASKED, Tier.BROKER_ONLY):
        assert MARKERS[Kind.NEED, tier] not in told
    rows = sheets(fair.get("book.xlsx").content)
    assert fair.of(Kind.NEED, Tier.BROKER_ONLY) not in str(rows)
    assert ARRANGED in str(rows["对接说明"])
    assert MARKERS[Kind.NEED, Tier.BROKER_ONLY] in flat(fair.get("book.pdf", Role.MANAGER).content)


def test_what_a_manager_reads_in_full_is_written_down_once(fair: Fair) -> None:
    reader = add_person(fair.crowd.office, "books@test.example", Role.MANAGER, None)
    client = signed_in(fair.crowd.app, "books@test.example")
    for _ in range(2):
        assert client.get(f"/api/events/{fair.made.id}/book.pdf").status_code == 200
    with reading(fair.ctx.engine) as session:
        rows = session.exec(select(DisclosureRow).where(DisclosureRow.user_id == reader)).all()
    assert {row.route for row in rows} == {"GET /api/events/{id}/book.pdf"}
    ids = sorted(row.listing_id for row in rows)
    assert ids == sorted(record["id"] for record in fair.secret.values())


def test_a_pair_that_became_confidential_after_the_run_is_not_explained(crowd: People) -> None:
    made, seal = _fresh(crowd)
    admin = crowd[Role.ADMIN]
    etag = admin.get(f"/api/achievements/{seal['id']}").headers["ETag"]
    body = {"disclosure": "masked"}
    changed = admin.patch(f"/api/achievements/{seal['id']}", json=body, headers={"If-Match": etag})
    assert changed.status_code == 200, changed.text
    book = book_for(
        made.ctx, made.id, Principal(), made.parties["甲公司"], route="GET /meet",
        as_participant=True,
    )  # fmt: skip
    (talk,) = book.talks
    assert talk.why.summary == MASKED_SUMMARY
    assert not (talk.why.sentences or talk.why.figures)
    assert "台架连续运转时间" not in everything(book)


def _fresh(crowd: People) -> tuple[Gathering, dict]:
    admin = crowd[Role.ADMIN]
    need, seal = post(admin, "needs", NEED), post(admin, "achievements", SEAL)
    made = Gathering.create(crowd.app.state.context)
    made.party("甲公司", "甲", needs=(need["id"],))
    made.party("乙大学", "乙", achievements=(seal["id"],))
    made.ctx.matcher(seal["seq"])
    made.match()
    made.schedule((need["id"], seal["id"], SLOTS[0], "1号桌"))
    return made, seal


def test_the_archive_holds_the_files_of_every_party_as_that_party_may_see_them(fair: Fair) -> None:
    content = fair.get("books.zip", Role.ADMIN).content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert len(names) == 3 * len(fair.made.parties)
        folder = next(n for n in names if "攀西矿业" in n and n.endswith(".pdf"))
        told = flat(archive.read(folder))
        assert NEED["title"] in told
        assert HIDDEN_ORG not in told, "an administrator hands out no more than the party may see"
    one = fair.get("books.zip", party=fair.party("锦江大学")).content
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert len(archive.namelist()) == 3


def test_a_draft_is_for_organisers_and_says_so(fair: Fair) -> None:
    made = Gathering.create(fair.ctx)
    made.party("攀西矿业", "李矿生", needs=(fair.need["id"],))
    made.party("锦江大学", "王端面", achievements=(fair.seal["id"],))
    organiser = fair.crowd[Role.ORGANISER]
    url = f"/api/events/{made.id}"
    for name in FILES:
        refused = organiser.get(f"{url}/{name}")
        assert refused.status_code == 409
        assert "还没有日程" in refused.json()["detail"]
    assert "还没有日程" in organiser.get(f"/events/{made.id}/book").text
    made.schedule((fair.need["id"], fair.seal["id"], SLOTS[0], "1号桌"), published=False)
    for name in ("book.pdf", "shortlist.pdf"):
        assert all("草稿" in text for text in pages(organiser.get(f"{url}/{name}").content))
    assert "TENTATIVE" in organiser.get(f"{url}/book.ics").text
    assert "草稿" in organiser.get(f"/events/{made.id}/book").text
    party = made.parties["锦江大学"]
    book = book_for(fair.ctx, made.id, Principal(), party, route="GET /meet", as_participant=True)
    assert (book.number, book.talks) == (0, ())
    assert "目前没有安排会面" in flat(book_pdf(book))
    meeting = (fair.need["id"], fair.seal["id"])
    made.schedule((*meeting, SLOTS[1], "1号桌"))
    made.schedule((*meeting, SLOTS[2], "1号桌"), published=False)
    for params in ({}, {"party": party}):
        told = flat(organiser.get(f"{url}/shortlist.pdf", params=params).content)
        assert "09:20–09:40" in told, "what is taken away is what was published"
        assert "草稿" not in told


def test_what_a_party_will_be_asked_is_told_apart_from_what_it_should_ask(fair: Fair) -> None:
    told = everything(fair.participant("攀西矿业"))
    assert "【请准备】需求没有写预算" in told
    assert "【问成果方】成果没有写报价方式" in told
    assert "【问需求方】" not in told
    told = everything(fair.participant("锦江大学"))
    assert "【请准备】泄漏量" in told
    assert "【问需求方】需求没有写预算" in told


def test_a_long_list_stays_within_its_pages(fair: Fair) -> None:
    tables = [{"id": f"{number}号桌", "room": "三楼东侧多功能厅"} for number in range(1, 91)]
    made = Gathering.create(fair.ctx, tables=tables)
    admin = fair.crowd[Role.ADMIN]
    seals = [post(admin, "achievements", SEAL | {"title": f"第{n}号机械密封"}) for n in range(90)]
    made.party("攀西矿业", "李矿生", needs=(fair.need["id"],))
    made.party("锦江大学", "王端面", achievements=tuple(seal["id"] for seal in seals))
    made.schedule(
        *(
            (fair.need["id"], seal["id"], SLOTS[n % 6], f"{n + 1}号桌")
            for n, seal in enumerate(seals)
        )
    )
    for name, place in (("book.pdf", "目录"), ("shortlist.pdf", "会面安排")):
        content = fair.crowd[Role.ORGANISER].get(f"/api/events/{made.id}/{name}").content
        reader = pypdf.PdfReader(io.BytesIO(content))
        assert place in flat(content)
        for page in reader.pages:
            heights: list[float] = []
            page.extract_text(
                visitor_text=lambda text, _, at, *__, heights=heights: (
                    heights.append(at[5]) if text.strip() else None
                )
            )
            assert min(heights) > 30, "nothing runs out of the page"
            assert sum(height < 48 for height in heights) <= 2, "only the foot is at the foot"


def test_a_sentence_as_long_as_a_page_is_broken_over_pages(fair: Fair) -> None:
    admin = fair.crowd[Role.ADMIN]
    long = "渣浆泵轴封含砂矿浆台架连续运转不滴漏" * 250
    need = post(admin, "needs", NEED)
    seal = post(admin, "achievements", SEAL | {"abstract": long, "title": "W" * 100})
    fair.ctx.matcher(seal["seq"])
    made = Gathering.create(fair.ctx, name="长" * 80, place="远" * 120)
    made.party("甲" * 60, "甲", needs=(need["id"],))
    made.party("乙" * 60, *(f"人{n}" for n in range(30)), achievements=(seal["id"],))
    made.match()
    made.schedule((need["id"], seal["id"], SLOTS[0], "1号桌"))
    content = fair.crowd[Role.ORGANISER].get(f"/api/events/{made.id}/book.pdf").content
    assert flat(content).count("渣浆泵轴封含砂") > 200
    assert len(pages(content)) > 3


def test_only_organisers_and_the_house_get_books(fair: Fair) -> None:
    base = f"/events/{fair.made.id}"
    urls = [f"{base}/book", *(f"{p}{base}/{name}" for p in ("", "/api") for name in FILES)]
    for url in urls:
        for role in (Role.ORGANISER, Role.MANAGER, Role.ADMIN):
            assert fair.crowd[role].get(url).status_code == 200, (role, url)
        for role in (Role.ENTERPRISE, Role.INSTITUTE, Role.ANALYST):
            assert fair.crowd[role].get(url).status_code == 403, (role, url)
        alone = fair.crowd[None].get(url, follow_redirects=False)
        assert alone.status_code in (303, 401), url
    assert fair.get("book.pdf", party="P0").status_code == 404
    assert fair.crowd[Role.ADMIN].get("/api/events/E0/book.pdf").status_code == 404


def test_the_page_shows_the_book_and_what_to_take(fair: Fair) -> None:
    url = f"/events/{fair.made.id}/book"
    shown = fair.crowd[Role.ORGANISER].get(url).text
    for name in FILES:
        assert f'href="/events/{fair.made.id}/{name}"' in shown
    for part in (
        NEED["title"],
        CONFIDENTIAL,
        "连续运转时间",
        "建议提问",
        'aria-current="page">对接手册',
    ):
        assert part in shown, part
    assert "<script>" not in shown
    one = fair.crowd[Role.ORGANISER].get(url, params={"party": fair.party("攀西矿业")}).text
    assert f"book.pdf?party={fair.party('攀西矿业')}" in one
    assert HIDDEN_PEOPLE not in one
    assert UNNAMED in one
    with reading(fair.ctx.engine) as session:
        assert events.get(session, fair.made.id).name in one
