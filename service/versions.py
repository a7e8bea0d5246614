"""Optimistic concurrency: what is changed must be what was read.

Records take the version in a header and refuse with 412; what belongs to the workflows around them takes
it in the body and refuses with 409 and what stands there now.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from sqlmodel import Session

from service.errors import ConflictError, JiebangError, StaleError


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


class EditedError(ConflictError):
    """Somebody else changed the row meanwhile; `current` is how it reads now."""

    code = "edited-meanwhile"
    title = "已被他人修改"

    def __init__(self, expected: int | None, version: int, current: dict[str, Any]) -> None:
        read = f"第 {expected} 版" if expected else "还没有的时候"
        super().__init__(
            f"现在是第 {version} 版，提交时依据的是{read}；没有改动任何内容",
            cure="对照 current 中的现有内容，合并后带上 version 重新提交",
            version=version,
            current=current,
        )


def require_version(
    session: Session,
    row: Any,  # noqa: ANN401  (a row of any table with a version)
    expected: int | None,
    shown: Callable[[], dict[str, Any]],
) -> None:
    """Lock `row`, and raise EditedError unless `expected` is its version; `shown` is it as JSON."""
    session.refresh(row, with_for_update=True)
    if expected != row.version:
        raise EditedError(expected, row.version, shown())
