"""The match book as a PDF: cover, contents, and each meeting with reasons and questions."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field

from matcher.listing import Kind
from service.events.book.content import Book, Talk, day_zh
from service.events.book.paper import SMALL, Paper
from service.present import chance

_MEETING_HEIGHT = 62
"""Room in mm that a meeting must have to begin on a page."""
_LABELS = {Kind.NEED: "需求", Kind.ACHIEVEMENT: "成果"}


@dataclass
class _Plan:
    """On which page each meeting begins, and how many pages there are."""

    pages: dict[int, int] = field(default_factory=dict)
    total: int = 0


def book_pdf(book: Book) -> bytes:
    """The book as a PDF; laid out twice, as contents and feet tell what is only known at the end."""
    plan = _Plan({talk.number: 1 for talk in book.talks})
    title, level = f"{book.title} · 对接手册", book.level.label_zh
    with closing(Paper(title, level, draft=book.draft)) as paper:
        plan = _laid_out(paper, book, plan)
    with closing(Paper(title, level, draft=book.draft, total=plan.total)) as paper:
        _laid_out(paper, book, plan)
        return bytes(paper.output())


def _laid_out(paper: Paper, book: Book, before: _Plan) -> _Plan:
    """Lays out the book with the pages of `before` in its contents; where they really are."""
    _cover(paper, book)
    if book.talks:
        _contents(paper, book, before)
        paper.add_page()
    plan = _Plan()
    for day, talks in book.days.items():
        paper.need(_MEETING_HEIGHT + 14)
        paper.start_section(day_zh(day))
        paper.head(day_zh(day), 14, keep=_MEETING_HEIGHT)
        for talk in talks:
            _meeting(paper, talk, plan)
    plan.total = paper.page_no()
    return plan


def _cover(paper: Paper, book: Book) -> None:
    paper.add_page()
    paper.ln(46)
    paper.head(book.name, 26)
    paper.say("对接手册" + ("（草稿）" if book.draft else ""), 18, alarm=book.draft)
    paper.ln(10)
    if book.party:
        paper.say(f"参会单位：{book.party}", 13)
    facts = [
        ("地点", book.place or "另行通知"),
        ("日期", "、".join(day_zh(day) for day in book.days) or "另行通知"),
        ("会面", f"{len(book.talks)} 场"),
        ("日程", f"第 {book.number} 版" + ("，尚未发布" if book.draft else "")),
    ]
    for label, value in facts:
        paper.say(f"{label}：{value}", 11)
    paper.ln(10)
    paper.say(book.level.label_zh, 11, alarm=True)
    paper.say(
        "所引内容出自双方提交的条目，由系统摘录对照；是否合适，请以现场沟通为准。", muted=True
    )
    if not book.talks:
        paper.ln(8)
        paper.say("目前没有安排会面。", 12)


def _contents(paper: Paper, book: Book, plan: _Plan) -> None:
    paper.add_page()
    paper.head("目录", 16)
    shares = (7, 25, 19, 41, 8)
    width = paper.epw / sum(shares)
    rows = [
        (
            str(talk.number),
            f"{talk.begin:%m-%d} {talk.hours}",
            paper.fitted(talk.where, 18 * width - 4),
            paper.fitted(talk.title, 40 * width - 4),
            str(plan.pages[talk.number]),
        )
        for talk in book.talks
    ]
    paper.grid(
        ("场次", "时间", "地点", "对接", "页"),
        shares,
        rows,
        [plan.pages[t.number] for t in book.talks],
    )


def _meeting(paper: Paper, talk: Talk, plan: _Plan) -> None:
    paper.need(_MEETING_HEIGHT)
    plan.pages[talk.number] = paper.page_no()
    title = f"{talk.number}. {talk.title}"
    paper.start_section(paper.clean(title), level=1)
    paper.head(title, 12)
    paper.say(f"{day_zh(talk.begin.date())} {talk.hours}　{talk.where}", 10)
    paper.ln(1)
    paper.grid(
        ("", "条目", "单位", "参加人"),
        (9, 40, 28, 23),
        [
            (_LABELS[kind], side.title, side.party, "、".join(side.people) or "—")
            for kind, side in talk.sides.items()
        ],
    )
    _why(paper, talk)
    if talk.questions:
        paper.head("建议提问", 10.5, keep=12)
        for number, question in enumerate(talk.questions, start=1):
            paper.say(f"{number}. 【{talk.to(question)}】{question.text}", indent=2)
    paper.ln(7)


def _why(paper: Paper, talk: Talk) -> None:
    why = talk.why
    paper.head("为什么见面", 10.5, keep=12)
    paper.say(why.summary, muted=not why.sentences)
    if why.probability is not None:
        paper.say(
            f"匹配把握 {chance(why.probability)}（经校准的概率，仅供参考）", SMALL, muted=True
        )
    paper.ln(1.5)
    if why.sentences:
        paper.grid(("需求这样说", "成果这样说"), (1, 1), why.sentences)
    if why.figures:
        paper.grid(
            ("需求的指标", "要求", "成果", "结论"),
            (26, 24, 24, 26),
            [
                (
                    figure.label,
                    figure.demanded,
                    figure.stated or "—",
                    "：".join(filter(None, (figure.verdict_zh, figure.doubt_zh))),
                )
                for figure in why.figures
            ],
        )
