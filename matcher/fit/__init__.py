"""Structured fit of a need and an achievement, apart from their texts and seen from both sides."""

from matcher.fit.model import Aspect, Fit, Names
from matcher.fit.pair import fits
from matcher.fit.weights import FitWeights, combine, reciprocal, served_weights

__all__ = [
    "Aspect",
    "Fit",
    "FitWeights",
    "Names",
    "combine",
    "fits",
    "reciprocal",
    "served_weights",
]
