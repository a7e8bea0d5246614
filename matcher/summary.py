"""One paragraph in Chinese on why a pair matches, put together from the facts of its explanation.

It says nothing that the explanation does not hold: terms and figures are quoted from the two texts,
conditions are the reasons of structured fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.confidence import Band
from matcher.explain import Basis, Explanation
from matcher.fit import Fit
from matcher.indicators import Comparison, Verdict
from matcher.terminology import Bridge, Link

_TERMS = 4
_BRIDGES = 3
_FIGURES = 3
"""How many are named; of further figures the number is told."""
_VERDICTS = {
    Verdict.MET: "成果达到",
    Verdict.NOT_MET: "未达到",
    Verdict.NOT_STATED: "没有说明",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a summary is made of: the texts of need and achievement, and what was found about them."""

    need: str
    achievement: str
    told: Explanation
    fits: Sequence[Fit]
    band: Band | None


def summarise(facts: Facts) -> str:
    """Sentences on wording, figures and conditions; what is not known is not spoken of."""
    told = facts.told
    parts = [
        _wording(told),
        _bridges(told.bridges),
        _figures(told.indicators, facts.need, facts.achievement),
        *_conditions(facts.fits),
    ]
    if facts.band is not None:
        parts.append(f"综合判断，把握{facts.band.label_zh}")
    return "".join(f"{part}。" for part in parts if part)


def _wording(told: Explanation) -> str:
    if told.shared_terms:
        return f"双方都谈到{'、'.join(told.shared_terms[:_TERMS])}"
    if told.bridges:
        return "双方用词不同"
    if any(row.basis is Basis.PARTS for row in told.alignments):
        return "双方没有相同的词，只有部分字词相近"
    return "双方没有共同用词，按语义相近排出"


def _bridges(bridges: Sequence[Bridge]) -> str:
    return "，".join(
        f"需求说的「{b.need_term}」在成果里具体到「{b.achievement_term}」"
        if b.link is Link.NARROWER
        else f"需求说的「{b.need_term}」即成果的「{b.achievement_term}」"
        for b in bridges[:_BRIDGES]
    )


def _figures(comparisons: Sequence[Comparison], need: str, achievement: str) -> str:
    if not comparisons:
        return ""
    told = []
    for verdict, label in _VERDICTS.items():
        those = [c for c in comparisons if c.verdict is verdict]
        if those:
            named = "；".join(_figure(c, need, achievement) for c in those[:_FIGURES])
            more = "等" if len(those) > _FIGURES else ""
            told.append(f"{label} {len(those)} 项（{named}{more}）")
    return f"需求提出 {len(comparisons)} 项指标：{'，'.join(told)}"


def _figure(comparison: Comparison, need: str, achievement: str) -> str:
    asked, found = comparison.indicator, comparison.found
    value = need[asked.start : asked.end]
    demand = f"{asked.name}要求{value}" if asked.name else f"要求{value}"
    if found is None:
        return demand
    stated = achievement[found.start : found.end]
    if comparison.doubtful:
        return f"{demand}，文中 {stated} 可能说的是它，排序已计入"
    return f"{demand}，成果为 {stated}"


def _conditions(fits: Sequence[Fit]) -> list[str]:
    good = [fit.reason for fit in fits if fit.reason and min(fit.forward, fit.backward) >= 0]
    bad = [fit.reason for fit in fits if fit.reason and min(fit.forward, fit.backward) < 0]
    told = []
    if good:
        told.append(f"条件相合：{'；'.join(good)}")
    if bad:
        told.append(f"需要留意：{'；'.join(bad)}")
    return told
