"""From rows of a file to records: columns to fields, cells to values, faults to errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from corpora.cells import parse
from corpora.fields import MAIN_TEXT, FieldSpec, header_key, header_unit, headers, spec_of
from corpora.normal import fold, shorten
from corpora.problems import CellError, FieldProblem, Notices, RowError, field_problems
from corpora.records import POSTINGS, RECORDS, Record
from corpora.taxonomy import taxonomy
from matcher.listing import KINDS, Kind

# columns that our own files carry for the reader of the file, not for us
ERROR_COLUMN = "错误"
EXAMPLE_MARK = "示例"
_SILENT = frozenset(map(fold, (ERROR_COLUMN, "序号", "answerable", "split")))
_NEVER_DROPPED = frozenset(("classified", "secrecy", "need_id", "achievement_id"))
_BUDGET = ("budget_min_cny_wan", "budget_max_cny_wan", "budget")
_DAMAGED = frozenset(("string_too_long", "value_error"))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell whose content is not to be had: a formula, an error value."""

    shown: str
    problem: str
    cure: str

    def __str__(self) -> str:
        return self.shown


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row of a file: its number and what stands under each header; `fault` if it is broken."""

    number: int
    cells: Mapping[str, object]
    fault: RowError | None = None


@dataclass(slots=True)
class RowReader:
    """Makes records from the rows of one file and collects what is wrong with them.

    With `strict` a row must be fit to be stored, and any value that cannot be read refuses it.
    Without, a row needs some text to be matched, and an optional value that cannot be read counts
    as not stated, with a notice. Classified content, over-long or damaged text and repeated
    identifiers refuse a row in either case. With `needs_text` off a row without any text passes.
    """

    kind: Kind
    strict: bool
    needs_text: bool = True
    errors: list[RowError] = field(default_factory=list)
    notices: Notices = field(default_factory=Notices)
    _first_rows: dict[str, int] = field(default_factory=dict)
    _layouts: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)

    def read(self, row: RawRow) -> Record | None:
        """The record of `row`; None with its faults in `errors`; None alone for an example."""
        if row.fault is not None:
            self.errors.append(row.fault)
            return None
        layout = tuple(row.cells)
        if layout not in self._layouts:
            self._layouts[layout] = self.columns(layout, row.number)
        columns = self._layouts[layout]
        if self._is_example(row, columns):
            return None
        values, faults = self._values(row, columns)
        record = self._record(row, columns, values, faults)
        if record is not None and not faults:
            self._check(row, columns, record, faults)
        self.errors.extend(faults)
        return None if faults else record

    def columns(self, cells: Iterable[str], number: int = 0) -> dict[str, str]:
        """Field name to header; of several headers for one field the more exact one counts."""
        known = headers(self.kind)
        chosen: dict[str, tuple[int, str]] = {}
        for header in cells:
            key = header_key(header)
            spec = known.get(key)
            if spec is None:
                if key and key not in _SILENT:
                    self.notices.add(number, header, "", "不认识的列,已忽略")
                continue
            rank = _exactness(spec, key)
            if spec.name in chosen:
                kept, lost = sorted([chosen[spec.name], (rank, header)])
                self.notices.add(number, lost[1], "", f"与“{kept[1]}”列是同一内容,已忽略")
                chosen[spec.name] = kept
            else:
                chosen[spec.name] = (rank, header)
        return {name: header for name, (_, header) in chosen.items()}

    def _is_example(self, row: RawRow, columns: dict[str, str]) -> bool:
        header = columns.get(KINDS[self.kind].id_field)
        return header is not None and row.cells.get(header) == EXAMPLE_MARK

    def _values(
        self, row: RawRow, columns: dict[str, str]
    ) -> tuple[dict[str, object], list[RowError]]:
        values: dict[str, object] = {}
        faults: list[RowError] = []
        for name, header in columns.items():
            cell, spec = row.cells.get(header), spec_of(self.kind, name)
            if isinstance(cell, Unreadable):
                shown = _shown(name, cell.shown)
                faults.append(RowError(row.number, header, shown, cell.problem, cell.cure))
                continue
            try:
                # an answer about secrecy goes to the record as it is: it must not get lost here
                secrecy = name == "classified" and has_text(cell)
                value = str(cell) if secrecy else parse(cell, spec, header_unit(header))
            except CellError as error:
                shown = _shown(name, cell)
                if self.strict or spec.required:
                    faults.append(RowError(row.number, header, shown, error.problem, error.cure))
                else:
                    self._ignored(row.number, header, shown, error.problem)
                continue
            if value is not None:
                values[name] = value
        _spread(values)
        return values, faults

    def _ignored(self, number: int, header: str, value: object, problem: str) -> None:
        self.notices.add(number, header, value, f"{problem},已按未填处理")

    def _record(
        self,
        row: RawRow,
        columns: dict[str, str],
        values: dict[str, object],
        faults: list[RowError],
    ) -> Record | None:
        model = (POSTINGS if self.strict else RECORDS)[self.kind]
        while True:
            try:
                return model.model_validate(values)
            except ValidationError as error:
                problems = field_problems(error, self.kind)
            fatal = [p for p in problems if self.strict or not self._optional(p)]
            if fatal:
                # a cell that could not be read is told once, not again as missing
                told = {fault.column for fault in faults}
                found = [self._fault(row, columns, problem) for problem in fatal]
                faults.extend(fault for fault in found if fault.column not in told)
                return None
            for problem in problems:
                fault = self._fault(row, columns, problem)
                self._ignored(fault.row, fault.column, fault.value, fault.problem)
                for name in problem.fields:
                    values.pop(name, None)

    def _fault(self, row: RawRow, columns: dict[str, str], problem: FieldProblem) -> RowError:
        named = next((name for name in problem.fields if name in columns), "")
        header = columns.get(named, "")
        shown = _shown(named, row.cells.get(header))
        return RowError(row.number, header or problem.label, shown, problem.problem, problem.cure)

    def _optional(self, problem: FieldProblem) -> bool:
        """Whether the row can do without the field: no text is cut, and no secret overlooked."""
        return bool(problem.fields) and all(
            name not in _NEVER_DROPPED
            and problem.code not in _DAMAGED
            and not spec_of(self.kind, name).required
            for name in problem.fields
        )

    def _check(
        self, row: RawRow, columns: dict[str, str], record: Record, faults: list[RowError]
    ) -> None:
        number = row.number
        if self.needs_text and not (record.title.strip() or record.body().strip()):
            main = columns.get(MAIN_TEXT[self.kind], spec_of(self.kind, MAIN_TEXT[self.kind]).label)
            faults.append(RowError(number, main, "", "没有可供匹配的文字", "请填写名称或正文"))
        if record.id is not None:
            first = self._first_rows.setdefault(record.id, number)
            if first != number:
                header = columns.get(KINDS[self.kind].id_field, "")
                faults.append(
                    RowError(
                        number,
                        header,
                        shorten(record.id),
                        f"编号与第 {first} 行重复",
                        "请改用不同的编号,或删去重复的行",
                    )
                )
        for name, value in record.unlisted():
            title = taxonomy(spec_of(self.kind, name).taxonomy or "").title
            self.notices.add(
                number, columns.get(name, name), value, f"不在“{title}”的列表内,已按原样保留"
            )


def _exactness(spec: FieldSpec, key: str) -> int:
    names = (spec.label, spec.name, *spec.aliases)
    return next(n for n, name in enumerate(names) if header_key(name) == key)


def _shown(name: str, cell: object) -> str:
    """A value for a message; contact data is not shown."""
    if cell is None:
        return ""
    if name.startswith("contact"):
        return "(不显示)"
    return "是" if cell is True else shorten(cell)


def _spread(values: dict[str, object]) -> None:
    """Put what one cell says about two fields into both, and the parts of the contact together."""
    contact = {n.partition(".")[2]: values.pop(n) for n in list(values) if n.startswith("contact.")}
    if contact:
        main = values.get("contact")
        named = main if isinstance(main, dict) else {"name": main} if main else {}
        values["contact"] = {**contact, **named}
    for source in _BUDGET:
        bounds = values.get(source)
        if not isinstance(bounds, tuple):
            continue
        del values[source]
        for name, bound in zip(_BUDGET[:2], bounds, strict=True):
            if bound is not None:
                values.setdefault(name, bound)
        if bounds == (None, None):
            values.setdefault("negotiable", True)
    for name, value in values.items():
        if isinstance(value, tuple):
            # of maturity and price the lower end is the one that is sure, of a period the upper
            values[name] = max(value) if name == "duration_months" else min(value)


def has_text(value: object) -> bool:
    """Whether a cell holds anything but blanks."""
    return value is not None and bool(str(value).strip("\ufeff \t\r\n\u3000\xa0"))
