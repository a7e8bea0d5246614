"""Refused rows as a CSV file that can be mended in a spreadsheet program and imported again."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from corpora.cells import text_of
from corpora.problems import RowError
from corpora.rows import ERROR_COLUMN, RawRow, Unreadable
from corpora.spreadsheet import safe_text
from corpora.values import Right, Target


def rejected_csv(rejected: Iterable[RawRow], errors: Iterable[RowError]) -> str:
    """The rows under their own headers, and a column 错误 that says what to mend.

    It holds what the file held, contact data too: it goes to whoever brought the file alone.
    A text that a spreadsheet program would calculate is kept from it by a leading `'`.
    """
    faults: dict[int, list[RowError]] = defaultdict(list)
    for error in errors:
        faults[error.row].append(error)
    rows = list(rejected)
    names = list(dict.fromkeys(n for row in rows for n in row.cells if n != ERROR_COLUMN))
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*map(safe_text, names), ERROR_COLUMN])
    for row in rows:
        told = "\n".join(map(str, faults[row.number]))
        writer.writerow([*(safe_text(_shown(row.cells.get(n))) for n in names), safe_text(told)])
    return out.getvalue()


def write_rejected_csv(path: Path, rejected: Iterable[RawRow], errors: Iterable[RowError]) -> None:
    """Write `rejected_csv` as UTF-8 with a byte order mark, so that Excel reads it rightly."""
    path.write_text(rejected_csv(rejected, errors), encoding="utf-8-sig", newline="")


def _shown(value: object) -> str:
    """A cell as text that reads back to the same value; a formula, told under 错误, as none."""
    if value is None or isinstance(value, Unreadable):
        return ""
    if isinstance(value, list):
        return "\n".join(map(_shown, value))
    if isinstance(value, dict):
        return _structure(value)
    return text_of(value).replace("\x00", "")


def _structure(value: dict[str, object]) -> str:
    """An indicator or a right in its written form, anything else as pairs."""
    try:
        if "name" in value:
            return str(Target.model_validate(value))
        return str(Right.model_validate(value)) or _pairs(value)
    except ValueError:
        return _pairs(value)


def _pairs(value: dict[str, object]) -> str:
    return " ".join(f"{k}:{v}" for k, v in value.items())
