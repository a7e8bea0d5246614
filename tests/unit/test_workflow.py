"""Transitions: what is legal, who is told why not, and a history that cannot be rewritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select
from statemachine import Event, State

from service import db, workflow
from service.accounts.tables import OrganisationRow
from service.errors import IllegalTransitionError, ReasonRequiredError
from service.tables import TransitionRow
from service.workflow import Flow


class OfficeDoor(Flow):
    """Organisations have a state of their own; here it takes part in a smaller game."""

    entity = "organisation"
    label_zh = "单位"
    needs_reason = frozenset({"block"})

    pending = State("待审批", value="pending", initial=True)
    approved = State("已通过", value="approved")
    blocked = State("已停用", value="blocked")
    approve = Event(pending.to(approved) | blocked.to(approved), name="通过")
    block = Event(approved.to(blocked), name="停用")


@pytest.fixture
def engine(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Engine]:
    made = db.make_engine(new_database() or f"sqlite:///{tmp_path / 'flow.db'}")
    db.migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with db.writing(engine) as made:
        yield made


def organisation(session: Session) -> OrganisationRow:
    row = OrganisationRow(name="泵厂", uscc="x", org_type="sme", region_code="510400")
    session.add(row)
    session.flush()
    return row


def test_a_legal_step_changes_the_row_and_is_written_down(session: Session) -> None:
    row = organisation(session)
    workflow.begin(session, OfficeDoor, row, actor="U0")
    workflow.fire(session, OfficeDoor, row, "approve", actor="U1")
    workflow.fire(session, OfficeDoor, row, "block", actor="U2", reason=" 资料过期 ")
    session.flush()
    session.expire(row)
    assert row.state == "blocked"
    told = [
        (s.event, s.from_state, s.to_state, s.actor_id, s.reason)
        for s in workflow.history(session, OfficeDoor, row)
    ]
    assert told == [
        ("create", None, "pending", "U0", ""),
        ("approve", "pending", "approved", "U1", ""),
        ("block", "approved", "blocked", "U2", "资料过期"),
    ]


@pytest.mark.parametrize("event", ["block", "no_such_event", "__init__", ""])
def test_an_illegal_step_names_the_legal_ones_and_changes_nothing(
    session: Session, event: str
) -> None:
    row = organisation(session)
    with pytest.raises(IllegalTransitionError) as refused:
        workflow.fire(session, OfficeDoor, row, event, actor="U1", reason="试")
    assert refused.value.status == 409
    assert refused.value.extensions == {"state": "pending", "legal": ["approve"]}
    assert "通过（approve）" in refused.value.cure
    assert row.state == "pending"
    assert not workflow.history(session, OfficeDoor, row)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_reason_is_asked_for_where_the_machine_says_so(session: Session, reason: str) -> None:
    row = organisation(session)
    workflow.fire(session, OfficeDoor, row, "approve", actor="U1")
    with pytest.raises(ReasonRequiredError, match="停用"):
        workflow.fire(session, OfficeDoor, row, "block", actor="U1", reason=reason)
    assert row.state == "approved"


def test_steps_say_where_they_lead_and_what_they_ask_for(session: Session) -> None:
    row = organisation(session)
    row.state = "approved"
    (step,) = workflow.steps(OfficeDoor, row)
    assert (step.event, step.label_zh, step.to, step.to_zh) == (
        "block",
        "停用",
        "blocked",
        "已停用",
    )
    assert step.needs_reason


def test_a_state_that_the_machine_does_not_know_is_an_error_of_ours(session: Session) -> None:
    row = organisation(session)
    row.state = "lost"
    with pytest.raises(ValueError, match="lost"):
        workflow.steps(OfficeDoor, row)


def test_a_step_goes_by_what_the_database_holds_now(engine: Engine) -> None:
    with db.writing(engine) as session:
        id_ = organisation(session).id
    with db.reading(engine) as session:
        seen = session.get(OrganisationRow, id_)
        assert seen is not None
        session.expunge(seen)
    with db.writing(engine) as session:
        row = session.get(OrganisationRow, id_)
        assert row is not None
        workflow.fire(session, OfficeDoor, row, "approve", actor="U1")
    with db.writing(engine) as session:
        session.add(seen)  # still says that it is pending
        with pytest.raises(IllegalTransitionError):
            workflow.fire(session, OfficeDoor, seen, "approve", actor="U2")


@pytest.mark.parametrize(
    "statement", ["UPDATE transition SET reason = 'x'", "DELETE FROM transition"]
)
def test_the_history_takes_no_change(engine: Engine, statement: str) -> None:
    with db.writing(engine) as session:
        row = organisation(session)
        workflow.fire(session, OfficeDoor, row, "approve", actor="U1")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        engine.connect() as connection,
    ):
        connection.execute(text(statement))
    with db.reading(engine) as session:
        assert [s.reason for s in session.exec(select(TransitionRow))] == [""]
