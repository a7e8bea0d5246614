"""The panel of the check-up beside the posting form of a need."""

from __future__ import annotations

from dataclasses import dataclass

from corpora.fields import spec_of
from corpora.records import NeedRecord
from matcher.checkup import SEVERITY_ZH, Checkup, Finding, check
from matcher.listing import Kind
from service.checkup import draft_of
from service.twins import NamedTwin, TwinFinder, listing_of


@dataclass(frozen=True)
class Panel:
    """A check-up, or why there is none; neither before anything was checked.

    `twins` are published needs that read nearly the same.
    """

    checkup: Checkup | None = None
    problem: str = ""
    twins: tuple[NamedTwin, ...] = ()

    @classmethod
    def of(cls, need: NeedRecord, find_twins: TwinFinder) -> Panel:
        """The check-up of a draft; none while there is neither a name nor a text."""
        draft = draft_of(need)
        if not (draft.prose or draft.targets):
            return cls()
        return cls(check(draft), twins=tuple(find_twins(listing_of(need))))

    @staticmethod
    def severity(finding: Finding) -> str:
        """The Chinese name of how much a gap matters."""
        return SEVERITY_ZH[finding.severity]

    @staticmethod
    def label(finding: Finding) -> str:
        """The Chinese name of the field where the answer belongs."""
        return spec_of(Kind.NEED, finding.field).label
