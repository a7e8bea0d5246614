"""Tasks of 揭榜挂帅: making one from a need, changing it, and the steps of its course."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, col, or_, select

from matcher.listing import Kind
from service import sided, store, workflow
from service.access import HOUSE, Principal, Role
from service.accounts.tables import OrganisationRow, State
from service.bounty import bidding, contracts, notice, reviewers, reviewing
from service.bounty.inputs import BountyIn, EventIn
from service.bounty.machine import EDITABLE, ENDED, BountyFlow
from service.bounty.modes import MODES
from service.bounty.tables import BidRow, BountyRow
from service.disclosure import Reader, Sight
from service.errors import ConflictError, ForbiddenError, InvalidRecordError, NotFoundError
from service.sided import Party
from service.tables import ListingRow, now
from service.versions import require_version


def get(session: Session, id_: str) -> BountyRow:
    """The task; raises NotFoundError."""
    row = session.get(BountyRow, id_)
    if row is None:
        raise NotFoundError(f"没有编号为 {id_} 的榜单", cure="核对编号，或在列表中查找")
    return row


def create(session: Session, asked: BountyIn, principal: Principal) -> BountyRow:
    """A draft of a task for a need of one's own; one task at a time for each need.

    Raises NotFoundError, ForbiddenError and ConflictError.
    """
    need = _own_need(session, asked.need_id, principal)
    query = select(BountyRow.id).where(
        BountyRow.need_id == need.id, col(BountyRow.state).not_in(ENDED)
    )
    if other := session.exec(query).first():
        raise ConflictError(f"这条需求已有在办的榜单 {other}", cure="先办结或撤回原榜单")
    _require_organisations(session, asked.invited, need.owner_id)
    values = asked.model_dump(exclude={"need_id"})
    row = BountyRow(need_id=need.id, owner_id=need.owner_id, created_by=principal.user_id, **values)
    session.add(row)
    session.flush()
    workflow.begin(session, BountyFlow, row, actor=principal.user_id)
    return row


def change(
    session: Session, row: BountyRow, asked: BountyIn, version: int, principal: Principal
) -> BountyRow:
    """Rewrite a draft or returned task."""
    require_version(session, row, version, lambda: content(row))
    if row.state not in EDITABLE:
        raise ConflictError("榜单已提交，不能再改", cure="由管理方退回后修改")
    if asked.need_id != row.need_id:
        raise ConflictError("榜单不能换到别的需求", cure="为另一条需求新建榜单")
    _own_need(session, asked.need_id, principal)
    _require_organisations(session, asked.invited, row.owner_id)
    for name, value in asked.model_dump(exclude={"need_id"}).items():
        setattr(row, name, value)
    _touched(session, row)
    return row


def fire(session: Session, row: BountyRow, asked: EventIn, principal: Principal) -> BountyRow:
    """Take a step of the course; where this raises, the caller's transaction must not commit."""
    require_version(session, row, asked.version, lambda: content(row))
    sided.fire(
        session,
        BountyFlow,
        row,
        asked.event,
        side=party(row, principal),
        actor=principal.user_id,
        reason=asked.reason,
    )
    # a refusal of what follows undoes the step with the whole transaction
    effect = _EFFECTS.get(asked.event)
    if effect is not None:
        effect(session, row, asked, principal)
    _touched(session, row)
    return row


def party(row: BountyRow, principal: Principal) -> Party | None:
    """Which side of the task somebody is on."""
    if principal.role in HOUSE:
        return Party.DESK
    own = principal.organisation_id is not None and principal.organisation_id == row.owner_id
    return Party.OWNER if own else None


def content(row: BountyRow) -> dict[str, object]:
    """What a change of a task can change, and where it stands."""
    names = ("title", "brief", "mode", "invited", "reward_wan", "bid_until", "criteria")
    return {name: getattr(row, name) for name in (*names, "state", "version")}


