"""The systems that evaluation runs, all of them configurations of `matcher.Matcher`.

`bm25`, `dense` and `hybrid` are fixed for good, the untuned model included: comparisons over time
rest on them. `served` is the service's default and the only one that moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from corpora import terminology
from matcher.analyzer import Analyzer, TokenSet
from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.lexical import Bm25
from matcher.terminology import Terminology


class Model(StrEnum):
    """Which embedding model a system uses."""

    SERVED = "served"
    """That of the service."""
    UNTUNED = "untuned"
    """The offline model without tuning; the service's own where another one is named in its place."""


Encoders = Callable[[Model], Encoder]
"""Opens the encoder of a model; each once."""


@dataclass(frozen=True)
class System:
    """A configuration of the pipeline and the model that it uses."""

    config: MatcherConfig
    model: Model = Model.SERVED


_BASELINES: dict[str, MatcherConfig] = {
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
}

SYSTEMS: dict[str, System] = {
    **{name: System(config, Model.UNTUNED) for name, config in _BASELINES.items()},
    "served": System(MatcherConfig(terminology=Terminology(terminology.load()))),
}
