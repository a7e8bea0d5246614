"""The systems that evaluation runs, all of them configurations of `matcher.Matcher`.

`bm25`, `dense` and `hybrid` are fixed for good: comparisons over time rest on them. `served` is the
service's default and the only one that moves.
"""

from __future__ import annotations

from corpora import terminology
from matcher.analyzer import Analyzer, TokenSet
from matcher.config import MatcherConfig
from matcher.lexical import Bm25
from matcher.terminology import Terminology

SYSTEMS: dict[str, MatcherConfig] = {
    "bm25": MatcherConfig(
        analyzer=Analyzer(TokenSet.WORDS),
        bm25=Bm25(k1=1.2, b=0.75),
        lexical_title_weight=0.0,
        centred=False,
        dense_title_weight=0.1,
        dense_weight=0.0,
        dense_floor=0.7,
        feedback_weight=0.0,
        fit_share=0.0,
        indicator_share=0.0,
        depth=200,
    ),
    "dense": MatcherConfig(
        analyzer=Analyzer(TokenSet.WORDS),
        bm25=Bm25(k1=1.2, b=0.75),
        lexical_title_weight=0.0,
        centred=False,
        dense_title_weight=0.1,
        dense_weight=1.0,
        dense_floor=0.7,
        feedback_weight=0.0,
        fit_share=0.0,
        indicator_share=0.0,
        depth=200,
    ),
    "hybrid": MatcherConfig(
        analyzer=Analyzer(TokenSet.MIXED),
        bm25=Bm25(k1=1.2, b=0.75),
        lexical_title_weight=0.2,
        centred=False,
        dense_title_weight=0.1,
        dense_weight=0.3,
        dense_floor=0.7,
        feedback_weight=0.0,
        fit_share=0.0,
        indicator_share=0.0,
        depth=200,
    ),
    "served": MatcherConfig(terminology=Terminology(terminology.load())),
}
