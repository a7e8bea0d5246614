"""The configuration that the service runs."""

from __future__ import annotations

from corpora import terminology
from matcher.config import MatcherConfig
from matcher.terminology import Terminology


def served_config() -> MatcherConfig:
    """The default parameters with the synonym groups of `corpora/terminology`."""
    return MatcherConfig(terminology=Terminology(terminology.load()))
