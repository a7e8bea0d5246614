"""The report of an event as rows of a spreadsheet and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple
from typing import Any

from service.events.figures import GROUPINGS, Report
from service.events.follow_ups import RESULTS

Row = Sequence[object]

HEADS = ("单位数", "邀请人数", "确认到场", "签到", "会面", "举行", "双方有意向", "签约")
"""What is counted of a group of parties, in the order of its fields."""


def sheets(report: Report) -> list[tuple[str, Sequence[str], list[Row]]]:
    """Name, header row and rows of each sheet."""
    rates: list[Row] = [
        (rate.label, rate.count, rate.total, _percent(rate.value), *map(_percent, rate.interval))
        for rate in report.rates
    ]
    asked: list[Row] = [
        (row.days, row.planned, row.done, *(row.results[code] for code in RESULTS))
        for row in report.asked
    ]
    groups: list[tuple[str, Sequence[str], list[Row]]] = [
        (f"按{label}", (label, *HEADS), [astuple(group) for group in report.groups[name]])
        for name, (label, _) in GROUPINGS.items()
    ]
    return [
        ("比率", ("指标", "分子", "分母", "%", "95% 下限", "95% 上限"), rates),
        ("漏斗", ("阶段", "会面数"), [(stage.label, stage.count) for stage in report.stages]),
        ("跟踪", ("天数", "应回访", "已回访", *RESULTS.values()), asked),
        (
            "合同",
            ("合同数", "合同金额（万元）", "未答复而到场"),
            [(report.contracts, report.amount_wan, report.walk_ins)],
        ),
        *groups,
    ]


def as_json(report: Report) -> dict[str, Any]:
    """The report with the ratio and interval of every rate."""
    rates = {
        rate.name: {
            "label": rate.label,
            "count": rate.count,
            "total": rate.total,
            "value": rate.value,
            "low": rate.interval[0],
            "high": rate.interval[1],
        }
        for rate in report.rates
    }
    return asdict(report) | {"rates": rates}


def _percent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 1)
