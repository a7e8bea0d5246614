"""The panel of the check-up beside the posting form of a need."""

from __future__ import annotations

from dataclasses import dataclass

from corpora.fields import spec_of
from corpora.records import NeedRecord
from matcher.checkup import SEVERITY_ZH, Checkup, Finding, check
from matcher.listing import Kind
from service.checkup import draft_of


@dataclass(frozen=True)
class Panel:
    """A check-up, or why there is none; neither before anything was checked."""

    checkup: Checkup | None = None
    problem: str = ""

    @classmethod
    def of(cls, need: NeedRecord) -> Panel:
        """The check-up of a draft; none while there is neither a name nor a text."""
        draft = draft_of(need)
        return cls(check(draft) if draft.prose or draft.targets else None)

    @staticmethod
    def severity(finding: Finding) -> str:
        """The Chinese name of how much a gap matters."""
        return SEVERITY_ZH[finding.severity]

    @staticmethod
    def label(finding: Finding) -> str:
        """The Chinese name of the field where the answer belongs."""
        return spec_of(Kind.NEED, finding.field).label