def listed(
    session: Session,
    principal: Principal,
    *,
    state: str = "",
    mode: str = "",
    after: str = "",
    limit: int = 50,
) -> list[BountyRow]:
    """The tasks that somebody may see, newest first; `after` is the id of the last one seen."""
    query = select(BountyRow)
    if principal.role not in HOUSE:
        public = col(BountyRow.posted_at).is_not(None) & col(BountyRow.mode).not_in(
            [code for code, mode_ in MODES.items() if mode_.invited]
        )
        shown: list[Any] = [public, col(BountyRow.id).in_(reviewers.assigned_to(principal.user_id))]
        if principal.organisation_id is not None:
            shown.append(col(BountyRow.owner_id) == principal.organisation_id)
            shown.append(col(BountyRow.id).in_(_invited(session, principal.organisation_id)))
        query = query.where(or_(*shown))
    if state:
        query = query.where(BountyRow.state == state)
    if mode:
        query = query.where(BountyRow.mode == mode)
    if after and (last := session.get(BountyRow, after)) is not None:
        moment, id_ = col(BountyRow.created_at), col(BountyRow.id)
        query = query.where(
            or_(moment < last.created_at, (moment == last.created_at) & (id_ < last.id))
        )
    query = query.order_by(col(BountyRow.created_at).desc(), col(BountyRow.id).desc())
    return list(session.exec(query.limit(limit)))


def _invited(session: Session, organisation: str) -> list[str]:
    """Posted tasks that name an organisation; there are few, and JSON is read alike everywhere."""
    query = select(BountyRow).where(
        col(BountyRow.posted_at).is_not(None),
        col(BountyRow.mode).in_([code for code, mode in MODES.items() if mode.invited]),
    )
    return [row.id for row in session.exec(query) if organisation in row.invited]


def _own_need(session: Session, need_id: str, principal: Principal) -> ListingRow:
    need = store.get(session, Kind.NEED, need_id)
    if principal.role is Role.ADMIN:
        return need
    if need.owner_id is None or need.owner_id != principal.organisation_id:
        if Reader(session, principal).sight(need) is Sight.NONE:
            store.missing(Kind.NEED, need_id)
        raise ForbiddenError(
            "只能为本单位的需求发榜",
            cure="先发布本单位的需求",
            missing={"owner": "这条需求的发布单位"},
        )
    return need


def _require_organisations(session: Session, ids: list[str], owner_id: str | None) -> None:
    for id_ in ids:
        row = session.get(OrganisationRow, id_)
        if row is None or row.state != State.APPROVED or id_ == owner_id:
            raise InvalidRecordError(f"受邀单位 {id_[:60]} 不存在或不能受邀", cure="核对单位编号")


def _touched(session: Session, row: BountyRow) -> None:
    row.version, row.updated_at = row.version + 1, now()
    session.add(row)


def _chosen(session: Session, row: BountyRow, ids: list[str]) -> list[BidRow]:
    bids = {bid.id: bid for bid in bidding.bids_of(session, row.id)}
    if not ids or (missing := [id_ for id_ in ids if id_ not in bids]):
        told = "没有选择揭榜方案" if not ids else f"本榜没有方案 {missing[0][:60]}"
        raise InvalidRecordError(told, cure="在 bid_ids 中列出本榜的方案编号")
    return [bids[id_] for id_ in dict.fromkeys(ids)]


def _post(session: Session, row: BountyRow, asked: EventIn, principal: Principal) -> None:
    need = session.get(ListingRow, (Kind.NEED, row.need_id))
    if need is None or need.status != "published":
        raise ConflictError("需求没有发布，不能发榜", cure="先发布需求，或撤回榜单")
    row.posted_at = now()


def _open_bidding(session: Session, row: BountyRow, asked: EventIn, principal: Principal) -> None:
    until = asked.until or row.bid_until
    if until is None or until <= now():
        raise InvalidRecordError("揭榜截止时间应在以后", cure="在 until 中给出截止时间")
    row.bid_until = until


