"""`jiebang eval` and its subcommands with the real model, over a collection of eight needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.cli.console import CommandError
from service.cli.root import app
from tests.server import jiebang

NEEDS = [
    "渣浆泵轴封两周就漏，想要三个月以上不漏",
    "离心泵轴封滴漏，停机一次八小时",
    "机封磨得快，含砂的水一来就漏",
    "极片两边起棱，卷到八百米像荷叶一样翘",
    "涂布头两边厚中间薄，切边切掉不少",
    "极片边缘鼓起来，辊压时断带",
    "老窖泥发干发硬，酒的香气上不来",
    "新窖出酒己酸乙酯低，想让窖泥早点老熟",
]
ACHIEVEMENTS = {
    "a1": ("机械密封端面织构", "碳化硅密封端面加工螺旋槽，含砂介质长期运转泄漏低"),
    "a2": ("狭缝涂布边缘隆起控制", "模头垫片带渐缩倒角，涂布极片侧缘隆起减小"),
    "a3": ("窖泥养护", "浓香型白酒窖泥菌群调控，提高己酸乙酯"),
}
ANSWERS = ["a1"] * 3 + ["a2"] * 3 + ["a3"] * 2


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Needs with a right answer of grade 2 and a far one of grade 3, so that nobody is perfect."""
    folder = tmp_path / "small"
    (folder / "qrels").mkdir(parents=True)
    needs = [{"_id": f"n{i}", "title": "", "text": t} for i, t in enumerate(NEEDS)]
    offers = [{"_id": i, "title": t, "text": b, "metadata": {"org": f"{i}所"}}
              for i, (t, b) in ACHIEVEMENTS.items()]  # fmt: skip
    for name, rows in (("queries", needs), ("corpus", offers)):
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    far = {"a1": "a3", "a2": "a1", "a3": "a2"}
    lines = [f"n{i}\t{a}\t2\nn{i}\t{far[a]}\t3" for i, a in enumerate(ANSWERS)]
    (folder / "qrels" / "dev.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JIEBANG_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "160")

    def command(*arguments: object) -> Result:
        result = CliRunner().invoke(app, [str(a) for a in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return command


def test_help_shows_options_and_subcommands(run) -> None:
    shown = run("eval", "--help").stdout
    for word in ("--system", "--compare", "--html", "--keep", "gate", "history", "diff"):
        assert word in shown
    gate = run("eval", "gate", "--help").stdout
    assert "--baseline" in gate
    assert "--html" not in gate


def test_a_report_is_written_kept_listed_and_compared(run, dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run("eval", dataset, "--system", "bm25", "--system", "served", "--direction", "both",
               "--out", out, "--html", "--keep")  # fmt: skip
    assert done.exit_code == 0
    assert {p.name for p in out.iterdir()} == {
        "report.json", "report.html",
        *(f"{s}.{d}.trec" for s in ("bm25", "served")
          for d in ("need-to-achievement", "achievement-to-need")),
    }  # fmt: skip
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert set(report) == {
        "dataset", "encoder", "python", "relevant_grade", "directions",
    }  # fmt: skip
    part = report["directions"]["need-to-achievement"]
    served = part["systems"]["served"]
    assert set(served) >= {
        "config", "mean", "grade_3_first", "per_query", "abstention",
        "calibration", "exposure", "per_chain",
    }  # fmt: skip
    assert served["abstention"]["curve"][-1]["coverage"] == 1.0
    assert set(served["exposure"]) >= {"gini", "institutions", "top_share"}
    assert served["exposure"]["institutions"] == 3
    assert part["systems"]["bm25"]["calibration"] is None
    comparison = part["comparisons"][0]["measures"]["nDCG@10"]
    assert comparison["wins"] + comparison["ties"] + comparison["losses"] == 8
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "企业找技术" in page
    assert "成果找市场" in page
    run("eval", dataset, "--system", "served", "--keep")
    listed = run("eval", "history").stdout
    runs = sorted(path.stem for path in (tmp_path / "home" / "runs").iterdir())
    assert len(runs) == 2
    assert all(name in listed for name in runs)
    compared = run("eval", "diff", *runs)
    assert compared.exit_code == 0
    assert "0/8/0" in compared.stdout


def test_two_configurations_are_compared(run, dataset: Path, tmp_path: Path) -> None:
    variant = tmp_path / "只看语义.toml"
    variant.write_text('base = "served"\ndense_weight = 1.0\n', encoding="utf-8")
    done = run("eval", dataset, "--compare", "bm25", variant)
    assert done.exit_code == 0
    assert "只看语义 − bm25" in done.stdout
    assert "变化最大的查询" in done.stdout


def test_the_gate_passes_its_own_baseline_and_fails_a_better_one(
    run, home: Path, dataset: Path, tmp_path: Path
) -> None:
    path = tmp_path / "baseline.json"
    assert run("eval", "gate", dataset, "--write", path).exit_code == 0
    assert run("eval", "gate", "--baseline", path, dataset, "--split", "dev").exit_code == 0
    better = json.loads(path.read_text(encoding="utf-8"))
    values = better["directions"]["need-to-achievement"]["nDCG@10"]
    assert len(values) == 8
    values.update(dict.fromkeys(values, 1.0))
    path.write_text(json.dumps(better), encoding="utf-8")
    failed = jiebang(home, "eval", "gate", "--baseline", str(path), str(dataset))
    assert failed.returncode == 1
    assert "变差：need-to-achievement nDCG@10 1.0000" in failed.stderr
    assert "Traceback" not in failed.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--html"], "--out"),
        (["--compare", "served", "served"], "都叫 served"),
        (["--compare", "served", "magic"], "magic"),
        (["--compare", "served", "bm25", "--system", "dense"], "只能用一个"),
        (["gate"], "--baseline 或 --write"),
        (["gate", "--baseline", "no-such-file"], "无法读取基线"),
        (["diff", "1", "2"], "没有留存的运行"),
    ],
)
def test_bad_use_is_told(run, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run("eval", *arguments)
    assert run("eval", "history").exit_code == 0
