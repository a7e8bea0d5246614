"""`lifecycle tick`: what the running service does by itself, for a scheduler."""

from __future__ import annotations

import typer

from service.accounts.mail import Mailer
from service.cli.console import console, settings
from service.context import open_database
from service.expiry import tick


def register(app: typer.Typer) -> None:
    """Add the command."""
    group = typer.Typer(help="记录的有效期。", no_args_is_help=True)
    group.command("tick")(tick_)
    group.callback()(lambda: None)
    app.add_typer(group, name="lifecycle")


def tick_() -> None:
    """让到期的记录失效，并给快到期记录的单位发提醒；服务运行时会自动做。"""
    chosen = settings()
    done = tick(open_database(chosen), Mailer(chosen), chosen)
    console.print(f"到期 {done.expired} 条，提醒 {done.reminded} 条")
