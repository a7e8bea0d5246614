"""Which figure of an achievement states the quantity that a need demands.

Names differ, so a figure of the same unit may be meant although it is called otherwise. What speaks
for it is added up as log odds: names alike, words in common around both, a unit that few quantities
have (Wh/kg, not %), being the only figure of its unit, a size near the demanded one. What speaks
against it: a setting (150 ℃下), a change (降低30%) where a level is demanded, a former or rival value,
a bound that points the other way, another known quantity. The weights are judged, not fitted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matcher.indicators.comparators import Comparator
from matcher.indicators.figures import PRECISION, Figure
from matcher.indicators.forms import Form
from matcher.indicators.likeness import ALIKE, likeness, of_others
from matcher.indicators.parsing import Indicator
from matcher.indicators.requirements import Demand
from matcher.indicators.views import seen

_SPECIFIC = {"": 0.05, "K": 0.15, "s": 0.15, "m": 0.25, "kg": 0.35, "个": 0.25, "次": 0.35,
             "元": 0.45, "m³": 0.5, "m²": 0.35, "rad": 0.4}  # fmt: skip
"""How far a base unit alone tells the quantity, 0 to 1."""
_COMPOUND, _SINGLE, _BARE = 0.9, 0.65, 0.4
_LOWER = frozenset((Comparator.GE, Comparator.GT))
_UPPER = frozenset((Comparator.LE, Comparator.LT))
_SETTINGS = frozenset(("s", "K"))
_HEAT_ALIKE = 15.0
_FAR_OFF = 2.5
"""Powers of ten beyond which two figures are hardly of one quantity."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A figure that may state what is demanded: both in one unit, and how probable that is."""

    wanted: Indicator
    stated: Indicator
    figure: Figure
    confidence: float
    alike: float
    """Likeness of the names, 0 to 1."""


def candidates(demand: Demand, stated: Sequence[Figure], topic: frozenset[str]) -> list[Candidate]:
    """All figures of `stated` that share a form with the demand, in the order of the text.

    `topic` are pairs of characters of the whole need.
    """
    shared = []
    for figure in stated:
        own, view = seen(demand.figure, figure)
        pair = _common(own, view)
        if pair is not None:
            asked = (
                demand
                if own is demand.figure
                else replace(demand, indicator=own.indicator, figure=own)
            )
            shared.append((figure, asked, view, pair))
    rivals = sum(
        not (f.condition or f.dimension or f.reference) and not f.change for f, _, _, _ in shared
    )
    return [
        _candidate(asked, view, figure, pair, rivals, topic) for figure, asked, view, pair in shared
    ]


def _common(wanted: Figure, stated: Figure) -> tuple[Form, Form] | None:
    """The most telling unit that both are given in; a number without unit takes that of the other."""
    if wanted.reading.bare and not stated.reading.bare:
        return None if stated.tolerance else _as_written(wanted, stated)
    if stated.reading.bare and not wanted.reading.bare:
        return None
    pairs = [
        (a, b)
        for a in wanted.forms
        for b in stated.forms
        if a.unit == b.unit or a.unit.replace("CFU", "个") == b.unit.replace("CFU", "个")
    ]
    return max(pairs, key=lambda p: (_telling(p), not p[1].per), default=None)


def _telling(pair: tuple[Form, Form]) -> float:
    """How far the unit tells the quantity; parts of a round number, 2 of 10000, are of one kind."""
    ratios = not pair[0].unit and pair[0].per and pair[1].per
    return _COMPOUND if ratios else _specific(pair[0].unit)


def _as_written(wanted: Figure, stated: Figure) -> tuple[Form, Form]:
    """Both numbers as they are written, in the unit that only one of them has."""
    own = stated.indicator
    form = stated.forms[0]
    low = None if own.low is None else stated.reading.low
    high = None if own.high is None else stated.reading.high
    return replace(wanted.forms[0], unit=form.unit), Form(form.unit, low, high)


