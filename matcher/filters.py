"""Filters as boolean masks over columnar facets.

A filter is an argument of retrieval: both arms search under its mask, nothing is cut first and
filtered afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.listing import Facets, Listing

_MOST = float(np.finfo(np.float32).max)
_UNKNOWN = np.float32(np.nan)
ORG_LIMIT = 60
"""Characters kept of an organisation's name: a column is as wide as its longest value."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Conditions on a listing; None or empty leaves a condition out, all others must hold.

    Ranges (`trl_*` in levels, `money_*` in 万元) pass a listing whose own range overlaps. A listing
    that does not state a facet does not pass a condition on it: whoever filters by a city wants
    that city.
    """

    chains: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    coop_modes: tuple[str, ...] = ()
    trl_low: int | None = None
    trl_high: int | None = None
    money_low: float | None = None
    money_high: float | None = None
    statuses: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    """Ids of listings that must not be found, whatever else holds."""

    @property
    def empty(self) -> bool:
        """Whether every listing passes."""
        return all(getattr(self, f.name) in (None, ()) for f in fields(self))

    def failures(self, listing: Listing) -> list[str]:
        """Names of the conditions that `listing` fails, in the order of the fields."""
        columns = FacetColumns.of([listing])
        conditions = columns.conditions(self)
        return [name for name, passed in conditions.items() if not passed[0]]


@dataclass(frozen=True)
class FacetColumns:
    """Facets of n listings by column; NaN stands for "not stated" in the numeric ones."""

    ids: NDArray[np.str_]
    chain: NDArray[np.str_]
    region: NDArray[np.str_]
    status: NDArray[np.str_]
    coop_modes: NDArray[np.str_]
    """Modes joined and framed by `|`: `|licence|equity|`."""
    trl: NDArray[np.float32]
    """(n, 2): low and high."""
    money: NDArray[np.float32]
    """(n, 2): low and high, 万元."""
    ownership: NDArray[np.str_]
    term_months: NDArray[np.float32]
    price_mode: NDArray[np.str_]
    org: NDArray[np.str_]

    @classmethod
    def of(cls, listings: Sequence[Listing]) -> FacetColumns:
        """Columns of `listings`, row by row in their order."""
        facets = [listing.facets for listing in listings]
        return cls(
            ids=_texts([listing.id for listing in listings]),
            chain=_texts([f.chain or "" for f in facets]),
            region=_texts([f.region or "" for f in facets]),
            status=_texts([f.status for f in facets]),
            coop_modes=_texts([f"|{'|'.join(f.coop_modes)}|" for f in facets]),
            trl=_ranges([(f.trl_low, f.trl_high) for f in facets]),
            money=_ranges([(f.money_low, f.money_high) for f in facets]),
            ownership=_texts([f.ownership or "" for f in facets]),
            term_months=_numbers([f.term_months for f in facets]),
            price_mode=_texts([f.price_mode or "" for f in facets]),
            org=_texts([(f.org or "")[:ORG_LIMIT] for f in facets]),
        )

    @cached_property
    def rows(self) -> dict[str, int]:
        """Row of each id."""
        return {id_: row for row, id_ in enumerate(self.ids.tolist())}

    @cached_property
    def _codes(self) -> dict[str, tuple[NDArray[np.str_], NDArray[np.int32]]]:
        """For each text facet its distinct values, and (n,) the number of the value in each row."""
        found = {}
        for name in ("chain", "region", "status", "coop_modes"):
            values, codes = np.unique(getattr(self, name), return_inverse=True)
            found[name] = values, codes.astype(np.int32)
        return found

    def warm(self) -> None:
        """Make what the first use would otherwise make."""
        _ = self.rows, self._codes

    def facets(self, row: int) -> Facets:
        """The facets of one row as given: numbers in single precision, `org` cut to its limit."""
        trl = [None if np.isnan(v) else int(v) for v in self.trl[row]]
        money = [None if np.isnan(v) else float(v) for v in self.money[row]]
        term = self.term_months[row]
        return Facets(
            chain=str(self.chain[row]) or None,
            region=str(self.region[row]) or None,
            trl_low=trl[0],
            trl_high=trl[1],
            money_low=money[0],
            money_high=money[1],
            coop_modes=tuple(m for m in str(self.coop_modes[row]).split("|") if m),
            status=str(self.status[row]),
            ownership=str(self.ownership[row]) or None,
            term_months=None if np.isnan(term) else int(term),
            price_mode=str(self.price_mode[row]) or None,
            org=str(self.org[row]) or None,
        )

    def mask(self, condition: Filter) -> NDArray[np.bool_]:
        """(n,) true where a listing passes every condition."""
        mask = np.ones(len(self.ids), dtype=bool)
        for passed in self.conditions(condition).values():
            mask &= passed
        return mask

    def conditions(self, condition: Filter) -> dict[str, NDArray[np.bool_]]:
        """For each condition that is set: its name and the (n,) rows that pass it."""
        found: dict[str, NDArray[np.bool_]] = {}
        for name, column, wanted in (
            ("chains", "chain", condition.chains),
            ("regions", "region", condition.regions),
            ("statuses", "status", condition.statuses),
        ):
            if wanted:
                values, codes = self._codes[column]
                found[name] = np.isin(values, np.array(wanted))[codes]
        if condition.ids:
            passed = np.zeros(len(self.ids), dtype=bool)
            passed[[self.rows[id_] for id_ in condition.ids if id_ in self.rows]] = True
            found["ids"] = passed
        if condition.excluded:
            passed = np.ones(len(self.ids), dtype=bool)
            passed[[self.rows[id_] for id_ in condition.excluded if id_ in self.rows]] = False
            found["excluded"] = passed
        if condition.coop_modes:
            values, codes = self._codes["coop_modes"]
            found["coop_modes"] = np.logical_or.reduce(
                [np.strings.find(values, f"|{mode}|") >= 0 for mode in condition.coop_modes]
            )[codes]
        for name, column_range, low, high in (
            ("trl", self.trl, condition.trl_low, condition.trl_high),
            ("money", self.money, condition.money_low, condition.money_high),
        ):
            if low is not None or high is not None:
                found[name] = _overlaps(column_range, low, high)
        return found


def _texts(values: list[str]) -> NDArray[np.str_]:
    return np.array(values, dtype=np.str_) if values else np.empty(0, dtype="<U1")


def _numbers(values: Sequence[float | None]) -> NDArray[np.float32]:
    return np.array([_UNKNOWN if v is None else _held(v) for v in values], dtype=np.float32)


def _ranges(pairs: Sequence[tuple[float | None, float | None]]) -> NDArray[np.float32]:
    rows = [[_UNKNOWN if v is None else _held(v) for v in pair] for pair in pairs]
    return np.array(rows, dtype=np.float32).reshape(len(rows), 2)


def _overlaps(
    ranges: NDArray[np.float32], low: float | None, high: float | None
) -> NDArray[np.bool_]:
    """Rows whose stated range meets [low, high]; a range open at one side goes on without end."""
    stated: NDArray[np.bool_] = np.asarray(~np.isnan(ranges).all(axis=1))
    start = np.where(np.isnan(ranges[:, 0]), -np.inf, ranges[:, 0])
    end = np.where(np.isnan(ranges[:, 1]), np.inf, ranges[:, 1])
    passed = stated.copy()
    if high is not None:
        passed &= start <= _held(high)
    if low is not None:
        passed &= end >= _held(low)
    return passed


def _held(value: float) -> float:
    """`value`, or the nearest that a column can hold."""
    return max(-_MOST, min(value, _MOST))
