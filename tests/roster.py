"""Workbooks with a roster for tests."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence

from openpyxl import load_workbook

from corpora.form_book import FilledSheet, form_book
from service.events.roster.layout import SHEETS


def book(rows: Mapping[str, Iterable[Sequence[object]]], *, literal: bool = False) -> bytes:
    """The rows by sheet in the layout of the template; with `literal` as no export writes them."""
    columns = {sheet.name: [f.column for f in sheet.fields] for sheet in SHEETS}
    filled = {} if literal else rows
    content = form_book(
        [FilledSheet(name, columns[name], filled.get(name, ())) for name in columns], ["名单"]
    )
    if not literal:
        return content
    made = load_workbook(io.BytesIO(content))
    for name, lines in rows.items():
        for line in lines:
            made[name].append(list(line))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
