"""One tree of errors, mapped to RFC 9457 problem details in one place."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class JiebangError(Exception):
    """Something the caller can mend. The message says what is wrong, `cure` how to mend it."""

    status = HTTPStatus.BAD_REQUEST
    code = "bad-request"
    title = "请求有误"

    def __init__(self, detail: str, cure: str = "", **extensions: Any) -> None:  # noqa: ANN401
        super().__init__(detail)
        self.detail = detail
        self.cure = cure
        self.extensions = extensions
        self.headers: dict[str, str] = {}


class UnauthenticatedError(JiebangError):
    """Nobody is signed in, or the credential that was presented is not valid."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unauthenticated"
    title = "需要登录"

    def __init__(self, detail: str, cure: str = "", *, invalid: bool = False) -> None:
        super().__init__(detail, cure)
        fault = ', error="invalid_token"' if invalid else ""
        self.headers = {"WWW-Authenticate": f'Bearer realm="jiebang"{fault}'}


class ForbiddenError(JiebangError):
    """Whoever asks is known and may not; `missing` says what it would take."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"
    title = "没有权限"


class TooManyError(JiebangError):
    """Too many attempts; `seconds` is when to try again."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too-many-attempts"
    title = "尝试过于频繁"

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail, f"请在 {seconds} 秒之后再试")
        self.headers = {"Retry-After": str(seconds)}


class NotFoundError(JiebangError):
    """There is no such record."""

    status = HTTPStatus.NOT_FOUND
    code = "not-found"
    title = "没有这条记录"


class ConflictError(JiebangError):
    """The record exists already, or was changed by somebody else meanwhile."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    title = "与现有记录冲突"


class IllegalTransitionError(ConflictError):
    """The thing is in a state that an event does not lead out of; `legal` lists those that do."""

    code = "illegal-transition"
    title = "当前状态下不能这样做"


class StaleError(JiebangError):
    """`If-Match` names a version that is no longer current."""

    status = HTTPStatus.PRECONDITION_FAILED
    code = "stale-version"
    title = "记录已被他人修改"


class InvalidRecordError(JiebangError):
    """Fields of a record are refused; `errors` lists them."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid-record"
    title = "内容未通过校验"


class ReasonRequiredError(JiebangError):
    """A transition that must say why was asked for without a reason."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "reason-required"
    title = "需要说明理由"


class TooLargeError(JiebangError):
    """The request body is larger than the service takes."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too-large"
    title = "内容过大"


class NotReadyError(JiebangError):
    """The indexes are not open yet, or do not reflect the wanted change yet."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "not-ready"
    title = "服务尚未就绪"

    def __init__(self, detail: str, cure: str = "") -> None:
        super().__init__(detail, cure)
        self.headers = {"Retry-After": "1"}


class FieldProblem(BaseModel):
    """One refused field: where, what and how to mend it."""

    field: str
    problem: str
    cure: str = ""


class Problem(BaseModel):
    """Problem details of RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""
    cure: str = ""
    errors: list[FieldProblem] = []


def problem_response(
    request: Request,
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    cure: str = "",
    headers: dict[str, str] | None = None,
    **extensions: Any,  # noqa: ANN401
) -> JSONResponse:
    """A problem+json response for the request."""
    content = {
        "type": f"urn:jiebang:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "cure": cure,
        **jsonable_encoder(extensions),
    }
    return JSONResponse(content, status, headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of `app` as problem details."""

    @app.exception_handler(JiebangError)
    def _known(request: Request, error: JiebangError) -> JSONResponse:
        return problem_response(
            request,
            error.status,
            error.code,
            error.title,
            error.detail,
            cure=error.cure,
            headers=error.headers,
            **error.extensions,
        )

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # the offending input is left out: it may be what must not be repeated
        problems = [
            FieldProblem(
                field=".".join(map(str, e["loc"][1:])) or str(e["loc"][0]), problem=e["msg"]
            )
            for e in error.errors()
        ]
        return problem_response(
            request,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid-request",
            "请求格式有误",
            f"{len(problems)} 处不符合接口定义",
            cure="按 errors 中的 field 逐项修改；接口定义见 /api/openapi.json",
            errors=problems,
        )

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        return problem_response(
            request,
            error.status_code,
            "http-error",
            HTTPStatus(error.status_code).phrase,
            str(error.detail),
            headers=dict(error.headers) if error.headers else None,
        )

    @app.exception_handler(Exception)
    def _unknown(request: Request, _error: Exception) -> JSONResponse:
        return problem_response(
            request,
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "internal-error",
            "服务内部错误",
            "服务出错，已记入日志；请稍后再试",
        )
