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
_DOUBTFUL = "没有明说"


@dataclass(frozen=True)
class Figure:
    """A figure that the need demands, as it is written, and what the achievement says of it.

    A demand that is not surely spoken of is "not stated", with the figure that the ranking took for
    it in `stated`. `effect` is what the figure did to the ranking, -1 to 1.
    """

    name: str
    demanded: str
    verdict: Verdict
    stated: str | None
    evidence: str | None
    effect: float

    @property
    def label(self) -> str:
        """The name for a reader."""
        return self.name or "（未说明名称）"

    @property
    def verdict_zh(self) -> str:
        """The verdict for a reader."""
        return _DOUBTFUL if self.doubt_zh else _VERDICTS[self.verdict]

    @property
    def doubt_zh(self) -> str:
        """What a reader should know of a figure that only perhaps answers the demand; else empty."""
        if self.verdict is not Verdict.NOT_STATED or self.stated is None:
            return ""
        return f"可能说的是它，排序按此略{'加' if self.effect > 0 else '减'}分，请核实"


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
            round(c.effect, 3),
        )
        for c in comparisons
    )
