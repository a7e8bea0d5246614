"""Indicators stated in figures: read from Chinese texts, compared between need and achievement."""

from matcher.indicators.comparators import Comparator
from matcher.indicators.comparison import Comparison, Verdict, compare
from matcher.indicators.parsing import Indicator, parse
from matcher.indicators.requirements import requirements

__all__ = ["Comparator", "Comparison", "Indicator", "Verdict", "compare", "parse", "requirements"]
