"""成果找市场: an institute lists an achievement for takers; each enterprise has its own course with it."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, col, or_, select

from matcher.listing import Kind
from service import sided, store, workflow
from service.access import HOUSE, Principal, Role
from service.accounts.tables import OrganisationRow
from service.bounty import contracts
from service.bounty.inputs import OfferIn, TakeEventIn, TakeIn
from service.bounty.machine import OfferFlow, TakeFlow
from service.bounty.tables import OfferRow, TakeRow
from service.disclosure import Reader, Sight
from service.errors import ConflictError, ForbiddenError, InvalidRecordError, NotFoundError
from service.inputs import today
from service.sided import Party
from service.tables import ListingRow, now
from service.versions import require_version


def get(session: Session, id_: str) -> OfferRow:
    """The offer; raises NotFoundError."""
    row = session.get(OfferRow, id_)
    if row is None:
        raise NotFoundError(f"没有编号为 {id_} 的待转化成果", cure="核对编号，或在列表中查找")
    return row


def get_take(session: Session, id_: str) -> TakeRow:
    """The course of one enterprise; raises NotFoundError."""
    row = session.get(TakeRow, id_)
    if row is None:
        raise NotFoundError(f"没有编号为 {id_} 的承接意向", cure="核对编号，或在列表中查找")
    return row


def create(session: Session, asked: OfferIn, principal: Principal) -> OfferRow:
    """List an achievement of one's own; one open offer at a time for each."""
    listing = store.get(session, Kind.ACHIEVEMENT, asked.achievement_id)
    own = listing.owner_id is not None and listing.owner_id == principal.organisation_id
    if Reader(session, principal).sight(listing) is Sight.NONE:
        store.missing(Kind.ACHIEVEMENT, listing.id)
    if not own and principal.role is not Role.ADMIN:
        raise ForbiddenError(
            "只能推出本单位的成果",
            cure="先发布本单位的成果",
            missing={"owner": "这项成果的发布单位"},
        )
    if listing.status != "published":
        raise ConflictError("成果没有发布", cure="先发布成果")
    query = select(OfferRow.id).where(
        OfferRow.achievement_id == listing.id, OfferRow.state != "withdrawn"
    )
    if other := session.exec(query).first():
        raise ConflictError(f"这项成果已经推出：{other}", cure="重新征集或先撤回")
    row = OfferRow(owner_id=listing.owner_id, created_by=principal.user_id, **asked.model_dump())
    session.add(row)
    session.flush()
    workflow.begin(session, OfferFlow, row, actor=principal.user_id)
    return row


def fire(session: Session, row: OfferRow, asked: TakeEventIn, principal: Principal) -> OfferRow:
    """Close, reopen or withdraw an offer."""
    require_version(session, row, asked.version, lambda: present(session, row, principal))
    sided.fire(
        session,
        OfferFlow,
        row,
        asked.event,
        side=owner_party(row, principal),
        actor=principal.user_id,
        reason=asked.reason,
    )
    row.version, row.updated_at = row.version + 1, now()
    session.add(row)
    return row


def owner_party(row: OfferRow, principal: Principal) -> Party | None:
    """Which side of an offer somebody is on."""
    if principal.role in HOUSE:
        return Party.DESK
    own = principal.organisation_id is not None and principal.organisation_id == row.owner_id
    return Party.OWNER if own else None


def take_party(offer: OfferRow, take: TakeRow, principal: Principal) -> Party | None:
    """Which side of a taker's course somebody is on."""
    found = owner_party(offer, principal)
    if found is None and principal.organisation_id == take.organisation_id:
        return Party.OTHER
    return found


def declare_interest(
    session: Session, offer: OfferRow, asked: TakeIn, principal: Principal
) -> TakeRow:
    """An enterprise wants it: one course at a time for each; an ended one does not come back."""
    organisation = principal.organisation_id
    if organisation is None or organisation == offer.owner_id:
        raise ForbiddenError("本单位的成果不能由本单位承接", cure="由其他单位表达意向")
    if offer.state != "posted":
        raise ConflictError("这项成果现在不征集承接方", cure="查看其他成果")
    if (known := take_of(session, offer.id, organisation)) is not None:
        raise ConflictError(f"本单位已有意向 {known.id}", cure="在原意向上继续")
    row = TakeRow(
        offer_id=offer.id,
        organisation_id=organisation,
        created_by=principal.user_id,
        message=asked.message,
    )
    session.add(row)
    session.flush()
    workflow.begin(session, TakeFlow, row, actor=principal.user_id, reason=asked.message)
    return row


