"""Import: every malformed file gets a report in Chinese, none a traceback; good ones just work."""

from __future__ import annotations

import io
import json
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from corpora.cells import parse
from corpora.fields import FIELD_LABELS, FIELDS, MAIN_TEXT, Shape, spec_of
from corpora.problems import CellError, FileError
from corpora.readers import ReadResult, read_records
from corpora.rejected import rejected_csv, write_rejected_csv
from corpora.spreadsheet import GUIDE_SHEET, export_rows, safe_cell, safe_text, template
from corpora.workbook import DATA_SHEET
from matcher.listing import Kind

BODY = "烘箱出口水分忽高忽低,靠人工取样"
TABLE = (
    f'需求编号,需求名称*,技术难题描述,所在市州,预算（万元）\nn1,烘干段水分波动,"{BODY}",成都,300\n'
)


def read(
    content: str | bytes, name: str = "a.csv", *, kind: Kind = Kind.NEED, strict: bool = True
) -> ReadResult:
    data = content.encode() if isinstance(content, str) else content
    return read_records(data, name, kind, strict=strict)


def stated(result: ReadResult) -> list[dict[str, object]]:
    return [record.model_dump(exclude_defaults=True) for _, _, record in result.records]


def xlsx(*rows: list[object], sheet: str = "Sheet1", book: Workbook | None = None) -> bytes:
    book = book or Workbook()
    target = (
        book.active if book.active is not None and book.active.max_row == 1 else book.create_sheet()
    )
    target.title = sheet
    for row in rows:
        target.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


EXPECTED = {
    "need_id": "n1",
    "title": "烘干段水分波动",
    "problem_statement": BODY,
    "region_code": "510100",
    "budget_max_cny_wan": 300.0,
}


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_just_work(encoding: str, end: str) -> None:
    result = read(TABLE.replace("\n", end).encode(encoding))
    assert stated(result) == [EXPECTED]
    assert (result.errors, result.warnings) == ([], [])


def test_utf16_with_big_end_mark_and_big5() -> None:
    assert stated(read(b"\xfe\xff" + TABLE.encode("utf-16-be"))) == [EXPECTED]
    big5 = "需求名稱,內容\n烘乾段水分波動,烘箱出口水分忽高忽低靠人工取樣\n".encode("big5")
    assert stated(read(big5))[0]["title"] == "烘乾段水分波動"


@pytest.mark.parametrize("delimiter", [";", "\t", "，", "|"])
def test_delimiters(delimiter: str) -> None:
    assert stated(
        read(f"需求名称{delimiter}内容\n烘干段水分波动{delimiter}烘箱出口水分忽高忽低靠人工\n")
    )


def test_wrong_encoding_names_the_byte() -> None:
    data = TABLE.encode()
    at = data.index("技".encode())
    broken = data[:at] + b"\xff" + data[at:]
    with pytest.raises(FileError, match=rf"第 {at} 字节\(第 1 行,0xFF\).*UTF-8") as caught:
        read(broken)
    assert "另存为" in caught.value.cure
    with pytest.raises(FileError, match="第 0 字节"):
        read(b"\x81\x20\xff" * 30)
    with pytest.raises(FileError, match="编码"):
        read(b"\xff\xfe" + TABLE.encode("utf-16-le")[:-1])


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "a.csv", "文件是空的"),
        (b"  \n\n", "a.csv", "文件是空的"),
        ("需求名称,正文\n", "a.csv", "只有表头"),
        ("甲,乙\n1,2\n", "a.csv", "缺少必需的列"),
        ("需求名称,备注\n烘干段,x\n", "a.csv", "缺少必需的列 “技术难题描述”"),
        (",,\n,,\n", "a.csv", "没有数据"),
        (b"\xd0\xcf\x11\xe0rest", "a.xls", "旧版 XLS"),
        (b"PK\x03\x04broken", "a.xlsx", "不是完好的 XLSX"),
        (b"plain", "a.xlsx", "不是完好的 XLSX"),
        (b"%PDF", "a.pdf", "不支持 .pdf"),
        (b"\n \n", "a.jsonl", "文件是空的"),
        (xlsx(), "a.xlsx", "表格里没有数据"),
        (xlsx(["需求名称", "正文"]), "a.xlsx", "只有表头"),
        (xlsx(["甲", "乙"], [1, 2]), "a.xlsx", "缺少必需的列"),
    ],
)
def test_files_that_cannot_be_read(content: str | bytes, name: str, told: str) -> None:
    with pytest.raises(FileError, match=told) as caught:
        read(content, name)
    assert caught.value.cure
    with pytest.raises(FileError, match="没有这个文件"):
        read_records("/nonexistent.csv", None, Kind.NEED, strict=True)


