"""Errors as pages: what the API says as problem details, shown to a person."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import cast
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.errors import JiebangError, UnauthenticatedError
from service.guard import identify
from service.web.guard import HEADERS, is_page
from service.web.rendering import from_htmx, page

# what the framework itself refuses, in the reader's language
_TITLES = {
    HTTPStatus.NOT_FOUND: ("没有这个页面", "地址可能写错了，或者页面已经移走"),
    HTTPStatus.METHOD_NOT_ALLOWED: ("不能这样访问这个页面", "请从导航进入"),
}

Handler = Callable[[Request, Exception], Response | Awaitable[Response]]
Answer = Callable[[Request, Exception], JSONResponse]


def install(app: FastAPI) -> None:
    """Answer errors outside the API as HTML; the handlers of the API must be there already."""
    for kind in (JiebangError, RequestValidationError, HTTPException, Exception):
        as_problem = cast(Answer, app.exception_handlers[kind])
        app.add_exception_handler(kind, _on_pages(as_problem))


def _on_pages(as_problem: Answer) -> Handler:
    def handler(request: Request, error: Exception) -> Response:
        answer = as_problem(request, error)
        if not is_page(request.url.path):
            return answer
        return _rendered(request, error, answer)

    return handler


def _to_sign_in(request: Request) -> Response:
    """The sign-in page, which comes back to where one wanted to go."""
    if from_htmx(request):
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": "/login"})
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='')}", HTTPStatus.SEE_OTHER)


def _rendered(request: Request, error: Exception, answer: JSONResponse) -> Response:
    if isinstance(error, UnauthenticatedError) and request.method == "GET":
        return _to_sign_in(request)
    with suppress(SQLAlchemyError, JiebangError):
        # a path without a route was not guarded, and its page still names who is signed in
        identify(request, request.app.state.context)
    problem = json.loads(bytes(answer.body))
    if isinstance(error, HTTPException) and error.status_code in _TITLES:
        problem["title"], problem["detail"] = _TITLES[HTTPStatus(error.status_code)]
    # an unforeseen error is answered outside the middleware that adds these to other pages
    headers = dict(HEADERS)
    headers |= {n: v for n, v in answer.headers.items() if n in ("retry-after", "allow")}
    template = "problem.html"
    if from_htmx(request):
        template = "_problem.html"
        # the part that was asked for is not in this answer: show all of it in its place
        headers |= {"HX-Reselect": "unset", "HX-Reswap": "innerHTML"}
    return page(
        request, template, status=answer.status_code, headers=headers, problem=problem, active=""
    )
