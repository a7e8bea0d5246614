"""Needs and achievements as they are posted, imported and stored.

`NeedRecord` and `AchievementRecord` take what can be matched; `NeedPosting` and
`AchievementPosting` ask in addition for what a stored record must have. Money is in 万元.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, ClassVar

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from corpora.base import Record
from corpora.field_types import (
    CLASSIFIED_MESSAGE,
    STATE_SECRETS,
    AchievementClass,
    Day,
    Forms,
    Level,
    Lines,
    Maturity,
    Money,
    NeedKind,
    OrganiseMode,
    OriginType,
    Ownership,
    Pilots,
    PriceMode,
    RecordId,
    Secrecy,
    Stage,
    StatedText,
    Texts,
    UseState,
)
from corpora.taxonomy import taxonomy
from corpora.values import Line, Rights, Targets, Text
from matcher.listing import Facets, Kind

__all__ = [
    "CLASSIFIED_MESSAGE",
    "POSTINGS",
    "RECORDS",
    "AchievementPosting",
    "AchievementRecord",
    "NeedPosting",
    "NeedRecord",
    "Record",
]


class NeedRecord(Record):
    """技术需求."""

    kind: ClassVar[Kind] = Kind.NEED
    body_fields: ClassVar[tuple[str, ...]] = (
        "background",
        "application_scene",
        "targets",
        "current_state",
        "tried_solutions",
        "solver_requirements",
    )

    need_id: RecordId | None = Field(default=None, title="需求编号")
    need_kind: NeedKind | None = Field(default=None, title="需求类别", examples=["rd"])
    problem_statement: Text = Field(default="", title="技术难题描述")
    background: Text = Field(default="", title="需求背景")
    application_scene: Text = Field(default="", title="应用场景")
    targets: Targets = Field(default_factory=list, title="主要技术指标")
    current_state: Text = Field(default="", title="现有基础")
    tried_solutions: Text = Field(default="", title="已尝试方案")
    benchmark_level: Level | None = Field(default=None, title="对标水平")
    solver_requirements: Text = Field(default="", title="对揭榜方要求")
    trl_min: Maturity | None = Field(default=None, title="期望成熟度")
    budget_min_cny_wan: Money | None = Field(default=None, title="拟投入资金下限(万元)")
    budget_max_cny_wan: Money | None = Field(default=None, title="拟投入资金上限(万元)")
    negotiable: bool | None = Field(default=None, strict=True, title="资金可面议")
    deadline: Day | None = Field(default=None, title="期望解决期限")
    duration_months: int | None = Field(
        default=None, strict=True, ge=1, le=36, title="期望周期(月)"
    )
    ip_ownership: Ownership | None = Field(default=None, title="知识产权归属要求")
    organise_mode: OrganiseMode | None = Field(default=None, title="组织方式")

    @model_validator(mode="after")
    def _budget_in_order(self) -> NeedRecord:
        low, high = self._money()
        if low is not None and high is not None and low > high:
            raise PydanticCustomError(
                "budget_order",
                "资金下限大于上限",
                {"fields": "budget_min_cny_wan budget_max_cny_wan"},
            )
        return self

    def _maturity(self) -> tuple[int | None, int | None]:
        return (None, None) if self.trl_min is None else (self.trl_min, 9)

    def _money(self) -> tuple[float | None, float | None]:
        return self.budget_min_cny_wan, self.budget_max_cny_wan

    def facets(self) -> Facets:
        """Besides: ownership asked for, term, and whether the money is open to talk."""
        return replace(
            super().facets(),
            ownership=self.ip_ownership,
            term_months=self.duration_months,
            price_mode="negotiable" if self.negotiable else None,
        )


class AchievementRecord(Record):
    """科技成果."""

    kind: ClassVar[Kind] = Kind.ACHIEVEMENT
    body_fields: ClassVar[tuple[str, ...]] = (
        "innovations",
        "metrics",
        "advantage_vs_existing",
        "economics",
        "applications",
        "pilot_gap",
    )

    achievement_id: RecordId | None = Field(default=None, title="成果编号")
    reg_no: Line = Field(default="", title="登记号")
    ach_class: AchievementClass | None = Field(default=None, title="成果类别")
    origin_type: OriginType | None = Field(default=None, title="成果属性")
    forms: Forms = Field(default_factory=list, title="成果体现形式")
    inventors: Lines = Field(default_factory=list, title="完成人")
    lead: Line = Field(default="", title="负责人")
    abstract: Text = Field(default="", title="成果简介")
    innovations: Texts = Field(default_factory=list, title="主要创新点")
    metrics: Targets = Field(default_factory=list, title="技术经济指标")
    advantage_vs_existing: Text = Field(default="", title="对比现有方案的优势")
    economics: Text = Field(default="", title="经济性")
    applications: Text = Field(default="", title="应用领域")
    level: Level | None = Field(default=None, title="成果水平")
    stage: Stage | None = Field(default=None, title="所处阶段")
    trl: Maturity | None = Field(default=None, title="技术成熟度")
    innovation_grade: Line = Field(default="", title="创新度")
    advancement_grade: Line = Field(default="", title="先进度")
    use_state: UseState | None = Field(default=None, title="应用状态")
    ip: Rights = Field(default_factory=list, title="知识产权")
    service_invention: bool | None = Field(default=None, strict=True, title="职务科技成果")
    right_granted: Line = Field(default="", title="赋权情况")
    price_mode: PriceMode | None = Field(default=None, title="报价方式")
    price_wan: Money | None = Field(default=None, title="报价(万元)")
    needs_pilot: Pilots = Field(default_factory=list, title="中试需要")
    pilot_gap: Text = Field(default="", title="中试缺口")
    funding_source: Line = Field(default="", title="项目来源")
    awards: Lines = Field(default_factory=list, title="获奖情况")
    secrecy: Secrecy | None = Field(default=None, title="成果密级")

    @field_validator("secrecy", mode="after")
    @classmethod
    def _refuse_state_secrets(cls, value: str | None) -> str | None:
        if value and taxonomy("secrecy").label(value).startswith(STATE_SECRETS):
            raise PydanticCustomError("classified", CLASSIFIED_MESSAGE)
        return value

    def _maturity(self) -> tuple[int | None, int | None]:
        return self.trl, self.trl

    def _money(self) -> tuple[float | None, float | None]:
        return self.price_wan, self.price_wan

    def facets(self) -> Facets:
        """Besides: how it is priced."""
        return replace(super().facets(), price_mode=self.price_mode)


class NeedPosting(NeedRecord):
    """A need fit to be stored: it has a title and says what the problem is."""

    title: Annotated[Line, Field(min_length=4, max_length=60)] = Field(title="需求名称")
    problem_statement: StatedText = Field(title="技术难题描述")


class AchievementPosting(AchievementRecord):
    """An achievement fit to be stored: it has a title and an abstract."""

    title: Annotated[Line, Field(min_length=4, max_length=100)] = Field(title="成果名称")
    abstract: StatedText = Field(title="成果简介")


RECORDS: dict[Kind, type[Record]] = {
    Kind.NEED: NeedRecord,
    Kind.ACHIEVEMENT: AchievementRecord,
}

POSTINGS: dict[Kind, type[Record]] = {
    Kind.NEED: NeedPosting,
    Kind.ACHIEVEMENT: AchievementPosting,
}
