"""Schedules of an event: asked for, solved by a process of its own, compared with what holds, published."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from matcher.agenda import event as agenda
from matcher.agenda.schedule import Schedule, Status
from service import processes
from service.access import Principal
from service.batch.tables import State
from service.context import Context
from service.db import reading, writing
from service.errors import ConflictError, NotFoundError
from service.events import events, matching, meetings, problem
from service.events.inputs import PlanIn
from service.events.tables import EventRow, EventScheduleRow
from service.tables import now

GRACE = timedelta(seconds=60)
"""How long a process may take beyond the time it was given: to start, read and write."""
_TOLD_SECONDS = 1.0
LOST = "排程的进程中断了，没有结果；请重新排程"


def ask(session: Session, event: EventRow, asked: PlanIn, principal: Principal) -> EventScheduleRow:
    """Write down that a schedule is wanted of the event as it stands.

    Raises ConflictError where one is being looked for, and where there is nothing to schedule.
    """
    latest = last(session, event.id)
    if latest is not None and stage(latest) == "solving":
        raise ConflictError("日程正在排", cure="等它排完再重排")
    run = matching.of(session, event)
    if run is not None and run.state is State.RUNNING:
        raise ConflictError("名单正在匹配", cure="等它做完，或先取消，再排日程")
    stated = problem.state(session, event).event
    if not (stated.candidates or stated.pins or stated.preferences):
        raise ConflictError(
            "还没有可以排的会面",
            cure="先导入名单并“开始匹配”；或固定几对会面；或调低“最低匹配概率”",
        )
    held = meetings.current(session, event.id) if asked.keep else None
    row = EventScheduleRow(
        event_id=event.id,
        number=1 + (latest.number if latest else 0),
        deadline=now() + timedelta(seconds=asked.seconds) + GRACE,
        problem=stated.model_dump(mode="json"),
        previous=held.id if held else None,
        created_by=principal.user_id or None,
    )
    session.add(row)
    session.flush()
    return row


def start(ctx: Context, row: EventScheduleRow, seconds: int) -> None:
    """Have a process look for the schedule that was asked for."""
    command = ["event", "plan", row.id, "--time-limit", str(seconds)]
    processes.start(ctx.settings, command, ctx.settings.home / "events" / "plan.log")


def work(engine: Engine, schedule_id: str, seconds: float) -> str:
    """Look for a schedule and write down what was found; the state it ended in.

    Raises NotFoundError, and ConflictError where it was done already.
    """
    with reading(engine) as session:
        row = session.get(EventScheduleRow, schedule_id)
        if row is None:
            raise NotFoundError(f"没有编号为 {schedule_id} 的日程", cure="在活动的日程页上重新排程")
        if row.state != "solving":
            raise ConflictError(f"日程 {schedule_id} 已经排过", cure="在活动的日程页上重新排程")
        event = agenda.Event.model_validate_json(json.dumps(row.problem))
        before = session.get(EventScheduleRow, row.previous) if row.previous else None
        previous = _kept(before, event) if before else None
    # the solver is loaded by the process that needs it, not by the service
    from matcher.agenda.solve import solve as solve_agenda  # noqa: PLC0415

    told = _Told(engine, schedule_id)
    try:
        found = solve_agenda(event, previous=previous, time_limit=seconds, told=told)
    except TimeoutError:
        return _end(
            engine, schedule_id, "failed", f"{seconds:g} 秒内没能排下固定和必见的会面；请多给些时间"
        )
    except Exception:
        _end(engine, schedule_id, "failed", "排程出错，详情见服务日志；请重试或联系管理员")
        raise
    state = "infeasible" if found.status is Status.INFEASIBLE else "done"
    return _end(engine, schedule_id, state, "", found)


def stage(row: EventScheduleRow) -> str:
    """The state of a schedule; `failed` too where its process was lost."""
    return "failed" if row.state == "solving" and row.deadline < now() else row.state


def last(session: Session, event_id: str) -> EventScheduleRow | None:
    """The attempt that was asked for last, whatever became of it."""
    query = select(EventScheduleRow).where(EventScheduleRow.event_id == event_id)
    return session.exec(query.order_by(col(EventScheduleRow.number).desc()).limit(1)).first()


def every(session: Session, event_id: str) -> Sequence[EventScheduleRow]:
    """All attempts, the newest first."""
    query = select(EventScheduleRow).where(EventScheduleRow.event_id == event_id)
    return session.exec(query.order_by(col(EventScheduleRow.number).desc())).all()


def numbered(session: Session, event_id: str, number: int) -> EventScheduleRow:
    """One attempt; raises NotFoundError."""
    query = select(EventScheduleRow).where(
        EventScheduleRow.event_id == event_id, EventScheduleRow.number == number
    )
    row = session.exec(query).first()
    if row is None:
        raise NotFoundError(f"这场活动没有第 {number} 版日程", cure="在日程页上查看版本")
    return row


def publish(
    session: Session, event: EventRow, number: int, principal: Principal
) -> EventScheduleRow:
    """Make a schedule public: to its participants and on the wall.

    A version that holds no more may be published too: that is how one goes back. It is written
    anew under the next number, so that the last published one is always the one in force.
    """
    row = numbered(session, event.id, number)
    if row.state != "done":
        raise ConflictError(f"第 {number} 版没有排成，不能发布", cure="发布排成的一版")
    latest = last(session, event.id)
    if latest is not None and latest.number != row.number:
        if stage(latest) == "solving":
            raise ConflictError("日程正在排", cure="等它排完再发布")
        row = EventScheduleRow(
            event_id=event.id,
            number=latest.number + 1,
            state="done",
            deadline=now(),
            problem=row.problem,
            schedule=row.schedule,
            previous=row.id,
            created_by=principal.user_id or None,
        )
    row.published_at = now()
    session.add(row)
    if event.state != "published":
        events.fire(session, event, "publish", principal)
    return row


class _Told:
    """Writes down how far the solver is, once a second at most."""

    def __init__(self, engine: Engine, schedule_id: str) -> None:
        self._engine = engine
        self._id = schedule_id
        self._last = 0.0

    def __call__(self, line: str) -> None:
        if time.monotonic() - self._last < _TOLD_SECONDS:
            return
        self._last = time.monotonic()
        with writing(self._engine) as session:
            row = session.get_one(EventScheduleRow, self._id)
            row.told = line
            session.add(row)


def _end(
    engine: Engine, schedule_id: str, state: str, told: str, found: Schedule | None = None
) -> str:
    with writing(engine) as session:
        row = session.get_one(EventScheduleRow, schedule_id)
        row.state, row.told = state, told
        row.schedule = found.model_dump(mode="json") if found else None
        session.add(row)
    return state


def _kept(before: EventScheduleRow, event: agenda.Event) -> Schedule | None:
    """The earlier schedule, without the meetings of what is no longer on the roster."""
    if before.schedule is None:
        return None
    held = Schedule.model_validate(before.schedule)
    needs = {entry.id for entry in event.needs}
    achievements = {entry.id for entry in event.achievements}
    kept = [m for m in held.meetings if m.need_id in needs and m.achievement_id in achievements]
    return held.model_copy(update={"meetings": kept})
