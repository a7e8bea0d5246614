"""Technology contracts and their milestones, for tasks, offers and cases alike."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from service.access import Principal
from service.bounty.inputs import ContractIn, VerdictOnMilestone
from service.bounty.tables import BountyRow, ContractRow, MilestoneRow
from service.errors import ConflictError, NotFoundError
from service.tables import now


def sign(
    session: Session,
    subject: tuple[str, str],
    asked: ContractIn,
    principal: Principal,
    bounty_id: str | None = None,
) -> ContractRow:
    """Store the contract that `subject` (a kind and an id) came to, with its milestones."""
    if contract_of(session, subject) is not None:
        raise ConflictError("合同已经登记", cure="查看已有合同")
    row = ContractRow(
        subject_kind=subject[0],
        subject_id=subject[1],
        bounty_id=bounty_id,
        created_by=principal.user_id,
        **asked.model_dump(exclude={"milestones"}),
    )
    session.add(row)
    session.flush()
    for position, part in enumerate(asked.milestones, start=1):
        session.add(MilestoneRow(contract_id=row.id, position=position, **part.model_dump()))
    session.flush()
    return row


def contract_of(session: Session, subject: tuple[str, str]) -> ContractRow | None:
    """The contract of a bid, of an interest or of a case."""
    return session.exec(
        select(ContractRow).where(
            ContractRow.subject_kind == subject[0], ContractRow.subject_id == subject[1]
        )
    ).first()


def of_bounty(session: Session, bounty_id: str) -> list[ContractRow]:
    """The contracts of a task."""
    query = select(ContractRow).where(ContractRow.bounty_id == bounty_id)
    return list(session.exec(query.order_by(col(ContractRow.created_at), ContractRow.id)))


def milestones(session: Session, contract_id: str) -> list[MilestoneRow]:
    """The milestones of a contract in their order."""
    query = select(MilestoneRow).where(MilestoneRow.contract_id == contract_id)
    return list(session.exec(query.order_by(col(MilestoneRow.position))))


def decide(
    session: Session,
    bounty: BountyRow,
    milestone: tuple[str, int],
    asked: VerdictOnMilestone,
    principal: Principal,
) -> ContractRow:
    """Write down the acceptance of a milestone, named by its contract and position.

    One that failed may be decided again. Raises NotFoundError and ConflictError.
    """
    contract = next((c for c in of_bounty(session, bounty.id) if c.id == milestone[0]), None)
    row = session.get(MilestoneRow, milestone, with_for_update=True)
    if contract is None or row is None:
        raise NotFoundError("本榜没有这个里程碑", cure="核对合同编号和里程碑序号")
    if bounty.state not in ("running", "milestone"):
        raise ConflictError("榜单不在实施阶段", cure="开始实施后验收里程碑")
    if row.passed:
        raise ConflictError("这个里程碑已经验收通过", cure="查看下一个里程碑")
    row.passed, row.note = asked.passed, asked.note
    row.decided_by, row.decided_at = principal.user_id, now()
    session.add(row)
    return contract


def is_cut(session: Session, contract: ContractRow) -> bool:
    """Whether a milestone of the contract failed."""
    return any(part.passed is False for part in milestones(session, contract.id))


def is_complete(session: Session, contract: ContractRow) -> bool:
    """Whether every milestone of the contract has passed."""
    return all(part.passed for part in milestones(session, contract.id))


def present(session: Session, row: ContractRow) -> dict[str, Any]:
    """A contract as JSON."""
    return {
        **row.model_dump(exclude={"created_by", "created_at"}),
        "milestones": [
            part.model_dump(exclude={"contract_id", "decided_by"})
            for part in milestones(session, row.id)
        ],
    }
