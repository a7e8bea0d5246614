"""The match book as a workbook; no cell of it is a formula."""

from __future__ import annotations

from collections.abc import Iterator

from corpora.spreadsheet import export_rows
from matcher.listing import Kind
from service.events.book.content import Book, Talk

_Row = list[object]


def book_xlsx(book: Book) -> bytes:
    """Schedule, reasons, indicators and questions, a sheet each."""
    note = f"{book.level.label_zh}{'；草稿，尚未发布' if book.draft else ''}"
    return export_rows(
        [
            (
                "日程",
                ("场次", "日期", "开始", "结束", "场地", "桌号", "需求编号", "需求", "需求方", "需求方参加人",
                 "成果编号", "成果", "成果方", "成果方参加人", note),
                map(_held, book.talks),
            ),
            (
                "对接说明",
                ("场次", "需求", "成果", "说明", "把握", "需求这样说", "成果这样说"),
                (row for talk in book.talks for row in _reasons(talk)),
            ),
            (
                "指标",
                ("场次", "需求", "成果", "指标", "要求", "成果写的", "结论", "备注", "依据"),
                (row for talk in book.talks for row in _figures(talk)),
            ),
            (
                "提问",
                ("场次", "需求", "成果", "问谁", "问题"),
                (
                    [*_named(talk), talk.to(question), question.text]
                    for talk in book.talks
                    for question in talk.questions
                ),
            ),
        ]
    )  # fmt: skip


def _named(talk: Talk) -> _Row:
    return [talk.number, *(talk.sides[kind].title for kind in Kind)]


def _held(talk: Talk) -> _Row:
    row: _Row = [talk.number, talk.begin.date(), f"{talk.begin:%H:%M}", f"{talk.end:%H:%M}"]
    row += [talk.room, talk.table]
    for kind in Kind:
        side = talk.sides[kind]
        row += [side.id, side.title, side.party, "、".join(side.people)]
    return row


def _reasons(talk: Talk) -> Iterator[_Row]:
    why = talk.why
    sure = round(why.probability, 4) if why.probability is not None else None
    said = why.sentences or (("", ""),)
    for number, (need, achievement) in enumerate(said):
        told: _Row = ["", ""] if number else [why.summary, sure]
        yield [*_named(talk), *told, need, achievement]


def _figures(talk: Talk) -> Iterator[_Row]:
    for figure in talk.why.figures:
        yield [
            *_named(talk),
            figure.label,
            figure.demanded,
            figure.stated or "",
            figure.verdict_zh,
            figure.doubt_zh,
            figure.evidence or "",
        ]
