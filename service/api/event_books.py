"""Match books of events over HTTP, as files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response

from service.api.listings import PROBLEMS
from service.context import Ctx
from service.events.book.documents import FORMS, ZIP, Document, Form, bundle, document
from service.files import attachment
from service.guard import Asker

Party = Annotated[
    str, Query(max_length=60, description="参会单位的编号：只要这一方的手册，按它能看到的内容")
]


def router_of(**options: object) -> APIRouter:
    """The routes of every form of a book; once for the API, once for the pages."""
    router = APIRouter(**options)  # type: ignore[arg-type]
    for form in FORMS:
        router.add_api_route(
            f"/events/{{id}}/{form.path}",
            _taken(form),
            methods=["GET"],
            summary=form.label_zh,
            response_class=Response,
            responses={200: {"content": {form.media_type.partition(";")[0]: {}}}},
        )

    @router.get(
        "/events/{id}/books.zip",
        summary="全部参会单位的对接手册",
        response_class=Response,
        responses={200: {"content": {ZIP: {}}}},
    )
    def all_books(ctx: Ctx, asker: Asker, id: str, party: Party = "") -> Response:  # noqa: A002
        """PDF, workbook and calendar of every party, to be handed out."""
        return _response(bundle(ctx, id, party, asker.key))

    return router


def _taken(form: Form) -> Callable[..., Response]:
    def take(ctx: Ctx, asker: Asker, id: str, party: Party = "") -> Response:  # noqa: A002
        """The book of an event for its reader, or that of a party to be handed out."""
        return _response(document(ctx, form, id, asker.principal, party, asker.key))

    return take


def _response(file: Document) -> Response:
    return attachment(file.content, file.media_type, file.filename)


router = router_of(tags=["events"], responses=PROBLEMS)
