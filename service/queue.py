"""The queue of the desk as one technology manager reads it; what is shown of it is written down."""

from __future__ import annotations

from matcher.listing import Kind
from service.access import Principal
from service.answers import Asking
from service.cases.suggestions import Asked, Source, Suggestion
from service.context import Context
from service.db import reading
from service.disclosure import Sight


def page_of(
    ctx: Context, principal: Principal, route: str, asked: Asked
) -> tuple[list[Suggestion], str]:
    """A page of suggested pairs, and the need to go on after; raises NotReadyError."""
    matcher = ctx.matcher()
    asking = Asking(ctx, principal, route)
    guests = asking.guests(matcher, Kind.ACHIEVEMENT, Sight.FULL)
    with reading(ctx.engine) as session:
        found, after = ctx.suggestions.queue(session, Source(matcher, guests), asked, principal)
    needs = asking.views(Kind.NEED, {item.need.id for item in found})
    offered = asking.views(Kind.ACHIEVEMENT, {item.match.listing.id for item in found})
    return [s for s in found if s.need.id in needs and s.match.listing.id in offered], after
