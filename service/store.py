"""Listings in SQL: create, change, delete. Callers own the transaction; nothing is encoded here."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from sqlalchemy import and_, or_
from sqlalchemy import delete as sql_delete
from sqlmodel import Session, col, select

from corpora.records import RECORDS, Record
from matcher.analyzer import normalise
from matcher.index import Op
from matcher.listing import KINDS, Kind
from service import changes, lifecycle
from service.cases.tables import StanceRow
from service.errors import ConflictError, FieldProblem, InvalidRecordError, NotFoundError
from service.events.tables import EventEntryRow, EventOrderRow, EventWishRow
from service.masking import masked
from service.tables import ConsentRow, InboxRow, ListingRow, ListingVersionRow, Tier, now
from service.versions import check_version

_PREFIX = {Kind.NEED: "N", Kind.ACHIEVEMENT: "A"}
_CHUNK = 500
_NAMED = 5


def new_id(kind: Kind) -> str:
    """A fresh id: a letter for the kind and 12 hexadecimal digits."""
    return f"{_PREFIX[kind]}{uuid.uuid4().hex[:12]}"


def get(session: Session, kind: Kind, id_: str, *, lock: bool = False) -> ListingRow:
    """The row, locked where it is to be changed; raises NotFoundError."""
    row = session.get(ListingRow, (kind, id_), with_for_update=lock or None)
    return row if row is not None else missing(kind, id_)


def missing(kind: Kind, id_: str) -> NoReturn:
    """Raise NotFoundError, in the same words whether there is none or it may not be known."""
    msg = f"没有编号为 {id_} 的{KINDS[kind].label_zh}"
    raise NotFoundError(msg, cure="核对编号，或在列表中查找")


@dataclass(frozen=True, slots=True)
class Poster:
    """Who posts: the organisation that will own a record, and the user; the house by default.

    With `bound` no record of another owner may be touched.
    """

    organisation_id: str | None = None
    user_id: str | None = None
    bound: bool = False


HOUSE = Poster()


def create(session: Session, kind: Kind, record: Record, poster: Poster = HOUSE) -> ListingRow:
    """Add a record and log it; raises ConflictError where its id is taken."""
    id_ = record.id or new_id(kind)
    if session.get(ListingRow, (kind, id_)) is not None:
        msg = f"编号 {id_} 已被占用"
        raise ConflictError(msg, cure="换一个编号，或用 PATCH 修改原记录")
    status = lifecycle.entry(record, bound=poster.bound)
    _require_silent_id(record, poster)
    (seq,) = changes.take(session, 1)
    return _add(session, kind, id_, record, seq, poster, status)


def update(
    session: Session,
    row: ListingRow,
    record: Record,
    expected_version: int | None = None,
    poster: Poster = HOUSE,
    status: str | None = None,
) -> ListingRow:
    """Replace the content of `row` and log it, keeping the content of before.

    What a member changes of a published record goes back to review. A `status` that differs from
    that of the row is reached by the event that leads there. Raises StaleError for another
    version, and IllegalTransitionError.
    """
    check_version(row, expected_version)
    (seq,) = changes.take(session, 1)
    return _change(session, row, record, seq, poster, status)


def step(
    session: Session,
    row: ListingRow,
    event: str,
    *,
    actor: str | None,
    reason: str = "",
    expected_version: int | None = None,
) -> ListingRow:
    """Take `row` to its next state and log it; raises as `workflow.fire` does, and StaleError."""
    check_version(row, expected_version)
    lifecycle.step(session, row, event, actor=actor, reason=reason)
    (seq,) = changes.take(session, 1)
    row.version += 1
    row.seq, row.updated_at = seq, now()
    session.add(row)
    changes.record(session, seq, Kind(row.kind), row.id, Op.PUT)
    return row


def delete(session: Session, row: ListingRow, expected_version: int | None = None) -> int:
    """Remove `row` with all that hangs on its id, and log it; returns the number of the change.

    Whoever posts under the same id later inherits no earlier text, agreement, word or match.
    """
    check_version(row, expected_version)
    (seq,) = changes.take(session, 1)
    kind, id_ = Kind(row.kind), row.id
    session.exec(
        sql_delete(ListingVersionRow).where(
            col(ListingVersionRow.kind) == kind, col(ListingVersionRow.listing_id) == id_
        )
    )
    for table in (ConsentRow, StanceRow, EventWishRow, EventOrderRow):
        side = table.need_id if kind is Kind.NEED else table.achievement_id
        session.exec(sql_delete(table).where(col(side) == id_))
    # outcomes stay: they tell what became of an event
    brought = (col(EventEntryRow.kind) == kind, col(EventEntryRow.listing_id) == id_)
    session.exec(sql_delete(EventEntryRow).where(*brought))
    own = and_(col(InboxRow.kind) == kind, col(InboxRow.listing_id) == id_)
    theirs = and_(col(InboxRow.kind) == KINDS[kind].counterpart, col(InboxRow.other_id) == id_)
    session.exec(sql_delete(InboxRow).where(or_(own, theirs)))
    session.delete(row)
    changes.record(session, seq, Kind(row.kind), row.id, Op.DELETE)
    return seq


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What an import did: numbers of records, and the last change."""

    created: int
    updated: int
    unchanged: int
    seq: int