def test_missing_columns_name_accepted_headers() -> None:
    with pytest.raises(FileError) as caught:
        read("甲,乙\n1,2\n", kind=Kind.ACHIEVEMENT)
    assert "成果名称" in caught.value.cure
    assert "abstract" in caught.value.cure
    assert "甲、乙" in caught.value.problem
    assert stated(read("标题\n水分\n", strict=False)) == [{"title": "水分"}]


def test_cells_of_ten_megabytes_are_row_errors() -> None:
    good = f"好的一行名称,{BODY.replace(',', '')}\n"
    result = read(f"需求名称,正文\n坏的一行名称,{'长' * 3_500_000}\n{good}")
    assert [record.title for _, _, record in result.records] == ["好的一行名称"]
    (error,) = result.errors
    assert (error.row, error.column, len(error.value)) == (2, "正文", 80)
    assert "超过 20000 字" in error.problem
    assert stated(read(f"需求名称,正文\n好的一行名称,{'长' * 20_000}\n"))


def test_unbalanced_quote_is_told_as_such() -> None:
    rows = "".join(f"好的一行名称,{'水分' * 50}\n" for _ in range(300))
    result = read(f'需求名称,正文\n好的一行名称,"{rows}')
    assert "引号" in result.errors[0].cure


def test_duplicates_shifts_and_blank_rows() -> None:
    row = "好的一行名称,十个字以上的正文正文正文"
    result = read(
        f"编号,名称,正文\na,{row}\n\n,,\na,{row}\n,{row}\n,{row}\nb,{row},多出\nc,{row},,\n"
    )
    assert [n for n, _, _ in result.records] == [2, 6, 7, 9]
    assert [(e.row, e.column, e.value) for e in result.errors] == [
        (5, "编号", "a"),
        (8, "", "多出"),
    ]
    assert "与第 2 行重复" in result.errors[0].problem


def test_all_faults_of_a_row_are_told_at_once() -> None:
    result = read("编号,名称,正文,成熟度,截止日期,预算\n1,短,x,12,明天,很多\n")
    assert {(e.column, e.value) for e in result.errors} == {
        ("名称", "短"),
        ("正文", "x"),
        ("成熟度", "12"),
        ("截止日期", "明天"),
        ("预算", "很多"),
    }
    for error in result.errors:
        assert error.problem and error.cure and "第 2 行" in str(error)


def test_strange_values_are_noticed_once_and_kept() -> None:
    rows = "".join(f"n{n},名称四个字,十个字以上的正文正文正文,东京,换股,x\n" for n in range(3))
    result = read(f"编号,名称,正文,城市,合作方式,备注\n{rows}")
    assert [(n.row, n.column, n.value) for n in result.warnings] == [
        (2, "备注", ""),
        (2, "城市", "东京"),
        (2, "合作方式", "换股"),
    ]
    assert stated(result)[2]["region_code"] == "东京"
    assert all(str(notice) for notice in result.warnings)


def test_lenient_reading_drops_what_it_cannot_read_but_no_text() -> None:
    result = read(
        "编号,名称,正文,成熟度,资金下限,资金上限\n1,,水分,12,9,5\n2,短,,,三百,\n3,,,5,,\n",
        strict=False,
    )
    assert stated(result) == [
        {"need_id": "1", "problem_statement": "水分"},
        {"need_id": "2", "title": "短"},
    ]
    assert len(result.warnings) == 3
    assert [(e.row, e.problem) for e in result.errors] == [(4, "没有可供匹配的文字")]
    long = read(f"名称,正文\n甲,{'长' * 20_001}\n乙,好\x00的\n丙,好\n", strict=False)
    assert [e.row for e in long.errors] == [2, 3]


