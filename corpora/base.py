"""What every kind of record has: the common fields and the listing it becomes.

Values outside our lists are kept as they are, see `Record.unlisted`.
"""

from __future__ import annotations

import hashlib
import json
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from corpora.field_types import (
    CLASSIFIED_MESSAGE,
    NO,
    STATE_SECRETS,
    YES,
    Chain,
    CoopModes,
    Day,
    Disclosure,
    Lines,
    OrgType,
    Region,
    Status,
    sealed,
)
from corpora.fields import FIELD_LABELS, FIELDS, MAIN_TEXT
from corpora.normal import fold
from corpora.taxonomy import taxonomy
from corpora.uscc import normal_uscc
from corpora.values import Line, Text
from matcher.listing import KINDS, Facets, Kind, Listing

_HASH_LEAVES_OUT = frozenset(("need_id", "achievement_id", "published_at", "confirmed_at"))


class Record(BaseModel):
    """What every kind of record has. Contact data is in no dump, no representation and no hash."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: ClassVar[Kind]
    body_fields: ClassVar[tuple[str, ...]]
    """Fields that make the text which is matched, in its order; the main text comes first."""

    title: Text = Field(default="", title="名称")
    keywords: Lines = Field(default_factory=list, title="关键词")
    org: Line = Field(default="", title="单位")
    org_type: OrgType | None = Field(default=None, title="单位类型")
    uscc: Line = Field(default="", title="统一社会信用代码")
    region_code: Region | None = Field(default=None, title="所在地区", examples=["510100"])
    park: Line = Field(default="", title="所在园区")
    industry_chain: Chain | None = Field(default=None, title="所属产业链", examples=["battery"])
    industry_gbt4754: Line = Field(default="", title="国民经济行业")
    hightech_field: Line = Field(default="", title="技术领域")
    discipline_gbt13745: Line = Field(default="", title="学科")
    coop_modes: CoopModes = Field(default_factory=list, title="合作方式", examples=[["joint_dev"]])
    disclosure: Disclosure | None = Field(default=None, title="公开程度", examples=["public"])
    named_orgs: Lines = Field(
        default_factory=list,
        title="定向公开的单位",
        description="统一社会信用代码；公开程度为定向（named）时，只有这些单位看得到",
    )
    classified: bool = Field(default=False, title="是否涉密", description="true 一律拒收")
    contact: dict[str, SecretStr] = Field(
        default_factory=dict, title="联系人", exclude=True, repr=False, max_length=20
    )
    published_at: Day | None = Field(default=None, title="发布日期")
    expires_at: Day | None = Field(default=None, title="有效期至")
    confirmed_at: Day | None = Field(default=None, title="最近确认")
    status: Status = Field(default="published", title="状态")
    body_complete: bool = Field(
        default=False,
        strict=True,
        title="正文已完整",
        description="正文已包含全部内容:其余文字字段只供查看,不再并入参与匹配的文本",
    )

    @model_validator(mode="before")
    @classmethod
    def _prepare(cls, data: object) -> object:
        """Blank means not stated; contact data is sealed first."""
        if not isinstance(data, Mapping):
            return data
        kept = {k: v for k, v in data.items() if v is not None and v != ""}
        if "contact" in kept:
            kept["contact"] = sealed(kept["contact"])
        return kept

    @field_validator("classified", mode="before")
    @classmethod
    def _refuse_classified(cls, value: object) -> bool:
        plain = fold(str(value))
        if plain in YES or plain.startswith(STATE_SECRETS):
            raise PydanticCustomError("classified", CLASSIFIED_MESSAGE)
        if plain not in NO:
            raise PydanticCustomError("classified", "“是否涉密”只能填“是”或“否”")
        return False

    @field_validator("named_orgs", mode="after")
    @classmethod
    def _check_codes(cls, values: list[str]) -> list[str]:
        return [normal_uscc(value) for value in values]

    @property
    def id(self) -> str | None:
        """The record's own identifier, if it has one."""
        value: str | None = getattr(self, KINDS[self.kind].id_field)
        return value

    def to_listing(self, record_id: str | None = None) -> Listing:
        """The listing under `record_id` (default: its own identifier).

        Its body is the main text, followed by a paragraph for each further text field under its
        Chinese label and a last line of keywords; with `body_complete` it is the main text alone.
        Its texts never hold organisation, persons, credit code or contact; the facets name the
        organisation. Raises ValueError without an identifier.
        """
        listing_id = record_id or self.id
        if not listing_id:
            raise ValueError("a listing needs an identifier")
        return Listing(listing_id, self.kind, self.title, self.body(), self.facets())

    def body(self) -> str:
        """The text of `to_listing` without the title."""
        main = str(getattr(self, MAIN_TEXT[self.kind]))
        if self.body_complete:
            return main
        return "\n".join([p for p in (main,) if p] + list(self._paragraphs()))

    def _paragraphs(self) -> Iterator[str]:
        labels = FIELD_LABELS[self.kind]
        for name in self.body_fields:
            value = getattr(self, name)
            text = "；".join(map(str, value)) if isinstance(value, list) else value
            if text:
                yield f"{labels[name]}：{text}"
        if self.keywords:
            yield f"关键词：{'、'.join(self.keywords)}"

    def facets(self) -> Facets:
        """The structured fields that filters and fit read."""
        low, high = self._maturity()
        cheapest, dearest = self._money()
        return Facets(
            chain=self.industry_chain,
            region=self.region_code,
            trl_low=low,
            trl_high=high,
            money_low=cheapest,
            money_high=dearest,
            coop_modes=tuple(self.coop_modes),
            status=self.status,
            org=self.org or None,
        )

    @abstractmethod
    def _maturity(self) -> tuple[int | None, int | None]:
        """Lowest and highest level of maturity, as far as they are stated."""

    @abstractmethod
    def _money(self) -> tuple[float | None, float | None]:
        """Least and most money in 万元, as far as they are stated."""

    def content_hash(self) -> str:
        """SHA-256 (hex) of all that is stated but identifier, contact and moments of posting."""
        stated = self.model_dump(mode="json", exclude_defaults=True, exclude=set(_HASH_LEAVES_OUT))
        content = json.dumps([self.kind, stated], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def contact_values(self) -> dict[str, str]:
        """The contact data in clear, for whoever stores it or is entitled to see it."""
        return {key: value.get_secret_value() for key, value in self.contact.items()}

    def unlisted(self) -> list[tuple[str, str]]:
        """Fields and values (each as it stands) that are in none of our lists."""
        found: list[tuple[str, str]] = []
        for spec in FIELDS[self.kind]:
            if spec.taxonomy is None or spec.taxonomy == "trl":
                continue
            value = getattr(self, spec.name)
            values = value if isinstance(value, list) else [value]
            found += [(spec.name, v) for v in values if v and v not in taxonomy(spec.taxonomy)]
        return found
