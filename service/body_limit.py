"""Refuses large request bodies before they fill the memory."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import TooLargeError, problem_response


class BodyLimit:
    """ASGI middleware: a body above `limit` bytes is answered with 413, whoever reads it."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what arrives; past the limit the application sees the end of the connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            return message if seen <= self._limit else {"type": "http.disconnect"}

        async def answered(message: Message) -> None:
            # what the application makes of a broken body is not what the client must hear
            if seen <= self._limit:
                await send(message)

        try:
            await self._app(scope, counted, answered)
        finally:
            if seen > self._limit:
                response = problem_response(
                    Request(scope),
                    TooLargeError.status,
                    TooLargeError.code,
                    TooLargeError.title,
                    f"请求体超过 {self._limit:,} 字节",
                    cure="分批提交",
                )
                await response(scope, receive, send)