@pytest.mark.parametrize("answer", ["是", "涉密", "TRUE", "机密"])
@pytest.mark.parametrize("strict", [True, False])
def test_classified_rows_are_refused(answer: str, strict: bool) -> None:
    for header in ("是否涉密", "classified", "密级"):
        result = read(
            f"名称,正文,{header}\n好的一行名称,十个字以上的正文正文正文,{answer}\n", strict=strict
        )
        assert not result.records
        assert "不接收涉密内容" in result.errors[0].problem
    assert read("名称,正文,是否涉密\n好的一行名称,十个字以上的正文正文正文,否\n").records


def test_contact_is_kept_and_never_shown() -> None:
    long = "1" * 25_000
    result = read(
        f"名称,正文,联系人,手机,邮箱\n短,x,王师傅,{long},a@b.cn\n好的一行名称,十个字以上的正文正文正文,王师傅,138,\n"
    )
    assert result.records[0][2].contact_values() == {"name": "王师傅", "phone": "138"}
    told = " ".join(map(str, result.errors + result.warnings))  # type: ignore[operator]
    assert "王师傅" not in told
    assert "1111" not in told


def test_traditional_characters_emoji_and_wide_forms() -> None:
    table = (
        "需求名稱＊,技術難題描述,所屬產業鏈,所在地區,期望成熟度,預算(萬元)\n"
        "乾燥段水分波動😀,出口水分忽高忽低🙂靠人工取樣,積體電路,內江,ＴＲＬ６,１，２００\n"
    ).replace("１，２００", '"１，２００"')
    assert stated(read(table)) == [
        {
            "title": "乾燥段水分波動😀",
            "problem_statement": "出口水分忽高忽低🙂靠人工取樣",
            "industry_chain": "ic",
            "region_code": "511000",
            "trl_min": 6,
            "budget_max_cny_wan": 1200.0,
        }
    ]


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("300", (None, 300.0)),
        ("３００", (None, 300.0)),
        ("1,200", (None, 1200.0)),
        ("300万元", (None, 300.0)),
        ("约300 万", (None, 300.0)),
        ("300-500", (300.0, 500.0)),
        ("300～500万元", (300.0, 500.0)),
        ("300万元至500万元", (300.0, 500.0)),
        ("0.5亿元", (None, 5000.0)),
        ("5000元", (None, 0.5)),
        ("300万以内", (None, 300.0)),
        ("不低于300万元", (300.0, None)),
        ("300万元以上", (300.0, None)),
        ("面议", (None, None)),
        (300, (None, 300.0)),
        (0.5, (None, 0.5)),
        ("-", None),
        ("", None),
    ],
)
def test_money(text: object, bounds: object) -> None:
    assert parse(text, spec_of(Kind.NEED, "budget")) == bounds


def test_one_cell_may_fill_two_fields() -> None:
    table = "名称,资金下限,资金上限,预算,TRL,周期\n"
    table += "甲,300-500,,,6-4,6-12个月\n乙,,,面议,,\n丙,,80,100,,\n"
    first, second, third = stated(read(table, strict=False))
    assert (first["budget_min_cny_wan"], first["budget_max_cny_wan"]) == (300.0, 500.0)
    assert (first["trl_min"], first["duration_months"]) == (4, 12)
    assert second["negotiable"] is True
    assert third["budget_max_cny_wan"] == 80.0


