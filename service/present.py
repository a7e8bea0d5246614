"""Matches as data for API, exports and pages; no field of a record that must stay hidden is here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from matcher.explain import Explanation, Passage
from matcher.fit import Fit
from matcher.listing import KINDS, Listing
from matcher.pipeline import Answer, Match
from matcher.terminology import Bridge
from service.figures import figures

_SURE = 99


def chance(probability: float) -> str:
    """A calibrated probability for readers: never as certain, which it cannot be."""
    percent = round(100 * probability)
    return "99% 以上" if percent > _SURE else "1% 以下" if percent < 1 else f"{percent}%"


def match_row(query: Listing, match: Match) -> dict[str, Any]:
    """One match of `query` as the JSON object of API and `jiebang match`."""
    listing = match.listing
    row: dict[str, Any] = {
        KINDS[listing.kind].id_field: listing.id,
        "rank": match.rank,
        "score": match.score,
        "probability": match.probability,
        "band": match.band.value if match.band else None,
        "title": listing.title,
        "forward": match.forward,
        "backward": match.backward,
        "reciprocal": match.reciprocal,
        "parts": {"lexical": round(match.lexical, 6), "dense": round(match.dense, 6)},
    }
    if match.explanation is not None:
        row["explanation"] = explanation_row(match.explanation)
        row["explanation"]["indicators"] = [asdict(f) for f in figures(query, match)]
        row["fits"] = [fit_row(fit) for fit in match.fits if fit.reason]
    return row


def fit_row(fit: Fit) -> dict[str, Any]:
    """One aspect of structured fit as JSON."""
    return {
        "aspect": fit.aspect.value,
        "forward": fit.forward,
        "backward": fit.backward,
        "reason": fit.reason,
    }


def explanation_row(explanation: Explanation) -> dict[str, Any]:
    """An explanation as JSON."""
    return {
        "parts": dict(explanation.parts),
        "summary": explanation.summary,
        "shared_terms": list(explanation.shared_terms),
        "bridges": [bridge_row(bridge) for bridge in explanation.bridges],
        "passages": [passage_row(passage) for passage in explanation.passages],
        "alignments": [
            {
                "need": passage_row(row.need),
                "achievement": passage_row(row.achievement),
                "weight": row.weight,
                "basis": row.basis.value,
                "terms": list(row.terms),
            }
            for row in explanation.alignments
        ],
    }


def bridge_row(bridge: Bridge) -> dict[str, Any]:
    """A pair of different terms that a synonym group links, as JSON."""
    return {
        "need_term": bridge.need_term,
        "achievement_term": bridge.achievement_term,
        "link": bridge.link.value,
        "chain": bridge.chain,
        "group": list(bridge.group),
    }


def passage_row(passage: Passage) -> dict[str, Any]:
    """A passage as JSON; offsets are those of title, line feed and body."""
    return {
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "weight": passage.weight,
        "highlights": [list(span) for span in passage.highlights],
    }


def answer_row(answer: Answer) -> dict[str, Any]:
    """An answer as the JSON object of one query."""
    return {
        KINDS[answer.query.kind].id_field: answer.query.id,
        "answered": answer.answered,
        "matches": [match_row(answer.query, match) for match in answer.matches],
    }


CONDITION_LABELS = {
    "chains": "产业链",
    "regions": "所在市州",
    "coop_modes": "合作方式",
    "trl": "技术成熟度",
    "money": "金额",
    "statuses": "状态",
    "ids": "编号",
    "excluded": "一方已谢绝",
}