def fire_take(session: Session, row: TakeRow, asked: TakeEventIn, principal: Principal) -> TakeRow:
    """Take a step of one enterprise's course."""
    offer = get(session, row.offer_id)
    require_version(session, row, asked.version, lambda: present_take(session, row))
    sided.fire(
        session,
        TakeFlow,
        row,
        asked.event,
        side=take_party(offer, row, principal),
        actor=principal.user_id,
        reason=asked.reason,
    )
    effect = _EFFECTS.get(asked.event)
    if effect is not None:
        effect(session, offer, row, asked, principal)
    row.version, row.updated_at = row.version + 1, now()
    session.add(row)
    return row


def take_of(session: Session, offer_id: str, organisation: str) -> TakeRow | None:
    """The course of an enterprise with an offer."""
    return session.exec(
        select(TakeRow).where(TakeRow.offer_id == offer_id, TakeRow.organisation_id == organisation)
    ).first()


def takes(session: Session, offer: OfferRow, principal: Principal) -> list[TakeRow]:
    """The courses with an offer that somebody may see: all for its owner, or their own."""
    query = select(TakeRow).where(TakeRow.offer_id == offer.id)
    if owner_party(offer, principal) is None:
        query = query.where(TakeRow.organisation_id == (principal.organisation_id or ""))
    return list(session.exec(query.order_by(col(TakeRow.created_at), TakeRow.id)))


def listed(session: Session, principal: Principal, limit: int = 100) -> list[OfferRow]:
    """Open offers, and those of one's own organisation in any state, newest first."""
    query = select(OfferRow)
    if principal.role not in HOUSE:
        shown: list[Any] = [col(OfferRow.state) == "posted"]
        if principal.organisation_id is not None:
            shown.append(col(OfferRow.owner_id) == principal.organisation_id)
        query = query.where(or_(*shown))
    query = query.order_by(col(OfferRow.created_at).desc(), col(OfferRow.id).desc())
    return list(session.exec(query.limit(limit)))


def present(session: Session, row: OfferRow, principal: Principal) -> dict[str, Any]:
    """An offer as JSON; it names its achievement only to whoever reads that in full.

    The offer names its owner, which a masked achievement must not.
    """
    owner = session.get(OrganisationRow, row.owner_id) if row.owner_id else None
    label = workflow.state_names(OfferFlow)[row.state]
    shown = row.model_dump(exclude={"owner_id", "created_by"})
    listing = session.get(ListingRow, (Kind.ACHIEVEMENT, row.achievement_id))
    if listing is None or Reader(session, principal).sight(listing) < Sight.FULL:
        shown["achievement_id"] = None
    return {**shown, "state_zh": label, "owner": owner.name if owner else ""}


def present_take(session: Session, row: TakeRow) -> dict[str, Any]:
    """A taker's course as JSON, with its contract once there is one."""
    organisation = session.get(OrganisationRow, row.organisation_id)
    contract = contracts.contract_of(session, ("take", row.id))
    return {
        **row.model_dump(exclude={"organisation_id", "created_by"}),
        "state_zh": workflow.state_names(TakeFlow)[row.state],
        "organisation": organisation.name if organisation else "",
        "contract": contracts.present(session, contract) if contract else None,
    }


def _start_trial(
    session: Session, offer: OfferRow, row: TakeRow, asked: TakeEventIn, principal: Principal
) -> None:
    months = asked.trial_months or offer.trial_months
    trigger = asked.trial_trigger or offer.trial_trigger
    if not months or not trigger:
        raise InvalidRecordError(
            "先使用后付费要写明试用期和付费触发条件", cure="给出 trial_months 和 trial_trigger"
        )
    row.trial_months, row.trial_trigger = months, trigger
    row.trial_until = _months_after(today(), months)


def _months_after(day: date, months: int) -> date:
    """The same day of a later month, or its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _price(
    session: Session, offer: OfferRow, row: TakeRow, asked: TakeEventIn, principal: Principal
) -> None:
    price = offer.price_wan if asked.price_wan is None else asked.price_wan
    if price is None:
        raise InvalidRecordError("没有写明价格", cure="在 price_wan 中给出万元数")
    row.price_wan = price


def _sign(
    session: Session, offer: OfferRow, row: TakeRow, asked: TakeEventIn, principal: Principal
) -> None:
    if asked.contract is None:
        raise InvalidRecordError("签约要有合同信息", cure="在 contract 中给出")
    if row.price_wan is not None and asked.contract.amount_wan != row.price_wan:
        raise InvalidRecordError(
            f"合同金额与议定的 {row.price_wan:g} 万元不一致", cure="改合同金额，或重新议定价格"
        )
    contracts.sign(session, ("take", row.id), asked.contract, principal)


Effect = Callable[[Session, OfferRow, TakeRow, TakeEventIn, Principal], None]
_EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {"start_trial": _start_trial, "price": _price, "sign": _sign}
)