def test_money_in_yuan_by_header_or_cell() -> None:
    assert (
        stated(read("名称,正文,预算（元）\n好的一行名称,十个字以上的正文正文正文,3000000\n"))[0][
            "budget_max_cny_wan"
        ]
        == 300.0
    )
    assert parse(3_000_000, spec_of(Kind.NEED, "budget_max_cny_wan"), "元") == 300.0


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("trl_min", "第四级", 4),
        ("trl_min", "TRL 5-6", (5, 6)),
        ("trl_min", 7.0, 7),
        ("duration_months", "12个月", 12),
        ("duration_months", "1年半", 18),
        ("deadline", "2027年6月30日", date(2027, 6, 30)),
        ("deadline", "2027/6/3", date(2027, 6, 3)),
        ("deadline", "2027.06", date(2027, 6, 30)),
        ("deadline", "2027年底", date(2027, 12, 31)),
        ("deadline", "20270630", date(2027, 6, 30)),
        ("deadline", datetime(2027, 6, 30, 8), date(2027, 6, 30)),
        ("deadline", 46568, date(2027, 6, 30)),
        ("deadline", "长期", None),
        ("negotiable", "是", True),
        ("negotiable", "×", False),
        ("keywords", "水分、烘干,涂布", ["水分", "烘干", "涂布"]),
        ("keywords", "水分 烘干", ["水分", "烘干"]),
        ("keywords", "deep learning", ["deep learning"]),
        ("coop_modes", "委托开发/许可", ["委托开发", "许可"]),
        ("region_code", 510100, "510100"),
    ],
)
def test_cells(name: str, cell: object, value: object) -> None:
    assert parse(cell, spec_of(Kind.NEED, name)) == value


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("trl_min", "高"),
        ("trl_min", True),
        ("budget", "三百"),
        ("budget", "500-300"),
        ("budget", True),
        ("deadline", "明年"),
        ("deadline", "2027-02-30"),
        ("negotiable", "也许"),
        ("org", {"a": 1}),
    ],
)
def test_cells_that_cannot_be_read(name: str, cell: object) -> None:
    with pytest.raises(CellError):
        parse(cell, spec_of(Kind.NEED, name))


wild = st.characters(codec=None)
anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=80),
    st.dates(),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers()),
)


