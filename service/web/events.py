"""Pages of events: the list, the form of hours, tables and terms, and the overview with its steps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from corpora.taxonomy import taxonomy
from service import workflow
from service.context import Context, Ctx
from service.db import reading, writing
from service.errors import InvalidRecordError, JiebangError
from service.events import events, grid, matching, views
from service.events.flow import EventFlow
from service.events.inputs import MOST_TABLES, EventIn, StepIn, Terms
from service.events.tables import EventRow
from service.guard import Asker
from service.sided import history
from service.web.acting import acted
from service.web.forms import checked, whole
from service.web.rendering import Form, page, text_of

router = APIRouter()
_LABELS = {
    "name": "活动名称",
    "place": "地点",
    "slot_minutes": "每场分钟数",
    "periods": "时间段",
    "tables": "桌位",
    "needs": "需求方上限",
    "achievements": "成果方上限",
    "organisation_types": "按单位类型的上限",
    "small": "小企业场次占比",
    "each_city": "每个市州场次占比",
    "good_value": "好会面的价值",
    "least_probability": "最低匹配概率",
    "participant": "公平按",
}
_CAPS = (
    ("needs", "per_listing"),
    ("needs", "per_organisation"),
    ("achievements", "per_listing"),
    ("achievements", "per_organisation"),
)
_FIELDS = (
    *("name", "place", "slot_minutes", "periods", "tables", "organisation_types"),
    *("small", "each_city", "good_value", "least_probability", "participant"),
    *(f"{side}_{what}" for side, what in _CAPS),
)
_PERIOD = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[ T]+(\d{1,2}:\d{2})\s*[-–—~至到]\s*(\d{1,2}:\d{2})")


@router.get("/events", name="events")
def list_(request: Request, ctx: Ctx) -> Response:
    """Every event, the newest first."""
    with reading(ctx.engine) as session:
        rows = [views.present(row) | _size(session, row) for row in events.listed(session)]
    return page(request, "events.html", active="events", items=rows)


@router.get("/events/new", name="new_event")
def new(request: Request) -> Response:
    """The form of an event."""
    return _form(request, _filled(None))


@router.post("/events/new", name="post_event")
def post(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Make an event."""
    try:
        asked = _read(form)
        with writing(ctx.engine) as session:
            row = events.create(session, asked, asker.principal)
    except JiebangError as error:
        return _form(request, _typed(form), error)
    return RedirectResponse(f"/events/{row.id}", status_code=303)


@router.get("/events/{id}", name="event")
def show(request: Request, ctx: Ctx, id: str) -> Response:  # noqa: A002
    """The overview of an event."""
    return _overview(request, ctx, id)


@router.post("/events/{id}/edit", name="edit_event")
def edit(request: Request, ctx: Ctx, id: str, form: Form) -> Response:  # noqa: A002
    """Rewrite an event."""

    def act(session: Session) -> None:
        version = whole(text_of(form, "version"))
        row = events.get(session, id)
        asked = _read(form, Terms.model_validate(row.terms))
        events.change(session, row, asked, version if isinstance(version, int) else 0)

    return acted(
        ctx,
        act,
        lambda error: _overview(request, ctx, id, error, _typed(form)),
        f"/events/{id}",
    )


