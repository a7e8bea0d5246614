"""Records from files: CSV, XLSX and JSON Lines, flat or in the BEIR layout.

Nothing that is in a file raises anything but `FileError`: faulty rows and odd values come back as
`RowError` and `Notice`, in Chinese, with row, column, value and cure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from corpora import jsonl
from corpora.decoding import decode
from corpora.problems import FileError, Notice, RowError
from corpora.records import Record
from corpora.rows import RawRow, RowReader
from corpora.tabular import csv_rows
from corpora.workbook import xlsx_rows
from matcher.listing import Kind

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_JSON_NAMES = frozenset((".jsonl", ".ndjson", ".json"))
_TEXT_NAMES = frozenset((".csv", ".tsv", ".txt", ""))
_XLSX_NAMES = frozenset((".xlsx", ".xlsm"))


@dataclass(frozen=True)
class ReadResult:
    """What a file gave: records (row number, own identifier), faults, notices, refused rows."""

    records: list[tuple[int, str | None, Record]]
    errors: list[RowError]
    warnings: list[Notice]
    rejected: list[RawRow] = field(default_factory=list)


def read_records(
    source: str | Path | bytes, filename: str | None, kind: Kind, *, strict: bool
) -> ReadResult:
    """Read all records of a file, given by its path or its bytes.

    `filename` tells the format by its ending (None: that of the path); an XLSX file is known by
    its content. `strict` asks for what a stored record must have, see `corpora.rows.RowReader`.
    Raises FileError when the file as a whole cannot be read.
    """
    content = source if isinstance(source, bytes) else _content(Path(source))
    name = filename or ("" if isinstance(source, bytes) else str(source))
    reader = RowReader(kind, strict)
    records: list[tuple[int, str | None, Record]] = []
    rejected: list[RawRow] = []
    for row in raw_rows(content, name, kind, strict=strict):
        faults = len(reader.errors)
        record = reader.read(row)
        if record is not None:
            records.append((row.number, record.id, record))
        elif len(reader.errors) > faults:
            rejected.append(row)
    if not records and not rejected:
        raise FileError("文件里没有可读的数据行", "请在表头下方逐行填写;“示例”行不会读入")
    return ReadResult(records, reader.errors, reader.notices.all(), rejected)


def raw_rows(content: bytes, filename: str, kind: Kind, *, strict: bool) -> Iterator[RawRow]:
    """Rows of a file before they are understood. Raises FileError as `read_records` does."""
    ending = PurePath(filename).suffix.lower()
    if not content.strip():
        raise FileError("文件是空的", "请确认上传的文件")
    if content.startswith(_OLE):
        raise FileError("旧版 XLS 文件或加了密码的文件,无法读取", "请去掉密码,另存为 XLSX 后再导入")
    if content.startswith(_ZIP) or ending in _XLSX_NAMES:
        return xlsx_rows(content, kind, strict=strict)
    if ending in _JSON_NAMES:
        return jsonl.rows(decode(content, lambda text: text.lstrip().startswith("{")), kind)
    if ending in _TEXT_NAMES:
        return csv_rows(content, kind, strict=strict)
    raise FileError(f"不支持 {ending} 文件", "请使用 CSV、XLSX 或 JSONL 文件")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = "没有这个文件" if isinstance(error, FileNotFoundError) else str(error.strerror)
        raise FileError(f"{path}:无法读取({reason})", "请检查路径和权限") from error
