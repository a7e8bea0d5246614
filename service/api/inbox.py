"""New matches of one's own records, as they appeared."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlmodel import col, select

from matcher.listing import KINDS, Kind
from service.access import Principal
from service.api.listings import PROBLEMS
from service.context import Context, Ctx
from service.db import writing
from service.disclosure import reading_as
from service.guard import Asker
from service.tables import InboxRow, ListingRow, now

router = APIRouter(prefix="/me/inbox", tags=["me"], responses=PROBLEMS)


class NewMatch(BaseModel):
    """A counterpart that appeared for a record of one's own; masked where no more may be seen."""

    kind: Kind
    id: str
    title: str
    other_kind: Kind
    other_id: str
    other_title: str
    masked: bool
    score: float
    probability: float
    at: datetime
    read: bool


def new_matches(ctx: Context, principal: Principal, route: str, limit: int) -> list[NewMatch]:
    """The latest first; pairs of which one is no longer published or may not be seen are left out."""
    found = []
    with reading_as(ctx.engine, principal, route) as reader:
        rows = reader.session.exec(
            select(InboxRow)
            .where(InboxRow.organisation_id == (principal.organisation_id or ""))
            .order_by(col(InboxRow.at).desc(), col(InboxRow.kind), col(InboxRow.other_id))
            .limit(limit)
        ).all()
        for row in rows:
            kind = Kind(row.kind)
            pair = (kind, row.listing_id), (KINDS[kind].counterpart, row.other_id)
            stored = [reader.session.get(ListingRow, key) for key in pair]
            views = [reader.view(each) for each in stored if each and each.status == "published"]
            if len(views) < len(pair) or views[0] is None or views[1] is None:
                continue
            own, other = views[0], views[1]
            found.append(
                NewMatch(
                    kind=kind,
                    id=own.id,
                    title=own.title,
                    other_kind=other.kind,
                    other_id=other.id,
                    other_title=other.title,
                    masked=other.masked,
                    score=row.score,
                    probability=row.probability,
                    at=row.at,
                    read=row.read_at is not None,
                )
            )
    return found


def mark_read(ctx: Context, principal: Principal) -> None:
    """Everything in the inbox of one's organisation has been seen."""
    with writing(ctx.engine) as session:
        rows = session.exec(
            select(InboxRow).where(
                InboxRow.organisation_id == (principal.organisation_id or ""),
                col(InboxRow.read_at).is_(None),
            )
        ).all()
        for row in rows:
            row.read_at = now()


@router.get("", response_model=list[NewMatch], summary="本单位记录的新匹配")
def inbox(
    ctx: Ctx, asker: Asker, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> list[NewMatch]:
    """Matches that appeared since the records were published, the latest first."""
    return new_matches(ctx, asker.principal, asker.key, limit)


@router.post("/read", status_code=204, summary="新匹配都标为已读")
def read(ctx: Ctx, asker: Asker) -> Response:
    """Mark all of it as read."""
    mark_read(ctx, asker.principal)
    return Response(status_code=204)
