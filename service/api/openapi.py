"""The OpenAPI document: every error is a problem, with its own media type."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.errors import MEDIA_TYPE, Problem
from service.rules import RULES

_FIRST_ERROR = 400
_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "POST /api/auth/login 返回的令牌，或账号页上新建的令牌",
    },
    "session": {"type": "apiKey", "in": "cookie", "name": "jiebang_session"},
    "form": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "用会话 Cookie 改动数据时必须带上",
    },
}


def install(app: FastAPI) -> None:
    """Let `app.openapi()` describe errors as they are answered."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _with_problems(
                get_openapi(
                    title=app.title,
                    version=app.version,
                    description=app.description,
                    routes=app.routes,
                )
            )
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _security(key: str) -> list[dict[str, list[str]]]:
    """What an operation asks for, from the access table; an empty choice means nothing."""
    rule = RULES.get(key)
    needed: list[dict[str, list[str]]] = [{"bearer": []}, {"session": [], "form": []}]
    return [{}, *needed] if rule is not None and None in rule.reach else needed


def _with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    schema["components"]["securitySchemes"] = _SCHEMES
    for url, path in schema["paths"].items():
        for method, operation in path.items():
            for status, response in operation["responses"].items():
                described = response.get("content", {}).get("application/json", {})
                if int(status) >= _FIRST_ERROR and "Health" not in str(described):
                    response["content"] = content
            operation["security"] = _security(f"{method.upper()} {url}")
            # any operation may be refused for its form or its media type
            operation["responses"].setdefault(
                "400", {"description": "请求有误", "content": content}
            )
    return schema
