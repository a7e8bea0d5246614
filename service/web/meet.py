"""The pages of a participant's link: coming, free times, wishes, the own schedule, feedback.

The link says who asks: whoever is signed in besides is not looked at, and what was typed is checked
against the same rules as for everybody else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from corpora.taxonomy import taxonomy
from matcher.agenda.event import Wish
from service.access import Principal
from service.context import Context, Ctx
from service.db import reading, writing
from service.errors import InvalidRecordError, JiebangError, NotFoundError
from service.events import answering, outcomes, wishes
from service.events.book.calendar import book_ics
from service.events.book.content import Book
from service.events.book.gathering import book_for
from service.events.book.pdf import book_pdf
from service.events.invitations import holder
from service.events.outcomes import OutcomeIn, Speaker
from service.events.visits import Own, Visit
from service.events.wishes import WISHES
from service.files import attachment
from service.web.acting import acted
from service.web.feedback import LABELS, stated
from service.web.forms import checked
from service.web.rendering import Form, page, text_of, texts_of

router = APIRouter(prefix="/meet")
Token = Annotated[str, Query(max_length=200)]
_SAVED = {
    "answer": "已记下您是否到场。",
    "free": "已记下您可以参加的时间。",
    "wish": "已记下意愿。",
    "outcome": "已收到反馈，谢谢。",
}

_DOWNLOADS = {"calendar.ics": "加进日历", "book.pdf": "对接手册 PDF"}


@router.get("", name="meet")
def show(
    request: Request, ctx: Ctx, token: Token = "", saved: Annotated[str, Query(max_length=20)] = ""
) -> Response:
    """What the holder of the link has to answer, and his schedule."""
    with reading(ctx.engine) as session:
        fresh = holder(ctx.office, session, token).opened_at is None
    if fresh:
        with writing(ctx.engine) as session:
            answering.opened(session, holder(ctx.office, session, token))
    return _page(request, ctx, token, told=_SAVED.get(saved, ""))


@router.get("/reasons", name="meet_reasons")
def reasons(
    request: Request, ctx: Ctx, token: Token = "", pair: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """Why a counterpart fits, where both records are public."""
    with reading(ctx.engine) as session:
        visit = _visit(ctx, session, token)
        return page(
            request,
            "meet_reasons.html",
            active="",
            event=visit.event,
            match=visit.reasons(pair),
            token=token,
        )


@router.get("/book.pdf", name="meet_book")
def book(ctx: Ctx, token: Token = "") -> Response:
    """The match book of the holder's party, as it may be handed out."""
    found = _book(ctx, token)
    return attachment(book_pdf(found.book), "application/pdf", f"{found.book.title}-对接手册.pdf")


@router.get("/calendar.ics", name="meet_calendar")
def calendar(ctx: Ctx, token: Token = "") -> Response:
    """The holder's own meetings for a calendar."""
    found = _book(ctx, token)
    content = book_ics(found.book, found.attendee_id)
    return attachment(content, "text/calendar; charset=utf-8", f"{found.book.title}.ics")


@dataclass(frozen=True)
class _Own:
    """The book of a link's party, and whose link it is."""

    book: Book
    attendee_id: str


def _book(ctx: Context, token: str) -> _Own:
    with reading(ctx.engine) as session:
        person = holder(ctx.office, session, token)
    # read as nobody, like everything that a link shows
    book = book_for(
        ctx, person.event_id, Principal(), person.party_id, route="GET /meet", as_participant=True
    )
    if not book.number:
        raise NotFoundError("日程还没有发布", cure="发布以后再来下载")
    return _Own(book, person.id)


@router.post("/answer", name="meet_answer")
def answer(request: Request, ctx: Ctx, form: Form) -> Response:
    """Say whether one comes."""

    def act(session: Session, token: str) -> None:
        word = text_of(form, "coming")
        if word not in ("yes", "no"):
            raise InvalidRecordError("没有选择是否到场", cure="选“到场”或“不能到场”后再提交")
        visit = _visit(ctx, session, token)
        answering.answer(session, visit.event, visit.person, coming=word == "yes")

    return _acted(request, ctx, form, "answer", act)


