"""The states of a task (发榜) and of what an institute offers, and whose step is what."""

from __future__ import annotations

from statemachine import Event, State

from service.bounty.modes import MODES
from service.sided import Party, SidedFlow

_OWNER = (Party.OWNER,)


class BountyFlow(SidedFlow):
    """Application, call, review, notice, contract, acceptance, with every side exit.

    A task whose mode has no open call goes from posting to docking at once.
    """

    entity = "bounty"
    label_zh = "榜单"
    needs_reason = frozenset(
        ("send_back", "reopen", "fail_acceptance", "withdraw", "no_bid", "terminate")
    )
    sides = dict.fromkeys(
        ("submit", "begin", "reach_milestone", "resume", "pay", "withdraw"), _OWNER
    )

    draft = State("草稿", initial=True)
    submitted = State("申报")
    recommended = State("归口推荐")
    screened = State("初筛")
    argued = State("专家论证")
    returned = State("退回")
    posted = State("发榜")
    bidding = State("揭榜中")
    docking = State("供需对接")
    reviewing = State("评榜")
    shortlisted = State("入围")
    publicised = State("公示")
    signed = State("签约立项")
    running = State("实施")
    milestone = State("里程碑")
    accepted = State("验收")
    paid = State("兑付")
    closed = State("办结", final=True)
    withdrawn = State("撤榜", final=True)
    unsolved = State("流榜", value="no_bid", final=True)
    terminated = State("终止", final=True)
    failed = State("验收不通过", value="failed_acceptance", final=True)

    submit = Event(draft.to(submitted) | returned.to(submitted), name="提交申报")
    recommend = Event(submitted.to(recommended), name="归口推荐")
    screen = Event(recommended.to(screened), name="通过初筛")
    argue = Event(screened.to(argued), name="通过专家论证")
    post = Event(argued.to(posted), name="发榜")
    send_back = Event(
        submitted.to(returned)
        | recommended.to(returned)
        | screened.to(returned)
        | argued.to(returned),
        name="退回修改",
    )
    open_bidding = Event(posted.to(bidding, cond="open_call"), name="开始揭榜")
    dock = Event(bidding.to(docking) | posted.to(docking, unless="open_call"), name="进入供需对接")
    review = Event(docking.to(reviewing), name="开始评榜")
    shortlist = Event(reviewing.to(shortlisted), name="确定入围")
    publicise = Event(shortlisted.to(publicised), name="公示")
    sign = Event(publicised.to(signed), name="签约立项")
    reopen = Event(publicised.to(reviewing), name="异议成立，重新评榜")
    begin = Event(signed.to(running), name="开始实施")
    reach_milestone = Event(running.to(milestone), name="到达里程碑")
    resume = Event(milestone.to(running), name="继续实施")
    accept = Event(running.to(accepted) | milestone.to(accepted), name="验收通过")
    fail_acceptance = Event(running.to(failed) | milestone.to(failed), name="验收不通过")
    pay = Event(accepted.to(paid), name="兑付")
    close = Event(paid.to(closed), name="办结")
    withdraw = Event(
        draft.to(withdrawn)
        | submitted.to(withdrawn)
        | returned.to(withdrawn)
        | recommended.to(withdrawn)
        | screened.to(withdrawn)
        | argued.to(withdrawn)
        | posted.to(withdrawn)
        | bidding.to(withdrawn)
        | docking.to(withdrawn),
        name="撤榜",
    )
    no_bid = Event(
        posted.to(unsolved)
        | bidding.to(unsolved)
        | docking.to(unsolved)
        | reviewing.to(unsolved)
        | shortlisted.to(unsolved)
        | publicised.to(unsolved),
        name="流榜",
    )
    terminate = Event(
        signed.to(terminated)
        | running.to(terminated)
        | milestone.to(terminated)
        | accepted.to(terminated),
        name="终止",
    )

    @property
    def open_call(self) -> bool:
        """Whether the mode of the task has an open call."""
        return MODES[self.model.mode].bidding


BEFORE_POSTING = frozenset(("draft", "submitted", "returned", "recommended", "screened", "argued"))
EDITABLE = frozenset(("draft", "returned"))
ENDED = frozenset(("closed", "withdrawn", "no_bid", "terminated", "failed_acceptance"))


class OfferFlow(SidedFlow):
    """An achievement on offer: open for takers, closed, or withdrawn."""

    entity = "offer"
    label_zh = "待转化成果"
    needs_reason = frozenset(("withdraw",))
    sides = dict.fromkeys(("close", "reopen", "withdraw"), _OWNER)

    posted = State("征集中", initial=True)
    closed = State("已结束")
    withdrawn = State("已撤回", final=True)

    close = Event(posted.to(closed), name="结束征集")
    reopen = Event(closed.to(posted), name="重新征集")
    withdraw = Event(posted.to(withdrawn) | closed.to(withdrawn), name="撤回")


class TakeFlow(SidedFlow):
    """An enterprise with an offer; the owner is the institute, the other side the enterprise."""

    entity = "take"
    label_zh = "承接意向"
    needs_reason = frozenset(("decline", "withdraw"))
    sides = {  # noqa: RUF012
        "start_trial": _OWNER,
        "price": _OWNER,
        "sign": (Party.OWNER, Party.OTHER),
        "decline": _OWNER,
        "withdraw": (Party.OTHER,),
    }

    interest = State("企业意向", initial=True)
    trial = State("试用（先使用后付费）")
    priced = State("已定价")
    signed = State("已签约", final=True)
    declined = State("已谢绝", final=True)
    withdrawn = State("已放弃", final=True)

    start_trial = Event(interest.to(trial), name="开始试用")
    price = Event(interest.to(priced) | trial.to(priced) | priced.to(priced), name="议定价格")
    sign = Event(priced.to(signed), name="签约")
    decline = Event(interest.to(declined) | trial.to(declined) | priced.to(declined), name="谢绝")
    withdraw = Event(
        interest.to(withdrawn) | trial.to(withdrawn) | priced.to(withdrawn), name="放弃"
    )
