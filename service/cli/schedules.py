"""`eval-schedule`: the solver of events on random ones; evaluation is loaded when called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from service.cli.console import console, errors, progress, write_bytes

_COLUMNS = {
    "needs": "需求",
    "achievements": "成果",
    "slots": "时段",
    "tables": "桌位",
    "pairs": "候选对",
    "seed": "种子",
    "status": "状态",
    "seconds": "秒",
    "gap": "差距",
    "served": "服务",
    "served_bound": "至多",
    "idle_gaps": "空档",
}
_BATCH = 50


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("eval-schedule")(eval_schedule)


def eval_schedule(
    out: Annotated[Path, typer.Option("--out", help="结果 JSON 文件")],
    small: Annotated[int, typer.Option("--small", min=0, help="几场小活动与穷举比较")] = 1000,
    large: Annotated[int, typer.Option("--large", min=0, help="两种大规模各几场")] = 1,
    time_limit: Annotated[float, typer.Option("--time-limit", min=1, help="大活动每场几秒")] = 60.0,
) -> None:
    """检验排程：小活动对穷举，大活动由独立检查器核对并报告时间和差距；有错返回 1。"""
    from eval.schedules.generate import LARGE, MEDIUM  # noqa: PLC0415
    from eval.schedules.trial import Tally, compare_small, solve_large  # noqa: PLC0415

    tally = Tally()
    with progress("小活动") as bar:
        for first in range(0, small, _BATCH):
            part = compare_small(range(first, min(small, first + _BATCH)))
            tally.statuses += part.statuses
            tally.faults += part.faults
            bar(min(small, first + _BATCH), small)
    rows = [
        solve_large(size, seed, time_limit) for size in (MEDIUM, LARGE) for seed in range(large)
    ]
    result = {"small": dict(sorted(tally.statuses.items())), "faults": tally.faults, "large": rows}
    write_bytes(out, (json.dumps(result, ensure_ascii=False, indent=1) + "\n").encode())
    table = Table(*_COLUMNS.values())
    for row in rows:
        table.add_row(*(str(row[name]) for name in _COLUMNS))
    console.print(table)
    faults = tally.faults + [fault for row in rows for fault in row["faults"]]
    for fault in faults:
        errors.print(fault, markup=False, highlight=False, soft_wrap=True)
    console.print(f"小活动 {tally.statuses.total()} 场，违规或不相等 {len(faults)} 处")
    if faults:
        raise typer.Exit(1)
