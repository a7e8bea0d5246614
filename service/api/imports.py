"""Import of files over HTTP, and the template to fill in."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import BaseModel

from corpora.problems import FileError
from corpora.rejected import rejected_csv
from corpora.spreadsheet import template
from matcher.listing import KINDS, Kind
from service.api.listings import PROBLEMS, poster_of
from service.context import Context, Ctx
from service.errors import InvalidRecordError
from service.guard import Asker, Caller
from service.importing import import_file

router = APIRouter(prefix="/imports", tags=["imports"], responses=PROBLEMS)

_TWINS_WAIT_SECONDS = 10.0
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportReport(BaseModel):
    """What an import did. `seq` is the last change; null after a dry run or when nothing changed."""

    dry_run: bool
    accepted: int
    rejected: int
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    seq: int | None = None
    errors: list[dict[str, Any]]
    warnings: list[dict[str, Any]]
    suspected_twins: list[dict[str, Any]] | None
    """Rows that read like a stored record or an earlier row; they are imported all the same.
    null where the index of twins is still being built."""
    rejected_csv: str | None = None
    """The refused rows with an error column, to be mended and imported again."""


@router.post("", response_model=ImportReport, summary="导入 CSV、XLSX 或 JSONL 文件")
def create(
    ctx: Ctx,
    asker: Asker,
    file: UploadFile,
    kind: Annotated[Kind, Form(description="need 或 achievement")],
    dry_run: Annotated[bool, Form(description="只检查，不入库")] = False,
) -> ImportReport:
    """Good rows are stored in one transaction; every faulty row is reported."""
    return run_import(ctx, asker, file, kind, dry_run=dry_run)


def run_import(
    ctx: Context, asker: Caller, file: UploadFile, kind: Kind, *, dry_run: bool
) -> ImportReport:
    """Import a file for `asker`, who must be allowed to post records of `kind`."""
    asker.require(f"POST /api/{KINDS[kind].plural}")
    book = ctx.replica.twins
    known = book.ready(_TWINS_WAIT_SECONDS)
    try:
        done = import_file(
            ctx.engine,
            ctx.encoder,
            file.file.read(),
            file.filename or "",
            kind,
            dry_run=dry_run,
            find_twins=book.twins if known else None,
            poster=poster_of(asker.principal),
        )
    except FileError as error:
        raise InvalidRecordError(error.problem, cure=error.cure) from error
    read, outcome = done.read, done.outcome
    if outcome is not None:
        ctx.replica.notify()
    return ImportReport(
        dry_run=dry_run,
        accepted=len(read.records),
        rejected=len(read.rejected),
        created=outcome.created if outcome else 0,
        updated=outcome.updated if outcome else 0,
        unchanged=outcome.unchanged if outcome else 0,
        seq=outcome.seq if outcome else None,
        errors=[asdict(error) for error in read.errors],
        warnings=[asdict(notice) for notice in read.warnings],
        suspected_twins=[twin.as_row() for twin in done.twins] if known else None,
        rejected_csv=rejected_csv(read.rejected, read.errors) if read.rejected else None,
    )


@router.get("/template", summary="下载填写模板（XLSX）", response_class=Response)
def download_template(kind: Kind) -> Response:
    """An XLSX with Chinese headers, drop-downs and an example row."""
    name = f"jiebang-{KINDS[kind].plural}-template.xlsx"
    return Response(
        template(kind),
        media_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
