"""Match books as files to take away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from service.access import Principal
from service.context import Context
from service.errors import ConflictError
from service.events.book.bundle import books_zip
from service.events.book.calendar import book_ics
from service.events.book.content import Book
from service.events.book.gathering import book_for, compose, sources_for
from service.events.book.pdf import book_pdf
from service.events.book.shortlist import shortlist_pdf
from service.events.book.workbook import book_xlsx


@dataclass(frozen=True)
class Document:
    """A file."""

    content: bytes | Iterator[bytes]
    media_type: str
    filename: str


@dataclass(frozen=True)
class Form:
    """A form in which a book is taken away; `path` is the end of its address."""

    path: str
    label_zh: str
    media_type: str
    make: Callable[[Book], bytes]


PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"

FORMS = (
    Form("book.pdf", "对接手册 PDF", PDF, book_pdf),
    Form("book.xlsx", "对接手册表格", XLSX, book_xlsx),
    Form("book.ics", "日历", "text/calendar; charset=utf-8", book_ics),
    Form("shortlist.pdf", "会面安排表", PDF, shortlist_pdf),
)


def book_of(ctx: Context, event_id: str, principal: Principal, party_id: str, route: str) -> Book:
    """The book of an event for its organiser, or that of a party as it is handed out.

    Nothing is in the latter that the link of the party would not show. Raises NotFoundError.
    """
    if not party_id:
        return book_for(ctx, event_id, principal, route=route)
    nobody = Principal()
    return book_for(ctx, event_id, nobody, party_id, route=route, as_participant=True, draft=True)


def document(
    ctx: Context, form: Form, event_id: str, principal: Principal, party_id: str, route: str
) -> Document:
    """That book as a file; raises NotFoundError, and ConflictError while there is no schedule."""
    book = book_of(ctx, event_id, principal, party_id, route)
    _require_schedule(book.number)
    stem = form.label_zh.removesuffix(" PDF")
    name = f"{book.title}-{stem}.{form.path.rpartition('.')[2]}"
    return Document(form.make(book), form.media_type, _plain(name))


def bundle(ctx: Context, event_id: str, party_id: str, route: str) -> Document:
    """The books of every party, or of one, to be handed out."""
    found = sources_for(ctx, event_id, Principal(), party_id or None, route=route, draft=True)
    _require_schedule(found.row.number if found.row else 0)
    ids = [party_id] if party_id else list(found.parties)
    books = [compose(found, id_, as_participant=True) for id_ in ids]
    wanted = [book for book in books if book.talks or book.earlier]
    if not wanted:
        raise ConflictError("这里没有会面，没有可以打包的手册", cure="换一家参会单位，或先排日程")
    return Document(books_zip(wanted), ZIP, _plain(f"{found.event.name}-对接手册.zip"))


def _require_schedule(number: int) -> None:
    if not number:
        raise ConflictError(
            "活动还没有日程，对接手册里没有内容", cure="先在“配对与日程”里生成日程，再来下载"
        )


def _plain(name: str) -> str:
    return name.replace("/", "_").replace("\\", "_")
