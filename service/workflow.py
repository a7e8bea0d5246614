"""State machines of the platform: legal steps, and an append-only history of every step taken.

A kind of thing declares its machine as a subclass of `Flow`: states with the value that its row
stores and a Chinese name, events with a Chinese name, and what needs a reason.

    class Lamp(Flow):
        entity = "lamp"
        label_zh = "灯"
        off = State("关", value="off", initial=True)
        on = State("开", value="on")
        switch_on = Event(off.to(on), name="开灯")
        switch_off = Event(on.to(off), name="关灯")
        needs_reason = frozenset({"switch_off"})

`fire` is the only way to change a state. Who may fire what is a matter of `service.access`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from sqlmodel import Session, SQLModel, col, select
from statemachine import Event, StateMachine

from service.errors import IllegalTransitionError, ReasonRequiredError
from service.tables import TransitionRow

CREATE = "create"
"""The event of a thing that comes into being."""


class Flow(StateMachine):
    """A machine over rows of one table; subclasses declare states and events."""

    entity: ClassVar[str] = ""
    """Kind of thing, as the history names it."""
    label_zh: ClassVar[str] = ""
    column: ClassVar[str] = "state"
    """The attribute of a row that holds its state."""
    needs_reason: ClassVar[frozenset[str]] = frozenset()
    """Events that must say why."""

    @classmethod
    def subject(cls, row: Any) -> tuple[str, str]:  # noqa: ANN401  (rows of any table)
        """Kind and id of `row` in the history."""
        return cls.entity, str(row.id)


@dataclass(frozen=True, slots=True)
class Step:
    """An event that may be fired now."""

    event: str
    label_zh: str
    to: str
    to_zh: str
    needs_reason: bool


def steps(flow: type[Flow], row: SQLModel) -> list[Step]:
    """The events that are legal for `row`, in the order in which the machine declares them."""
    machine = _machine(flow, row)
    return [
        Step(event.id, event.name, target.value, target.name, event.id in flow.needs_reason)
        for event in machine.enabled_events()
        for target in [_target(machine, event.id)]
    ]


def begin(
    session: Session, flow: type[Flow], row: SQLModel, *, actor: str | None, reason: str = ""
) -> TransitionRow:
    """Write down that `row` came into being in the state it has; raises ValueError for an unknown
    state."""
    _machine(flow, row)
    return _note(session, flow, row, CREATE, None, actor, reason)


def fire(
    session: Session,
    flow: type[Flow],
    row: SQLModel,
    event: str,
    *,
    actor: str | None,
    reason: str = "",
) -> TransitionRow:
    """Take one step in the caller's transaction and write it down; `actor` is a user's id.

    The row is read anew under a lock, so that two requests cannot both leave the same state.
    Raises IllegalTransitionError, which names the legal events, and ReasonRequiredError.
    """
    session.flush()
    session.refresh(row, with_for_update=True)
    before = str(getattr(row, flow.column))
    machine = _machine(flow, row)
    if event not in {legal.id for legal in machine.enabled_events()}:
        raise _illegal(flow, row, event)
    reason = reason.strip()
    if event in flow.needs_reason and not reason:
        raise ReasonRequiredError(
            f"“{event_names(flow)[event]}”要说明理由", cure="填写 reason 后重新提交"
        )
    machine.send(event)
    session.add(row)
    return _note(session, flow, row, event, before, actor, reason)


def history(session: Session, flow: type[Flow], row: SQLModel) -> Sequence[TransitionRow]:
    """Every step of `row` in the order in which it was taken, since it came into being.

    What had its id before and was deleted is another thing.
    """
    kind, id_ = flow.subject(row)
    statement = select(TransitionRow).where(
        TransitionRow.entity_kind == kind, TransitionRow.entity_id == id_
    )
    steps = session.exec(statement.order_by(col(TransitionRow.id))).all()
    births = [at for at, step in enumerate(steps) if step.event == CREATE]
    return steps[births[-1] :] if births else steps


def state_names(flow: type[Flow]) -> dict[str, str]:
    """Chinese names of the states by value, in the order of their declaration."""
    return {str(state.value): state.name for state in flow.states}


def event_names(flow: type[Flow]) -> dict[str, str]:
    """Chinese names of the events by id."""
    # on the class a list, though the library types it as the method of an instance
    declared = cast("list[Event]", flow.events)
    return {event.id: event.name for event in declared} | {CREATE: "新建"}


def _machine(flow: type[Flow], row: SQLModel) -> Flow:
    known = state_names(flow)
    state = getattr(row, flow.column)
    if state not in known:
        msg = f"{flow.entity} has no state {state!r}; known: {', '.join(known)}"
        raise ValueError(msg)
    return flow(model=row, state_field=flow.column)


def _target(machine: Flow, event: str) -> Any:  # noqa: ANN401  (a State, which the library types as Any)
    state = next(iter(machine.configuration))
    return next(t.target for t in state.transitions if event in t.event.split())


def _illegal(flow: type[Flow], row: SQLModel, event: str) -> IllegalTransitionError:
    names, legal = event_names(flow), steps(flow, row)
    here = state_names(flow)[str(getattr(row, flow.column))]
    told = "、".join(f"{step.label_zh}（{step.event}）" for step in legal) or "无"
    return IllegalTransitionError(
        f"{flow.label_zh}处于“{here}”状态，不能“{names.get(event, event)}”",
        cure=f"现在可以做的：{told}",
        state=str(getattr(row, flow.column)),
        legal=[step.event for step in legal],
    )


def _note(
    session: Session,
    flow: type[Flow],
    row: SQLModel,
    event: str,
    before: str | None,
    actor: str | None,
    reason: str,
) -> TransitionRow:
    kind, id_ = flow.subject(row)
    made = TransitionRow(
        entity_kind=kind,
        entity_id=id_,
        event=event,
        from_state=before,
        to_state=str(getattr(row, flow.column)),
        actor_id=actor or None,
        reason=reason,
    )
    session.add(made)
    return made
