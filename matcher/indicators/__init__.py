"""Indicators stated in figures: read from Chinese texts, compared between need and achievement."""

from matcher.indicators.comparators import Comparator
from matcher.indicators.parsing import Indicator, parse

__all__ = ["Comparator", "Indicator", "parse"]
