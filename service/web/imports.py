"""Importing a file from a page: a check without storing, then the import."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request, UploadFile
from fastapi import Form as FormField
from starlette.responses import Response

from matcher.listing import Kind
from service.api.imports import ImportReport, run_import
from service.context import Ctx
from service.errors import ConflictError, InvalidRecordError
from service.files import attachment
from service.guard import Asker
from service.web.rendering import Form, page

router = APIRouter()

_SHOWN = 200
# the refused rows travel in the page; a larger file is better mended at its source
_CSV_LIMIT = 2_000_000


@router.get("/import", name="import_form")
def blank(request: Request) -> Response:
    """The upload form."""
    return _page(request, Kind.NEED)


@router.post("/import", name="import_file")
def upload(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    kind: Annotated[Kind, FormField()],
    file: UploadFile | None = None,
    action: Annotated[str, FormField()] = "check",
) -> Response:
    """Check or import a file and report every fault."""
    if file is None or not file.filename:
        return _page(request, kind, problem="还没有选择文件。请选择一个 XLSX、CSV 或 JSONL 文件。")
    try:
        report = run_import(ctx, asker, file, kind, dry_run=action != "import")
    except (ConflictError, InvalidRecordError) as error:
        return _page(request, kind, problem=f"{error.detail}。{error.cure}。", name=file.filename)
    return _page(request, kind, report=report, name=file.filename)


@router.post("/import/rejected.csv", name="rejected_rows")
def rejected(form: Form) -> Response:
    """The refused rows, which the page sends back: the server keeps no uploaded file."""
    content = str(form.get("csv") or "").replace("\r\n", "\n")
    # with a byte order mark Excel reads it as UTF-8
    return attachment("\ufeff" + content, "text/csv; charset=utf-8", "rejected.csv")


def _page(
    request: Request,
    kind: Kind,
    *,
    report: ImportReport | None = None,
    problem: str = "",
    name: str = "",
) -> Response:
    return page(
        request,
        "import.html",
        status=422 if problem else 200,
        active="import",
        kind=kind,
        report=report,
        problem=problem,
        name=name,
        shown=_SHOWN,
        csv_limit=_CSV_LIMIT,
    )
