"""Changing a stored record in the form in which it was posted."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from matcher.listing import KINDS, Kind
from service import store
from service.api.listings import save_changed
from service.context import Ctx
from service.db import reading
from service.errors import StaleError
from service.guard import Asker
from service.web.posting import PostingForm, posting_page
from service.web.rendering import Form, record_url, text_of


def router_for(kind: Kind) -> APIRouter:
    """The editing form of one kind."""
    spec = KINDS[kind]
    router = APIRouter()

    @router.get(f"/{spec.plural}/{{id:path}}/edit", name=f"edit_{kind.value}")
    def filled(request: Request, ctx: Ctx, id: str) -> Response:  # noqa: A002
        with reading(ctx.engine) as session:
            row = store.get(session, kind, id)
        return posting_page(request, PostingForm.of(store.to_record(row)), edited=row)

    @router.post(f"/{spec.plural}/{{id:path}}/edit", name=f"save_{kind.value}")
    def save(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
        with reading(ctx.engine) as session:
            row = store.get(session, kind, id)
        posting = PostingForm(kind)
        record = posting.read(form)
        if record is None:
            return posting_page(request, posting, edited=row, status=422)
        read = text_of(form, "version")
        expected = int(read) if read.isascii() and read.isdigit() else None
        try:
            save_changed(ctx, kind, id, posting.changes(record), expected, asker.principal)
        except StaleError as error:
            told = f"{error.detail}：有人先改了这条记录。请重新打开本页，把修改再填一次。"
            return posting_page(request, posting, edited=row, problem=told, status=412)
        return RedirectResponse(f"{record_url(kind, id)}?posted=1", status_code=303)

    return router
