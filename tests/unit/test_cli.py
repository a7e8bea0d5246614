"""The command line: help everywhere, one line and exit code 2 for what is wrong, files in and out."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from typer.main import get_command

from service.cli.root import app
from tests.server import jiebang

NEEDS = [
    {"_id": "n1", "title": "", "text": "渣浆泵轴封两周就漏，停机一次八小时，想要三个月以上不漏"},
    {"_id": "n2", "title": "=HYPERLINK(1)", "text": "极片两边起棱，卷到八百米像荷叶一样翘",
     "metadata": {"region": "火星市", "surprise": 1}},
]  # fmt: skip
ACHIEVEMENTS = [
    {"_id": "a1", "title": "机械密封端面织构", "text": "碳化硅密封端面加工螺旋槽，含砂介质长期运转泄漏低",
     "metadata": {"region": "绵阳", "org": "某所"}},
    {"_id": "a2", "title": "狭缝涂布边缘隆起控制", "text": "模头垫片带渐缩倒角，涂布极片侧缘隆起减小"},
    {"_id": "a3", "title": "窖泥养护", "text": "浓香型白酒窖泥菌群调控，提高己酸乙酯"},
]  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    for name, rows in (("needs", NEEDS), ("achievements", ACHIEVEMENTS)):
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(text, encoding="utf-8")
    return ["match", "--needs", str(tmp_path / "needs.jsonl"),
            "--achievements", str(tmp_path / "achievements.jsonl")]  # fmt: skip


def commands(group=None, path=()):
    group = group or get_command(app)
    for name, command in group.commands.items():
        yield (*path, name)
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


def test_every_command_has_help(home: Path) -> None:
    paths = list(commands())
    assert {p[0] for p in paths} >= {
        "import", "template", "match", "serve", "index", "model", "backup", "restore", "bench",
        "eval", "export",
    }  # fmt: skip
    for path in paths:
        command = get_command(app)
        for name in path:
            command = command.commands[name]
        assert command.help, path
    shown = jiebang(home, "match", "--help")
    assert shown.returncode == 0
    assert "--top-k" in shown.stdout


def test_match_writes_one_line_per_query_with_every_distinct_record(
    home: Path, files: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    done = jiebang(home, *files, "--format", "jsonl", "--top-k", "9", "--out", str(out))
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["need_id"] for row in rows] == ["n1", "n2"]
    for row in rows:
        assert row["answered"] is any(m["band"] != "low" for m in row["matches"])
        assert {m["achievement_id"] for m in row["matches"]} == {"a1", "a2", "a3"}
        assert [m["rank"] for m in row["matches"]] == [1, 2, 3]
        probabilities = [m["probability"] for m in row["matches"]]
        assert probabilities == sorted(probabilities, reverse=True)
        assert all(0 <= p <= 1 for p in probabilities)
        scores = [m["score"] for m in row["matches"]]
        assert scores == sorted(scores, reverse=True)
    assert [row["matches"][0]["achievement_id"] for row in rows] == ["a1", "a2"]
    assert done.stderr.count("火星市") == 1
    assert done.stderr.count("surprise") == 1


def test_match_in_the_other_direction_and_as_trec(home: Path, files: list[str]) -> None:
    done = jiebang(
        home, *files, "--direction", "achievement-to-need", "--format", "trec", "--top-k", "1"
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [(line[0], line[2]) for line in lines][:2] == [("a1", "n1"), ("a2", "n2")]
    table = jiebang(home, *files)
    assert "机械密封" in table.stdout


def test_the_match_book_has_a_sheet_per_need_and_no_formula(
    home: Path, files: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "book.xlsx"
    done = jiebang(home, *files, "--format", "xlsx", "--out", str(out))
    assert done.returncode == 0, done.stderr
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["n1", "n2"]
    for sheet in book:
        assert sheet.max_row == 5
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not str(cell.value or "").startswith("=")
    missing_out = jiebang(home, *files, "--format", "xlsx")
    assert missing_out.returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["match", "--needs", "no.csv", "--achievements", "no.csv"],
        ["match", "--needs"],
        ["match", "--top-k", "0", "--needs", "a", "--achievements", "b"],
        ["import", "no.csv", "--kind", "need"],
        ["import", "no.csv", "--kind", "banana"],
        ["eval", "no-such-folder"],
        ["eval", ".", "--system", "magic"],
        ["serve", "--host", "0.0.0.0"],
        ["serve", "--host", "192.168.1.7"],
        ["restore", "no-backup"],
        ["backup", "/proc/nothing/here.db"],
        ["unknown-command"],
        ["tasks", "out"],
    ],
)
def test_bad_use_is_exit_code_2_without_a_traceback(home: Path, arguments: list[str]) -> None:
    done = jiebang(home, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    done = jiebang(tmp_path, "index", "build")
    assert done.returncode == 2
    assert "jiebang model build" in done.stderr
    assert "Traceback" not in done.stderr


def test_template_and_import(home: Path, tmp_path: Path) -> None:
    template = tmp_path / "t.xlsx"
    assert jiebang(home, "template", "--kind", "need", "--out", str(template)).returncode == 0
    sheet = openpyxl.load_workbook(template).worksheets[0]
    assert any("需求名称" in str(cell.value) for cell in sheet[1])
    source = tmp_path / "需求.csv"
    source.write_text(
        "需求名称,技术难题描述\n渣浆泵轴封滴漏,六台渣浆泵轴封两周就漏要停机\n短,太短\n",
        encoding="gbk",
    )
    dry = jiebang(home, "import", str(source), "--kind", "need", "--dry-run")
    assert dry.returncode == 0
    first = jiebang(home, "import", str(source), "--kind", "need")
    assert first.returncode == 0, first.stderr
    assert "新增 1" in first.stdout
    rejected = tmp_path / "需求.rejected.csv"
    text = rejected.read_text(encoding="utf-8-sig")
    assert "错误" in text
    again = jiebang(home, "import", str(source), "--kind", "need")
    assert "新增 0" in again.stdout
    assert "未变 1" in again.stdout
    rejected.write_text(
        text.replace("短,太短", "题目够长了,内容也够长了吧十个字"), encoding="utf-8"
    )
    assert "新增 1" in jiebang(home, "import", str(rejected), "--kind", "need").stdout


@pytest.mark.sqlite_only
def test_backup_and_restore(home: Path, tmp_path: Path) -> None:
    source = tmp_path / "需求.csv"
    source.write_text(
        "需求名称,技术难题描述\n渣浆泵轴封滴漏,六台渣浆泵轴封两周就漏要停机\n", encoding="utf-8"
    )
    assert "新增 1" in jiebang(home, "import", str(source), "--kind", "need").stdout
    copy = tmp_path / "backup.db"
    assert jiebang(home, "backup", str(copy)).returncode == 0
    source.write_text(
        "需求名称,技术难题描述\n窖池新酒发闷,新酒入口发闷三个月还不散要办法\n", encoding="utf-8"
    )
    assert "新增 1" in jiebang(home, "import", str(source), "--kind", "need").stdout
    assert jiebang(home, "index", "build").returncode == 0
    restored = jiebang(home, "restore", str(copy))
    assert restored.returncode == 0, restored.stderr
    verified = jiebang(home, "index", "verify")
    assert verified.returncode == 0
    assert "技术需求 1 条" in verified.stdout
    source.write_text("甲,乙\n1,2\n", encoding="utf-8")
    assert jiebang(home, "restore", str(source)).returncode == 2
    info = jiebang(home, "index", "info")
    assert info.returncode == 0
