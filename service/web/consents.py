"""The part of a record's page where both sides agree to know each other."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from sqlmodel import col, select
from starlette.responses import Response

from matcher.listing import KINDS, Kind
from service import store
from service.access import HOUSE, OF_ORGANISATIONS
from service.api.consents import DisclosureOut, give_consent, seen_by, withdraw_consent
from service.consents import agreed_at_all
from service.context import Ctx
from service.disclosure import Reader, Sight
from service.guard import Asker
from service.tables import ConsentRow, ListingRow
from service.web.rendering import Form, record_url, text_of

_SHOWN = 50


@dataclass(frozen=True)
class Pair:
    """A record of one's own and one of another owner; who of both has agreed."""

    own_id: str
    own_title: str
    other_id: str
    other_title: str
    mine: bool
    theirs: bool


@dataclass(frozen=True)
class ContactPanel:
    """Contact data as far as it may be seen, pairs on which one can agree, and who read what."""

    other_kind: Kind
    """The kind of the record on which a form agrees."""
    contact: dict[str, str] | None
    owned: bool
    pairs: tuple[Pair, ...] = ()
    seen: tuple[DisclosureOut, ...] = ()


def contact_panel(reader: Reader, kind: Kind, id_: str) -> ContactPanel | None:
    """What the page of a record says of agreement; None for people who have no part in it."""
    row = store.get(reader.session, kind, id_)
    owned = reader.owns(row)
    house = reader.principal.role in HOUSE
    # the house looks up contact data of its own records by the API, not in passing
    shut = owned or (house and not agreed_at_all(reader.session, kind, id_))
    contact = None if shut else reader.contact(row)
    counterpart = KINDS[kind].counterpart
    if owned:
        seen = tuple(seen_by(reader.session, kind, id_)[:_SHOWN])
        return ContactPanel(counterpart, contact, owned, _asked(reader, kind, row), seen)
    if row.status != "published" or reader.principal.role not in OF_ORGANISATIONS:
        return ContactPanel(kind, contact, owned) if contact else None
    return ContactPanel(kind, contact, owned, _offered(reader, kind, row))


def _asked(reader: Reader, kind: Kind, row: ListingRow) -> tuple[Pair, ...]:
    """Pairs of one's own record on which somebody has agreed."""
    column = ConsentRow.need_id if kind is Kind.NEED else ConsentRow.achievement_id
    rows = reader.session.exec(select(ConsentRow).where(column == row.id)).all()
    sides: dict[str, set[str]] = {}
    for consent in rows:
        other = consent.achievement_id if kind is Kind.NEED else consent.need_id
        sides.setdefault(other, set()).add(consent.side)
    pairs = []
    for other_id, agreed in sides.items():
        other_row = reader.session.get(ListingRow, (KINDS[kind].counterpart, other_id))
        view = reader.view(other_row) if other_row is not None else None
        if view is not None:
            mine, theirs = kind.value in agreed, view.kind.value in agreed
            pairs.append(Pair(row.id, row.title, view.id, view.title, mine, theirs))
    return tuple(pairs)


def _offered(reader: Reader, kind: Kind, row: ListingRow) -> tuple[Pair, ...]:
    """Published records of one's own organisation that make a pair with another's record."""
    counterpart = KINDS[kind].counterpart
    own = reader.session.exec(
        select(ListingRow)
        .where(
            ListingRow.kind == counterpart,
            ListingRow.owner_id == reader.principal.organisation_id,
            ListingRow.status == "published",
        )
        .order_by(col(ListingRow.seq).desc())
        .limit(_SHOWN)
    ).all()
    view = reader.view(row)
    if view is None or view.sight is Sight.NONE:
        return ()
    return tuple(
        Pair(
            mine.id,
            mine.title,
            view.id,
            view.title,
            _has(reader, {kind: row.id, counterpart: mine.id}, counterpart),
            _has(reader, {kind: row.id, counterpart: mine.id}, kind),
        )
        for mine in own
    )


def _has(reader: Reader, ids: dict[Kind, str], side: Kind) -> bool:
    key = (ids[Kind.NEED], ids[Kind.ACHIEVEMENT], side.value)
    return reader.session.get(ConsentRow, key) is not None


def router_for(kind: Kind) -> APIRouter:
    """Agreement from a page, and the masked view of what is typed into the posting form."""
    router = APIRouter()

    @router.post(f"/{KINDS[kind].plural}/{{id:path}}/consents", name=f"agree_on_{kind.value}")
    def consent(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
        own_id = text_of(form, "own_id")
        act = withdraw_consent if text_of(form, "withdraw") else give_consent
        act(ctx, asker, kind, id, own_id)
        here = text_of(form, "page")
        place = (KINDS[kind].counterpart, own_id) if here == "own" else (kind, id)
        return RedirectResponse(f"{record_url(*place)}#consent", status_code=303)

    return router
