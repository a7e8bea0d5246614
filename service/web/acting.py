"""What the pages of tasks, offers and cases do with a form: act in one transaction, or tell why not."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from service.context import Context
from service.db import writing
from service.errors import JiebangError
from service.web.rendering import Form, text_of

_CONTRACT = ("kind", "number", "registration", "amount_wan", "technology_wan", "signed_on")


def acted(
    ctx: Context,
    act: Callable[[Session], object],
    refused: Callable[[JiebangError], Response],
    url: str,
) -> Response:
    """Do `act` in one transaction and go on to `url`; `refused` is the page that tells why not."""
    try:
        with writing(ctx.engine) as session:
            act(session)
    except JiebangError as error:
        return refused(error)
    return RedirectResponse(url, status_code=303)


def contract(form: Form, suffix: str = "") -> dict[str, object]:
    """What is stated of a contract, in fields whose names end with `suffix`."""
    given = ((name, text_of(form, f"{name}{suffix}")) for name in _CONTRACT)
    return {name: value for name, value in given if value}
