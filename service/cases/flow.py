"""The states of a broker's case: from a lead to a contract that has been carried out, or lost."""

from __future__ import annotations

from statemachine import Event, State

from service.workflow import Flow


class CaseFlow(Flow):
    """Confidentiality agreement, assessment and pilot may be left out; all else comes in order."""

    entity = "case"
    label_zh = "案件"
    needs_reason = frozenset(("release", "reopen"))

    lead = State("线索", initial=True)
    claimed = State("认领")
    need_verified = State("需求核实")
    supply_verified = State("成果核实")
    recommended = State("推荐")
    contacted = State("联系")
    nda = State("保密协议")
    met = State("会面")
    assessed = State("技术评估")
    poc_pilot = State("概念验证/中试")
    negotiating = State("谈判")
    signed = State("签约")
    registered = State("合同登记")
    delivering = State("履约")
    done = State("完成", final=True)
    lost = State("流失")

    claim = Event(lead.to(claimed), name="认领")
    verify_need = Event(claimed.to(need_verified), name="核实需求")
    verify_supply = Event(need_verified.to(supply_verified), name="核实成果")
    recommend = Event(supply_verified.to(recommended), name="推荐")
    contact = Event(recommended.to(contacted), name="联系双方")
    sign_nda = Event(contacted.to(nda), name="签保密协议")
    meet = Event(contacted.to(met) | nda.to(met), name="会面")
    assess = Event(met.to(assessed), name="技术评估")
    pilot = Event(met.to(poc_pilot) | assessed.to(poc_pilot), name="概念验证/中试")
    negotiate = Event(
        met.to(negotiating) | assessed.to(negotiating) | poc_pilot.to(negotiating), name="谈判"
    )
    sign = Event(negotiating.to(signed), name="签约")
    register = Event(signed.to(registered), name="合同登记")
    deliver = Event(registered.to(delivering), name="开始履约")
    finish = Event(delivering.to(done), name="完成")
    release = Event(claimed.to(lead), name="放回")
    lose = Event(
        lead.to(lost)
        | claimed.to(lost)
        | need_verified.to(lost)
        | supply_verified.to(lost)
        | recommended.to(lost)
        | contacted.to(lost)
        | nda.to(lost)
        | met.to(lost)
        | assessed.to(lost)
        | poc_pilot.to(lost)
        | negotiating.to(lost)
        | signed.to(lost)
        | registered.to(lost)
        | delivering.to(lost),
        name="流失",
    )
    reopen = Event(lost.to(claimed), name="重新办理")


OPEN = tuple(state.value for state in CaseFlow.states if state.value not in ("done", "lost"))
