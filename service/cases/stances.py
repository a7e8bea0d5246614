"""What both sides say of a pair: interested, or declined with a reason.

A declined pair is left out of the matches of both records; interest of both opens a lead on the
broker's desk.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from sqlmodel import Session, col, select

from corpora.taxonomy import taxonomy
from matcher.listing import KINDS, Kind
from service import store
from service.access import Principal
from service.accounts.inputs import Input
from service.cases import cases
from service.cases.tables import StanceRow
from service.disclosure import Reader, Sight
from service.inputs import Code, Text, Version
from service.tables import ListingRow, now
from service.versions import EditedError, require_version


class StanceIn(Input):
    """One side's word on a pair; declining takes a reason. `version` is the one that was read."""

    interested: Annotated[bool, Field(strict=True)]
    reason_code: Annotated[str, Code("reason")] | None = None
    note: Annotated[str, Text(0, 1000)] = ""
    version: Version | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if not self.interested and self.reason_code is None:
            msg = f"谢绝要说明原因（reason_code）：{'、'.join(taxonomy('reason').labels)}"
            raise ValueError(msg)
        if self.interested and self.reason_code is not None:
            msg = "有意向时不填谢绝原因"
            raise ValueError(msg)
        return self


def of_pair(session: Session, need_id: str, achievement_id: str) -> dict[Kind, StanceRow]:
    """What was said of a pair, by the kind of record whose side said it."""
    query = select(StanceRow).where(
        StanceRow.need_id == need_id, StanceRow.achievement_id == achievement_id
    )
    return {Kind(row.side): row for row in session.exec(query)}


def of_record(session: Session, kind: Kind, id_: str) -> list[StanceRow]:
    """What either side said of the pairs of a record, newest first."""
    column = StanceRow.need_id if kind is Kind.NEED else StanceRow.achievement_id
    query = select(StanceRow).where(column == id_)
    return list(session.exec(query.order_by(col(StanceRow.at).desc(), col(StanceRow.id))))


def declined(session: Session, kind: Kind, id_: str) -> tuple[str, ...]:
    """Ids of the counterparts that must not be found for a record, since a side declined."""
    return tuple(
        sorted({other_id(row, kind) for row in of_record(session, kind, id_) if not row.interested})
    )


def other_id(row: StanceRow, kind: Kind) -> str:
    """The id of the counterpart of a record of `kind` in a pair."""
    return row.achievement_id if kind is Kind.NEED else row.need_id


def put(
    session: Session, kind: Kind, id_: str, other: str, asked: StanceIn, principal: Principal
) -> StanceRow:
    """Say what the side of the record `id_` of `kind` thinks of the pair.

    Raises NotFoundError for a counterpart that is not published, and EditedError for another
    version than the present one.
    """
    ids = pair_ids(kind, id_, other)
    _require_published(session, kind, other, principal)
    row = of_pair(session, *ids).get(kind)
    if row is None:
        row = StanceRow(
            need_id=ids[0],
            achievement_id=ids[1],
            side=kind,
            interested=asked.interested,
            user_id=principal.user_id,
        )
        if asked.version is not None:
            raise EditedError(asked.version, 0, {})
    else:
        known = row
        require_version(session, row, asked.version, lambda: present(known))
        row.version += 1
    row.interested, row.reason_code, row.note = asked.interested, asked.reason_code, asked.note
    row.user_id, row.event_id, row.at = principal.user_id, None, now()
    session.add(row)
    session.flush()
    if is_mutual(session, *ids):
        cases.ensure_lead(session, *ids, principal)
    return row


def is_mutual(session: Session, need_id: str, achievement_id: str) -> bool:
    """Whether both sides are interested."""
    said = of_pair(session, need_id, achievement_id)
    return len(said) == len(Kind) and all(row.interested for row in said.values())


def pair_ids(kind: Kind, id_: str, other: str) -> tuple[str, str]:
    """Ids of need and achievement."""
    return (id_, other) if kind is Kind.NEED else (other, id_)


def present(row: StanceRow) -> dict[str, Any]:
    """A stance as JSON; who in the organisation said it stays with the organisation."""
    return row.model_dump(exclude={"id", "user_id", "event_id"}) | {
        "reason": taxonomy("reason").label(row.reason_code) if row.reason_code else None
    }


def _require_published(session: Session, kind: Kind, other: str, principal: Principal) -> None:
    """Raise NotFoundError for a counterpart that the speaker may not know of."""
    counterpart = KINDS[kind].counterpart
    row = session.get(ListingRow, (counterpart, other))
    hidden = row is None or Reader(session, principal).sight(row) is Sight.NONE
    if row is None or hidden or row.status != "published":
        store.missing(counterpart, other)


def require_record(session: Session, kind: Kind, id_: str) -> None:
    """Raise NotFoundError where the record does not exist."""
    store.get(session, kind, id_)
