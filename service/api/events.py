"""Matchmaking events: hours and tables, matching of the roster, schedules, orders, the wall."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path

from matcher.agenda.event import Event
from matcher.listing import Kind
from service.access import HOUSE
from service.api.listings import PROBLEMS
from service.context import Ctx
from service.db import reading, writing
from service.disclosure import Reader, reading_as
from service.events import (
    candidates,
    events,
    matching,
    meetings,
    orders,
    planning,
    problem,
    views,
    wall,
    wishes,
)
from service.events.inputs import (
    AbsenceIn,
    EventChange,
    EventIn,
    OrderIn,
    PlanIn,
    StepIn,
    WishIn,
)
from service.guard import Asker

router = APIRouter(prefix="/events", tags=["对接活动"], responses=PROBLEMS)
Json = dict[str, Any]
Number = Annotated[int, Path(ge=1, le=1_000_000)]


@router.get("", summary="活动列表")
def list_(ctx: Ctx) -> list[Json]:
    """Every event, the newest first."""
    with reading(ctx.engine) as session:
        return [views.present(row) for row in events.listed(session)]


@router.post("", status_code=201, summary="新建活动")
def create(ctx: Ctx, asker: Asker, body: EventIn) -> Json:
    """Times are those of the place: `2027-05-18T09:20`."""
    with writing(ctx.engine) as session:
        return views.present(events.create(session, body, asker.principal))


@router.get("/{id}", summary="一场活动")
def one(ctx: Ctx, id: str) -> Json:  # noqa: A002
    """With its slots and how far matching is."""
    with reading(ctx.engine) as session:
        row = events.get(session, id)
        run = matching.of(session, row)
        told = None
        if run is not None:
            done = run.progress
            told = {
                "run_id": run.run_id,
                "state": done.state,
                "percent": round(done.percent, 2),
                "seconds_left": done.left,
                "outdated": run.outdated,
            }
        return views.present(row) | {"matching": told}


@router.put("/{id}", summary="修改活动")
def change(ctx: Ctx, id: str, body: EventChange) -> Json:  # noqa: A002
    """The next schedule follows; what is published stays as it is."""
    with writing(ctx.engine) as session:
        row = events.get(session, id)
        return views.present(events.change(session, row, body.event, body.version))


@router.delete("/{id}", status_code=204, summary="删除活动")
def delete(ctx: Ctx, asker: Asker, id: str) -> None:  # noqa: A002
    """With its roster; only while no schedule was published."""
    with writing(ctx.engine) as session:
        events.delete(session, events.get(session, id, lock=True), asker.principal)


@router.post("/{id}/steps", summary="推进活动状态")
def step(ctx: Ctx, asker: Asker, id: str, body: StepIn) -> Json:  # noqa: A002
    """Closing plans whom to ask after 30, 90 and 180 days; publishing is a matter of a schedule."""
    with writing(ctx.engine) as session:
        row = events.get(session, id)
        return views.present(events.fire(session, row, body.event, asker.principal, body.reason))


@router.post("/{id}/matching", status_code=202, summary="匹配名单")
def match(ctx: Ctx, id: str) -> Json:  # noqa: A002
    """Starts a batch run over the roster; see `GET /api/batches/{run_id}`."""
    return {"run_id": matching.start(ctx, id)}


@router.get("/{id}/candidates", summary="候选配对")
def pairs(ctx: Ctx, asker: Asker, id: str) -> list[Json]:  # noqa: A002
    """Pairs of the roster by probability, of records that the caller may know of."""
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        event = events.get(reader.session, id)
        names = views.roster_names(reader, event)
        pairs = candidates.pairs(reader.session, event).values()
        found = [pair for pair in pairs if names.known(pair.key)]
    return [
        {
            "need_id": pair.need_id,
            "achievement_id": pair.achievement_id,
            "probability": pair.probability,
            "need": names.title(Kind.NEED, pair.need_id),
            "achievement": names.title(Kind.ACHIEVEMENT, pair.achievement_id),
        }
        for pair in sorted(found, key=lambda p: (-p.probability, p.key))
    ]


@router.get("/{id}/problem", response_model=Event, summary="活动文件")
def stated(ctx: Ctx, id: str) -> Event:  # noqa: A002
    """What `jiebang event solve` takes; it holds no title."""
    with reading(ctx.engine) as session:
        return problem.state(session, events.get(session, id)).event


@router.post("/{id}/schedules", status_code=202, summary="排日程")
def plan(ctx: Ctx, asker: Asker, id: str, body: PlanIn) -> Json:  # noqa: A002
    """Starts a process that looks for a schedule; with `keep` few meetings of the present one move."""
    with writing(ctx.engine) as session:
        row = planning.ask(session, events.get(session, id, lock=True), body, asker.principal)
        shown = views.attempt(row)
    planning.start(ctx, row, body.seconds)
    return shown


@router.get("/{id}/schedules", summary="日程的各个版本")
def schedules(ctx: Ctx, id: str) -> list[Json]:  # noqa: A002
    """The newest first."""
    with reading(ctx.engine) as session:
        events.get(session, id)
        return [views.attempt(row) for row in planning.every(session, id)]


@router.get("/{id}/schedules/{number}", summary="一版日程")
def schedule(ctx: Ctx, asker: Asker, id: str, number: Number) -> Json:  # noqa: A002
    """The meetings as they are shown to people; for the house also what was found, with every id."""
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        event = events.get(reader.session, id)
        row = planning.numbered(reader.session, id, number)
        names = views.roster_names(reader, event)
        held = meetings.scheduled(reader.session, event, row)
        shown = [views.meeting(found, names) for found in held]
        return views.attempt(row, whole=asker.principal.role in HOUSE) | {"held": shown}


@router.post("/{id}/schedules/{number}/publish", summary="发布日程")
def publish(ctx: Ctx, asker: Asker, id: str, number: Number) -> Json:  # noqa: A002
    """Participants and the wall see it from now on."""
    with writing(ctx.engine) as session:
        event = events.get(session, id, lock=True)
        row = planning.publish(session, event, number, asker.principal)
        return views.attempt(row)


@router.get("/{id}/orders", summary="固定与排除")
def every_order(ctx: Ctx, asker: Asker, id: str) -> list[Json]:  # noqa: A002
    """In the order in which they were made, of records that the caller may know of."""
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        names = views.roster_names(reader, events.get(reader.session, id))
        rows = [
            row
            for row in orders.of_event(reader.session, id)
            if names.known((row.need_id, row.achievement_id))
        ]
        return [row.model_dump(exclude={"id", "event_id", "user_id"}) for row in rows]


@router.post("/{id}/orders", status_code=204, summary="固定、排除或放开一对")
def order(ctx: Ctx, asker: Asker, id: str, body: OrderIn) -> None:  # noqa: A002
    """Takes effect with the next schedule."""
    with writing(ctx.engine) as session:
        orders.put(session, events.get(session, id, lock=True), body, asker.principal)


@router.post("/{id}/wishes", status_code=204, summary="记下意愿")
def wish(ctx: Ctx, asker: Asker, id: str, body: WishIn) -> None:  # noqa: A002
    """What a side told the organiser; null takes it back. Takes effect with the next schedule."""
    with writing(ctx.engine) as session:
        wishes.state(session, events.get(session, id, lock=True), body, asker.principal)


@router.post("/{id}/absences", status_code=204, summary="临时缺席")
def absence(ctx: Ctx, id: str, body: AbsenceIn) -> None:  # noqa: A002
    """Takes effect with the next schedule."""
    with writing(ctx.engine) as session:
        orders.absent(session, events.get(session, id, lock=True), body)


@router.get("/{id}/wall", summary="公开日程")
def timetable(ctx: Ctx, id: str) -> Json:  # noqa: A002
    """Organisations and titles of public records only, and no person."""
    with reading(ctx.engine) as session:
        found = wall.wall(Reader(session, wall.NOBODY), id)
    return {
        "name": found.event.name,
        "place": found.event.place,
        "number": found.number,
        "days": [
            {
                "date": day.date,
                "tables": [{"id": name, "room": room} for name, room in day.tables],
                "rows": [
                    {
                        "slot": slot.id,
                        "cells": [cell.lines if cell else None for cell in cells],
                    }
                    for slot, cells in day.rows
                ],
            }
            for day in found.days
        ],
    }
