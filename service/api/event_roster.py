"""The roster of an event over HTTP: the file, and changes one by one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import BaseModel

from corpora.problems import FileError
from matcher.listing import Kind
from service.api.imports import XLSX
from service.api.listings import PROBLEMS
from service.context import Context, Ctx
from service.db import reading, writing
from service.disclosure import Reader
from service.errors import InvalidRecordError
from service.events import events
from service.events.roster import editing, exporting, importing, removing, shown
from service.events.roster.importing import RosterReport
from service.events.roster.inputs import (
    AttendeeChange,
    AttendeeIn,
    EntryIn,
    PartyChange,
    PartyIn,
)
from service.events.roster.reading import read_roster
from service.guard import Asker, Caller
from service.versions import require_version

router = APIRouter(prefix="/events/{id}", tags=["events"], responses=PROBLEMS)


class SheetCounts(BaseModel):
    """How the rows of a sheet fared."""

    sheet: str
    created: int
    updated: int
    unchanged: int
    rejected: int


class RosterImport(BaseModel):
    """What an import did, or would do."""

    dry_run: bool
    taken: int
    rejected: int
    sheets: list[SheetCounts]
    errors: list[dict[str, Any]]
    """Sheet, row, column, value, problem and cure of every fault."""
    warnings: list[str]


@router.get("/roster", summary="活动名单")
def read(ctx: Ctx, asker: Asker, id: str) -> dict[str, Any]:  # noqa: A002
    """Parties with people and entries, and wishes; ids and titles as far as the caller may know."""
    with reading(ctx.engine) as session:
        return shown.roster(Reader(session, asker.principal), events.get(session, id))


@router.post("/roster", response_model=RosterImport, summary="导入活动名单（XLSX）")
def import_(
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    file: UploadFile,
    dry_run: Annotated[bool, Form(description="只检查，不入库")] = False,
) -> dict[str, Any]:
    """Good rows are taken in one transaction; every faulty row is reported."""
    return run_import(ctx, asker, id, file, dry_run=dry_run).as_json()


def run_import(
    ctx: Context, asker: Caller, id_: str, file: UploadFile, *, dry_run: bool
) -> RosterReport:
    """Import a roster for `asker`; raises InvalidRecordError for a file that is none."""
    try:
        read = read_roster(file.file.read())
    except FileError as error:
        raise InvalidRecordError(error.problem, cure=error.cure) from error
    with writing(ctx.engine) as session:
        event = events.get(session, id_)
        reader = Reader(session, asker.principal)
        report = importing.import_roster(reader, event, read, dry_run=dry_run)
        if dry_run:
            session.rollback()
    return report


@router.get("/roster.xlsx", response_class=Response, summary="导出活动名单（XLSX）")
def export(ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
    """In the layout of the template, to be changed and imported again."""
    with reading(ctx.engine) as session:
        event = events.get(session, id)
        content = exporting.export(Reader(session, asker.principal), event)
    return xlsx(content, f"{event.id}-roster.xlsx")


@router.get("/roster-template.xlsx", response_class=Response, summary="下载名单模板（XLSX）")
def template(ctx: Ctx, id: str) -> Response:  # noqa: A002
    """Four sheets with Chinese headers, drop-downs, a guide and example rows."""
    with reading(ctx.engine) as session:
        events.get(session, id)
    return xlsx(exporting.template(), "jiebang-roster-template.xlsx")


@router.post("/parties", status_code=201, summary="加参会单位")
def add_party(ctx: Ctx, asker: Asker, id: str, body: PartyIn) -> dict[str, Any]:  # noqa: A002
    """An organisation that takes part."""
    with writing(ctx.engine) as session:
        event = events.get(session, id, lock=True)
        row, _ = editing.put_party(session, event, None, body.model_dump(), asker.principal.user_id)
        return shown.party_row(row)


@router.put("/parties/{party_id}", summary="修改参会单位")
def change_party(
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    party_id: str,
    body: PartyChange,
) -> dict[str, Any]:  # noqa: A002
    """Rewrite a party; 409 with the present one for another version."""
    with writing(ctx.engine) as session:
        event = events.get(session, id, lock=True)
        row = editing.party_of(session, event, party_id)
        require_version(session, row, body.version, lambda: shown.party_row(row))
        editing.put_party(session, event, row, body.party.model_dump(), asker.principal.user_id)
        return shown.party_row(row)


@router.delete("/parties/{party_id}", status_code=204, summary="移出参会单位")
def remove_party(ctx: Ctx, asker: Asker, id: str, party_id: str) -> None:  # noqa: A002
    """With its people, entries, wishes and orders; 409 where outcomes exist."""
    with writing(ctx.engine) as session:
        event = events.get(session, id, lock=True)
        party = editing.party_of(session, event, party_id)
        removing.remove_party(session, event, party, asker.principal.user_id)


@router.post("/parties/{party_id}/attendees", status_code=201, summary="加参会人员")
def add_attendee(ctx: Ctx, id: str, party_id: str, body: AttendeeIn) -> dict[str, Any]:  # noqa: A002
    """A person of a party."""
    with writing(ctx.engine) as session:
        event = events.get(session, id, lock=True)
        party = editing.party_of(session, event, party_id)
        row, _ = editing.put_person(session, party, None, body.stated())
        return shown.person_row(row)


@router.put("/attendees/{attendee_id}", summary="修改参会人员")
def change_attendee(
    ctx: Ctx,
    id: str,  # noqa: A002
    attendee_id: str,
    body: AttendeeChange,
) -> dict[str, Any]:
    """Rewrite a person; with another address the link that was mailed stops working."""
    with writing(ctx.engine) as session:
        event = events.get(session, id, lock=True)
        row = editing.person_of(session, event, attendee_id)
        require_version(session, row, body.version, lambda: shown.person_row(row))
        party = editing.party_of(session, event, row.party_id)
        editing.put_person(session, party, row, body.attendee.stated())
        return shown.person_row(row)


@router.delete("/attendees/{attendee_id}", status_code=204, summary="移出参会人员")
def remove_attendee(ctx: Ctx, asker: Asker, id: str, attendee_id: str) -> None:  # noqa: A002
    """Also from the entries that name the person; 409 where the person told an outcome."""
    with writing(ctx.engine) as session:
        event = events.get(session, id, lock=True)
        person = editing.person_of(session, event, attendee_id)
        removing.remove_person(session, event, person, asker.principal.user_id)


@router.post("/parties/{party_id}/entries", summary="加对接条目，或修改已有的")
def put_entry(
    ctx: Ctx,
    asker: Asker,
    id: str,  # noqa: A002
    party_id: str,
    body: EntryIn,
) -> dict[str, str]:
    """A record that the party brings; `done` tells whether it is new."""
    with writing(ctx.engine) as session:
        event = events.get(session, id, lock=True)
        party = editing.party_of(session, event, party_id)
        values = body.model_dump(exclude={"kind", "listing_id"})
        key = body.kind.value, body.listing_id
        done = editing.put_entry(Reader(session, asker.principal), party, key, values)
        return {"kind": key[0], "listing_id": key[1], "done": done}


@router.delete("/entries/{kind}/{listing_id}", status_code=204, summary="移出对接条目")
def remove_entry(ctx: Ctx, asker: Asker, id: str, kind: Kind, listing_id: str) -> None:  # noqa: A002
    """With its wishes and orders; 409 where outcomes exist."""
    with writing(ctx.engine) as session:
        event = events.get(session, id, lock=True)
        removing.remove_entry(Reader(session, asker.principal), event, kind, listing_id)


def xlsx(content: bytes, name: str) -> Response:
    """A workbook as a download."""
    return Response(
        content,
        media_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
