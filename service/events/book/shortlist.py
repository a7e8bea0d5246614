"""The printed short list: one table of meetings, for the door, the table or the pocket."""

from __future__ import annotations

from contextlib import closing

from service.events.book.content import Book, day_zh
from service.events.book.paper import Paper


def shortlist_pdf(book: Book) -> bytes:
    """The meetings of a book as one table; laid out twice, as the foot tells the number of pages."""
    title, level = f"{book.title} · 会面安排", book.level.label_zh
    with closing(Paper(title, level, draft=book.draft)) as paper:
        _lay_out(paper, book)
        total = paper.page_no()
    with closing(Paper(title, level, draft=book.draft, total=total)) as paper:
        _lay_out(paper, book)
        return bytes(paper.output())


def _lay_out(paper: Paper, book: Book) -> None:
    paper.add_page()
    paper.head(f"{book.title} 会面安排", 16)
    told = [book.place, f"日程第 {book.number} 版" + ("（草稿）" if book.draft else "")]
    paper.say("　".join(filter(None, told)), muted=True)
    paper.ln(2)
    for day, talks in book.days.items():
        paper.head(day_zh(day), 12, keep=24)
        paper.grid(
            ("时间", "地点", "对方" if book.party else "双方", "条目"),
            (15, 19, 30, 36),
            [(talk.hours, talk.where, talk.counterpart, talk.title) for talk in talks],
        )
    if not book.talks:
        paper.say("目前没有安排会面。")
