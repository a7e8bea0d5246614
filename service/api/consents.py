"""Agreement of both sides, contact data after it, and the log of who saw what."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy import and_
from sqlmodel import Session, col, select

from matcher.listing import KINDS, Kind
from service import store
from service.accounts.tables import OrganisationRow, UserRow
from service.api.listings import PROBLEMS
from service.consents import agree, withdraw
from service.context import Context, Ctx
from service.db import writing
from service.disclosure import Reader, Sight, reading_as
from service.errors import ConflictError, ForbiddenError
from service.guard import Asker, Caller
from service.tables import DisclosureRow, ListingRow


class ConsentIn(BaseModel):
    """One's own record of the pair."""

    model_config = {"extra": "forbid", "json_schema_extra": {"examples": [{"own_id": "A0001"}]}}

    own_id: Annotated[str, Field(min_length=1, max_length=200)]


class ConsentOut(BaseModel):
    """`agreed` once both sides have: then each may read the other's record and contact."""

    need_id: str
    achievement_id: str
    agreed: bool


class DisclosureOut(BaseModel):
    """Somebody who read a record that is not public, or its contact data."""

    at: datetime
    what: str
    version: int
    user: str
    organisation: str
    route: str


def give_consent(ctx: Context, asker: Caller, kind: Kind, id_: str, own_id: str) -> ConsentOut:
    """The caller's side agrees on the pair of the record `id_` and his own one.

    Raises NotFoundError, ForbiddenError, and ConflictError where one of both is not published.
    """
    with writing(ctx.engine) as session:
        own, other = _both(session, asker, kind, id_, own_id)
        if "published" not in {own.status} & {other.status}:
            raise ConflictError("双方的记录都要已发布", cure="等记录通过审核后再表示同意")
        agreed = agree(session, own, other, asker.principal)
        ids = {Kind(row.kind): row.id for row in (own, other)}
    return ConsentOut(need_id=ids[Kind.NEED], achievement_id=ids[Kind.ACHIEVEMENT], agreed=agreed)


def withdraw_consent(ctx: Context, asker: Caller, kind: Kind, id_: str, own_id: str) -> None:
    """The caller's side takes its word back. Raises NotFoundError and ForbiddenError."""
    with writing(ctx.engine) as session:
        own, other = _both(session, asker, kind, id_, own_id)
        withdraw(session, own, other, asker.principal)


def _both(
    session: Session, asker: Caller, kind: Kind, id_: str, own_id: str
) -> tuple[ListingRow, ListingRow]:
    """One's own record and the other; raises NotFoundError where one may not know of either."""
    reader = Reader(session, asker.principal)
    other = store.get(session, kind, id_)
    own = store.get(session, KINDS[kind].counterpart, own_id)
    for row in (other, own):
        if reader.sight(row) is Sight.NONE:
            store.missing(Kind(row.kind), row.id)
    return own, other


def seen_by(session: Session, kind: Kind, id_: str) -> list[DisclosureOut]:
    """Who read what of a record, the latest first."""
    statement = (
        select(DisclosureRow, UserRow.name, OrganisationRow.name)
        .outerjoin(UserRow, col(UserRow.id) == col(DisclosureRow.user_id))
        .outerjoin(OrganisationRow, col(OrganisationRow.id) == col(DisclosureRow.organisation_id))
        .join(
            ListingRow,
            and_(
                col(ListingRow.kind) == col(DisclosureRow.kind),
                col(ListingRow.id) == col(DisclosureRow.listing_id),
            ),
        )
        .where(
            DisclosureRow.kind == kind,
            DisclosureRow.listing_id == id_,
            # an earlier record of this id is not this one
            col(DisclosureRow.at) >= col(ListingRow.created_at),
        )
        .order_by(col(DisclosureRow.id).desc())
    )
    return [
        DisclosureOut(
            at=row.at,
            what=row.what,
            version=row.version,
            user=user or "",
            organisation=organisation or "",
            route=row.route,
        )
        for row, user, organisation in session.exec(statement)
    ]


def router_for(kind: Kind) -> APIRouter:
    """Consents, contact and the log of one kind."""
    spec = KINDS[kind]
    router = APIRouter(prefix=f"/{spec.plural}", tags=[spec.plural], responses=PROBLEMS)

    @router.post(
        "/{id}/consents",
        response_model=ConsentOut,
        summary="同意与对方交换全文和联系方式",
        description="id 是对方的记录，own_id 是本单位的记录；双方都同意后，各自可以看到对方的全文和联系方式。",
        name=f"agree_{kind.value}",
    )
    def consent(ctx: Ctx, asker: Asker, id: str, body: ConsentIn) -> ConsentOut:  # noqa: A002
        return give_consent(ctx, asker, kind, id, body.own_id)

    @router.delete(
        "/{id}/consents/{own_id}",
        status_code=204,
        summary="收回同意",
        description="以后双方不再能凭这一对看对方的全文和联系方式；已经看过的记在公开日志里。",
        name=f"withdraw_{kind.value}",
    )
    def withdrawal(ctx: Ctx, asker: Asker, id: str, own_id: str) -> None:  # noqa: A002
        withdraw_consent(ctx, asker, kind, id, own_id)

    @router.get("/{id}/contact", summary="联系方式（双方同意后）", name=f"{kind.value}_contact")
    def contact(ctx: Ctx, asker: Asker, id: str) -> dict[str, Any]:  # noqa: A002
        with reading_as(ctx.engine, asker.principal, asker.key) as reader:
            found = reader.contact(store.get(reader.session, kind, id))
        if found is None:
            raise ForbiddenError(
                "联系方式在双方同意后才公开",
                cure=f"用 POST /api/{spec.plural}/{{id}}/consents 表示同意，并等对方同意",
                missing={"consent": "双方的同意"},
            )
        return {spec.id_field: id, "contact": found}

    @router.get(
        "/{id}/disclosures",
        response_model=list[DisclosureOut],
        summary="谁看过全文或联系方式",
        name=f"{kind.value}_disclosures",
    )
    def disclosures(ctx: Ctx, asker: Asker, id: str) -> list[DisclosureOut]:  # noqa: A002
        with reading_as(ctx.engine, asker.principal, asker.key) as reader:
            store.get(reader.session, kind, id)
            return seen_by(reader.session, kind, id)

    return router
