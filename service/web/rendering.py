"""Templates and what every page needs to be rendered."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import Depends, Request
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup
from starlette.datastructures import FormData
from starlette.responses import Response

from corpora.taxonomy import taxonomy
from matcher.listing import KINDS, Direction, Kind
from service import rules
from service.access import Principal, Role
from service.present import chance
from service.tables import EVENT_JUDGE
from service.web.facets import options
from service.web.forms import beijing

HERE = Path(__file__).parent
_JUDGE_COOKIE = "judge"
_YEAR_SECONDS = 365 * 24 * 3600


def record_url(kind: Kind, id_: str) -> str:
    """The page of a record; the id may hold any character."""
    return f"/{KINDS[kind].plural}/{quote(id_, safe='')}"


class FormTokens(Extension):
    """Puts the token of the session into every form that posts, so that none can forget it."""

    _POSTING = re.compile(
        r"""<form\b(?:\{\{.*?\}\}|\{%.*?%\}|"(?:\{\{.*?\}\}|\{%.*?%\}|[^"])*"|[^>"])*>""", re.DOTALL
    )

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The template with a hidden field after each start of such a form."""
        return self._POSTING.sub(
            lambda found: found[0] + "{{ form_token }}" * ('method="post"' in found[0]), source
        )


def principal_of(request: Request) -> Principal:
    """Who asks, as far as that has been looked up."""
    known: Principal = getattr(request.state, "principal", Principal())
    return known


def may(request: Request, key: str) -> bool:
    """Whether who asks may use a route, by its key in the access table."""
    return rules.refusal(principal_of(request), key) is None


def _of_request(request: Request) -> dict[str, Any]:
    """What every template knows: who asks, what they may do, and the token of their forms."""
    principal = principal_of(request)
    token = ""
    if principal.csrf:
        token = Markup('<input type="hidden" name="csrf_token" value="{}">').format(principal.csrf)
    return {"user": principal, "may": partial(may, request), "form_token": token}


def judge_zh(judge: str) -> str:
    """A judge for readers of the pages."""
    side = judge.rpartition(":")[2]
    if judge.startswith(EVENT_JUDGE) and side in set(Kind):
        return f"活动反馈（{KINDS[Kind(side)].label_zh}一方）"
    return "匿名" if judge == "anonymous" else judge


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        # every template is HTML, so everything is escaped
        autoescape=True,
        undefined=StrictUndefined,
        extensions=[FormTokens],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["beijing"] = beijing
    environment.filters["chance"] = chance
    environment.filters["judge"] = judge_zh
    environment.globals.update(
        facet_options=options,
        taxonomy=taxonomy,
        record_url=record_url,
        KINDS=KINDS,
        Kind=Kind,
        Direction=Direction,
        Role=Role,
    )
    return environment


TEMPLATES = Jinja2Templates(env=_environment(), context_processors=[_of_request])


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,  # noqa: ANN401  (whatever the template shows)
) -> Response:
    """The template as a response."""
    return TEMPLATES.TemplateResponse(
        request, template, context, status_code=status, headers=headers
    )


def from_htmx(request: Request) -> bool:
    """Whether htmx asks, so that a part of a page is wanted."""
    return request.headers.get("hx-request") == "true"


async def _form(request: Request) -> FormData:
    # only the body is awaited here: the handlers themselves compute and stay synchronous
    return await request.form()


Form = Annotated[FormData, Depends(_form)]


def text_of(form: FormData, name: str) -> str:
    """A text field of a form, with plain line feeds; empty where it is absent or a file."""
    return next(iter(texts_of(form, name)), "")


def texts_of(form: FormData, name: str) -> list[str]:
    """The values of a field of a form that say something."""
    values = [v.replace("\r\n", "\n").strip() for v in form.getlist(name) if isinstance(v, str)]
    return [value for value in values if value]


def judge_of(request: Request) -> str:
    """The name under which this browser graded last, or else that of the user."""
    return unquote(request.cookies.get(_JUDGE_COOKIE, "")) or principal_of(request).name


def remember_judge(response: Response, judge: str) -> None:
    """Keep the judge's name in this browser for a year."""
    response.set_cookie(
        _JUDGE_COOKIE, quote(judge), max_age=_YEAR_SECONDS, httponly=True, samesite="lax"
    )
