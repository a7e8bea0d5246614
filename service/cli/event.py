"""`jiebang event`: the meetings of an event, from a file or the database; the solver is loaded when called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.table import Table

from service.cli.console import (
    CommandError,
    console,
    errors,
    require_file,
    settings,
    write_bytes,
)
from service.context import open_database
from service.db import reading

if TYPE_CHECKING:
    from matcher.agenda.schedule import Schedule

event_app = typer.Typer(name="event", help="对接活动：选对、排时段和桌位。", no_args_is_help=True)
_File = TypeVar("_File")
_KINDS_ZH = {"kept": "保留", "moved": "改时段", "dropped": "取消", "added": "新增"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    event_app.command("solve")(solve)
    event_app.command("export")(export)
    event_app.command("plan", hidden=True)(plan)
    app.add_typer(event_app)


def solve(
    event_file: Annotated[Path, typer.Argument(metavar="EVENT.json", help="活动文件")],
    out: Annotated[Path, typer.Option("--out", help="排好的日程，JSON")],
    time_limit: Annotated[float, typer.Option("--time-limit", min=1, help="最多几秒")] = 60.0,
    previous: Annotated[
        Path | None, typer.Option("--previous", help="先前的日程：尽量少改动")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="随机种子")] = 0,
) -> None:
    """选出会面并排好时段和桌位；愿望互相矛盾时说明原因，返回 1。"""
    from matcher.agenda import reading  # noqa: PLC0415
    from matcher.agenda.solve import solve as solve_event  # noqa: PLC0415

    event = _read(event_file, reading.read_event)
    earlier = None if previous is None else _read(previous, reading.read_schedule)
    try:
        schedule = solve_event(
            event, previous=earlier, time_limit=time_limit, seed=seed, told=_tell
        )
    except TimeoutError as error:
        msg = f"{time_limit:g} 秒内没能排下固定和必见的会面；请用 --time-limit 多给些时间"
        raise CommandError(msg) from error
    write_bytes(out, (schedule.model_dump_json(indent=1) + "\n").encode())
    _tell(f"已写入 {out}")
    console.print(_summary(schedule))
    if schedule.conflicts:
        for title, items in (("矛盾", schedule.conflicts), ("建议", schedule.relaxations)):
            for item in items:
                _tell(f"{title}：{item.reason}")
        raise typer.Exit(1)


def export(
    event_id: Annotated[str, typer.Argument(metavar="EVENT", help="活动编号")],
    out: Annotated[Path, typer.Option("--out", help="活动文件，JSON")],
) -> None:
    """把数据库里的一场活动写成活动文件，供 solve 使用；里面没有标题和正文。"""
    from service.events import events, problem  # noqa: PLC0415

    with reading(open_database(settings())) as session:
        stated = problem.state(session, events.get(session, event_id))
    write_bytes(out, (stated.event.model_dump_json(indent=1) + "\n").encode())
    for _, id_, why in stated.left_out:
        _tell(f"没有写入 {id_}：{why}")
    _tell(f"已写入 {out}")


def plan(
    schedule_id: Annotated[str, typer.Argument(metavar="SCHEDULE")],
    time_limit: Annotated[float, typer.Option("--time-limit", min=1)] = 60.0,
) -> None:
    """排服务要的一版日程；由服务启动。"""
    from service.events import planning  # noqa: PLC0415

    _tell(planning.work(open_database(settings()), schedule_id, time_limit))


def _read(path: Path, read: Callable[[bytes], _File]) -> _File:
    """What is in a file; raises CommandError where it does not fit."""
    from matcher.agenda.reading import AgendaError  # noqa: PLC0415

    try:
        return read(require_file(path).read_bytes())
    except AgendaError as error:
        msg = f"{path.name} {error}"
        raise CommandError(msg) from error


def _tell(line: str) -> None:
    errors.print(line, markup=False, highlight=False, soft_wrap=True)


def _summary(schedule: Schedule) -> Table:
    table = Table("项", "值")
    fair = schedule.fairness
    rows = [
        ("状态", schedule.status.value),
        ("会面", str(len(schedule.meetings))),
        ("总价值", f"{schedule.objective / schedule.scale:.2f}"),
        ("价值上界", f"{schedule.bound / schedule.scale:.2f}（差距 {schedule.gap:.2%}）"),
        ("有好会面的参会方", f"{fair.served}／{fair.servable}（至多 {fair.served_bound}）"),
        ("空档", str(schedule.idle_gaps)),
        ("小企业场次", f"{fair.small_percent:g}%"),
    ]
    kinds = Counter(change.kind for change in schedule.changes)
    if kinds:
        rows.append(("变动", "，".join(f"{_KINDS_ZH[k]} {kinds[k]}" for k in _KINDS_ZH)))
    for row in rows:
        table.add_row(*row)
    return table
