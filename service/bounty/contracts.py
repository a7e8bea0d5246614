"""Technology contracts and their milestones, for tasks, offers and cases alike."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, select

from service.access import Principal
from service.bounty.inputs import ContractIn, VerdictOnMilestone
from service.bounty.tables import ContractRow, MilestoneRow
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
    contract: ContractRow,
    position: int,
    asked: VerdictOnMilestone,
    principal: Principal,
) -> MilestoneRow:
    """Write down the acceptance of a milestone; one that failed may be decided again."""
    row = session.get(MilestoneRow, (contract.id, position), with_for_update=True)
    if row is None:
        raise NotFoundError(f"合同没有第 {position} 个里程碑", cure="核对序号")
    if row.passed:
        raise ConflictError("这个里程碑已经验收通过", cure="查看下一个里程碑")
    row.passed, row.note = asked.passed, asked.note
    row.decided_by, row.decided_at = principal.user_id, now()
    session.add(row)
    return row


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
