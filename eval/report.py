"""The report of an evaluation: JSON for programs, a table for people."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import asdict
from itertools import combinations
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from corpora.beir import Dataset
from eval import measures
from eval.abstention import abstention
from eval.breakdown import headline, per_chain
from eval.calibration_report import calibration_report
from eval.compare import Paired, extremes, paired
from eval.experiment import SystemRun, Topic
from eval.exposure import Exposure, exposure
from eval.significance import estimate

SIGNIFICANT = 0.05
MAIN = "nDCG@10"
"""The measure that tests, tables and the gate look at first."""


def build(
    dataset: Dataset, split: str, topics: Sequence[Topic], runs: Sequence[SystemRun], encoder: str
) -> dict[str, Any]:
    """Everything that was measured, with the fingerprints that a repetition needs."""
    return {
        "dataset": {
            "split": split,
            "corpus": len(dataset.corpus),
            "queries": len(dataset.queries),
            "fingerprint": _fingerprint(dataset),
        },
        "encoder": encoder,
        "python": platform.python_version(),
        "relevant_grade": measures.RELEVANT,
        "directions": {
            t.direction.value: _direction(t, [r for r in runs if r.direction is t.direction])
            for t in topics
        },
    }


def _direction(topic: Topic, runs: Sequence[SystemRun]) -> dict[str, Any]:
    values = {run.system: measures.per_query(topic.qrels, run.run) for run in runs}
    answerable = topic.answerable
    unanswerable = sorted({q.id for q in topic.queries} - set(answerable))
    systems = {}
    for run in runs:
        first = measures.first_place(topic.qrels, run.run)
        calibrated = calibration_report(topic, run)
        systems[run.system] = {
            "config": run.config_fingerprint,
            "encoder": run.encoder_fingerprint,
            "mean": {
                name: asdict(estimate(list(by_query.values())))
                for name, by_query in values[run.system].items()
            },
            "grade_3_first": asdict(estimate(list(first.values()))),
            "per_query": values[run.system],
            "abstention": {
                "unanswerable": len(unanswerable),
                "unanswerable_refused": sum(not run.answered.get(q, False) for q in unanswerable),
                "answerable_refused": sum(not run.answered.get(q, False) for q in answerable),
                **asdict(abstention(topic, run)),
            },
            "calibration": asdict(calibrated) if calibrated else None,
            "exposure": _exposure(exposure(topic, run)),
            "per_chain": per_chain(topic, values[run.system]),
        }
    return {
        "answerable": len(answerable),
        "unanswerable": unanswerable,
        "systems": systems,
        "comparisons": [_comparison(a.system, b.system, values) for a, b in combinations(runs, 2)],
    }


def _exposure(found: Exposure | None) -> dict[str, Any] | None:
    if found is None:
        return None
    plain = asdict(found)
    plain["top"] = [{"institution": name, "places": places} for name, places in found.top]
    return plain


def _comparison(a: str, b: str, values: dict[str, Any]) -> dict[str, Any]:
    found = {name: paired(values[a][name], values[b][name]) for name in measures.MEASURES}
    return {
        "a": a,
        "b": b,
        "measures": {name: _paired(result) for name, result in found.items()},
    }


def _paired(result: Paired) -> dict[str, Any]:
    return {
        "difference": asdict(result.difference),
        "p_value": result.p_value,
        **asdict(result.effect),
    }


def tables(report: dict[str, Any]) -> list[Table]:
    """For each direction a table of means with intervals, and one of paired tests on nDCG@10."""
    found = []
    for direction, part in report["directions"].items():
        title = (
            f"{direction} · {report['dataset']['split']} · {part['answerable']} 个有答案的查询"
            f"（另有 {len(part['unanswerable'])} 个无答案，单独统计）"
        )
        table = Table(title=title, title_justify="left")
        for header in ("system", *measures.MEASURES, "grade 3 first", "无答案识别", "误拒"):
            table.add_column(header, justify="left" if header == "system" else "right")
        for name, system in part["systems"].items():
            refused = system["abstention"]
            table.add_row(
                name,
                *(_interval(system["mean"][m]) for m in measures.MEASURES),
                _interval(system["grade_3_first"]),
                f"{refused['unanswerable_refused']}/{refused['unanswerable']}",
                f"{refused['answerable_refused']}/{part['answerable']}",
            )
        found.append(table)
        if part["comparisons"]:
            found.append(_tests(direction, part["comparisons"]))
    return found


def _tests(direction: str, comparisons: Sequence[dict[str, Any]]) -> Table:
    table = Table(
        title=f"{direction} · nDCG@10 成对检验（10,000 次随机置换）", title_justify="left"
    )
    for header in ("b − a", "差值 [95 % 区间]", "p", "", "d_z", "胜/平/负"):
        table.add_column(header)
    for row in comparisons:
        result = row["measures"][MAIN]
        table.add_row(
            f"{row['b']} − {row['a']}",
            _interval(result["difference"], signed=True),
            f"{result['p_value']:.4f}",
            "显著" if result["p_value"] < SIGNIFICANT else "不显著",
            "—" if result["d_z"] is None else f"{result['d_z']:+.2f}",
            f"{result['wins']}/{result['ties']}/{result['losses']}",
        )
    return table


def changes(
    report: dict[str, Any], topics: Sequence[Topic], a: str, b: str, count: int = 8
) -> list[Table]:
    """For each direction the queries that gain and lose most in nDCG@10 from system a to b."""
    found = []
    for topic in topics:
        systems = report["directions"][topic.direction.value]["systems"]
        before, after = (systems[name]["per_query"][MAIN] for name in (a, b))
        gains, losses = extremes(before, after, count)
        titles = {query.id: headline(query) for query in topic.queries}
        table = Table(
            title=f"{topic.direction} · {b} − {a}：nDCG@10 变化最大的查询", title_justify="left"
        )
        for header in ("", "查询", a, b, "差值"):
            table.add_column(header, overflow="fold")
        for sign, rows in (("升", gains), ("降", losses)):
            for query, difference in rows:
                table.add_row(
                    sign,
                    f"{query} {escape(titles[query])}",
                    f"{before[query]:.3f}",
                    f"{after[query]:.3f}",
                    f"{difference:+.3f}",
                )
        found.append(table)
    return found


def _interval(value: dict[str, float], *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return f"{value['mean']:{sign}.4f}\n{value['low']:{sign}.3f} … {value['high']:{sign}.3f}"


def _fingerprint(dataset: Dataset) -> str:
    digest = hashlib.sha256()
    for item in sorted([*dataset.corpus, *dataset.queries], key=lambda i: (i.kind, i.id)):
        digest.update(f"{item.kind}\t{item.id}\t{item.text_hash}\n".encode())
    for query in sorted(dataset.qrels):
        digest.update(f"{query}\t{sorted(dataset.qrels[query].items())}\n".encode())
    return digest.hexdigest()[:16]


def run_path(out: Path, run: SystemRun) -> Path:
    """Where the TREC run of `run` is written."""
    return out / f"{run.system}.{run.direction.value}.trec"