def _dock(session: Session, row: BountyRow, asked: EventIn, principal: Principal) -> None:
    if not MODES[row.mode].bidding:
        return
    if row.bid_until is not None and now() < row.bid_until:
        raise ConflictError("揭榜还没有截止", cure=f"截止时间是 {row.bid_until}")
    _require_bids(session, row)


def _review(session: Session, row: BountyRow, asked: EventIn, principal: Principal) -> None:
    _require_bids(session, row)
    if not reviewers.of(session, row.id):
        raise ConflictError("还没有评审人", cure="先指定评审人")


def _require_bids(session: Session, row: BountyRow) -> None:
    if not bidding.bids_of(session, row.id):
        raise ConflictError("没有单位揭榜", cure="延长征集或流榜（no_bid）")


def _shortlist(session: Session, row: BountyRow, asked: EventIn, principal: Principal) -> None:
    chosen = _chosen(session, row, asked.bid_ids)
    for bid in chosen:
        if not reviewing.counted(session, row, bid):
            raise ConflictError(f"方案 {bid.id} 还没有有效评审", cure="等评审人打分后再定入围")
    for bid in bidding.bids_of(session, row.id):
        bid.shortlisted = bid in chosen
        session.add(bid)


def _publicise(session: Session, row: BountyRow, asked: EventIn, principal: Principal) -> None:
    chosen = _chosen(session, row, asked.bid_ids)
    most = MODES[row.mode].awards
    if len(chosen) > most or not all(bid.shortlisted for bid in chosen):
        raise InvalidRecordError(
            "拟中榜方案应在入围之内，且不超过名额", cure=f"这种组织方式最多 {most} 个中榜方案"
        )
    if asked.until is None or asked.until <= now():
        raise InvalidRecordError("公示截止时间应在以后", cure="在 until 中给出公示截止时间")
    row.notice_until = asked.until
    for bid in chosen:
        bid.awarded = True
        session.add(bid)


def _reopen(session: Session, row: BountyRow, asked: EventIn, principal: Principal) -> None:
    row.notice_until = None
    for bid in bidding.bids_of(session, row.id):
        bid.shortlisted = bid.awarded = False
        session.add(bid)


def _sign(session: Session, row: BountyRow, asked: EventIn, principal: Principal) -> None:
    if row.notice_until is None or now() < row.notice_until:
        raise ConflictError("公示还没有结束", cure=f"公示到 {row.notice_until}")
    if any(o.answered_at is None for o in notice.objections(session, row.id)):
        raise ConflictError("还有没答复的异议", cure="先答复异议，或重新评榜（reopen）")
    winners = [bid.id for bid in bidding.bids_of(session, row.id) if bid.awarded]
    if sorted(winners) != sorted(asked.contracts):
        raise InvalidRecordError(
            "每个中榜方案都要有合同", cure=f"在 contracts 中给出：{'、'.join(winners)}"
        )
    for id_ in winners:
        contracts.sign(session, ("bid", id_), asked.contracts[id_], principal, row.id)


def _accept(session: Session, row: BountyRow, asked: EventIn, principal: Principal) -> None:
    found = contracts.of_bounty(session, row.id)
    if MODES[row.mode].cut:
        found = [contract for contract in found if not contracts.is_cut(session, contract)]
    if not found or not all(contracts.is_complete(session, contract) for contract in found):
        raise ConflictError("还有里程碑没有验收通过", cure="逐项验收里程碑后再验收")


Effect = Callable[[Session, BountyRow, EventIn, Principal], None]
_EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        "post": _post,
        "open_bidding": _open_bidding,
        "dock": _dock,
        "review": _review,
        "shortlist": _shortlist,
        "publicise": _publicise,
        "reopen": _reopen,
        "sign": _sign,
        "accept": _accept,
    }
)
"""What a step checks and changes besides the state."""