def _candidate(
    demand: Demand,
    other: Figure,
    figure: Figure,
    pair: tuple[Form, Form],
    rivals: int,
    topic: frozenset[str],
) -> Candidate:
    """`figure` as it stands in the text, `other` as it is seen for the demand."""
    own = demand.figure
    wanted = _in_form(demand.indicator, pair[0])
    stated = _in_form(other.indicator, pair[1])
    alike = likeness(wanted.name, stated.name)
    words = len(own.near & other.near) + 0.35 * len((topic - own.near) & other.near)
    same = bool(own.quantities & other.quantities)
    apart = bool(own.quantities and other.quantities) and not same
    odds = -2.2
    odds += 2.2 * alike + 1.5 * min(1.0, words / 2) + 1.4 * same - 1.0 * apart
    odds += 0.9 * bool(own.hints & other.quantities) * (not same)
    odds += 2.6 * _specificity(own, other, pair) + _closeness(wanted, stated)
    odds += 0.9 if rivals <= 1 else -0.2 * min(rivals - 2, 3)
    odds += 1.6 if own.tolerance and other.tolerance else 0.0
    odds -= 3.0 * (own.change != other.change)
    odds -= (1.3 if alike < ALIKE else 0.6) * other.condition + 1.5 * other.reference
    odds -= (1.3 if other.indicator.unit in _SETTINGS else 2.5) * other.dimension
    odds -= 1.2 * _opposed(wanted, stated) + 3.2 * _of_other_precision(wanted, stated, alike)
    odds -= 1.5 * (own.reading.bare != other.reading.bare and alike < ALIKE and not same)
    odds -= 1.0 * _other_basis(own, other) + 2.0 * of_others(wanted.name, stated.name)
    odds += _same_heat(own, other)
    return Candidate(wanted, stated, figure, 1 / (1 + math.exp(-odds)), alike)


def _in_form(indicator: Indicator, form: Form) -> Indicator:
    """The indicator in the unit of `form`; sides that a demand leaves open stay open."""
    low = None if indicator.low is None else form.low
    high = None if indicator.high is None else form.high
    if indicator.low is not None and low is None:
        low = form.high
    if indicator.high is not None and high is None:
        high = form.low
    return replace(indicator, unit=form.unit, low=low, high=high)


def _specific(unit: str) -> float:
    known = _SPECIFIC.get(unit)
    if known is not None:
        return known
    return _COMPOUND if "/" in unit or "·" in unit else _SINGLE


def _specificity(own: Figure, other: Figure, pair: tuple[Form, Form]) -> float:
    """How far the common unit tells the quantity; mg/kg is no mere share, and few numbers are bare."""
    unit = pair[0].unit
    if not unit and (pair[0].per or "/" in own.reading.unit) and "/" in other.reading.unit:
        return _COMPOUND
    if own.reading.bare and other.reading.bare:
        return _BARE
    return _specific(unit)


def _other_basis(own: Figure, other: Figure) -> bool:
    """Whether both are told per something, and not per the same: 一斤, 每盒."""
    ours, theirs = ({form.unit for form in figure.forms if form.per} for figure in (own, other))
    return bool(ours and theirs) and not ours & theirs


def _same_heat(own: Figure, other: Figure) -> float:
    """Log odds from the temperatures at which both hold; strength at 1200 ℃ is not that at 20 ℃."""
    if own.heat is None or other.heat is None:
        return 0.0
    return 0.6 if abs(own.heat - other.heat) <= _HEAT_ALIKE else -6.0


def _closeness(wanted: Indicator, stated: Indicator) -> float:
    """Log odds from how near both figures are in size."""
    a, b = _size(wanted), _size(stated)
    if wanted.unit == "K" and a > 100 and b > 100:  # noqa: PLR2004 - no differences
        return max(-_FAR_OFF, 0.8 - abs(a - b) / 40)
    if a == 0 or b == 0:
        return 0.0
    apart = abs(math.log10(a / b))
    return max(-_FAR_OFF, 0.9 - 1.2 * apart)


def _size(indicator: Indicator) -> float:
    bounds = [abs(b) for b in (indicator.low, indicator.high) if b is not None]
    return max(bounds, default=0.0)


def _of_other_precision(wanted: Indicator, stated: Indicator, alike: float) -> bool:
    """测厚误差 and 定位误差: which error it is stands in front."""
    both = PRECISION.search(wanted.name) and PRECISION.search(stated.name)
    return bool(both) and alike < ALIKE


def _opposed(wanted: Indicator, stated: Indicator) -> bool:
    return (wanted.comparator in _LOWER and stated.comparator in _UPPER) or (
        wanted.comparator in _UPPER and stated.comparator in _LOWER
    )
