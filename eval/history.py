"""Runs that were kept: one JSON file each under `HOME/runs`, comparable over time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from eval.compare import Paired, paired
from eval.errors import EvaluationError
from eval.report import MAIN, SIGNIFICANT


@dataclass(frozen=True)
class Kept:
    """A kept run: when (UTC, ISO 8601) and by which version of the code, and its report."""

    id: str
    time: str
    version: str
    dataset: str
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """How one system of one direction changed from one run to another, in nDCG@10."""

    direction: str
    system: str
    paired: Paired


def code_version() -> str:
    """The package's version, with the commit where the code runs from a checkout."""
    root = Path(__file__).resolve().parents[1]
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return version("jiebang")
    return f"{version('jiebang')}+{found.stdout.strip()}"


def keep(home: Path, report: Mapping[str, Any], dataset: str, now: datetime) -> str:
    """Write a run under `home` and return its id, the time down to the second.

    A number follows where that second has a run already. Raises OSError.
    """
    folder = home / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    moment = now.astimezone(UTC)
    content = {
        "time": moment.isoformat(timespec="seconds"),
        "version": code_version(),
        "dataset": dataset,
        "report": report,
    }
    text = json.dumps(content, ensure_ascii=False)
    stem, number = moment.strftime("%Y%m%d-%H%M%S"), 1
    while True:
        id_ = stem if number == 1 else f"{stem}-{number}"
        try:
            with (folder / f"{id_}.json").open("x", encoding="utf-8") as out:
                out.write(text)
        except FileExistsError:
            number += 1
        else:
            return id_


def kept(home: Path) -> list[Kept]:
    """All runs, oldest first. Raises EvaluationError for a damaged file."""
    return sorted((_read(p) for p in (home / "runs").glob("*.json")), key=lambda k: (k.time, k.id))


def find(home: Path, name: str) -> Kept:
    """The run of that id, or the only one whose id begins so. Raises EvaluationError."""
    names = sorted(path.stem for path in (home / "runs").glob("*.json"))
    matching = [name] if name in names else [n for n in names if n.startswith(name)]
    if not matching:
        msg = f"没有留存的运行 {name}；`jiebang eval history` 列出全部"
        raise EvaluationError(msg)
    if len(matching) > 1:
        msg = f"{name} 不止一个运行：{'、'.join(matching)}；请写全编号"
        raise EvaluationError(msg)
    return _read(home / "runs" / f"{matching[0]}.json")


def _read(path: Path) -> Kept:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Kept(id=path.stem, **content)
    except (OSError, ValueError, TypeError) as error:
        msg = f"{path} 不是完好的运行记录；请删去或恢复它"
        raise EvaluationError(msg) from error


def changes(a: Kept, b: Kept) -> list[Change]:
    """b against a for every direction and system of both, over their common queries.

    Where the runs share no system and have one each, those two are compared. Raises EvaluationError
    where nothing can be compared.
    """
    found = []
    for direction, before in a.report["directions"].items():
        after = b.report["directions"].get(direction, {"systems": {}})
        for first, second in _pairs(before["systems"], after["systems"]):
            result = paired(
                before["systems"][first]["per_query"][MAIN],
                after["systems"][second]["per_query"][MAIN],
            )
            if result.queries:
                name = first if first == second else f"{second} − {first}"
                found.append(Change(direction, name, result))
    if not found:
        msg = f"{a.id} 与 {b.id} 没有共同的方向、系统和查询，无法比较"
        raise EvaluationError(msg)
    return found


def _pairs(a: Mapping[str, object], b: Mapping[str, object]) -> list[tuple[str, str]]:
    same = [(name, name) for name in a if name in b]
    if not same and len(a) == len(b) == 1:
        return [(next(iter(a)), next(iter(b)))]
    return same


def remarks(a: Kept, b: Kept) -> list[str]:
    """What else differs between two runs and so may explain a change."""
    found = []
    if a.report["dataset"]["fingerprint"] != b.report["dataset"]["fingerprint"]:
        found.append("两次运行的语料不同，只比较共同的查询")
    if a.report["encoder"] != b.report["encoder"]:
        found.append("两次运行的模型不同")
    return found


def listing(runs: list[Kept]) -> Table:
    """The runs as a table, with nDCG@10 and the configuration of every system."""
    table = Table(show_lines=True)
    table.add_column("运行", no_wrap=True)
    table.add_column(MAIN, overflow="fold")
    for run in runs:
        where = f"{run.dataset} · {run.report['dataset']['split']}"
        lines = []
        for direction, part in run.report["directions"].items():
            lines.append(direction)
            lines += [
                f"  {system['mean'][MAIN]['mean']:.4f} {name}（配置 {system['config'][:8]}）"
                for name, system in part["systems"].items()
            ]
        table.add_row(*map(escape, (f"{run.id}\n{where}\n{run.version}", "\n".join(lines))))
    return table


def change_tables(a: Kept, b: Kept, found: Sequence[Change]) -> list[Table]:
    """Changes as a table for each direction."""
    tables = []
    for direction in dict.fromkeys(change.direction for change in found):
        table = Table(title=f"{direction} · {MAIN}：{a.id} → {b.id}", title_justify="left")
        for header in ("系统", "查询", "前", "后", "差值 [95 % 区间]", "p", "d_z", "胜/平/负"):
            table.add_column(header)
        for change in found:
            if change.direction == direction:
                table.add_row(*_cells(change))
        tables.append(table)
    return tables


def _cells(change: Change) -> list[str]:
    p, e = change.paired, change.paired.effect
    return [
        escape(change.system),
        str(p.queries),
        f"{p.a:.4f}",
        f"{p.b:.4f}",
        f"{p.difference.mean:+.4f}\n{p.difference.low:+.3f} … {p.difference.high:+.3f}",
        f"{p.p_value:.4f}\n{'显著' if p.p_value < SIGNIFICANT else '不显著'}",
        "—" if e.d_z is None else f"{e.d_z:+.2f}",
        f"{e.wins}/{e.ties}/{e.losses}",
    ]
