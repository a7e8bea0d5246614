"""The domain types of the matching core: what can be matched, and what each kind of it is called.

Everything that differs between kinds of listing stands in `KINDS`; the rest of the core reads it from
there, so that a further pair of kinds (scene opportunity and capability, need and expert) is a row in
that table.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum


class Side(StrEnum):
    """Who asks (demand) and who offers (supply)."""

    DEMAND = "demand"
    SUPPLY = "supply"


class Kind(StrEnum):
    """What a listing is."""

    NEED = "need"
    ACHIEVEMENT = "achievement"


@dataclass(frozen=True, slots=True)
class KindSpec:
    """One row of the kind table: the side, the kind it is matched with and its names."""

    side: Side
    counterpart: Kind
    id_field: str
    plural: str
    label_zh: str


KINDS: dict[Kind, KindSpec] = {
    Kind.NEED: KindSpec(Side.DEMAND, Kind.ACHIEVEMENT, "need_id", "needs", "技术需求"),
    Kind.ACHIEVEMENT: KindSpec(
        Side.SUPPLY, Kind.NEED, "achievement_id", "achievements", "科技成果"
    ),
}


class Direction(StrEnum):
    """Which kind asks. `NEED_TO_ACHIEVEMENT` is 企业找技术, the other one 成果找市场."""

    NEED_TO_ACHIEVEMENT = "need-to-achievement"
    ACHIEVEMENT_TO_NEED = "achievement-to-need"

    @property
    def query_kind(self) -> Kind:
        """The kind of listing that asks."""
        return Kind.NEED if self is Direction.NEED_TO_ACHIEVEMENT else Kind.ACHIEVEMENT

    @property
    def corpus_kind(self) -> Kind:
        """The kind of listing that is searched."""
        return KINDS[self.query_kind].counterpart

    @classmethod
    def of_query(cls, kind: Kind) -> Direction:
        """The direction in which a listing of `kind` is the query."""
        return next(direction for direction in cls if direction.query_kind is kind)


@dataclass(frozen=True, slots=True)
class Facets:
    """Structured fields that filters and fit read. None and the empty tuple mean "not stated".

    `trl_low`, `trl_high`: technology readiness 1 to 9, the range a need accepts or the single level of
    an achievement. `money_low`, `money_high`: budget of a need or price of an achievement in 万元.
    `ownership`: who is to hold the rights, as a need asks or an achievement offers. `term_months`: how
    long a need can wait. `price_mode`: how an achievement is priced; `negotiable` also for a need
    whose budget is open to talk. `org`: name of the organisation, by which exposure is balanced; it
    is no contact data and never part of a text.
    """

    chain: str | None = None
    region: str | None = None
    trl_low: int | None = None
    trl_high: int | None = None
    money_low: float | None = None
    money_high: float | None = None
    coop_modes: tuple[str, ...] = ()
    status: str = "published"
    ownership: str | None = None
    term_months: int | None = None
    price_mode: str | None = None
    org: str | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One record that can be matched: an identifier, two text fields and facets.

    `title` may be empty. Neither text holds contact data; whoever makes a listing leaves it out.
    """

    id: str
    kind: Kind
    title: str
    body: str
    facets: Facets = field(default_factory=Facets)

    @property
    def text(self) -> str:
        """Title and body as one text: what the offsets of matched passages refer to."""
        return f"{self.title}\n{self.body}" if self.title else self.body

    @property
    def text_hash(self) -> str:
        """SHA-256 (hex) of kind, title and body: equal for listings that read the same."""
        return hashlib.sha256(
            json.dumps([self.kind, self.title, self.body], ensure_ascii=False).encode()
        ).hexdigest()
