"""The roster of an event as a page: the file, and changes one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, UploadFile
from fastapi import Form as FormField
from sqlmodel import Session
from starlette.responses import Response

from corpora.problems import CellError
from matcher.listing import Kind
from service.api.event_roster import run_import
from service.api.imports import XLSX
from service.context import Context, Ctx
from service.db import reading
from service.disclosure import Reader
from service.errors import InvalidRecordError, JiebangError
from service.events import events
from service.events.roster import cells, editing, exporting, layout, removing, shown
from service.events.roster.importing import RosterReport
from service.events.roster.inputs import AttendeeIn, EntryIn, PartyIn
from service.events.roster.times import read_times
from service.events.tables import EventRow
from service.files import attachment
from service.guard import Asker, Caller
from service.versions import require_version
from service.web.acting import acted
from service.web.forms import checked, whole
from service.web.rendering import Form, page, text_of

router = APIRouter(prefix="/events/{id}")
_SHOWN = 300
_FEW = 30
_LABELS = {
    "name": "名称",
    "uscc": "统一社会信用代码",
    "org_type": "单位类型",
    "region_code": "所在市州",
    "max_meetings": "场次上限",
    "mail": "邮箱",
    "free": "可参加时间",
    "kind": "类别",
    "listing_id": "编号",
    "priority": "优先级",
    "people": "人员",
    "version": "版本",
}
_SIDES = {code: word for word, code in layout.SIDES.items()}
_WISHES = {code: word for word, code in layout.WISHES.items()}


@router.get("/roster", name="event_roster")
def show(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    party: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Counts, parties with people and entries, wishes, and the forms that change them.

    Of a long roster only the forms of one `party` are shown.
    """
    return roster_page(request, ctx, asker, id, party=party)


@router.post("/roster", name="import_roster")
def upload(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    file: UploadFile | None = None,
    action: Annotated[str, FormField()] = "check",
) -> Response:
    """Check or import a file and show every fault."""
    try:
        if file is None or not file.filename:
            raise InvalidRecordError("还没有选择文件", cure="选择按模板填写的 XLSX 文件")
        report = run_import(ctx, asker, id, file, dry_run=action != "import")
    except JiebangError as error:
        return roster_page(request, ctx, asker, id, error)
    return roster_page(request, ctx, asker, id, report=report)


