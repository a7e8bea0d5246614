"""Interest in a counterpart, or its refusal with a reason, from the page of a record of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from matcher.listing import KINDS, Kind
from service.access import HOUSE
from service.cases import stances
from service.cases.stances import StanceIn
from service.cases.tables import StanceRow
from service.context import Context, Ctx
from service.db import reading, writing
from service.disclosure import Reader
from service.errors import JiebangError
from service.guard import Asker, Caller
from service.tables import ListingRow
from service.web.forms import checked, whole
from service.web.rendering import Form, record_url, text_of

_LABELS = {"interested": "意向", "reason_code": "谢绝原因", "note": "说明", "version": "版本"}


@dataclass(frozen=True)
class Said:
    """What both sides said of the pairs of a record, for whoever speaks for it."""

    kind: Kind
    mine: Mapping[str, StanceRow]
    """The own side's word, by the id of the counterpart."""
    theirs: Mapping[str, StanceRow]

    @property
    def declined(self) -> list[StanceRow]:
        """The pairs that a side declined, which is why they are not among the matches."""
        return [row for row in (*self.mine.values(), *self.theirs.values()) if not row.interested]

    def other_id(self, row: StanceRow) -> str:
        """The counterpart of a pair."""
        return stances.other_id(row, self.kind)


def said_of(ctx: Context, asker: Caller, kind: Kind, id_: str) -> Said | None:
    """None for people who do not speak for the record."""
    with reading(ctx.engine) as session:
        row = session.get(ListingRow, (kind, id_))
        if row is None:
            return None
        own = Reader(session, asker.principal).owns(row)
        if not own and asker.principal.role not in HOUSE:
            return None
        found = stances.of_record(session, kind, id_)
    sides: dict[bool, dict[str, StanceRow]] = {True: {}, False: {}}
    for stance in found:
        sides[stance.side == kind][stances.other_id(stance, kind)] = stance
    return Said(kind, sides[True], sides[False])


def router_for(kind: Kind) -> APIRouter:
    """The form of one kind of record."""
    router = APIRouter()

    @router.post(f"/{KINDS[kind].plural}/{{id:path}}/stance", name=f"say_{kind.value}")
    def say(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
        """Store what the side of the record says, and go back to its page."""
        other = text_of(form, "other_id")
        data: dict[str, object] = {
            "interested": {"yes": True, "no": False}.get(text_of(form, "interested")),
            "note": text_of(form, "note"),
            "version": whole(text_of(form, "version")),
        }
        if data["interested"] is False:
            data["reason_code"] = text_of(form, "reason_code") or None
        told = ""
        try:
            asked = checked(StanceIn, data, _LABELS)
            with writing(ctx.engine) as session:
                stances.put(session, kind, id, other, asked, asker.principal)
        except JiebangError as error:
            told = f"{error.detail}。{error.cure}"
        query = f"?{urlencode({'problem': told})}" if told else ""
        return RedirectResponse(f"{record_url(kind, id)}{query}#matches-title", status_code=303)

    return router