@given(anything, st.sampled_from(list(Shape)))
def test_parsers_raise_nothing_else(cell: object, shape: Shape) -> None:
    spec = next(s for k in Kind for s in FIELDS[k] if s.shape is shape)
    try:
        parse(cell, spec)
    except CellError as error:
        assert error.problem and error.cure


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=200).map(lambda t: f"名称,正文\n{t}".encode("utf-8", "replace")),
    ),
    st.sampled_from(["a.csv", "a.xlsx", "a.jsonl", "a.tsv"]),
    st.booleans(),
)
def test_no_file_gives_a_traceback(content: bytes, name: str, strict: bool) -> None:
    try:
        result = read(content, name, strict=strict)
    except FileError as error:
        assert error.problem and error.cure
    else:
        rejected_csv(result.rejected, result.errors)
        for _, _, record in result.records:
            record.to_listing("x").text_hash  # noqa: B018


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(wild, max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(wild, max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
keys = st.one_of(
    st.sampled_from(["_id", "metadata", *(s.name for k in Kind for s in FIELDS[k])]),
    st.text(wild, max_size=8),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(keys, json_values, max_size=6), st.booleans(), st.sampled_from(list(Kind)))
def test_no_object_gives_a_traceback(row: dict[str, object], strict: bool, kind: Kind) -> None:
    nested = {"_id": "n", "text": "正文", "metadata": row}
    text = f"{json.dumps(row)}\n{json.dumps(nested)}\n"
    try:
        result = read(text, "a.jsonl", kind=kind, strict=strict)
    except FileError:
        return
    told = rejected_csv(result.rejected, result.errors) + "".join(
        map(str, [*result.errors, *result.warnings])
    )
    told.encode()
    for _, _, record in result.records:
        assert record.to_listing("x").text_hash
        record.content_hash()


def test_workbook_values_dates_and_sheets() -> None:
    content = xlsx(
        ["2026 年技术需求汇总表"],
        [],
        [
            "需求编号",
            "需求名称*",
            "技术难题描述",
            "期望解决期限",
            "所在市州",
            "拟投入资金(万元)",
            "期望成熟度",
            None,
        ],
        [1, "烘干段水分波动", BODY, datetime(2027, 6, 30), 510100, 300, "６", None],
        ["", None, "  "],
        ["示例", "短", "短"],
    )
    result = read(content, "a.xlsx")
    assert [(n, i) for n, i, _ in result.records] == [(4, "1")]
    assert stated(result) == [
        EXPECTED | {"need_id": "1", "deadline": date(2027, 6, 30), "trl_min": 6}
    ]
    assert result.errors == []
    book = Workbook()
    xlsx(["说明"], ["随便写写"], book=book)
    second = book.create_sheet(DATA_SHEET)
    second.append(["名称", "正文"])
    second.append(["烘干段水分波动", BODY])
    assert len(read(xlsx(book=book), "a.xlsx").records) == 1


def test_formula_cells_are_row_errors() -> None:
    content = xlsx(
        ["名称", "正文", "成熟度"],
        ["烘干段水分波动", '=A2&"字"', 5],
        ["烘干段水分波动", BODY, "=1+2"],
        ["烘干段水分波动", BODY, "#N/A"],
        ["烘干段水分波动", BODY, 5],
    )
    for strict in (True, False):
        result = read(content, "a.xlsx", strict=strict)
        assert [n for n, _, _ in result.records] == [5]
        assert [(e.row, e.column) for e in result.errors] == [
            (2, "正文"),
            (3, "成熟度"),
            (4, "成熟度"),
        ]
        assert result.errors[0].value == '=A2&"字"'
        assert "公式单元格" in result.errors[0].problem
        assert "粘" in result.errors[0].cure
    again = read(rejected_csv(result.rejected, result.errors))
    assert [(e.row, e.column, e.problem) for e in again.errors] == [(2, "正文", "必填,不能为空")]
    assert "公式单元格" in rejected_csv(result.rejected, result.errors)


def test_jsonl_flat_and_beir() -> None:
    text = (
        '{"需求名称":"烘干段水分波动","内容":"十个字以上的正文正文正文","region":"成都","keywords":["水分"],'
        '"targets":[{"name":"误差","operator":"<=","value":0.3,"unit":"%"}],"contact":{"phone":138}}\n'
        "\n"
        "{broken\n"
        '{"_id":7,"title":"烘干段水分波动","text":"十个字以上的正文正文正文","metadata":{"keywords":["水分"],"org":"甲"}}\n'
        '{"_id":"8","title":"烘干段水分波动","text":"十个字以上的正文正文正文"}\n'
        '"text"\n'
    )
    result = read(text, "a.jsonl")
    first, second, third = (record for _, _, record in result.records)
    assert first.to_listing("x").body.endswith("主要技术指标：误差 ≤ 0.3 %\n关键词：水分")
    assert first.contact_values() == {"phone": "138"}
    assert second.to_listing().body == third.to_listing().body == "十个字以上的正文正文正文"
    assert (second.id, second.keywords, second.org) == ("7", ["水分"], "甲")
    assert not third.body_complete
    assert [e.row for e in result.errors] == [3, 6]
    assert "第 2 个字符处" in result.errors[0].problem


def test_rejected_rows_can_be_mended_and_imported_again(tmp_path: Path) -> None:
    table = (
        "编号,名称,正文,成熟度,备注\n"
        "n1,好的一行名称,十个字以上的正文正文正文,5,\n"
        'n2,=HYPERLINK(""x"")的名称,"两行的正文,带逗号\n第二行",12,-5\n'
        "n3,@名称四个字,十个字以上的正文正文正文,99,+86\n"
    )
    result = read(table.replace('=HYPERLINK(""x"")', "=HYPERLINK(x)"))
    assert [r.number for r in result.rejected] == [3, 4]
    path = tmp_path / "a.rejected.csv"
    write_rejected_csv(path, result.rejected, result.errors)
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert text.splitlines()[0] == "编号,名称,正文,成熟度,备注,错误"
    assert "'=HYPERLINK(x)的名称" in text
    assert "'@名称四个字" in text
    assert "第 3 行“成熟度”列" in text
    path.write_text(
        text.replace(",12,", ",6,").replace(",99,", ",7,"), encoding="utf-8-sig", newline=""
    )
    mended = read_records(path, None, Kind.NEED, strict=True)
    assert mended.errors == []
    assert [w.column for w in mended.warnings] == ["备注"]
    assert stated(mended) == [
        {
            "need_id": "n2",
            "title": "=HYPERLINK(x)的名称",
            "problem_statement": "两行的正文,带逗号\n第二行",
            "trl_min": 6,
        },
        {
            "need_id": "n3",
            "title": "@名称四个字",
            "problem_statement": "十个字以上的正文正文正文",
            "trl_min": 7,
        },
    ]


def test_rejected_beir_row_reads_back_to_the_same_record() -> None:
    row = (
        '{"_id":"a","title":"名称四个字","text":"十个字以上的正文正文正文","metadata":{"trl":%s,'
        '"keywords":["甲","乙"],"innovations":["一、二","三"],"metrics":[{"name":"误差","operator":"<=","value":0.3,"unit":"%%"}],'
        '"ip":[{"kind":"发明专利","number":"ZL1"}],"coop_modes":["licence","equity"]}}\n'
    )
    bad = read(row % 12, "a.jsonl", kind=Kind.ACHIEVEMENT)
    good = read(row % 5, "a.jsonl", kind=Kind.ACHIEVEMENT)
    mended = read(
        rejected_csv(bad.rejected, bad.errors).replace("\n12,", "\n5,"), kind=Kind.ACHIEVEMENT
    )
    ours, theirs = stated(mended)[0], stated(good)[0]
    assert ours.pop("ip") == [{"text": "发明专利 ZL1"}]
    theirs.pop("ip")
    assert ours == theirs


@pytest.mark.parametrize("kind", list(Kind))
def test_template_opens_and_reads_back(kind: Kind) -> None:
    content = template(kind)
    book = load_workbook(io.BytesIO(content))
    assert [s.title for s in book.worksheets if s.sheet_state == "visible"] == [
        DATA_SHEET,
        GUIDE_SHEET,
    ]
    sheet = book[DATA_SHEET]
    header = [cell.value for cell in sheet[1]]
    assert FIELD_LABELS[kind]["title"] + "*" in header
    assert FIELD_LABELS[kind][MAIN_TEXT[kind]] + "*" in header
    assert len(sheet.data_validations.dataValidation) >= 8
    with pytest.raises(FileError, match="示例"):
        read(content, "t.xlsx", kind=kind)
    sheet.cell(row=2, column=1, value="x1")  # the example, as if someone had filled it in
    out = io.BytesIO()
    book.save(out)
    result = read(out.getvalue(), "t.xlsx", kind=kind)
    assert (result.errors, result.warnings) == ([], [])
    record = result.records[0][2]
    assert record.id == "x1"
    assert record.unlisted() == []
    assert len(record.facets().coop_modes) == 2


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "+86"),
        ("-5.5", "-5.5"),
        ("-5*2", "'-5*2"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("a\x00\x0bb\ud800", "ab"),
        (5, 5),
        (0.5, 0.5),
        (None, None),
        (True, "是"),
        (["=a", "b"], "'=a、b"),
        (date(2027, 1, 1), date(2027, 1, 1)),
    ],
)
def test_safe_cell(value: object, safe: object) -> None:
    assert safe_cell(value) == safe


@given(st.text())
def test_safe_text_never_starts_a_formula(text: str) -> None:
    safe = safe_text(text)
    assert not safe.startswith(("=", "@", "\t", "\r"))
    assert not safe.startswith(("+", "-")) or safe[1:].replace(".", "").isdigit()


def test_export_is_formula_free_and_names_sheets_apart() -> None:
    rows = [["=1+1", 0.5, None], ["#N/A", "x\x0b", "@y"]]
    content = export_rows(
        [
            ("需求[1]/一", ["甲", "乙", "丙"], rows),
            ("需求[1]?一", ["甲"], []),
            ("长" * 40, ["甲"], []),
        ]
    )
    book = load_workbook(io.BytesIO(content))
    assert len({name.casefold() for name in book.sheetnames}) == 3
    assert all(len(name) <= 31 for name in book.sheetnames)
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert book.worksheets[0]["B2"].value == 0.5
    with pytest.raises(ValueError, match="32767"):
        safe_cell("长" * 40_000)
    assert load_workbook(io.BytesIO(export_rows([]))).sheetnames
