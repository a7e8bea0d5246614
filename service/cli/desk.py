"""`verdicts kappa`, `desk remind`: agreement of judges, reminders of to-dos."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from service import db
from service.accounts.mail import Mailer
from service.cases import reminders
from service.cases.agreement import Agreement, agreements, pooled, stored_grades
from service.cli.console import console, settings
from service.context import open_database
from service.events import reminders as follow_ups
from service.inputs import today


def register(app: typer.Typer) -> None:
    """Add the commands."""
    judged = typer.Typer(help="评价。", no_args_is_help=True)
    judged.command("kappa")(kappa)
    judged.callback()(lambda: None)
    app.add_typer(judged, name="verdicts")
    desk = typer.Typer(help="技术经理人工作台。", no_args_is_help=True)
    desk.command("remind")(remind)
    desk.callback()(lambda: None)
    app.add_typer(desk, name="desk")


def kappa() -> None:
    """评价人两两之间的 Cohen κ：只看共同评过的供需对。"""
    with db.reading(open_database(settings())) as session:
        found = agreements(stored_grades(session))
    if not found:
        typer.echo("还没有两位评价人评过同一对供需")
        return
    table = Table("评价人", "共同评过", "同分", "κ", "加权 κ", "κ（是否合适）")
    for one in found:
        table.add_row(*_cells(one))
    console.print(table)
    mean = pooled(found)
    if mean is not None:
        typer.echo(f"加权 κ 按共同对数平均：{mean:.3f}")


def remind(
    days: Annotated[int, typer.Option("--days", min=0, max=60, help="提前几天提醒")] = 1,
) -> None:
    """给到期的待办和活动回访发提醒邮件；每条提醒一次，改期后再提醒。适合每天定时执行。"""
    chosen = settings()
    due = open_database(chosen), Mailer(chosen), chosen.base_url, today() + timedelta(days=days)
    letters = reminders.send(*due) + follow_ups.send(*due)
    typer.echo(f"已发出 {letters} 封提醒")


def _cells(one: Agreement) -> list[str]:
    shown = [f"{k:.3f}" if k is not None else "—" for k in (one.kappa, one.weighted, one.suitable)]
    return [" / ".join(one.judges), str(one.pairs), f"{one.equal:.0%}", *shown]
