"""Optimistic concurrency: what is changed must be what was read."""

from __future__ import annotations

from typing import Protocol

from service.errors import JiebangError, StaleError


class Versioned(Protocol):
    """A row that counts its versions."""

    version: int


def check_version(row: Versioned, expected: int | None) -> None:
    """Raise StaleError where `expected` is given and not the current version."""
    if expected is not None and expected != row.version:
        msg = f"当前版本是 {row.version}，提交时依据的是 {expected}"
        raise StaleError(msg, cure="重新读取记录后再改", version=row.version)


def version_of(if_match: str | None) -> int | None:
    """The version in an `If-Match` header; raises JiebangError for one that we never gave out."""
    if if_match is None or if_match == "*":
        return None
    plain = if_match.removeprefix("W/").strip('"')
    if not plain.isascii() or not plain.isdigit():
        raise JiebangError("If-Match 无效", cure='用读取记录时返回的 ETag，例如 "3"')
    return int(plain)