@router.get("/roster.xlsx", name="export_roster")
def export(ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
    """The roster in the layout of the template."""
    with reading(ctx.engine) as session:
        event = events.get(session, id)
        content = exporting.export(Reader(session, asker.principal), event)
    return attachment(content, XLSX, f"{event.name} 名单.xlsx")


@router.get("/roster-template.xlsx", name="roster_template")
def template(ctx: Ctx, id: str) -> Response:  # noqa: A002
    """The form to fill in."""
    with reading(ctx.engine) as session:
        name = events.get(session, id).name
    return attachment(exporting.template(), XLSX, f"{name} 名单模板.xlsx")


@router.post("/roster/party", name="put_party")
def put_party(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Add a party, or rewrite the one whose id is sent along."""

    def act(session: Session, event: EventRow) -> None:
        names = ("name", "uscc", "org_type", "region_code")
        data: dict[str, object] = {name: text_of(form, name) for name in names}
        data["small"] = text_of(form, "small") == "yes"
        data["max_meetings"] = whole(text_of(form, "max_meetings"))
        values = checked(PartyIn, data, _LABELS).model_dump()
        row = None
        if party_id := text_of(form, "party_id"):
            row = found = editing.party_of(session, event, party_id)
            require_version(session, row, _version(form), lambda: shown.party_row(found))
        editing.put_party(session, event, row, values, asker.principal.user_id)

    return _acted(request, ctx, asker, id, act, form)


@router.post("/roster/person", name="put_person")
def put_person(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Add a person to a party, or rewrite the one whose id is sent along."""

    def act(session: Session, event: EventRow) -> None:
        data = {name: text_of(form, name) for name in ("name", "mail")}
        values = checked(AttendeeIn, data | {"free": _times(form)}, _LABELS).stated()
        row = None
        party_id = text_of(form, "party_id")
        if person_id := text_of(form, "person_id"):
            row = found = editing.person_of(session, event, person_id)
            party_id = row.party_id
            require_version(session, row, _version(form), lambda: shown.person_row(found))
        editing.put_person(session, editing.party_of(session, event, party_id), row, values)

    return _acted(request, ctx, asker, id, act, form)


@router.post("/roster/entry", name="put_event_entry")
def put_entry(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Put a record down for a party by its id, or rewrite the entry."""

    def act(session: Session, event: EventRow) -> None:
        party = editing.party_of(session, event, text_of(form, "party_id"))
        names = cells.names(text_of(form, "people"))
        data: dict[str, object] = {n: text_of(form, n) for n in ("kind", "listing_id")}
        data["priority"] = text_of(form, "priority") or 1
        data["max_meetings"] = whole(text_of(form, "max_meetings"))
        data["people"] = editing.named(session, party, names)
        asked = checked(EntryIn, data, _LABELS)
        values = asked.model_dump(exclude={"kind", "listing_id"})
        key = asked.kind.value, asked.listing_id
        editing.put_entry(Reader(session, asker.principal), party, key, values)

    return _acted(request, ctx, asker, id, act, form)


@router.post("/roster/remove", name="remove_from_roster")
def remove(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Remove what is named: a party, a person or an entry."""

    def act(session: Session, event: EventRow) -> None:
        actor = asker.principal.user_id
        if person_id := text_of(form, "person_id"):
            person = editing.person_of(session, event, person_id)
            removing.remove_person(session, event, person, actor)
        elif listing_id := text_of(form, "listing_id"):
            kind = Kind.NEED if text_of(form, "kind") == Kind.NEED else Kind.ACHIEVEMENT
            removing.remove_entry(Reader(session, asker.principal), event, kind, listing_id)
        else:
            party = editing.party_of(session, event, text_of(form, "party_id"))
            removing.remove_party(session, event, party, actor)

    return _acted(request, ctx, asker, id, act, form)


Act = Callable[[Session, EventRow], None]


def _acted(
    request: Request, ctx: Context, asker: Caller, id_: str, act: Act, form: Form
) -> Response:
    """Change the roster and show it again; a refusal stands above it, and what was typed stays."""

    def change(session: Session) -> None:
        event = events.get(session, id_, lock=True)
        act(session, event)

    def refused(error: JiebangError) -> Response:
        filled = {name: text_of(form, name) for name in form}
        return roster_page(request, ctx, asker, id_, error, filled=filled)

    party = quote(text_of(form, "party_id"), safe="")
    url = f"/events/{id_}/roster"
    return acted(ctx, change, refused, f"{url}?party={party}#{party}" if party else url)


def _times(form: Form) -> list[list[str]] | None:
    text = text_of(form, "free")
    try:
        return read_times(text) if text else None
    except CellError as error:
        raise InvalidRecordError(f"可参加时间：{error.problem}", cure=error.cure) from error


def _version(form: Form) -> int | None:
    found = whole(text_of(form, "version"))
    return found if isinstance(found, int) else None


def roster_page(
    request: Request,
    ctx: Context,
    asker: Caller,
    id_: str,
    problem: JiebangError | None = None,
    *,
    report: RosterReport | None = None,
    filled: dict[str, str] | None = None,
    party: str = "",
    done: str = "",
) -> Response:
    """The roster with the forms that change it, and what came of the last of them."""
    with reading(ctx.engine) as session:
        event = events.get(session, id_)
        roster = shown.roster(Reader(session, asker.principal), event)

    return page(
        request,
        "event_roster.html",
        status=problem.status if problem else 200,
        active="events",
        tab="/roster",
        event=event,
        roster=roster,
        waiting=waiting(roster),
        sides=_SIDES,
        wishes=_WISHES,
        report=report,
        shown=_SHOWN,
        problem=problem,
        filled=filled or {},
        party_id=party or (filled or {}).get("party_id", ""),
        few=len(roster["parties"]) <= _FEW,
        done=done,
    )


def waiting(roster: dict[str, Any]) -> dict[str, int]:
    """How many people can be invited, and how many can be reminded."""
    people = [person for party in roster["parties"] for person in party["people"]]
    asked = [p for p in people if p["mail"] and p["coming"] is None]
    new = sum(p["invited_at"] is None for p in asked)
    return {"new": new, "unanswered": len(asked) - new}
