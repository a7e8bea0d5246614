"""The regression gate and kept runs, on made-up values."""

from __future__ import annotations

import copy
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from eval import gate, history
from eval.errors import EvaluationError

NOW = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def report(values: dict[str, float], *, ece: float | None = 0.05, refused: int = 1,
           recognised: int = 10, system: str = "served") -> dict[str, Any]:  # fmt: skip
    return {
        "dataset": {"split": "dev", "fingerprint": "f1", "corpus": 3, "queries": 40},
        "encoder": "e1",
        "directions": {
            "need-to-achievement": {
                "answerable": len(values),
                "systems": {
                    system: {
                        "config": "0123456789abcdef",
                        "mean": {"nDCG@10": {"mean": sum(values.values()) / len(values)}},
                        "per_query": {"nDCG@10": values},
                        "calibration": None if ece is None else {"ece": ece},
                        "abstention": {
                            "unanswerable": 20,
                            "unanswerable_refused": recognised,
                            "answerable_refused": refused,
                        },
                    }
                },
            }
        },
    }


def values(change: float = 0.0, among: int = 40) -> dict[str, float]:
    return {f"q{i}": 0.5 + i / 100 + (change if i < among else 0) for i in range(40)}


def fallen(now: dict[str, Any], before: dict[str, Any] | None = None) -> list[str]:
    old = gate.baseline(before or report(values()), "served", "v")
    return [c.name for c in gate.check(old, gate.baseline(now, "served", "v")) if c.fell]


def test_the_same_run_passes_a_baseline_that_went_through_a_file(tmp_path: Path) -> None:
    uneven = {q: v / 3 for q, v in values().items()}
    path = tmp_path / "dev.json"
    path.write_text(gate.text(gate.baseline(report(uneven), "served", "v")), encoding="utf-8")
    checks = gate.check(gate.read(path), gate.baseline(report(uneven), "served", "v"))
    assert [c.name for c in checks] == [
        "nDCG@10",
        "误拒的有答案查询",
        "识别出的无答案查询",
        "校准误差",
    ]
    assert not any(c.fell for c in checks)
    assert checks[0].p_value == 1.0
    assert [table.row_count for table in gate.tables(checks)] == [4]


def test_a_significant_loss_fails_and_says_how_much() -> None:
    assert fallen(report(values(-0.1, among=12))) == ["nDCG@10"]
    old = gate.baseline(report(values()), "served", "v")
    check = gate.check(old, gate.baseline(report(values(-0.1, among=12)), "served", "v"))[0]
    assert check.before == pytest.approx(0.695)
    assert check.now == pytest.approx(0.665)
    assert "0.6950 → 0.6650" in check.told


def test_gains_and_losses_that_may_be_chance_pass() -> None:
    assert fallen(report(values(+0.1))) == []
    assert fallen(report(values(-0.3, among=3))) == []  # p = 0.25 over three queries


def test_abstention_and_calibration_fail_beyond_their_tolerances_only() -> None:
    assert fallen(report(values(), refused=3)) == []  # one in forty to three: + 0.05
    assert fallen(report(values(), refused=4)) == ["误拒的有答案查询"]
    assert fallen(report(values(), recognised=8)) == []  # ten in twenty to eight: - 0.10
    assert fallen(report(values(), recognised=7)) == ["识别出的无答案查询"]
    assert fallen(report(values(), recognised=20, refused=0)) == []
    assert fallen(report(values(), ece=0.08)) == []
    assert fallen(report(values(), ece=0.09)) == ["校准误差"]
    assert fallen(report(values(), ece=None)) == ["校准误差"]
    assert fallen(report(values(), ece=0.5), before=report(values(), ece=None)) == []


def test_a_baseline_of_other_data_is_refused() -> None:
    old = gate.baseline(report(values()), "served", "v")
    for key in ("split", "fingerprint"):
        other = copy.deepcopy(report(values()))
        other["dataset"][key] = "another"
        with pytest.raises(EvaluationError, match="--write"):
            gate.check(old, gate.baseline(other, "served", "v"))
    with pytest.raises(EvaluationError, match="没有评测的方向"):
        gate.check(old, {**old, "directions": {}})


@pytest.mark.parametrize("text", [None, "{", "[]", '{"system": "served"}'])
def test_a_file_that_is_no_baseline_is_told(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "b.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError, match="--write"):
        gate.read(path)


def test_kept_runs_come_back_oldest_first(tmp_path: Path) -> None:
    second = history.keep(tmp_path, report(values(0.1)), "sample", NOW)
    third = history.keep(tmp_path, report(values(0.2)), "sample", NOW)
    first = history.keep(tmp_path, report(values()), "sample", NOW.replace(year=2025))
    assert [run.id for run in history.kept(tmp_path)] == [first, second, third]
    assert (second, third) == ("20260301-083000", "20260301-083000-2")
    run = history.find(tmp_path, first[:4])
    assert (run.id, run.time) == (first, "2025-03-01T08:30:00+00:00")
    assert run.report == json.loads(json.dumps(report(values())))
    assert run.version.startswith(history.version("jiebang"))
    assert history.find(tmp_path, second).id == second
    with pytest.raises(EvaluationError, match="不止一个"):
        history.find(tmp_path, "2026")
    with pytest.raises(EvaluationError, match="没有留存的运行"):
        history.find(tmp_path, "1999")
    shown = io.StringIO()
    Console(file=shown, width=80).print(history.listing(history.kept(tmp_path)))
    for text in (first, second, third, "sample · dev", "0.6950 served（配置 01234567）"):
        assert text in shown.getvalue()


def test_a_damaged_run_is_told(tmp_path: Path) -> None:
    assert history.kept(tmp_path) == []
    name = history.keep(tmp_path, report(values()), "sample", NOW)
    (tmp_path / "runs" / f"{name}.json").write_text('{"time": 1}', encoding="utf-8")
    with pytest.raises(EvaluationError, match="不是完好的运行记录"):
        history.kept(tmp_path)


def kept(tmp_path: Path, *reports: dict[str, Any]) -> list[history.Kept]:
    for number, found in enumerate(reports):
        history.keep(tmp_path, found, "sample", NOW.replace(minute=number))
    return history.kept(tmp_path)


def test_two_runs_are_compared_over_their_common_queries(tmp_path: Path) -> None:
    fewer = {q: v for q, v in values(0.1).items() if q != "q0"}
    a, b = kept(tmp_path, report(values()), report(fewer))
    (change,) = history.changes(a, b)
    assert (change.system, change.paired.queries) == ("served", 39)
    assert change.paired.difference.mean == pytest.approx(0.1)
    assert change.paired.p_value < 0.01
    assert history.remarks(a, b) == []
    (table,) = history.change_tables(a, b, [change])
    assert table.row_count == 1


def test_two_systems_alone_in_their_runs_are_compared_and_others_are_not(tmp_path: Path) -> None:
    other = report(values(), system="variant")
    other["dataset"]["fingerprint"] = "f2"
    other["encoder"] = "e2"
    a, b, c = kept(tmp_path, report(values()), other, report({"z": 1.0}))
    assert [c.system for c in history.changes(a, b)] == ["variant − served"]
    assert len(history.remarks(a, b)) == 2
    with pytest.raises(EvaluationError, match="无法比较"):
        history.changes(a, c)