def import_records(
    session: Session, kind: Kind, records: Sequence[Record], poster: Poster = HOUSE
) -> ImportOutcome:
    """Add or change many records in the caller's one transaction.

    A record with an id replaces the one of that id; one without is known by its content. A record
    that reads as before is left alone, so the same file twice changes nothing. Raises ConflictError
    where a bound poster names a record of somebody else.
    """
    by_id = _existing(session, kind, [r.id for r in records if r.id])
    if poster.bound:
        _require_own(by_id.values(), poster)
    hashes = [r.content_hash() for r in records if not r.id]
    known = _known_hashes(session, kind, hashes, poster)
    fresh: list[tuple[str, Record]] = []
    changed: list[tuple[ListingRow, Record]] = []
    for record in records:
        content = record.content_hash()
        if record.id is None:
            if content not in known:
                known.add(content)
                fresh.append((new_id(kind), record))
        elif record.id not in by_id:
            fresh.append((record.id, record))
        elif by_id[record.id].content_hash != content:
            changed.append((by_id[record.id], record))
    numbers = iter(taken := changes.take(session, len(fresh) + len(changed)))
    for id_, record in fresh:
        status = lifecycle.entry(record, bound=poster.bound)
        _require_silent_id(record, poster)
        _add(session, kind, id_, record, next(numbers), poster, status)
    for row, record in changed:
        _change(session, row, record, next(numbers), poster, record.status)
    return ImportOutcome(
        created=len(fresh),
        updated=len(changed),
        unchanged=len(records) - len(fresh) - len(changed),
        seq=taken.stop - 1,
    )


def to_record(row: ListingRow) -> Record:
    """The record as it was posted, without contact data."""
    kind = Kind(row.kind)
    return RECORDS[kind].model_validate({**row.record, KINDS[kind].id_field: row.id})


def _require_silent_id(record: Record, poster: Poster) -> None:
    """An identifier stands in addresses and lists: one of a member's making could tell who he is."""
    if poster.bound and record.id and Tier.of(record.disclosure) is not Tier.PUBLIC:
        raise InvalidRecordError(
            "不公开或脱敏的记录不能自定编号，编号会出现在网址和列表里",
            cure="去掉编号，由系统给出",
            errors=[FieldProblem(field=KINDS[record.kind].id_field, problem="不能自定")],
        )


def _require_own(rows: Iterable[ListingRow], poster: Poster) -> None:
    foreign = sorted(row.id for row in rows if row.owner_id != poster.organisation_id)
    if foreign:
        msg = f"{len(foreign)} 个编号已被别的单位占用：{'、'.join(foreign[:_NAMED])}"
        raise ConflictError(msg, cure="换成本单位自己的编号，或去掉编号一列")


