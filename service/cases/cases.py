"""Cases of technology managers: opening, claiming, moving on, handing over."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlmodel import Session, col, select

from corpora.taxonomy import taxonomy
from matcher.listing import Kind
from service import store, workflow
from service.access import Principal, Role
from service.accounts.tables import State, UserRow
from service.bounty import contracts
from service.cases.flow import CaseFlow
from service.cases.inputs import CaseChange, CaseEventIn, CaseIn, HandOver
from service.cases.tables import CaseRow
from service.errors import ConflictError, ForbiddenError, InvalidRecordError, NotFoundError
from service.tables import ListingRow, now
from service.versions import require_version


def get(session: Session, id_: str) -> CaseRow:
    """The case; raises NotFoundError."""
    row = session.get(CaseRow, id_)
    if row is None:
        raise NotFoundError(f"没有编号为 {id_} 的案件", cure="核对编号")
    return row


def of_pair(session: Session, need_id: str, achievement_id: str) -> CaseRow | None:
    """The case of a pair."""
    return session.exec(
        select(CaseRow).where(CaseRow.need_id == need_id, CaseRow.achievement_id == achievement_id)
    ).first()


def create(session: Session, asked: CaseIn, principal: Principal) -> CaseRow:
    """Open a case for a pair; raises ConflictError where the pair has one."""
    for kind, id_ in ((Kind.NEED, asked.need_id), (Kind.ACHIEVEMENT, asked.achievement_id)):
        store.get(session, kind, id_)
    if (known := of_pair(session, asked.need_id, asked.achievement_id)) is not None:
        error = ConflictError(f"这一对已有案件 {known.id}", cure="在原案件上继续")
        error.extensions = {"case_id": known.id}
        raise error
    row = _add(session, asked.need_id, asked.achievement_id, principal, asked.summary)
    if asked.claim:
        workflow.fire(session, CaseFlow, row, "claim", actor=principal.user_id)
        row.manager_id, row.version = principal.user_id, row.version + 1
        session.add(row)
    return row


def ensure_lead(
    session: Session, need_id: str, achievement_id: str, principal: Principal, summary: str = ""
) -> CaseRow:
    """The case of a pair of which both sides are interested, made where there is none."""
    known = of_pair(session, need_id, achievement_id)
    return known or _add(session, need_id, achievement_id, principal, summary)


def change(session: Session, row: CaseRow, asked: CaseChange, principal: Principal) -> CaseRow:
    """Rewrite the summary; only whoever claimed the case, and an administrator."""
    require_version(session, row, asked.version, lambda: content(row))
    _require_own(row, principal)
    row.summary = asked.summary
    return _touched(session, row)


def hand_over(session: Session, row: CaseRow, asked: HandOver, principal: Principal) -> CaseRow:
    """Give a case to another technology manager."""
    require_version(session, row, asked.version, lambda: content(row))
    _require_own(row, principal)
    user = session.exec(select(UserRow).where(UserRow.login == asked.login.strip().lower())).first()
    allowed = (Role.MANAGER, Role.ADMIN)
    if user is None or user.state != State.APPROVED or user.role not in allowed:
        raise InvalidRecordError("没有这位技术经理人", cure="填写技术经理人的登录邮箱")
    if row.manager_id is None:
        raise ConflictError("案件还没有人认领", cure="直接认领")
    row.manager_id = user.id
    return _touched(session, row)


def fire(session: Session, row: CaseRow, asked: CaseEventIn, principal: Principal) -> CaseRow:
    """Take a step; where this raises, the caller's transaction must not commit."""
    require_version(session, row, asked.version, lambda: content(row))
    if asked.event not in ("claim", "reopen"):
        _require_own(row, principal)
    reason = asked.reason
    if asked.event == "lose":
        if asked.reason_code is None:
            known = "、".join(f"{c}（{label}）" for c, label in taxonomy("reason").labels.items())
            raise InvalidRecordError("流失要有原因代码", cure=f"reason_code 可用：{known}")
        label = taxonomy("reason").label(asked.reason_code)
        reason = f"{label}：{reason}" if reason else label
    workflow.fire(session, CaseFlow, row, asked.event, actor=principal.user_id, reason=reason)
    effect = _EFFECTS.get(asked.event)
    if effect is not None:
        effect(session, row, asked, principal)
    return _touched(session, row)


