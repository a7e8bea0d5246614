"""What keeps pages safe in a browser: response headers, and refusal of requests of other sites."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import JiebangError

HEADERS = {
    # Pico draws its icons from data: images; everything else comes from this server
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # with no-referrer a browser sends `Origin: null` along with our own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))


class CrossSiteError(JiebangError):
    """A page of another site sent this request."""

    status = HTTPStatus.FORBIDDEN
    code = "cross-site"
    title = "跨站请求被拒绝"


def is_page(path: str) -> bool:
    """Whether a browser shows what is at `path`; the rest is the API."""
    return path != "/api" and not path.startswith("/api/")


def same_origin(request: Request) -> None:
    """Refuse a state-changing request that a page of another origin sent.

    Browsers state the origin in at least one of three headers; a request with none of them comes
    from a program, which cannot be tricked into sending it.
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        source = request.headers.get("origin") or request.headers.get("referer")
        allowed = source is None or urlsplit(source).netloc == request.headers.get("host")
    if not allowed:
        msg = "这个请求来自别的网站，没有执行"
        raise CrossSiteError(msg, cure="请在本系统的页面上重新操作")


class PageHeaders:
    """Adds `HEADERS` to every response outside the API, and keeps pages out of caches."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the headers when the response starts."""
        if scope["type"] != "http" or not is_page(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                static = scope["path"].startswith("/static/")
                headers.setdefault("Cache-Control", "no-cache" if static else "no-store")
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)
