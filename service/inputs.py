"""Field types of what people send: texts, codes, moments, versions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from corpora.taxonomy import taxonomy

BEIJING = ZoneInfo("Asia/Shanghai")
"""The zone in which people read and write moments, and that of events; everything else is in UTC."""


def Text(shortest: int, longest: int) -> AfterValidator:  # noqa: N802  (reads as a type)
    """A text without control characters, of so many characters once its ends are stripped."""
    return AfterValidator(lambda value: _plain(value, shortest, longest))


def Line(shortest: int, longest: int) -> AfterValidator:  # noqa: N802
    """The same in one line."""

    def check(value: str) -> str:
        plain = _plain(value, shortest, longest)
        if "\n" in plain or "\t" in plain:
            msg = "应写在一行里"
            raise ValueError(msg)
        return plain

    return AfterValidator(check)


def _plain(value: str, shortest: int, longest: int) -> str:
    plain = value.replace("\r\n", "\n").strip()
    if not shortest <= len(plain) <= longest:
        msg = f"应为 {shortest}–{longest} 个字，现在是 {len(plain)} 个"
        raise ValueError(msg)
    if any(not c.isprintable() and c not in "\n\t\u3000" for c in plain):
        msg = "含有不可见的控制字符"
        raise ValueError(msg)
    return plain


def Code(name: str) -> AfterValidator:  # noqa: N802
    """A code of the taxonomy `name`, given as code or label."""

    def check(value: str) -> str:
        code = taxonomy(name).resolve(value[:100])
        if code is None:
            msg = f"{taxonomy(name).title}应为：{'、'.join(taxonomy(name).labels)}"
            raise ValueError(msg)
        return code

    return AfterValidator(check)


Id = Annotated[str, Text(1, 200)]
"""An identifier that somebody names: no character in it that a database would refuse."""


def _in_utc(value: datetime) -> datetime:
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError as error:
        msg = "时间超出了可用的范围"
        raise ValueError(msg) from error


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""A point in time; without a zone it is UTC."""
Version = Annotated[int, Field(ge=1, strict=True)]
"""The version that somebody read before changing."""


def today() -> date:
    """The present day in UTC."""
    return datetime.now(UTC).date()
