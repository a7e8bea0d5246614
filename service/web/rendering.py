"""Templates and what every page needs to be rendered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import Depends, Request
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.responses import Response

from corpora.taxonomy import taxonomy
from matcher.listing import KINDS, Direction, Kind
from service.web.facets import options

HERE = Path(__file__).parent
_JUDGE_COOKIE = "judge"
_YEAR_SECONDS = 365 * 24 * 3600


def record_url(kind: Kind, id_: str) -> str:
    """The page of a record; the id may hold any character."""
    return f"/{KINDS[kind].plural}/{quote(id_, safe='')}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        # every template is HTML, so everything is escaped
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        facet_options=options,
        taxonomy=taxonomy,
        record_url=record_url,
        KINDS=KINDS,
        Kind=Kind,
        Direction=Direction,
    )
    return environment


TEMPLATES = Jinja2Templates(env=_environment())


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
    """The name under which this browser graded last."""
    return unquote(request.cookies.get(_JUDGE_COOKIE, ""))


def remember_judge(response: Response, judge: str) -> None:
    """Keep the judge's name in this browser for a year."""
    response.set_cookie(
        _JUDGE_COOKIE, quote(judge), max_age=_YEAR_SECONDS, httponly=True, samesite="lax"
    )


def attachment(content: bytes | str, media_type: str, filename: str) -> Response:
    """A download; the name may hold any character (RFC 6266)."""
    disposition = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
