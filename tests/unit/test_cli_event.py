"""`jiebang event solve` as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from corpora import sample
from eval.schedules.check import misreported, violations

SAMPLE = Path(sample.__file__).parent / "event.json"


def jiebang(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "service.cli", "event", "solve", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_solve_then_repair(tmp_path: Path) -> None:
    out, again = tmp_path / "schedule.json", tmp_path / "again.json"
    done = jiebang(SAMPLE, "--out", out, "--seed", "3")
    assert done.returncode == 0, done.stderr
    event, schedule = json.loads(SAMPLE.read_bytes()), json.loads(out.read_bytes())
    assert not violations(event, schedule)
    assert not misreported(event, schedule)
    event["absences"] = [{"person": schedule["meetings"][0]["people"][0]}]
    changed = tmp_path / "event.json"
    changed.write_text(json.dumps(event), encoding="utf-8")
    done = jiebang(changed, "--out", again, "--previous", out)
    assert done.returncode == 0, done.stderr
    repaired = json.loads(again.read_bytes())
    assert not violations(event, repaired)
    assert not misreported(event, repaired, schedule)
    assert "取消" in done.stdout


def test_an_impossible_wish_list_ends_with_1_and_a_faulty_file_with_2(tmp_path: Path) -> None:
    event, out = json.loads(SAMPLE.read_bytes()), tmp_path / "schedule.json"
    faulty = tmp_path / "event.json"
    faulty.write_text(json.dumps(event | {"caps": {"needs": {"per_listing": 0}}}), "utf-8")
    done = jiebang(faulty, "--out", out)
    assert done.returncode == 1
    assert "建议：" in done.stderr
    assert json.loads(out.read_bytes())["status"] == "INFEASIBLE"
    event["needs"][0]["people"] = ["nobody"]
    faulty.write_text(json.dumps(event), "utf-8")
    done = jiebang(faulty, "--out", out)
    assert done.returncode == 2
    assert done.stderr.strip().count("\n") == 0
    assert "needs[0].people[0]" in done.stderr
    assert jiebang(tmp_path / "missing.json", "--out", out).returncode == 2
