"""`admin create`, `access`: the first administrator, and who may do what."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from service.access import Role
from service.accounts import registry
from service.accounts.inputs import ForgottenIn, PersonIn, read
from service.accounts.office import Office
from service.cli.console import CommandError, console, settings
from service.context import open_database
from service.errors import InvalidRecordError
from service.guard import access_table


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help="管理员账号。", no_args_is_help=True)
    group.command("create")(create)
    group.callback()(lambda: None)
    app.add_typer(group, name="admin")
    app.command("access")(access_)


def create(
    login: Annotated[str, typer.Argument(help="登录邮箱")],
    name: Annotated[str, typer.Option("--name", help="姓名")] = "管理员",
) -> None:
    """新建管理员；密码在提示后输入，或从标准输入读一行，不写在命令行里。"""
    chosen = settings()
    password = _password()
    try:
        person = read(PersonIn, {"name": name, "password": password})
        address = read(ForgottenIn, {"login": login}).login
        office = Office.of(chosen, open_database(chosen))
        registry.add_user(office, address, person.name, password, Role.ADMIN)
    except InvalidRecordError as error:
        told = "；".join(fault.problem for fault in error.extensions["errors"])
        raise CommandError(told) from error
    console.print(f"已新建管理员 {address}", markup=False, highlight=False)


def access_() -> None:
    """打印权限表：每条路由，每种身份。"""
    # the whole service is loaded only by what serves it: batch processes are counted in memory
    from service.app import create_app  # noqa: PLC0415

    typer.echo(access_table(create_app(settings())), nl=False)


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("密码", hide_input=True, confirmation_prompt="再输一遍"))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise CommandError("没有读到密码；请在提示后输入，或从标准输入给一行")
    return line