def _add(
    session: Session,
    kind: Kind,
    id_: str,
    record: Record,
    seq: int,
    poster: Poster,
    status: str,
) -> ListingRow:
    row = ListingRow(
        kind=kind,
        id=id_,
        created_at=now(),
        owner_id=poster.organisation_id,
        created_by=poster.user_id,
        status=status,
        **_columns(id_, record, seq),
    )
    session.add(row)
    lifecycle.enter(session, row, poster.user_id)
    changes.record(session, seq, kind, id_, Op.PUT)
    return row


def _change(
    session: Session,
    row: ListingRow,
    record: Record,
    seq: int,
    poster: Poster,
    status: str | None,
) -> ListingRow:
    columns = _columns(row.id, record, seq)
    revised = columns["record"] != row.record
    if revised:
        session.add(
            ListingVersionRow(
                kind=row.kind,
                listing_id=row.id,
                version=row.version,
                record=row.record,
                status=row.status,
                at=row.updated_at,
            )
        )
        if poster.bound and row.status != "draft":
            lifecycle.step(session, row, "revise", actor=poster.user_id)
    row.version += 1
    for name, value in columns.items():
        setattr(row, name, value)
    event = lifecycle.towards(row, status, bound=poster.bound) if status else None
    if event is not None:
        lifecycle.step(session, row, event, actor=poster.user_id)
    session.add(row)
    changes.record(session, seq, Kind(row.kind), row.id, Op.PUT)
    return row


def _columns(id_: str, record: Record, seq: int) -> dict[str, Any]:
    """Every column that follows from the record; contact data only where it is stated anew."""
    listing = record.to_listing(id_)
    tier = Tier.of(record.disclosure)
    mask = masked(record) if tier is Tier.MASKED else None
    # whoever may read no more than the mask must not find exact figures out by filtering
    facets = mask.facets() if mask else listing.facets
    columns: dict[str, Any] = {
        "title": listing.title,
        "body": listing.body,
        "search_text": normalise(listing.text),
        # the identifier and the state have columns of their own
        "record": record.model_dump(
            mode="json", exclude_defaults=True, exclude={"status", KINDS[record.kind].id_field}
        ),
        "content_hash": record.content_hash(),
        "chain": facets.chain,
        "region": facets.region,
        "trl_low": facets.trl_low,
        "trl_high": facets.trl_high,
        "money_low": facets.money_low,
        "money_high": facets.money_high,
        "coop_modes": f"|{'|'.join(facets.coop_modes)}|" if facets.coop_modes else "",
        "disclosure": tier.value,
        "named": f"|{'|'.join(record.named_orgs)}|" if tier is Tier.NAMED else "",
        "mask": mask.model_dump(mode="json", exclude_defaults=True) if mask else None,
        "mask_text": normalise(mask.to_listing(id_).text) if mask else "",
        "seq": seq,
        "updated_at": now(),
    }
    if record.contact:
        columns["contact"] = record.contact_values()
    return columns


def _existing(session: Session, kind: Kind, ids: list[str]) -> dict[str, ListingRow]:
    found: dict[str, ListingRow] = {}
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        statement = select(ListingRow).where(ListingRow.kind == kind, col(ListingRow.id).in_(part))
        found.update({row.id: row for row in session.exec(statement)})
    return found


def _known_hashes(session: Session, kind: Kind, hashes: list[str], poster: Poster) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(hashes), _CHUNK):
        part = hashes[start : start + _CHUNK]
        statement = select(ListingRow.content_hash).where(
            ListingRow.kind == kind, col(ListingRow.content_hash).in_(part)
        )
        if poster.bound:
            statement = statement.where(ListingRow.owner_id == poster.organisation_id)
        found.update(session.exec(statement))
    return found
