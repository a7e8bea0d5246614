"""Workflows with sides: whose step is what, on top of `service.workflow`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar

from sqlmodel import Session, SQLModel

from service import workflow
from service.accounts.tables import UserRow
from service.errors import ForbiddenError
from service.workflow import Flow, Step


class Party(StrEnum):
    """Who takes a step: the organisation that a thing belongs to, the other side, or the house."""

    OWNER = "owner"
    OTHER = "other"
    DESK = "desk"

    @property
    def label_zh(self) -> str:
        """The Chinese name."""
        return {"owner": "归属单位", "other": "对方单位", "desk": "技术经理人或管理员"}[self.value]


class SidedFlow(Flow):
    """A flow whose steps belong to sides; what is not in `sides` is the house's alone.

    The house may take every step, on behalf of a side that asked it to.
    """

    sides: ClassVar[Mapping[str, tuple[Party, ...]]] = {}

    @classmethod
    def takers(cls, event: str) -> tuple[Party, ...]:
        """Who may take a step."""
        return (*cls.sides.get(event, ()), Party.DESK)


def open_steps(flow: type[SidedFlow], row: SQLModel, side: Party | None) -> list[Step]:
    """The steps that `side` may take now."""
    return [step for step in workflow.steps(flow, row) if side in flow.takers(step.event)]


def fire(
    session: Session,
    flow: type[SidedFlow],
    row: SQLModel,
    event: str,
    *,
    side: Party | None,
    actor: str,
    reason: str,
) -> None:
    """Take a step for a side, in the caller's transaction.

    Raises ForbiddenError for the step of another side, and what `workflow.fire` raises.
    """
    takers = flow.takers(event)
    names = workflow.event_names(flow)
    if event in names and side not in takers:
        told = "、".join(taker.label_zh for taker in takers)
        raise ForbiddenError(
            f"“{names[event]}”只有{told}可以做",
            cure="请有此身份的一方操作",
            missing={"side": [taker.value for taker in takers]},
        )
    workflow.fire(session, flow, row, event, actor=actor, reason=reason)


def history(session: Session, flow: type[Flow], row: SQLModel) -> list[dict[str, Any]]:
    """Every step as JSON, oldest first, with who took it."""
    entries = workflow.history(session, flow, row)
    states, events = workflow.state_names(flow), workflow.event_names(flow)
    names: dict[str, str] = {}
    for id_ in {entry.actor_id for entry in entries if entry.actor_id}:
        user = session.get(UserRow, id_)
        names[id_] = user.name if user else ""
    return [
        {
            "at": entry.at,
            "event": entry.event,
            "event_zh": events.get(entry.event, entry.event),
            "from": entry.from_state,
            "to": entry.to_state,
            "to_zh": states.get(entry.to_state, entry.to_state),
            "actor": names.get(entry.actor_id or "", ""),
            "reason": entry.reason,
        }
        for entry in entries
    ]


def steps_json(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Steps as JSON."""
    return [
        {"event": s.event, "label": s.label_zh, "to": s.to, "needs_reason": s.needs_reason}
        for s in steps
    ]
