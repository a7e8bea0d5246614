"""The roster of an event as a file: what is read, what is refused, and that it comes back as it went."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from corpora.form_book import FilledSheet, form_book
from corpora.problems import CellError, FileError
from corpora.uscc import check_character
from service.events.roster import cells, exporting
from service.events.roster.layout import ENTRIES, PARTIES, PEOPLE, SHEETS, WANTED
from service.events.roster.reading import ReadRoster, read_roster
from service.events.roster.times import joined_times, read_times, show_times
from tests.roster import book

USCC = "91510100MA62L5G03" + check_character("91510100MA62L5G03")


def faults(read: ReadRoster) -> list[tuple[str, int, str]]:
    return [(f.sheet, f.error.row, f.error.column) for f in read.faults]


def test_the_template_is_a_form_whose_examples_are_passed_over() -> None:
    content = exporting.template()
    read = read_roster(content)
    assert not read.faults
    assert not any(read.rows.values())
    written = load_workbook(io.BytesIO(content))
    assert written.sheetnames[:5] == ["参会单位", "参会人员", "对接条目", "意愿", "填写说明"]
    assert [cell.value for cell in written["参会单位"][1]][:2] == ["单位名称*", "统一社会信用代码"]
    assert str(written["参会人员"]["A2"].value).startswith("示例：")
    lists = {
        next(iter(rule.sqref.ranges)).bounds[0]
        for rule in written["参会单位"].data_validations.dataValidation
    }
    assert lists == {3, 4, 5}, "type, city and small have a drop-down"


def test_the_examples_are_good_rows_but_for_their_mark() -> None:
    rows = {
        sheet.name: [
            [str(row[0]).removeprefix(cells.EXAMPLE), *row[1:]]
            for row in exporting.EXAMPLES[sheet.name]
        ]
        for sheet in SHEETS
    }
    read = read_roster(book(rows))
    assert not read.faults
    assert [len(read.rows[sheet.name]) for sheet in SHEETS] == [1, 2, 1, 1]


def test_cells_become_values_and_empty_ones_are_left_out() -> None:
    read = read_roster(
        book(
            {
                PARTIES.name: [
                    ["  攀西  矿业 ", USCC.lower(), "企业", "攀枝花", "是", 6.0],
                    ["某大学", None, " ", "成都市", None, "不限"],
                ],
                PEOPLE.name: [["某大学", "李工", "LI@Test.Example", "2027-05-18"]],
                ENTRIES.name: [["某大学", "成果", 17, 2, "", "李工、 王工,李工"]],
                WANTED.name: [["N1", "A1", "院所", "不见"]],
            }
        )
    )
    assert not read.faults
    first, second = (dict(row.values) for row in read.rows[PARTIES.name])
    assert first == {
        "name": "攀西 矿业",
        "uscc": USCC,
        "org_type": "company",
        "region_code": "510400",
        "small": True,
        "max_meetings": 6,
    }
    assert second == {"name": "某大学", "region_code": "510100", "max_meetings": None}
    (person,) = read.rows[PEOPLE.name]
    assert person.values["mail"] == "li@test.example"
    assert person.values["free"] == [["2027-05-18T00:00", "2027-05-18T23:59"]]
    (entry,) = read.rows[ENTRIES.name]
    assert (entry.values["kind"], entry.values["listing_id"]) == ("achievement", "17")
    assert entry.values["people"] == ["李工", "王工"]
    (wish,) = read.rows[WANTED.name]
    assert (wish.values["side"], wish.values["wish"]) == ("achievement", "no")


def test_every_fault_is_told_with_sheet_row_column_and_cure() -> None:
    read = read_roster(
        book(
            {
                PARTIES.name: [
                    ["甲", USCC[:-1], "不知道什么", "火星", "也许", 100_001],
                    [None, "", "企业"],
                    ["乙", "", "", "", "", "0000000100001"],
                    ["丙"],
                    [" 丙 "],
                ],
                PEOPLE.name: [
                    ["丙", "张工", "zhang at example", "下周二"],
                    ["丙", "李\x7f工"],
                    ["丙", "王工", "", "2027-02-30 09:00-10:00；2027-05-18 11:00-09:00"],
                ],
                ENTRIES.name: [["丙", "专利", "N1", 11], ["丙", "需求", "x" * 201, float("nan")]],
                WANTED.name: [["N1", "A1", "政府", "想见"], ["N1", "A1", "企业", None]],
            }
        )
    )
    assert faults(read) == [
        *(
            ("参会单位", 2, c)
            for c in ("统一社会信用代码", "单位类型", "所在市州", "小企业", "场次上限")
        ),
        ("参会单位", 3, "单位名称"),
        ("参会单位", 4, "场次上限"),
        ("参会单位", 6, "单位名称"),
        ("参会人员", 2, "邮箱"),
        ("参会人员", 2, "可参加时间"),
        ("参会人员", 3, "姓名"),
        ("参会人员", 4, "可参加时间"),
        ("对接条目", 2, "类别"),
        ("对接条目", 2, "优先级"),
        ("对接条目", 3, "编号"),
        ("意愿", 2, "哪一方"),
        ("意愿", 2, "意愿"),
        ("意愿", 3, "意愿"),
    ]
    assert all(fault.error.problem and fault.error.cure for fault in read.faults)
    assert [row.values["name"] for row in read.rows[PARTIES.name]] == ["丙"]
    assert read.refused_parties >= {"甲", "乙"}
    assert "zhang at" not in str(read.faults), "an address is not repeated"
    assert "第 5 行" in str(read.faults)


def test_a_formula_is_shown_and_not_calculated() -> None:
    read = read_roster(book({PARTIES.name: [["=1+1"]]}, literal=True))
    (fault,) = read.faults
    assert (fault.error.column, fault.error.value) == ("单位名称", "=1+1")
    assert "公式" in fault.error.problem


def test_what_begins_like_a_formula_is_text_on_the_way_out_and_in() -> None:
    names = ["=HYPERLINK(1)", "+cmd", "-x", "@sum", "#N/A"]
    content = book({PARTIES.name: [[name] for name in names]})
    sheet = load_workbook(io.BytesIO(content))["参会单位"]
    for (cell,) in sheet.iter_rows(min_row=2, max_col=1):
        assert cell.data_type == "s"
        assert str(cell.value).startswith("'")
    assert [row.values["name"] for row in read_roster(content).rows[PARTIES.name]] == names


def sheets_without(*gone: str, headers: dict[str, list[str]] | None = None) -> bytes:
    made = Workbook()
    for sheet in SHEETS:
        if sheet.name not in gone:
            page = made.create_sheet(sheet.name)
            page.append((headers or {}).get(sheet.name, [f.column.header for f in sheet.fields]))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "空的"),
        (b"name,mail\n", "不是完好的 XLSX"),
        (b"PK\x03\x04 broken", "不是完好的 XLSX"),
        (sheets_without("参会人员", "意愿"), "缺少工作表“参会人员”、“意愿”"),
        (sheets_without(headers={"意愿": ["需求编号", "成果编号", "备注"]}), "缺少列“哪一方”、“意愿”。表里的列"),
        (sheets_without(headers={"对接条目": []}), "“对接条目”缺少列“单位名称”、“类别”、“编号”"),
    ],
)  # fmt: skip
def test_what_is_no_roster_is_refused_as_a_whole(content: bytes, told: str) -> None:
    with pytest.raises(FileError) as refused:
        read_roster(content)
    assert told in refused.value.problem
    assert refused.value.cure


def test_headers_may_differ_in_spelling_and_order_and_odd_columns_are_told() -> None:
    headers = {"对接条目": ["编号 *", "类别（需求/成果）*", "备注", "单位名称"]}
    made = load_workbook(io.BytesIO(sheets_without(headers=headers)))
    made["对接条目"].append(["N1", "需求", "随便", "甲"])
    out = io.BytesIO()
    made.save(out)
    read = read_roster(out.getvalue())
    (row,) = read.rows["对接条目"]
    assert dict(row.values) == {"party": "甲", "kind": "need", "listing_id": "N1"}
    assert any("备注" in notice for notice in read.notices)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("全程", None),
        ("2027-05-18", [["2027-05-18T00:00", "2027-05-18T23:59"]]),
        ("2027/5/18 9:00—11:00", [["2027-05-18T09:00", "2027-05-18T11:00"]]),
        ("2027年5月18日 09：00至11：00", [["2027-05-18T09:00", "2027-05-18T11:00"]]),
        (
            "2027-05-18 14:00-16:00；2027-05-18 09:00-11:00；2027-05-18 11:00-12:00",
            [["2027-05-18T09:00", "2027-05-18T12:00"], ["2027-05-18T14:00", "2027-05-18T16:00"]],
        ),
        ("2027-05-18 20:00-2027-05-19 10:00", [["2027-05-18T20:00", "2027-05-19T10:00"]]),
    ],
)
def test_times_are_read_as_people_write_them(text: str, times: Any) -> None:
    assert read_times(text) == times


@pytest.mark.parametrize(
    "text",
    [
        "",
        "；",
        "9:00-11:00",
        "2027-05-18 9点",
        "0207-05-18 9:00-10:00",
        "2027-05-18 25:00-26:00",
        "2027-13-01",
    ],
)
def test_times_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(CellError) as refused:
        read_times(text)
    assert refused.value.cure


MINUTES = st.integers(0, 60 * 24 * 3)


def at(minute: int) -> str:
    return f"2027-05-{18 + minute // 1440}T{minute % 1440 // 60:02}:{minute % 60:02}"


@given(
    st.lists(
        st.tuples(MINUTES, MINUTES).filter(lambda pair: pair[0] < pair[1]), min_size=1, max_size=9
    )
)
def test_times_come_back_as_they_were_shown(pairs: list[tuple[int, int]]) -> None:
    times = joined_times([at(begin), at(end)] for begin, end in pairs)
    assert read_times(show_times(times)) == times
    assert joined_times(times) == times
    covered = {m for begin, end in pairs for m in range(begin, end)}
    assert all(any(b <= at(m) < e for b, e in times) for m in list(covered)[:50])


NAMES = (
    st.text(min_size=1, max_size=20)
    .map(lambda t: " ".join(t.split()))
    .filter(lambda t: len(t) >= 1 and t.isprintable() and not t.startswith(("'", cells.EXAMPLE)))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, unique=True, max_size=5))
def test_any_printable_name_goes_out_and_comes_back(names: list[str]) -> None:
    content = book({PARTIES.name: [[name] for name in names]})
    read = read_roster(content)
    assert not read.faults
    assert [row.values["name"] for row in read.rows[PARTIES.name]] == names


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(),
            st.floats(),
            st.text(max_size=30),
            st.datetimes(),
        ),
        max_size=6,
    )
)
def test_no_cell_raises_anything_but_a_told_fault(row: list[Any]) -> None:
    for sheet in SHEETS:
        for field, cell in zip(sheet.fields, row, strict=False):
            try:
                field.read(cell)
            except CellError as error:
                assert error.problem
                assert error.cure


def test_a_book_keeps_the_order_of_sheets_and_has_no_active_one_left_over() -> None:
    columns = [f.column for f in WANTED.fields]
    content = form_book([FilledSheet("甲", columns, [["=1", 2, None, "x"]])], ["说明"])
    written = load_workbook(io.BytesIO(content))
    assert written.sheetnames == ["甲", "填写说明", "列表"]
    assert [c.value for c in written["甲"][2]] == ["'=1", 2, None, "x"]
    assert written["列表"].sheet_state == "hidden"
