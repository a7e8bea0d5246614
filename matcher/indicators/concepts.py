"""Quantities by their names: which names mean one quantity, and which way of it is better."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

_SIGN = {"+": 1, "-": -1, "?": 0}


class Concept(NamedTuple):
    """A quantity; `polarity` is 1 where more is better, -1 where less is, 0 where neither."""

    number: int
    polarity: int


@lru_cache(maxsize=1)
def table() -> dict[str, Concept]:
    """Each name of `concepts.txt` with its quantity."""
    lines = files("matcher.indicators").joinpath("concepts.txt").read_text(encoding="utf-8")
    rows = [line.split() for line in lines.splitlines() if line and not line.startswith("#")]
    return {
        name: Concept(number, _SIGN[sign])
        for number, (sign, *names) in enumerate(rows)
        for name in names
    }


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    names = sorted(table(), key=lambda name: (-len(name), name))
    return re.compile("|".join(map(re.escape, names)))


def found(text: str) -> list[tuple[str, Concept]]:
    """The names of quantities in `text`, from left to right, the longest at each place."""
    known = table()
    return [(match.group(), known[match.group()]) for match in _pattern().finditer(text)]