def listed(
    session: Session,
    *,
    states: Sequence[str] = (),
    manager_id: str | None = None,
    chain: str = "",
    region: str = "",
    limit: int = 500,
) -> list[CaseRow]:
    """Cases, the ones that changed last first; chain and region are those of the need."""
    query = select(CaseRow)
    if states:
        query = query.where(col(CaseRow.state).in_(states))
    if manager_id is not None:
        query = query.where(CaseRow.manager_id == manager_id)
    if chain or region:
        needs = select(ListingRow.id).where(ListingRow.kind == Kind.NEED)
        needs = needs.where(ListingRow.chain == chain) if chain else needs
        needs = needs.where(ListingRow.region == region) if region else needs
        query = query.where(col(CaseRow.need_id).in_(needs))
    query = query.order_by(col(CaseRow.updated_at).desc(), col(CaseRow.id))
    return list(session.exec(query.limit(limit)))


def content(row: CaseRow) -> dict[str, Any]:
    """What a change of a case can change, and where it stands."""
    return {name: getattr(row, name) for name in ("summary", "manager_id", "state", "version")}


def present(session: Session, row: CaseRow) -> dict[str, Any]:
    """A case as JSON, without the text of its records."""
    manager = session.get(UserRow, row.manager_id) if row.manager_id else None
    contract = contracts.contract_of(session, ("case", row.id))
    return {
        **row.model_dump(exclude={"manager_id", "created_by"}),
        "state_zh": workflow.state_names(CaseFlow)[row.state],
        "manager": manager.name if manager else None,
        "contract": contracts.present(session, contract) if contract else None,
    }


def may_change(row: CaseRow, principal: Principal) -> bool:
    """Whether somebody may work on a case: an administrator, or whoever claimed it."""
    return principal.role is Role.ADMIN or row.manager_id == principal.user_id


def pairs_in_work(session: Session) -> set[tuple[str, str]]:
    """The pairs, need first, that have a case in any state."""
    return set(session.exec(select(CaseRow.need_id, CaseRow.achievement_id)))


def _add(
    session: Session, need_id: str, achievement_id: str, principal: Principal, summary: str
) -> CaseRow:
    row = CaseRow(
        need_id=need_id,
        achievement_id=achievement_id,
        summary=summary,
        created_by=principal.user_id or None,
    )
    session.add(row)
    session.flush()
    workflow.begin(session, CaseFlow, row, actor=principal.user_id or None)
    return row


def _require_own(row: CaseRow, principal: Principal) -> None:
    if not may_change(row, principal):
        told = "这个案件还没有认领" if row.manager_id is None else "这个案件由别人办理"
        raise ForbiddenError(
            told, cure="先认领，或请办理人移交", missing={"owner": "认领案件的技术经理人"}
        )


def _touched(session: Session, row: CaseRow) -> CaseRow:
    row.version, row.updated_at = row.version + 1, now()
    session.add(row)
    return row


def _claim(session: Session, row: CaseRow, asked: CaseEventIn, principal: Principal) -> None:
    row.manager_id, row.lost_reason = principal.user_id, None


def _release(session: Session, row: CaseRow, asked: CaseEventIn, principal: Principal) -> None:
    row.manager_id = None


def _lose(session: Session, row: CaseRow, asked: CaseEventIn, principal: Principal) -> None:
    row.lost_reason = asked.reason_code


def _sign(session: Session, row: CaseRow, asked: CaseEventIn, principal: Principal) -> None:
    if asked.contract is None:
        raise InvalidRecordError("签约要有合同信息", cure="在 contract 中给出")
    contracts.sign(session, ("case", row.id), asked.contract, principal)


def _register(session: Session, row: CaseRow, asked: CaseEventIn, principal: Principal) -> None:
    contract = contracts.contract_of(session, ("case", row.id))
    number = asked.registration or (contract.registration if contract else "")
    if contract is None or not number:
        raise InvalidRecordError("合同登记要有登记号", cure="在 registration 中给出")
    contract.registration = number
    session.add(contract)


Effect = Callable[[Session, CaseRow, CaseEventIn, Principal], None]
_EFFECTS: Mapping[str, Effect] = MappingProxyType(
    {
        "claim": _claim,
        "reopen": _claim,
        "release": _release,
        "lose": _lose,
        "sign": _sign,
        "register": _register,
    }
)
