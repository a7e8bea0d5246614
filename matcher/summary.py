"""One paragraph in Chinese on why a pair matches, put together from the facts of its score."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.confidence import Band
from matcher.fit import Fit
from matcher.indicators import Comparison, Verdict

_TERMS = 4


def summarise(
    shared_terms: Sequence[str],
    comparisons: Sequence[Comparison],
    fits: Sequence[Fit],
    band: Band | None,
) -> str:
    """Sentences on wording, figures and terms; what is not known is not spoken of."""
    parts = [_wording(shared_terms), _figures(comparisons), *_terms(fits)]
    if band is not None:
        parts.append(f"综合判断把握{band.label_zh}")
    return "；".join(part for part in parts if part) + "。"


def _wording(terms: Sequence[str]) -> str:
    if not terms:
        return "双方没有共同用词，按语义相近排出"
    return f"双方都谈到{'、'.join(terms[:_TERMS])}"


def _figures(comparisons: Sequence[Comparison]) -> str:
    if not comparisons:
        return ""
    count = {v: sum(c.verdict is v for c in comparisons) for v in Verdict}
    told = [
        f"{count[verdict]} 项{label}"
        for verdict, label in (
            (Verdict.MET, "达到"),
            (Verdict.NOT_MET, "未达到"),
            (Verdict.NOT_STATED, "没有说明"),
        )
        if count[verdict]
    ]
    return f"需求的 {len(comparisons)} 项指标中 {'、'.join(told)}"


def _terms(fits: Sequence[Fit]) -> list[str]:
    good = [fit.reason for fit in fits if fit.reason and min(fit.forward, fit.backward) >= 0]
    bad = [fit.reason for fit in fits if fit.reason and min(fit.forward, fit.backward) < 0]
    told = []
    if good:
        told.append("、".join(good))
    if bad:
        told.append(f"需要留意：{'、'.join(bad)}")
    return told
