"""The indicator table of a match in the words of a reader, for pages and match book alike."""

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
    stated: str
    verdict: str
    verdict_zh: str
    evidence: str


def figures(query: Listing, match: Match) -> tuple[Figure, ...]:
    """The indicator table of an explained match of `query`."""
    need, achievement = (listing.text for listing in sides(query, match.listing))
    comparisons = match.explanation.indicators if match.explanation else ()
    return tuple(
        Figure(
            c.indicator.name or "（未说明名称）",
            need[c.indicator.start : c.indicator.end],
            achievement[c.found.start : c.found.end] if c.found else "",
            c.verdict.value,
            _VERDICTS[c.verdict],
            achievement[slice(*c.evidence)].strip() if c.evidence else "",
        )
        for c in comparisons
    )
