"""What people send about tasks, bids and reviews; owners and states can be set nowhere else."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from corpora.taxonomy import taxonomy
from service.accounts.inputs import Input
from service.bounty.modes import MODES
from service.inputs import Code, Id, Moment, Text, Version

_ALL_POINTS = 100


def _mode(code: str) -> str:
    found = taxonomy("organise_mode").resolve(code)
    if found is None or found not in MODES:
        names = "、".join(f"{mode.code}（{mode.label_zh}）" for mode in MODES.values())
        msg = f"组织方式应为：{names}"
        raise ValueError(msg)
    return found


class Criterion(Input):
    """One thing that bids are scored by."""

    code: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]
    label: Annotated[str, Text(1, 40)]
    weight: Annotated[int, Field(ge=1, le=100, strict=True)]


CRITERIA = (
    Criterion(code="feasibility", label="技术方案可行性", weight=35),
    Criterion(code="indicators", label="指标满足程度", weight=30),
    Criterion(code="team", label="团队与基础", weight=15),
    Criterion(code="economy", label="经费与周期合理性", weight=20),
)
"""What a task is scored by when its owner names nothing else."""


class BountyIn(Input):
    """A task for a need of one's own."""

    need_id: Id
    title: Annotated[str, Text(2, 60)]
    brief: Annotated[str, Text(10, 5000)]
    mode: Annotated[str, Field(max_length=40), AfterValidator(_mode)] = "bounty"
    invited: Annotated[list[Id], Field(max_length=50)] = []
    reward_wan: Annotated[float | None, Field(ge=0, le=1e8, allow_inf_nan=False)] = None
    bid_until: Moment | None = None
    criteria: Annotated[list[Criterion], Field(min_length=1, max_length=12)] = list(CRITERIA)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        mode = MODES[self.mode]
        if mode.invited != bool(self.invited):
            msg = "定向方式要指明受邀单位" if mode.invited else "这种组织方式不能指定受邀单位"
            raise ValueError(msg)
        if mode.most_invited is not None and len(self.invited) > mode.most_invited:
            msg = f"这种组织方式最多指定 {mode.most_invited} 家单位"
            raise ValueError(msg)
        if sum(criterion.weight for criterion in self.criteria) != _ALL_POINTS:
            msg = "评审指标的权重之和应为 100"
            raise ValueError(msg)
        if len({criterion.code for criterion in self.criteria}) != len(self.criteria):
            msg = "评审指标的代码不能重复"
            raise ValueError(msg)
        return self


class BountyChange(Input):
    """A draft or returned task as it shall be; `version` is the one that was read."""

    version: Version
    task: BountyIn


class Promise(Input):
    """An indicator that a bid promises to reach."""

    name: Annotated[str, Text(1, 60)]
    value: Annotated[str, Text(1, 100)]


class BidIn(Input):
    """A proposal; `version` is the one that was read, none for the first."""

    version: Version | None = None
    plan: Annotated[str, Text(20, 10_000)]
    indicators: Annotated[list[Promise], Field(min_length=1, max_length=30)]
    price_wan: Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)]
    term_months: Annotated[int, Field(ge=1, le=120, strict=True)]
    ip_ownership: Annotated[str, Code("ip_ownership")]
    team: Annotated[str, Text(0, 2000)] = ""


class ReviewIn(Input):
    """Points by criterion (0 to 100) and a vote."""

    version: Version | None = None
    scores: dict[str, Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]]
    advance: Annotated[bool, Field(strict=True)]
    comment: Annotated[str, Text(0, 2000)] = ""


class ConflictIn(Input):
    """A declared conflict of interest; without a bid it is about the whole task."""

    bid_id: Annotated[str, Text(0, 60)] = ""
    reason: Annotated[str, Text(2, 500)]


class ReviewersIn(Input):
    """The logins of the people who shall review."""

    logins: Annotated[list[Annotated[str, Text(1, 120)]], Field(max_length=30)]


class ObjectionIn(Input):
    """An objection during the notice."""

    text: Annotated[str, Text(5, 2000)]


class AnswerIn(Input):
    """The answer to an objection."""

    answer: Annotated[str, Text(2, 2000)]


class MilestoneIn(Input):
    """A milestone of a contract."""

    name: Annotated[str, Text(1, 80)]
    due: date
    amount_wan: Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)] = 0.0


class ContractIn(Input):
    """Contract data (技术合同)."""

    kind: Annotated[str, Code("contract_kind")]
    number: Annotated[str, Text(0, 60)] = ""
    registration: Annotated[str, Text(0, 60)] = ""
    amount_wan: Annotated[float, Field(ge=0, le=1e8, allow_inf_nan=False)]
    technology_wan: Annotated[float | None, Field(ge=0, le=1e8, allow_inf_nan=False)] = None
    signed_on: date
    milestones: Annotated[list[MilestoneIn], Field(max_length=30)] = []

    @model_validator(mode="after")
    def _parts(self) -> Self:
        if self.technology_wan is not None and self.technology_wan > self.amount_wan:
            msg = "核定技术交易额不能超过合同金额"
            raise ValueError(msg)
        if sum(part.amount_wan for part in self.milestones) > self.amount_wan + 1e-6:
            msg = "里程碑金额之和不能超过合同金额"
            raise ValueError(msg)
        return self


class VerdictOnMilestone(Input):
    """The outcome of the acceptance of a milestone."""

    passed: Annotated[bool, Field(strict=True)]
    note: Annotated[str, Text(0, 1000)] = ""


class EventIn(Input):
    """A step of a workflow: its name, why, the version that was read, and what the step needs."""

    event: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]
    reason: Annotated[str, Text(0, 1000)] = ""
    version: Version
    bid_ids: Annotated[list[Id], Field(max_length=50)] = []
    """For `shortlist` the bids that go on, for `publicise` those that shall win."""
    until: Moment | None = None
    """For `open_bidding` the deadline of bids, for `publicise` the end of the notice."""
    contracts: dict[str, ContractIn] = {}
    """For `sign` the contract of every winning bid, by its id."""


class OfferIn(Input):
    """An achievement of one's own, listed for takers."""

    achievement_id: Id
    title: Annotated[str, Text(2, 60)]
    brief: Annotated[str, Text(10, 5000)]
    price_wan: Annotated[float | None, Field(ge=0, le=1e8, allow_inf_nan=False)] = None
    trial_months: Annotated[int | None, Field(ge=1, le=60, strict=True)] = None
    trial_trigger: Annotated[str, Text(0, 500)] = ""

    @model_validator(mode="after")
    def _trial(self) -> Self:
        if bool(self.trial_months) != bool(self.trial_trigger):
            msg = "先使用后付费要同时写明试用期和付费触发条件"
            raise ValueError(msg)
        return self


class TakeIn(Input):
    """An enterprise wants an offered achievement."""

    message: Annotated[str, Text(0, 2000)] = ""


class TakeEventIn(Input):
    """A step with an offer: its name, why, the version that was read, and what the step needs."""

    event: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")]
    reason: Annotated[str, Text(0, 1000)] = ""
    version: Version
    trial_months: Annotated[int | None, Field(ge=1, le=60, strict=True)] = None
    trial_trigger: Annotated[str, Text(0, 500)] = ""
    price_wan: Annotated[float | None, Field(ge=0, le=1e8, allow_inf_nan=False)] = None
    contract: ContractIn | None = None
