"""A figure seen as a demand needs it: as the share that is left over, or as its tolerance alone."""

from __future__ import annotations

from dataclasses import replace

from matcher.indicators import concepts
from matcher.indicators.comparators import Comparator
from matcher.indicators.figures import PRECISION, Figure
from matcher.indicators.forms import Form
from matcher.indicators.parsing import Indicator

_MIRRORED = {Comparator.GE: Comparator.LE, Comparator.GT: Comparator.LT,
             Comparator.LE: Comparator.GE, Comparator.LT: Comparator.GT}  # fmt: skip


def seen(wanted: Figure, stated: Figure) -> tuple[Figure, Figure]:
    """Both figures, each as the other can be held against.

    A rate of defects is seen as a yield where a yield is demanded; 5600±90 K is seen as ±90 K where a
    deviation is demanded or stated.
    """
    if stated.reading.centred and _of_deviation(wanted):
        return wanted, _margin(stated)
    if wanted.reading.centred and stated.tolerance:
        return _margin(wanted), stated
    whole = _complement(wanted, stated)
    return wanted, stated if whole is None else _left_over(stated, whole)


def _of_deviation(figure: Figure) -> bool:
    named = PRECISION.search(figure.indicator.name) and figure.indicator.low is None
    return figure.tolerance or bool(named)


def _margin(figure: Figure) -> Figure:
    own = figure.indicator
    half = ((own.high or 0.0) - (own.low or 0.0)) / 2
    name = own.name if PRECISION.search(own.name) else f"{own.name}偏差"
    return _as(figure, replace(own, name=name, low=-half, high=half))


def _complement(wanted: Figure, stated: Figure) -> int | None:
    """The demanded quantity of which the stated share is the rest."""
    own = stated.indicator
    bounds = [bound for bound in (own.low, own.high) if bound is not None]
    share = not own.unit and not stated.reading.bare and all(0 <= b <= 1 for b in bounds)
    if not share or stated.change or wanted.indicator.unit or wanted.quantities & stated.quantities:
        return None
    pairs = concepts.complements()
    return next(
        (a for a in sorted(wanted.quantities) for b in stated.quantities if (a, b) in pairs), None
    )


def _left_over(figure: Figure, whole: int) -> Figure:
    own = figure.indicator
    rest = replace(
        own,
        name=_renamed(own.name, whole),
        comparator=_MIRRORED.get(own.comparator, own.comparator),
        low=None if own.high is None else round(1 - own.high, 12),
        high=None if own.low is None else round(1 - own.low, 12),
    )
    return replace(_as(figure, rest), quantities=frozenset((whole,)))


def _renamed(name: str, whole: int) -> str:
    """溶剂回收率 as 溶剂损失率: whose share it is stays in the name."""
    pairs, rest = concepts.complements(), concepts.name_of(whole)
    word = next((w for w, c in concepts.found(name) if (whole, c.number) in pairs), "")
    return name.replace(word, rest) if word else rest


def _as(figure: Figure, indicator: Indicator) -> Figure:
    form = Form(indicator.unit, indicator.low, indicator.high)
    return replace(figure, reading=replace(figure.reading, indicator=indicator), forms=(form,))
