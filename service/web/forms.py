"""What comes from the forms of tasks and cases: checked by the models of the API, told in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from service.errors import FieldProblem, InvalidRecordError
from service.inputs import BEIJING

_MOST_DIGITS = 9
"""What a column of whole numbers holds in every database."""
_Sent = TypeVar("_Sent", bound=BaseModel)


def checked(model: type[_Sent], data: Mapping[str, object], labels: Mapping[str, str]) -> _Sent:
    """`data` as `model`; raises InvalidRecordError that names every field by its label."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = []
        for fault in error.errors(include_url=False, include_input=False):
            name = next((str(part) for part in fault["loc"] if part in labels), "")
            label = labels.get(name, "")
            problems.append(FieldProblem(field=name, problem=_told(label, fault.get("ctx", {}))))
        told = "；".join(dict.fromkeys(p.problem for p in problems))
        raise InvalidRecordError(told, cure="改正后重新提交", errors=problems) from error


def _told(label: str, context: Mapping[str, Any]) -> str:
    """The Chinese reason of our own checks; for those of the framework, that the value is none."""
    reason = context.get("error")
    if not isinstance(reason, ValueError):
        return f"{label or '有一项'}没有填，或填写有误"
    return f"{label}：{reason}" if label and label not in str(reason) else str(reason)


def whole(text: str) -> int | str | None:
    """A whole number; other text as it is, for the model to refuse; None for nothing."""
    plain = text.strip()
    number = plain.isascii() and plain.isdigit() and len(plain) <= _MOST_DIGITS
    return int(plain) if number else plain or None


def moment(text: str) -> datetime | str | None:
    """A moment that was written in Beijing time; other text as it is; None for nothing."""
    try:
        found = datetime.fromisoformat(text) if text else None
        if found is None or found.tzinfo is not None:
            return found
        return found.replace(tzinfo=BEIJING).astimezone(UTC)
    except (ValueError, OverflowError):
        return text


def beijing(value: datetime | None, pattern: str = "%Y-%m-%d %H:%M") -> str:
    """A moment for readers of the pages; empty for none."""
    return value.astimezone(BEIJING).strftime(pattern) if value else ""
