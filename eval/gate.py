"""The regression gate: whether `served` has become worse than the baseline that was committed.

A loss is: nDCG@10 below the baseline in a paired randomisation test with p < 0.05; or, beyond a
tolerance, more answerable queries refused, fewer unanswerable ones recognised, or a larger
calibration error. Gains and changes that may be chance pass.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from eval.compare import paired
from eval.errors import EvaluationError
from eval.report import MAIN, SIGNIFICANT

REFUSED_TOLERANCE = 0.05
"""By how much the share of refused answerable queries may grow."""
RECOGNISED_TOLERANCE = 0.10
"""By how much the share of recognised unanswerable queries may fall; dev has 20 such needs."""
ECE_TOLERANCE = 0.03
"""By how much the calibration error over equal-mass bins may grow."""
_DECIMALS = 6
_SLACK = 1e-9

Baseline = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing held against the baseline. `p_value` and `d_z` are those of a paired test."""

    direction: str
    name: str
    before: float | None
    now: float | None
    allowed: str
    fell: bool
    p_value: float | None = None
    d_z: float | None = None

    @property
    def told(self) -> str:
        """The check in one line."""
        sure = "" if self.p_value is None else f"，p = {self.p_value:.4f}"
        return f"{self.direction} {self.name} {_number(self.before)} → {_number(self.now)}{sure}"


def baseline(report: Mapping[str, Any], system: str, version: str) -> dict[str, Any]:
    """What a later run of `system` is held against."""
    return {
        "system": system,
        "version": version,
        "encoder": report["encoder"],
        "dataset": report["dataset"],
        "directions": {
            name: _values(part, part["systems"][system])
            for name, part in report["directions"].items()
        },
    }


def _values(part: Mapping[str, Any], system: Mapping[str, Any]) -> dict[str, Any]:
    refused, calibration = system["abstention"], system["calibration"]
    return {
        "config": system["config"],
        "ece": round(calibration["ece"], _DECIMALS) if calibration else None,
        "unanswerable": refused["unanswerable"],
        "unanswerable_refused": refused["unanswerable_refused"],
        "answerable": part["answerable"],
        "answerable_refused": refused["answerable_refused"],
        MAIN: {q: round(v, _DECIMALS) for q, v in sorted(system["per_query"][MAIN].items())},
    }


def read(path: Path) -> Baseline:
    """The baseline in `path`. Raises EvaluationError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"无法读取基线 {path}；可用 jiebang eval gate --write {path} 写一份"
        raise EvaluationError(msg) from error
    if not isinstance(content, dict) or not {"system", "dataset", "directions"} <= content.keys():
        msg = f"{path} 不是基线文件；可用 jiebang eval gate --write {path} 写一份"
        raise EvaluationError(msg)
    return content


def text(content: Baseline) -> str:
    """The text of a baseline file."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def check(before: Baseline, now: Baseline) -> list[Check]:
    """Everything that is compared, in order. Raises EvaluationError where the data are others."""
    for key, what in (("split", "划分"), ("fingerprint", "语料或评判")):
        if before["dataset"][key] != now["dataset"][key]:
            msg = f"基线的{what}与现在不同，无法比较；核对后用 jiebang eval gate --write 重写基线"
            raise EvaluationError(msg)
    if before["directions"].keys() - now["directions"].keys():
        msg = "基线里有这次没有评测的方向；请评测两个方向"
        raise EvaluationError(msg)
    return [
        found
        for direction, old in before["directions"].items()
        for found in _direction(direction, old, now["directions"][direction])
    ]


def _direction(direction: str, old: Baseline, new: Baseline) -> list[Check]:
    # the baseline is rounded, so the values of now are too: equal runs must not differ
    test = paired(old[MAIN], new[MAIN])
    lost = test.difference.mean < 0 and test.p_value < SIGNIFICANT
    found = [
        Check(
            direction, MAIN, test.a, test.b, f"p ≥ {SIGNIFICANT}", lost, test.p_value, test.effect.d_z
        )
    ]  # fmt: skip
    for kind, name, tolerance in (
        ("answerable", "误拒的有答案查询", REFUSED_TOLERANCE),
        ("unanswerable", "识别出的无答案查询", -RECOGNISED_TOLERANCE),
    ):
        if old[kind] and new[kind]:
            was, is_ = (side[f"{kind}_refused"] / side[kind] for side in (old, new))
            worse = (is_ - was - tolerance) * (1 if tolerance > 0 else -1) > _SLACK
            found.append(Check(direction, name, was, is_, f"{tolerance:+.2f}", worse))
    if old["ece"] is not None:
        # probabilities that are gone are a loss too
        worse = new["ece"] is None or new["ece"] - old["ece"] - ECE_TOLERANCE > _SLACK
        allowed = f"+{ECE_TOLERANCE:.2f}"
        found.append(Check(direction, "校准误差", old["ece"], new["ece"], allowed, worse))
    return found


def tables(checks: Sequence[Check]) -> list[Table]:
    """The checks as a table for each direction."""
    found: dict[str, Table] = {}
    for check_ in checks:
        shown = found.get(check_.direction)
        if shown is None:
            shown = Table("项", "基线", "现在", "允许", "p", "d_z", "", title_justify="left")
            shown.title = check_.direction
            found[check_.direction] = shown
        shown.add_row(
            check_.name,
            _number(check_.before),
            _number(check_.now),
            check_.allowed,
            _number(check_.p_value),
            "—" if check_.d_z is None else f"{check_.d_z:+.2f}",
            "变差" if check_.fell else "通过",
        )
    return list(found.values())


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:.4f}"
