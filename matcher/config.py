"""What a retrieval system is made of, as data: the served default and the fixed baselines are values
of one type, run by one pipeline."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property

from matcher.analyzer import Analyzer, TokenSet, technical_lexicon
from matcher.confidence import Confidence, shipped
from matcher.fit import FitWeights, served_weights
from matcher.lexical import Bm25
from matcher.terminology import Terminology


@dataclass(frozen=True)
class MatcherConfig:
    """Parameters of retrieval and fusion. Weights lie between 0 and 1."""

    analyzer: Analyzer = field(
        default_factory=lambda: Analyzer(TokenSet.MIXED, technical_lexicon())
    )
    bm25: Bm25 = field(default_factory=Bm25)
    lexical_title_weight: float = 0.2
    """Share of the title field in the lexical score; the rest is the whole text."""
    centred: bool = True
    """Whether vectors are compared without the mean of their role (`matcher.centring`)."""
    dense_title_weight: float = 0.15
    """Share of the title's similarity in the dense score; the rest is the best passage."""
    dense_weight: float = 0.16
    """Share of the dense arm in the fused score; 0 is lexical alone, 1 dense alone."""
    dense_floor: float = 0.0
    """Cosine that counts as 0 in the fused score."""
    feedback_weight: float = 0.5
    """Weight of the mean of the first listings in the query vector (1 for itself); 0 is none."""
    feedback_count: int = 3
    """How many first listings speak for what the query means."""
    fit_weights: FitWeights = field(default_factory=served_weights)
    fit_share: float = 0.03
    """What structured fit can add to a score or take from it at most; 0 leaves it out."""
    indicator_share: float = 0.6
    """Part of the text score above the floor that figures met (or missed) can add (or take) at most;
    0 leaves them out."""
    indicator_floor: float = 0.05
    """Text score up to which figures say nothing: a pair of unlike things has figures in common too."""
    indicator_backward: float = 0.4
    """What figures weigh for whoever offers, against 1 for whoever needs: the demands of different
    needs are not of one measure."""
    indicator_depth: int = 30
    """First candidates whose figures are held against those that the need demands."""
    terminology: Terminology = field(default_factory=Terminology)
    """Synonym groups: what explanations call bridges, and what expansion adds to a query."""
    expansion_weight: float = 0.0
    """Weight in the lexical arm of what may stand for a query's term (1 for itself); 0 is none."""
    expansion_by_chain: bool = True
    """Whether the query's chain says which groups hold, or all do that are not ambiguous."""
    expansion_if_absent: bool = False
    """Whether only those terms are expanded that no indexed listing holds."""
    confidence: Confidence = field(default_factory=shipped)
    """Where probabilities come from; it changes no score."""
    depth: int = 200
    """Candidates that each arm contributes to fusion."""

    @cached_property
    def fingerprint(self) -> str:
        """Identifies every parameter that can change a score (8 bytes as hex)."""
        return _digest(self._parameters())

    @cached_property
    def scoring_fingerprint(self) -> str:
        """Identifies the parameters that a calibration of scores depends on."""
        parameters = self._parameters()
        del parameters["depth"]  # how many are scored, not how
        return _digest(parameters)

    @property
    def index_fingerprint(self) -> str:
        """Identifies the parameters that are built into an index."""
        return _digest(
            [
                self.analyzer.fingerprint,
                asdict(self.bm25),
                self.centred,
                self.dense_title_weight,
            ]
        )

    def _parameters(self) -> dict[str, object]:
        parameters = asdict(replace(self, terminology=Terminology()))
        parameters |= {"analyzer": self.analyzer.fingerprint}
        del parameters["terminology"], parameters["confidence"]
        if self.expansion_weight:
            return parameters | {"terminology": self.terminology.fingerprint}
        # without expansion synonyms explain scores and change none
        return {k: v for k, v in parameters.items() if not k.startswith("expansion_")}


def _digest(parameters: object) -> str:
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()[:16]