@router.post("/events/{id}/steps", name="step_event")
def step(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Take a step of the event's course."""

    def act(session: Session) -> None:
        data = {"event": text_of(form, "event"), "reason": text_of(form, "reason")}
        asked = checked(StepIn, data, {"event": "步骤", "reason": "理由"})
        row = events.get(session, id)
        events.fire(session, row, asked.event, asker.principal, asked.reason)

    return acted(ctx, act, lambda error: _overview(request, ctx, id, error), f"/events/{id}")


@router.post("/events/{id}/delete", name="delete_event")
def delete(request: Request, ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
    """Remove an event that was never published, and show the list."""

    def act(session: Session) -> None:
        events.delete(session, events.get(session, id, lock=True), asker.principal)

    return acted(ctx, act, lambda error: _overview(request, ctx, id, error), "/events")


def _overview(
    request: Request,
    ctx: Context,
    id_: str,
    problem: JiebangError | None = None,
    filled: dict[str, str] | None = None,
) -> Response:
    with reading(ctx.engine) as session:
        row = events.get(session, id_)
        shown = views.present(row) | _size(session, row)
        found = grid.slots(row)
        run = matching.of(session, row)
        course = history(session, EventFlow, row)
        open_steps = [s for s in workflow.steps(EventFlow, row) if s.event != "publish"]
    return page(
        request,
        "event.html",
        status=problem.status if problem else 200,
        active="events",
        event=shown,
        days=grid.days(found),
        seats=sum(len(found) - len(grid.closed(found, t["closed"])) for t in row.tables),
        run=run,
        history=course,
        steps=open_steps,
        problem=problem,
        values=filled or _filled(row),
    )


def _size(session: Session, row: EventRow) -> dict[str, int]:
    entries = events.entries(session, row.id)
    return {
        "parties": len(events.parties(session, row.id)),
        "people": len(events.attendees(session, row.id)),
        "needs": sum(entry.kind == "need" for entry in entries),
        "achievements": sum(entry.kind == "achievement" for entry in entries),
    }


def _form(
    request: Request, values: dict[str, str], problem: JiebangError | None = None
) -> Response:
    return page(
        request,
        "event_new.html",
        status=problem.status if problem else 200,
        active="events",
        values=values,
        problem=problem,
    )


def _typed(form: Form) -> dict[str, str]:
    return {name: text_of(form, name) for name in _FIELDS}


def _filled(row: EventRow | None) -> dict[str, str]:
    """What stands in the form for an event, or for a new one."""
    terms = Terms.model_validate(row.terms) if row else Terms()
    sides = {"needs": terms.caps.needs, "achievements": terms.caps.achievements}
    caps = {f"{side}_{what}": getattr(sides[side], what) for side, what in _CAPS}
    values: dict[str, object] = {
        "name": row.name if row else "",
        "place": row.place if row else "",
        "slot_minutes": row.slot_minutes if row else 20,
        "periods": "\n".join(map(_period_text, row.periods)) if row else "",
        "tables": "\n".join(_table_line(t) for t in row.tables) if row else "",
        "organisation_types": "\n".join(
            f"{taxonomy('org_type').label(name)}：{most}"
            for name, most in terms.caps.organisation_types.items()
        ),
        "small": terms.shares.small,
        "each_city": terms.shares.each_city,
        "good_value": f"{terms.rules.good_value:.12g}",
        "least_probability": f"{terms.least_probability:.12g}",
        "participant": terms.rules.participant.value,
        **caps,
    }
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _table_line(table: dict[str, Any]) -> str:
    closed = "；".join(map(_period_text, table["closed"]))
    parts = [table["id"], table["room"], closed] if closed else [table["id"], table["room"]]
    return " | ".join(parts).removesuffix(" | ")


def _period_text(period: Sequence[str]) -> str:
    begin, end = period
    return f"{begin[:10]} {begin[11:]}-{end[11:]}"


def _read(form: Form, before: Terms | None = None) -> EventIn:
    """The event of a form, with the terms of `before` that the form does not show.

    Raises InvalidRecordError that names the field.
    """
    kept = (before or Terms()).model_dump(mode="json")
    typed = _typed(form)
    sides = {
        side: {w: whole(typed[f"{s}_{w}"]) for s, w in _CAPS if s == side}
        for side in ("needs", "achievements")
    }
    rules = {"good_value": _number(typed["good_value"]), "participant": typed["participant"]}
    terms: dict[str, object] = {
        "caps": {**sides, "organisation_types": _types(typed["organisation_types"])},
        "shares": kept["shares"]
        | {name: whole(typed[name]) or 0 for name in ("small", "each_city")},
        "rules": kept["rules"]
        | {name: value for name, value in rules.items() if value not in (None, "")},
        "least_probability": kept["least_probability"],
    }
    least = _number(typed["least_probability"])
    if least is not None:
        terms["least_probability"] = least
    data: dict[str, object] = {
        "name": typed["name"],
        "place": typed["place"],
        "slot_minutes": whole(typed["slot_minutes"]),
        "periods": _periods(typed["periods"]),
        "tables": _tables(typed["tables"]),
        "terms": terms,
    }
    return checked(EventIn, data, _LABELS)


def _periods(text: str) -> list[tuple[str, str]]:
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _PERIOD.fullmatch(line.replace("：", ":").replace("/", "-"))
        if match is None:
            raise InvalidRecordError(
                f"时间段“{line[:40]}”写法不对", cure="每行写一段，例如 2027-05-18 09:00-11:30"
            )
        year, month, day = match[1].split("-")
        date = f"{year}-{int(month):02}-{int(day):02}"
        found.append((f"{date}T{match[2]:0>5}", f"{date}T{match[3]:0>5}"))
    return found


def _tables(text: str) -> list[dict[str, object]]:
    """Tables of which one stands in each line: name | room | when it is closed.

    `1-12 | A厅` is a row of twelve.
    """
    found: list[dict[str, object]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, room, hours, *_ = (
            *(part.strip() for part in line.replace("｜", "|").split("|")),
            *("", ""),
        )
        stated: dict[str, object] = {
            "room": room,
            "closed": _periods(hours.replace("；", "\n").replace(";", "\n")),
        }
        span = re.fullmatch(r"(\d{1,3})-(\d{1,3})(\D*)", name)
        if len(found) > MOST_TABLES:
            break  # the model refuses so many: no need to make them all
        if span and int(span[1]) <= int(span[2]):
            unit = span[3] or "号桌"
            numbers = range(int(span[1]), int(span[2]) + 1)
            found += [{"id": f"{number}{unit}", **stated} for number in numbers]
        else:
            found.append({"id": name, **stated})
    return found


def _types(text: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, most = (part.strip() for part in line.replace("：", ":").rpartition(":"))
        limit = whole(most)
        if not name or not isinstance(limit, int):
            raise InvalidRecordError(
                f"按单位类型的上限“{line[:40]}”写法不对", cure="每行写一种，例如 企业：4"
            )
        found[taxonomy("org_type").resolve(name) or name] = limit
    return found


def _number(text: str) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text
