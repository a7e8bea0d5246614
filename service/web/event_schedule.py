"""The page of pairs and schedule: matching, solving, what is decided by hand, publishing; and the wall."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from matcher.agenda.event import Wish
from matcher.agenda.schedule import Conflict, Schedule
from matcher.listing import Kind
from service.batch.tables import State
from service.context import Context, Ctx
from service.db import reading, writing
from service.disclosure import Reader, reading_as
from service.errors import InvalidRecordError, JiebangError
from service.events import (
    candidates,
    events,
    grid,
    matching,
    meetings,
    orders,
    planning,
    problem,
    views,
    wall,
    wishes,
)
from service.events.candidates import Pair
from service.events.inputs import AbsenceIn, OrderIn, PlanIn, WishIn
from service.events.tables import EventRow, EventScheduleRow
from service.events.wishes import WISHES
from service.guard import Asker, Caller
from service.web.acting import acted
from service.web.forms import checked, whole
from service.web.rendering import Form, page, text_of

router = APIRouter()
_LABELS = {
    "need_id": "需求",
    "achievement_id": "成果",
    "slot": "时段",
    "table_id": "桌号",
    "seconds": "最多几秒",
    "attendee_id": "参会人",
    "away": "缺席时间",
}
_SPARE = 100
"""Pairs without a meeting that are shown."""


@router.get("/events/{id}/schedule", name="event_schedule")
def show(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    need: Annotated[str, Query(max_length=200)] = "",
    achievement: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Pairs, the schedule that holds, and everything that can be done; one pair in detail if named."""
    return _page(request, ctx, asker, id, pair=(need, achievement))


