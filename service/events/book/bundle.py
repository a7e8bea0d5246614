"""The books of many parties in one archive, which is sent while it is made."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence

from service.events.book.calendar import book_ics
from service.events.book.content import Book
from service.events.book.pdf import book_pdf
from service.events.book.workbook import book_xlsx

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]|^\.+|[. ]+$')


class _Sink:
    """Takes what an archive writes until it is sent."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: bytes, /) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is held open."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def books_zip(books: Sequence[Book]) -> Iterator[bytes]:
    """A folder for each book, numbered in their order, with PDF, workbook and calendar; piece by piece.

    A book takes about half a second, and there may be hundreds: a browser shows how far it is.
    """
    sink = _Sink()
    digits = len(str(len(books)))
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, book in enumerate(books, start=1):
            folder = f"{number:0{digits}d}_{_UNSAFE.sub('_', book.party)[:80]}"
            archive.writestr(f"{folder}/对接手册.pdf", book_pdf(book))
            archive.writestr(f"{folder}/对接手册.xlsx", book_xlsx(book))
            archive.writestr(f"{folder}/日历.ics", book_ics(book))
            yield sink.taken()
    yield sink.taken()
