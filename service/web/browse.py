"""Lists of needs and of achievements with full-text search, filters and cursor paging."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from matcher.listing import KINDS, Kind
from service.api.listings import find_views
from service.api.query import decode_cursor, encode_cursor
from service.context import Ctx
from service.dashboard import RECENT, recently_confirmed
from service.disclosure import View, reading_as
from service.guard import Asker
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
        with reading_as(ctx.engine, asker.principal, asker.key) as reader:
            found = find_views(
                reader,
                kind,
                text=q,
                condition=facets.condition,
                after=after,
                limit=_PAGE_SIZE + 1,
            )
            counts = recently_confirmed(reader.session, kind)
        items = [_item(view) for view in found[:_PAGE_SIZE]]
        more = len(found) > _PAGE_SIZE
        next_cursor = encode_cursor(found[_PAGE_SIZE - 1].id) if more else ""
        return page(
            request,
            "browse.html",
            active=spec.plural,
            kind=kind,
            facets=facets,
            q=q,
            items=items,
            first=after is None,
            counts=counts,
            days=RECENT.days,
            next_query=facets.query_string(q=q, cursor=next_cursor) if more else "",
            first_query=facets.query_string(q=q),
        )

    return router


def _item(view: View) -> dict[str, object]:
    excerpt = " ".join(view.listing.body.split())
    return {
        "id": view.id,
        "title": view.title,
        "org": view.org,
        "masked": view.masked,
        "tier": view.disclosure,
        "facets": facet_labels(view.kind, view.listing.facets),
        "excerpt": excerpt[:_EXCERPT] + ("…" if len(excerpt) > _EXCERPT else ""),
    }
