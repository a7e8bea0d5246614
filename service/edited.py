"""Optimistic concurrency: who changes a row names the version that was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from service.errors import ConflictError


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
