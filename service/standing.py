"""Standing matches: whoever posts is told of new matches as they appear.

`follow` goes along the change log in a thread. A record that is published is matched once, as the house sees it,
and every pair above the calibrated threshold goes into the inbox of both owners, each as far as
he may know of the other record. Without a calibration nothing is suitable enough to be told.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from matcher.confidence import Band
from matcher.filters import Filter
from matcher.listing import KINDS, Kind
from matcher.pipeline import Match
from service import changes
from service.access import ITSELF, POSTER, Principal
from service.accounts.tables import OrganisationRow, State, UserRow
from service.answers import Asked, Asking
from service.context import Context
from service.db import reading, writing
from service.disclosure import Reader, Sight
from service.errors import NotReadyError
from service.tables import ChangeRow, FollowerRow, InboxRow, ListingRow, now

_NAME = "standing"
_DEPTH = 20
"""Best counterparts of a new record of which owners are told."""
_BATCH = 100
IDLE_SECONDS = 1.0
"""How long to wait for further changes where there are none."""


@dataclass(frozen=True)
class _Told:
    """A pair for the inbox of whoever owns `own`."""

    own: ListingRow
    other: ListingRow
    match: Match


def begin(ctx: Context) -> None:
    """The change log is followed from where the last run ended; the first one begins now."""
    with writing(ctx.engine) as session:
        if session.get(FollowerRow, _NAME) is None:
            session.add(FollowerRow(name=_NAME, seq=changes.head(session).n))


def follow(ctx: Context, stop: threading.Event | None = None) -> bool:
    """Tell of what was published since; true where there was anything to look at."""
    with reading(ctx.engine) as session:
        position = session.get(FollowerRow, _NAME)
        start = position.seq if position else changes.head(session).n
        entries = session.exec(
            select(ChangeRow)
            .where(ChangeRow.seq > start, ChangeRow.seq <= ctx.replica.watermark)
            .order_by(col(ChangeRow.seq))
            .limit(_BATCH)
        ).all()
    for entry in entries:
        if stop is not None and stop.is_set():
            return False
        tell(ctx, Kind(entry.kind), entry.listing_id)
        with writing(ctx.engine) as session:
            session.merge(FollowerRow(name=_NAME, seq=entry.seq))
    return bool(entries)


def tell(ctx: Context, kind: Kind, id_: str) -> int:
    """Put the matches of a published record into the inboxes of both owners; how many were new."""
    with reading(ctx.engine) as session:
        row = session.get(ListingRow, (kind, id_))
        if row is None or row.status != "published" or not _anybody_owns(session, row):
            return 0
        asked = Asked(changes.to_listing(row), reviewed=True)
    try:
        shown = Asking(ctx, ITSELF, "standing").match(
            asked, top_k=_DEPTH, condition=Filter(), explain=False
        )
    except NotReadyError:
        return 0
    suitable = [m for m in shown.answer.matches if m.band not in (None, Band.LOW)]
    with writing(ctx.engine) as session:
        told = [
            pair
            for match in suitable
            if (other := session.get(ListingRow, (KINDS[kind].counterpart, match.listing.id)))
            for pair in (_Told(row, other, match), _Told(other, row, match))
        ]
        return sum(_put(session, pair) for pair in told)


def _anybody_owns(session: Session, row: ListingRow) -> bool:
    """Whether the record or any counterpart belongs to an organisation, which could be told."""
    if row.owner_id is not None:
        return True
    counterpart = KINDS[Kind(row.kind)].counterpart
    statement = select(ListingRow.id).where(
        ListingRow.kind == counterpart,
        ListingRow.status == "published",
        col(ListingRow.owner_id).is_not(None),
    )
    return session.exec(statement.limit(1)).first() is not None


def _put(session: Session, told: _Told) -> bool:
    own, other = told.own, told.other
    if own.owner_id is None or own.owner_id == other.owner_id:
        return False
    organisation = session.get(OrganisationRow, own.owner_id)
    if organisation is None or _reader(session, organisation, own).sight(other) is Sight.NONE:
        return False
    if session.get(InboxRow, (own.kind, own.id, other.id)) is not None:
        return False
    session.add(
        InboxRow(
            kind=own.kind,
            listing_id=own.id,
            other_id=other.id,
            organisation_id=organisation.id,
            score=told.match.score,
            probability=told.match.probability or 0.0,
        )
    )
    return True


def _reader(session: Session, organisation: OrganisationRow, own: ListingRow) -> Reader:
    """A member of the organisation, as far as reading goes."""
    role = POSTER[Kind(own.kind)]
    member = Principal(role=role, organisation_id=organisation.id, uscc=organisation.uscc)
    return Reader(session, member)


def digest(ctx: Context, moment: datetime | None = None) -> int:
    """Mail organisations how many new matches there are; how many mails were sent.

    The mail names no record: it may be read by others.
    """
    moment = moment or now()
    pause = timedelta(hours=ctx.settings.digest_hours)
    letters: list[tuple[str, int]] = []
    with writing(ctx.engine) as session:
        waiting = session.exec(select(InboxRow).where(col(InboxRow.mailed_at).is_(None))).all()
        for organisation_id in sorted({row.organisation_id for row in waiting}):
            last = session.exec(
                select(func.max(InboxRow.mailed_at)).where(
                    InboxRow.organisation_id == organisation_id
                )
            ).one()
            if last is not None and last > moment - pause:
                continue
            fresh = [row for row in waiting if row.organisation_id == organisation_id]
            for row in fresh:
                row.mailed_at = moment
            addresses = session.exec(
                select(UserRow.login).where(
                    UserRow.organisation_id == organisation_id, UserRow.state == State.APPROVED
                )
            )
            letters += [(address, len(fresh)) for address in addresses]
    for address, count in letters:
        ctx.office.mailer.send(
            address,
            "揭榜：有新的匹配",
            f"贵单位发布的记录有 {count} 条新的匹配，把握都在可以推荐的线以上。\n"
            f"登录后在“新匹配”里查看：\n{ctx.office.base_url}/inbox\n",
        )
    return len(letters)
