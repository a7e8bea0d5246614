"""The indicator table of a match, for API, pages and match book alike."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.indicators import Verdict
from matcher.listing import Listing
from matcher.pipeline import Match
from matcher.rerank import sides

_VERDICTS = {
    Verdict.MET: "达到",
    Verdict.NOT_MET: "未达到",
    Verdict.NOT_STATED: "没有说明",
}


@dataclass(frozen=True)
class Figure:
    """A figure that the need demands, as it is written, and what the achievement says of it."""

    name: str
    demanded: str
    verdict: Verdict
    stated: str | None
    evidence: str | None

    @property
    def label(self) -> str:
        """The name for a reader."""
        return self.name or "（未说明名称）"

    @property
    def verdict_zh(self) -> str:
        """The verdict for a reader."""
        return _VERDICTS[self.verdict]


def figures(query: Listing, match: Match) -> tuple[Figure, ...]:
    """The indicator table of an explained match of `query`."""
    need, achievement = (listing.text for listing in sides(query, match.listing))
    comparisons = match.explanation.indicators if match.explanation else ()
    return tuple(
        Figure(
            c.indicator.name,
            need[c.indicator.start : c.indicator.end],
            c.verdict,
            achievement[c.found.start : c.found.end] if c.found else None,
            achievement[slice(*c.evidence)].strip() if c.evidence else None,
        )
        for c in comparisons
    )
