"""The states of an event."""

from __future__ import annotations

from statemachine import Event, State

from service.workflow import Flow


class EventFlow(Flow):
    """Prepared, then open for its participants, then with a public schedule, then over."""

    entity = "event"
    label_zh = "活动"
    needs_reason = frozenset(("reopen",))

    draft = State("筹备", initial=True)
    open = State("邀请")
    published = State("日程已发布")
    closed = State("已结束")

    invite = Event(draft.to(open), name="开始邀请")
    publish = Event(open.to(published) | draft.to(published), name="发布日程")
    close = Event(published.to(closed), name="结束活动")
    reopen = Event(closed.to(published), name="恢复")
