"""Structured parts of a record, indicators and rights, and how people write them in a line."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
)

from corpora.normal import clean

LINE_LIMIT = 1_000
TEXT_LIMIT = 20_000
LIST_LIMIT = 100


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


Line = Annotated[str, Field(max_length=LINE_LIMIT), AfterValidator(_one_line)]
"""A single line: line breaks and runs of blanks become one blank."""
Text = Annotated[str, Field(max_length=TEXT_LIMIT), AfterValidator(clean)]
"""Running text; a longer one than `TEXT_LIMIT` characters is refused, never cut."""

_OPERATORS = {
    ">=": "≥", "≥": "≥", "≧": "≥", "⩾": "≥", "不低于": "≥", "不少于": "≥", "不小于": "≥",
    "大于等于": "≥", "达到": "≥", "至少": "≥", "gte": "≥", "ge": "≥",
    "<=": "≤", "≤": "≤", "≦": "≤", "⩽": "≤", "不高于": "≤", "不超过": "≤", "不大于": "≤",
    "小于等于": "≤", "lte": "≤", "le": "≤",
    ">": ">", "＞": ">", "大于": ">", "高于": ">", "超过": ">", "gt": ">",
    "<": "<", "＜": "<", "小于": "<", "低于": "<", "lt": "<",
    "=": "=", "＝": "=", "==": "=", "等于": "=", "为": "=", ":": "=", "：": "=", "eq": "=",
    "≈": "≈", "~": "≈", "约": "≈", "约为": "≈",
    "±": "±",
}  # fmt: skip
_NUMBER = r"[+-]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?"
_INDICATOR = re.compile(
    rf"\s*(?P<name>.*?[^\s\d.])\s*"
    rf"(?P<operator>{'|'.join(sorted(map(re.escape, _OPERATORS), key=len, reverse=True))})\s*"
    rf"(?P<value>{_NUMBER})\s*(?P<unit>[^\d\s,，;；。、]*)\s*[.。]?\s*",
    re.DOTALL,
)
_BREAK = re.compile(r"[\n;；]+")


def operator_sign(text: str) -> str:
    """`>=`, `不低于`, `GTE` … as one sign; what is unknown stays as it is."""
    stripped = text.strip()
    return _OPERATORS.get(stripped.casefold(), stripped)


Operator = Annotated[str, Field(max_length=20), AfterValidator(operator_sign)]


class Target(BaseModel):
    """An indicator, asked for or reached; without a value the name says it all."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    name: Line = Field(min_length=1, title="指标名称")
    operator: Operator = Field(default="", title="关系")
    value: StrictInt | StrictFloat | Line | None = Field(default=None, title="数值")
    unit: Line = Field(default="", title="单位")
    must: bool = Field(default=True, strict=True, title="必须满足")

    def __str__(self) -> str:
        """As it is read: `循环寿命 ≥ 3000 次`."""
        value = "" if self.value is None else number_text(self.value)
        return " ".join(part for part in (self.name, self.operator, value, self.unit) if part)


def number_text(value: float | str) -> str:
    """A number without an empty fraction and without an exponent; text as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):  # noqa: PLR2004
        return str(int(value))
    return repr(value)


def split_indicators(text: str) -> list[Target]:
    """Indicators, one a line or apart by semicolons; one without relation and number is a name.

    Raises ValueError on a name that is damaged or longer than a line may be.
    """
    return [Target.model_validate(parts) for parts in _indicators(text)]


def _indicators(text: str) -> list[dict[str, object]]:
    return [_parts(line.strip()) for line in _BREAK.split(text) if line.strip()]


def _parts(line: str) -> dict[str, object]:
    found = _INDICATOR.fullmatch(line)
    if found is None:
        return {"name": line}
    number = found["value"].replace(",", "")
    exact = int(number) if re.fullmatch(r"[+-]?\d{1,15}", number) else float(number)
    unit = found["unit"].strip()
    return {"name": found["name"], "operator": found["operator"], "value": exact, "unit": unit}


def _targets(value: object) -> object:
    """Strings among the items, or one string for all, in the written form."""
    if isinstance(value, str):
        return _indicators(value)
    if isinstance(value, list):
        return [t for v in value for t in (_indicators(v) if isinstance(v, str) else [v])]
    return value


Targets = Annotated[list[Target], Field(max_length=LIST_LIMIT), BeforeValidator(_targets)]


class Right(BaseModel):
    """An intellectual property right; `text` holds one that was given in words."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    kind: Line = Field(default="", title="类型")
    number: Line = Field(default="", title="编号")
    status: Line = Field(default="", title="法律状态")
    owner: Line = Field(default="", title="权利人")
    text: Line = Field(default="", title="说明")

    def __str__(self) -> str:
        return " ".join(
            p for p in (self.kind, self.number, self.status, self.owner, self.text) if p
        )


def _rights(value: object) -> object:
    if isinstance(value, str):
        return [{"text": line} for line in _BREAK.split(value) if line.strip()]
    if isinstance(value, list):
        return [{"text": v} if isinstance(v, str) else v for v in value]
    return value


Rights = Annotated[list[Right], Field(max_length=LIST_LIMIT), BeforeValidator(_rights)]
