"""Lists of needs and of achievements with full-text search, filters and cursor paging."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from matcher.listing import KINDS, Kind
from service import changes
from service.api.listings import find_rows
from service.api.query import decode_cursor, encode_cursor
from service.context import Ctx
from service.db import reading
from service.guard import Asker
from service.tables import ListingRow
from service.web.cards import facet_labels
from service.web.facets import FacetForm
from service.web.rendering import page

_PAGE_SIZE = 20
_EXCERPT = 140


def router_for(kind: Kind) -> APIRouter:
    """The list of one kind."""
    spec = KINDS[kind]
    router = APIRouter()

    @router.get(f"/{spec.plural}", name=f"browse_{spec.plural}")
    def browse(
        request: Request,
        ctx: Ctx,
        asker: Asker,
        q: Annotated[str, Query(max_length=200)] = "",
        cursor: Annotated[str, Query(max_length=400)] = "",
    ) -> Response:
        facets = FacetForm.of(request.query_params)
        after = decode_cursor(cursor) if cursor else None
        with reading(ctx.engine) as session:
            rows = find_rows(
                session,
                kind,
                visible=asker.visible,
                text=q,
                condition=facets.condition,
                after=after,
                limit=_PAGE_SIZE + 1,
            )
            items = [_item(row) for row in rows[:_PAGE_SIZE]]
        more = len(rows) > _PAGE_SIZE
        next_cursor = encode_cursor(rows[_PAGE_SIZE - 1].id) if more else ""
        return page(
            request,
            "browse.html",
            active=spec.plural,
            kind=kind,
            facets=facets,
            q=q,
            items=items,
            first=after is None,
            next_query=facets.query_string(q=q, cursor=next_cursor) if more else "",
            first_query=facets.query_string(q=q),
        )

    return router


def _item(row: ListingRow) -> dict[str, object]:
    listing = changes.to_listing(row)
    excerpt = " ".join(row.body.split())
    return {
        "id": row.id,
        "title": row.title,
        "org": str(row.record.get("org", "")),
        "facets": facet_labels(listing.kind, listing.facets),
        "excerpt": excerpt[:_EXCERPT] + ("…" if len(excerpt) > _EXCERPT else ""),
    }
