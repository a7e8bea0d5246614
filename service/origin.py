"""Refusal of requests that a page of another site makes a browser send."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request

from service.errors import JiebangError

_SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))


class CrossSiteError(JiebangError):
    """A page of another site sent this request."""

    status = HTTPStatus.FORBIDDEN
    code = "cross-site"
    title = "跨站请求被拒绝"


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
