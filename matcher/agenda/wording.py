"""What the schedule tells people, in Chinese."""

from __future__ import annotations

from matcher.agenda.problem import Impossible
from matcher.agenda.schedule import Conflict

MUST_REFUSED = "需求 {} 与成果 {}：一方要求必见，另一方不愿见面，按不见处理"

_WISH = {
    "pin": "主办方固定了需求 {} 与成果 {} 的会面",
    "must": "需求 {} 与成果 {} 要求必见",
}
_CAUSES = {
    "refused": "但有一方不愿见面",
    "forbidden": "但主办方禁止了这一对",
    "same_organisation": "但双方是同一单位",
    "no_common_time": "但与会人员没有共同的空闲时段",
    "not_free": "但指定时段有人没空、缺席或被禁止",
    "break": "但指定的时段是休息时间",
    "table_closed": "但指定的桌位在这些时段不可用",
    "no_pairs": "但没有一场可能的会面能计入",
}
_LIMITS = {
    "cap_need": "需求 {} 最多 {} 场",
    "cap_achievement": "成果 {} 最多 {} 场",
    "cap_need_side": "单位 {} 以需求方身份最多 {} 场",
    "cap_achievement_side": "单位 {} 以成果方身份最多 {} 场",
    "cap_organisation": "单位 {} 最多 {} 场",
    "cap_type": "单位 {} 按其类型最多 {} 场",
}
_SHARES = {"share_small": "小企业的场次至少占 {1}%", "share_city": "{0} 的场次至少占 {1}%"}
_UNSERVED = {
    "no_candidates": "没有候选对象，或候选都被拒绝、禁止，或与会人员没有共同的空闲时段",
    "none_good": "候选对象的价值都低于“好会面”的门槛",
    "crowded_out": "时段、桌位、场次上限或最低份额所限，让位给了其他参会方",
}


def impossible(item: Impossible) -> Conflict:
    """A wish that fails by itself."""
    if item.code in _SHARES:
        wish = _SHARES[item.code].format(*item.members)
        members = [member for member in item.members[:1] if member]
    else:
        wish, members = _WISH[item.code].format(*item.members), list(item.members)
    return Conflict(
        code=f"{item.code}:{item.cause}", members=members, reason=f"{wish}，{_CAUSES[item.cause]}"
    )


def wish(code: str, members: tuple[str, str]) -> str:
    """A pin or must."""
    return _WISH[code].format(*members)


def limit(code: str, owner: str, number: int) -> str:
    """A cap."""
    return _LIMITS[code].format(owner, number)


def share(code: str, owner: str, percent: int) -> str:
    """A least share."""
    return _SHARES[code].format(owner, percent)


def give_up(wish_text: str) -> str:
    """Advice on a pin or must."""
    return f"放弃：{wish_text}"


def raise_limit(limit_text: str, number: int) -> str:
    """Advice on a cap."""
    return f"放宽：{limit_text}，改为 {number} 场"


def lower_share(share_text: str, percent: int) -> str:
    """Advice on a least share."""
    return f"降低：{share_text}，改为 {percent}%"


def unserved(code: str) -> str:
    """Why a participant has no good meeting."""
    return _UNSERVED[code]
