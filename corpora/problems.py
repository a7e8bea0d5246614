"""What can be wrong with a file, a row or a value, told in Chinese to whoever can mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from corpora.fields import FIELD_LABELS
from corpora.normal import shorten
from matcher.listing import Kind


class FileError(ValueError):
    """A file that cannot be read at all: what is wrong with it and how to mend it."""

    def __init__(self, problem: str, cure: str) -> None:
        super().__init__(f"{problem}。{cure}")
        self.problem = problem
        self.cure = cure


class CellError(ValueError):
    """A value that does not fit its field."""

    def __init__(self, problem: str, cure: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.cure = cure


@dataclass(frozen=True, slots=True)
class RowError:
    """A fault for which a row was refused.

    `row` is counted as spreadsheet programs and editors count: the first line of the file is 1.
    `column` is the header as it stands in the file (empty when the row as a whole is at fault),
    `value` at most 80 characters of the value; contact data is not shown.
    """

    row: int
    column: str
    value: str
    problem: str
    cure: str

    def __str__(self) -> str:
        place = f"第 {self.row} 行" + (f"“{self.column}”列" if self.column else "")
        shown = f"“{self.value}”:" if self.value else ""
        return f"{place}:{shown}{self.problem}。{self.cure}"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something odd that did not keep a row out, told once for each column and value.

    `row` is the first row where it was seen, 0 for the file as a whole.
    """

    row: int
    column: str
    value: str
    problem: str

    def __str__(self) -> str:
        place = f"第 {self.row} 行起," if self.row else ""
        shown = f"“{self.value}”" if self.value else ""
        return f"{place}“{self.column}”列{shown}:{self.problem}"


class Notices:
    """Collects notices, each (column, value, problem) once, in the order in which they came."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], Notice] = {}

    def add(self, row: int, column: str, value: object, problem: str) -> None:
        """Note it unless the same was noted before."""
        column, shown = shorten(column), shorten(value)
        self._seen.setdefault((column, shown, problem), Notice(row, column, shown, problem))

    def all(self) -> list[Notice]:
        """What was noted so far."""
        return list(self._seen.values())


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of a record; `fields` are the identifiers concerned.

    `code` is the validator's own word for it: `missing`, `classified`, `string_too_long` …
    """

    fields: tuple[str, ...]
    label: str
    code: str
    problem: str
    cure: str


def field_problems(error: ValidationError, kind: Kind) -> list[FieldProblem]:
    """The faults of a record in Chinese, one for each field; carries no value that was entered."""
    found: dict[tuple[str, ...], FieldProblem] = {}
    for detail in error.errors(include_url=False, include_input=False):
        fields = _fields(detail)
        labels = (FIELD_LABELS[kind].get(name, name) for name in fields)
        problem, cure = _explain(detail)
        code = _code(detail)
        found.setdefault(fields, FieldProblem(fields, "、".join(labels), code, problem, cure))
    return list(found.values())


def _fields(detail: ErrorDetails) -> tuple[str, ...]:
    if detail["loc"]:
        return (str(detail["loc"][0]),)
    return tuple(str(detail.get("ctx", {}).get("fields", "")).split())


_PLAIN: dict[str, tuple[str, str]] = {
    "missing": ("必填,不能为空", "请补填"),
    "int_type": ("应为整数", "请只填数字"),
    "int_from_float": ("应为整数", "请去掉小数"),
    "float_type": ("应为数字", "请只填数字"),
    "finite_number": ("应为有限的数字", "请只填数字"),
    "string_type": ("应为文字", "请改为文字"),
    "list_type": ("应为列表", "请写成列表"),
    "bool_type": ("应为“是”或“否”", "请填“是”或“否”"),
    "bool_parsing": ("应为“是”或“否”", "请填“是”或“否”"),
    "extra_forbidden": ("没有这个字段", "请检查字段名"),
    "day": ("日期写法不对", "请写成 2027-06-30"),
    "classified": ("", "请删除这一条;确非涉密的,请填“否”"),
    "budget_order": ("", "请核对两个金额"),
}


def _code(detail: ErrorDetails) -> str:
    """The validator's word; of some over-long or short texts it speaks as of a list."""
    code = detail["type"]
    if code in ("too_long", "too_short") and detail.get("ctx", {}).get("field_type") != "List":
        return f"string_{code}"
    return code


def _explain(detail: ErrorDetails) -> tuple[str, str]:
    """Problem and cure for one error of the validator."""
    code, context = _code(detail), detail.get("ctx", {})
    limits: dict[str, tuple[str, str]] = {
        "string_too_short": ("文字过短,至少 {min_length} 字", "请补充内容"),
        "string_too_long": (
            "文字过长,超过 {max_length} 字",
            "请精简后再提交;若原文没有这么长,请检查该行有没有不成对的英文引号",
        ),
        "too_long": ("条数过多,超过 {max_length} 条", "请删减"),
        "greater_than_equal": ("不能小于 {ge}", "请核对数值和单位"),
        "less_than_equal": ("不能大于 {le}", "请核对数值和单位"),
    }
    if code in limits:
        problem, cure = limits[code]
        return problem.format(**{k: _plain(v) for k, v in context.items()}), cure
    if code == "value_error":
        return str(context.get("error", "内容有误")), "请检查原文后重新填写"
    problem, cure = _PLAIN.get(code, ("填写格式不对", "请对照模板中的填写说明修改"))
    return problem or detail["msg"], cure


def _plain(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def joined(items: Iterable[object], limit: int = 8) -> str:
    """At most `limit` of the items, apart by 、, and `等` when there are more."""
    shown = [str(item) for item in items]
    return "、".join(shown[:limit]) + ("等" if len(shown) > limit else "")
