"""What is done with the matches of one's own record: say yes or no to one, compare some of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from matcher.filters import Filter
from matcher.listing import KINDS, Kind
from service.answers import Asked, Asking
from service.cases import stances
from service.cases.stances import StanceIn
from service.cases.tables import StanceRow
from service.context import Ctx
from service.db import writing
from service.disclosure import Reader, reading_as
from service.figures import Figure
from service.guard import Asker
from service.versions import EditedError
from service.web.cards import Card
from service.web.rendering import Form, page, record_url, text_of

MOST = 4
"""Counterparts that one comparison shows."""


@dataclass(frozen=True)
class Box:
    """What both sides said of a pair, for the form of one's own side."""

    own: StanceRow | None
    other: StanceRow | None


def boxes_of(reader: Reader, kind: Kind, id_: str) -> dict[str, Box]:
    """By the id of the counterpart what was said of the pairs of a record."""
    said: dict[str, dict[str, StanceRow]] = {}
    for row in stances.of_record(reader.session, kind, id_):
        said.setdefault(stances.other_id(row, kind), {})[row.side] = row
    other = KINDS[kind].counterpart
    return {id_: Box(rows.get(kind), rows.get(other)) for id_, rows in said.items()}


@dataclass(frozen=True)
class Line:
    """One demanded figure, and what each of the compared says of it."""

    label: str
    demanded: str
    said: tuple[Figure | None, ...]


def lines(cards: list[Card]) -> list[Line]:
    """The indicator tables of all cards side by side, in the order of the demands."""
    keys = dict.fromkeys((f.label, f.demanded) for card in cards for f in card.figures)
    tables: list[Mapping[tuple[str, str], Figure]] = [
        {(f.label, f.demanded): f for f in card.figures} for card in cards
    ]
    return [Line(*key, tuple(table.get(key) for table in tables)) for key in keys]


def router_for(kind: Kind) -> APIRouter:
    """Of records of one kind."""
    spec = KINDS[kind]
    router = APIRouter()

    @router.post(f"/{spec.plural}/{{id:path}}/stance", name=f"say_of_{kind.value}")
    def say(ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
        other = text_of(form, "other_id")
        problem = ""
        try:
            asked = StanceIn.model_validate(_stated(form))
            with writing(ctx.engine) as session:
                stances.put(session, kind, id, other, asked, asker.principal)
        except ValidationError:
            problem = "谢绝请选一个原因，备注最多 1,000 字。"
        except EditedError:
            problem = "这一对刚有人改过，请看过现在的说法再决定。"
        told = f"?problem={quote(problem)}#life" if problem else "#matches-title"
        return RedirectResponse(f"{record_url(kind, id)}{told}", status_code=303)

    @router.get(f"/{spec.plural}/{{id:path}}/compare", name=f"compare_{kind.value}")
    def compare(
        request: Request,
        ctx: Ctx,
        asker: Asker,
        id: str,  # noqa: A002
        chosen: Annotated[list[str] | None, Query(alias="with", max_length=20)] = None,
    ) -> Response:
        with reading_as(ctx.engine, asker.principal, asker.key) as reader:
            view = reader.get(kind, id)
        asking = Asking(ctx, asker.principal, asker.key)
        wanted = list(dict.fromkeys(chosen or []))
        cards = []
        for other_id in wanted[:MOST]:
            try:
                found = asking.position(Asked.of(view), other_id, Filter(), view.seq)
            except KeyError:
                continue
            other = asking.views(spec.counterpart, [other_id])[other_id]
            cards.append(Card.of(view.listing, found.match, other))
        return page(
            request,
            "compare.html",
            active=spec.plural,
            kind=kind,
            counterpart=spec.counterpart,
            view=view,
            cards=cards,
            lines=lines(cards),
            left=len(wanted) - len(cards),
            most=MOST,
        )

    return router


def _stated(form: Form) -> dict[str, object]:
    """The fields of the form as the API takes them; what is not given is left out."""
    interested = text_of(form, "interested") == "yes"
    stated: dict[str, object] = {"interested": interested, "note": text_of(form, "note")}
    if not interested and text_of(form, "reason_code"):
        stated["reason_code"] = text_of(form, "reason_code")
    if text_of(form, "version").isdecimal():
        stated["version"] = int(text_of(form, "version"))
    return stated