@router.post("/free", name="meet_free")
def free(request: Request, ctx: Ctx, form: Form) -> Response:
    """State the slots in which one can come."""

    def act(session: Session, token: str) -> None:
        visit = _visit(ctx, session, token)
        answering.state_free(session, visit.event, visit.person, texts_of(form, "slot"))

    return _acted(request, ctx, form, "free", act)


@router.post("/wish", name="meet_wish")
def wish(request: Request, ctx: Ctx, form: Form) -> Response:
    """Say what one wants of the candidates of an entry."""

    def act(session: Session, token: str) -> None:
        # candidates are read before the lock for writing is taken: that takes a while
        own = _own(ctx, token, text_of(form, "entry"))
        visit = _visit(ctx, session, token)
        answering.require_before(visit.event, "意愿")
        for candidate in own.candidates:
            word = text_of(form, f"wish-{candidate.ref}")
            if word and word not in set(Wish):
                raise InvalidRecordError("没有这种意愿", cure=f"可选：{'、'.join(WISHES.values())}")
            if word != candidate.wish:
                wishes.put(
                    session,
                    visit.event.id,
                    candidate.pair,
                    own.kind,
                    Wish(word) if word else None,
                    attendee_id=visit.person.id,
                )

    return _acted(request, ctx, form, "wish", act)


@router.post("/outcome", name="meet_outcome")
def outcome(request: Request, ctx: Ctx, form: Form) -> Response:
    """Say how a meeting was."""

    def act(session: Session, token: str) -> None:
        visit = _visit(ctx, session, token)
        seat = visit.seat(text_of(form, "meeting"), text_of(form, "side"))
        asked = checked(OutcomeIn, stated(form), LABELS)
        speaker = Speaker(attendee=visit.person)
        outcomes.put(session, visit.event, seat.meeting, seat.side, asked, speaker)

    return _acted(request, ctx, form, "outcome", act)


def _visit(ctx: Context, session: Session, token: str) -> Visit:
    return Visit(session, holder(ctx.office, session, token))


def _own(ctx: Context, token: str, ref: str) -> Own:
    """The entry that a form is about; raises NotFoundError."""
    with reading(ctx.engine) as session:
        for own in _visit(ctx, session, token).entries():
            if own.ref == ref:
                return own
    raise NotFoundError("没有这个条目", cure="名单可能改过，刷新页面后再试")


def _acted(
    request: Request,
    ctx: Context,
    form: Form,
    what: str,
    act: Callable[[Session, str], None],
) -> Response:
    """Act for the holder of the link and go back to his page, or show it with what was typed."""
    token = text_of(form, "token")

    def refused(error: JiebangError) -> Response:
        return _page(request, ctx, token, error, form)

    return acted(
        ctx,
        lambda session: act(session, token),
        refused,
        f"/meet?token={quote(token, safe='')}&saved={what}",
    )


def _page(
    request: Request,
    ctx: Context,
    token: str,
    problem: JiebangError | None = None,
    form: Form | None = None,
    told: str = "",
) -> Response:
    typed: dict[str, Any] = {}
    if form is not None:
        sent = {name: texts_of(form, name) for name in form if name != "token"}
        typed = {name: values for name, values in sent.items() if values}
    with reading(ctx.engine) as session:
        visit = _visit(ctx, session, token)
        return page(
            request,
            "meet.html",
            status=problem.status if problem else 200,
            active="",
            visit=visit,
            event=visit.event,
            person=visit.person,
            party=visit.party,
            entries=visit.entries() if visit.before else [],
            seats=visit.seats(),
            downloads=_DOWNLOADS,
            wishes=WISHES,
            reasons=taxonomy("reason").labels,
            token=token,
            problem=problem,
            typed=typed,
            told=told,
        )