@router.post("/events/{id}/matching", name="match_event")
def match(request: Request, ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
    """Match the roster."""
    try:
        matching.start(ctx, id)
    except JiebangError as error:
        return _page(request, ctx, asker, id, error)
    return RedirectResponse(_url(id), status_code=303)


@router.post("/events/{id}/schedules", name="plan_event")
def plan(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Look for a schedule."""
    try:
        data = {"seconds": whole(text_of(form, "seconds")), "keep": text_of(form, "keep") == "yes"}
        asked = checked(PlanIn, data, _LABELS)
        with writing(ctx.engine) as session:
            event = events.get(session, id, lock=True)
            row = planning.ask(session, event, asked, asker.principal)
        planning.start(ctx, row, asked.seconds)
    except JiebangError as error:
        return _page(request, ctx, asker, id, error)
    return RedirectResponse(_url(id), status_code=303)


@router.post("/events/{id}/publish", name="publish_event")
def publish(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Make a schedule public."""

    def act(session: Session, event: EventRow) -> None:
        number = whole(text_of(form, "number"))
        wanted = number if isinstance(number, int) else 0
        planning.publish(session, event, wanted, asker.principal)

    return _acted(request, ctx, asker, id, act)


@router.post("/events/{id}/orders", name="order_event")
def order(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Pin or forbid a pair, or leave it to the solver."""

    def act(session: Session, event: EventRow) -> None:
        names = ("need_id", "achievement_id", "op", "slot", "table_id")
        data = {name: text_of(form, name) or None for name in names}
        orders.put(session, event, checked(OrderIn, data, _LABELS), asker.principal)

    pair = text_of(form, "need_id"), text_of(form, "achievement_id")
    return _acted(request, ctx, asker, id, act, pair)


@router.post("/events/{id}/wishes", name="wish_event")
def wish(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Write down what a side wants of a pair, or take it back."""
    names = ("need_id", "achievement_id", "side", "wish")
    data = {name: text_of(form, name) or None for name in names}

    def act(session: Session, event: EventRow) -> None:
        asked = checked(WishIn, data, _LABELS | {"side": "哪一方", "wish": "意愿"})
        wishes.state(session, event, asked, asker.principal)

    return _acted(
        request, ctx, asker, id, act, (data["need_id"] or "", data["achievement_id"] or "")
    )


@router.post("/events/{id}/absences", name="absence_event")
def absence(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Say that a person is away from a slot on, all the time, or present after all."""

    def act(session: Session, event: EventRow) -> None:
        person = text_of(form, "attendee_id")
        away = _away(event, text_of(form, "since"))
        if away:  # what was said before stays said
            away = orders.away(session, event, person) + away
        data = {"attendee_id": person, "away": away}
        orders.absent(session, event, checked(AbsenceIn, data, _LABELS))

    return _acted(request, ctx, asker, id, act)


@router.get("/events/{id}/wall", name="event_wall")
def show_wall(request: Request, ctx: Ctx, id: str) -> Response:  # noqa: A002
    """The public timetable, made to be printed and hung up."""
    with reading(ctx.engine) as session:
        found = wall.wall(Reader(session, wall.NOBODY), id)
    return page(request, "event_wall.html", active="events", wall=found, event=found.event)


def _away(event: EventRow, since: str) -> list[list[str]] | None:
    """Times of absence: `all`, `none`, or from a slot to the end of its day."""
    if since in ("all", "none"):
        return None if since == "all" else []
    ends = [slot for slot in grid.slots(event) if slot.id[:10] == since[:10]]
    if not any(slot.id == since for slot in ends):
        raise InvalidRecordError("没有这个时段", cure="从列表中选缺席从什么时候开始")
    return [[since, grid.stamp(ends[-1].end)]]


def _url(id_: str) -> str:
    return f"/events/{id_}/schedule"


def _acted(
    request: Request,
    ctx: Context,
    asker: Caller,
    id_: str,
    act: Callable[[Session, EventRow], None],
    pair: tuple[str, str] = ("", ""),
) -> Response:
    return acted(
        ctx,
        lambda session: act(session, events.get(session, id_, lock=True)),
        lambda error: _page(request, ctx, asker, id_, error, pair),
        _url(id_),
    )


def _page(
    request: Request,
    ctx: Context,
    asker: Caller,
    id_: str,
    fault: JiebangError | None = None,
    pair: tuple[str, str] = ("", ""),
) -> Response:
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        session = reader.session
        event = events.get(session, id_)
        run = matching.of(session, event)
        latest = planning.last(session, id_)
        holds = meetings.current(session, id_)
        held = meetings.scheduled(session, event, holds)
        schedule = Schedule.model_validate(holds.schedule) if holds else None
        stated = problem.state(session, event)
        stale = holds is not None and stated.event.model_dump(mode="json") != holds.problem
        found = stated.pairs
        titles = views.roster_titles(reader, event)
        kept = {m.pair for m in held}
        spare = sorted(
            (pair for key, pair in found.items() if key not in kept),
            key=lambda pair: (-pair.probability, pair.key),
        )
        shown: dict[str, Any] = {
            "event": views.present(event),
            "people": events.attendees(session, id_),
            "parties": {party.id: party.name for party in events.parties(session, id_)},
            "orders": {(o.need_id, o.achievement_id): o for o in orders.of_event(session, id_)},
            "attempts": [views.attempt(row) for row in planning.every(session, id_)],
        }
        shown["pair"] = _pair(reader, event, pair, found, titles)
        shown["reasons"] = _reasons(latest, shown["parties"], titles)
        shown["unserved"] = [
            (shown["parties"].get(name) or _entry_title(name, titles), why)
            for name, why in _unserved(schedule)
        ]
    slots = grid.slots(event)
    going = bool(run and run.state is State.RUNNING) or (
        latest is not None and planning.stage(latest) == "solving"
    )
    return page(
        request,
        "event_schedule.html",
        status=fault.status if fault else 200,
        active="events",
        **shown,
        run=run,
        latest=views.attempt(latest) if latest else None,
        holds=views.attempt(holds) if holds else None,
        fairness=schedule.fairness if schedule else None,
        stale=stale,
        laid=grid.of_schedule(holds) if holds else None,
        slots=slots,
        cells={(grid.stamp(m.begin), m.table): m for m in held},
        held=held,
        left_out=[(kind, titles[kind, name], why) for kind, name, why in stated.left_out],
        probabilities={key: pair.probability for key, pair in found.items()},
        spare=spare[:_SPARE],
        spare_count=len(spare),
        titles=titles,
        going=going,
        problem=fault,
        SIDES=(Kind.NEED, Kind.ACHIEVEMENT),
        WISHES=WISHES,
    )


def _pair(
    reader: Reader,
    event: EventRow,
    pair: tuple[str, str],
    found: Mapping[tuple[str, str], Pair],
    titles: views.Titles,
) -> dict[str, Any] | None:
    """A pair of the roster in detail; why it suits only for whoever may read both records."""
    sides = [(Kind.NEED, pair[0]), (Kind.ACHIEVEMENT, pair[1])]
    if not all(side in titles for side in sides):
        return None
    known = found.get(pair)
    told: dict[str, Any] = {}
    if known is not None and known.readable(meetings.views(reader, sides)):
        told = candidates.explained(reader.session, event, {pair})[pair].get("explanation") or {}
    return {
        "key": pair,
        "probability": known.probability if known else None,
        "summary": told.get("summary", ""),
        "indicators": told.get("indicators", []),
        "wishes": {
            kind: WISHES[Wish(row.wish)]
            for kind, row in wishes.of_event(reader.session, event.id).get(pair, {}).items()
        },
    }


def _entry_title(name: str, titles: views.Titles) -> str:
    """The title of an entry that the solver names `need:ID`."""
    kind, _, id_ = name.partition(":")
    return next((title for (k, i), title in titles.items() if (k.value, i) == (kind, id_)), id_)


def _reasons(
    row: EventScheduleRow | None, parties: Mapping[str, str], titles: views.Titles
) -> list[tuple[str, list[str]]]:
    """Why the last attempt found nothing, and the smallest changes that would help, by name."""
    if row is None or row.state != "infeasible" or row.schedule is None:
        return []
    found = Schedule.model_validate(row.schedule)
    parts = (("互相矛盾的是", found.conflicts), ("最少要这样让步", found.relaxations))
    names = {id_: f"“{title}”" for (_, id_), title in titles.items()} | dict(parties)

    def told(item: Conflict) -> str:
        text = item.reason
        for member in item.members:
            text = text.replace(member, names.get(member, member))
        return text

    return [(title, [told(item) for item in items]) for title, items in parts if items]


def _unserved(schedule: Schedule | None) -> list[tuple[str, str]]:
    """Participants without a good meeting: the id of a party or entry, and why."""
    return [(u.id, u.reason) for u in schedule.unserved] if schedule else []
