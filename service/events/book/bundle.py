"""The books of many parties in one archive."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

from service.events.book.calendar import book_ics
from service.events.book.content import Book
from service.events.book.pdf import book_pdf
from service.events.book.workbook import book_xlsx

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]|^\.+|[. ]+$')


def books_zip(books: Sequence[Book]) -> bytes:
    """A folder for each book, numbered in their order, with PDF, workbook and calendar."""
    out = io.BytesIO()
    digits = len(str(len(books)))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, book in enumerate(books, start=1):
            folder = f"{number:0{digits}d}_{_UNSAFE.sub('_', book.party)[:80]}"
            archive.writestr(f"{folder}/对接手册.pdf", book_pdf(book))
            archive.writestr(f"{folder}/对接手册.xlsx", book_xlsx(book))
            archive.writestr(f"{folder}/日历.ics", book_ics(book))
    return out.getvalue()
