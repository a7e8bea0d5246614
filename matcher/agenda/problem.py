"""An event in numbers: what may meet when, what it is worth, and the rules it is chosen under.

The objective, in this order (each level counts only among schedules equal in those before it):

1. `served`: participants (`rules.participant`) with at least one good meeting. A meeting is good where its
   value is at least `floor(good_value * SCALE + 0.5)`. Whoever has no good pair that could meet is not counted.
2. `objective` = sum of the values of all meetings - `floor(change_cost * SCALE + 0.5)` for each meeting of the
   earlier schedule (if one was given) that is not held in the same slot.
3. `idle_gaps`, fewest: for every person and day the usable slots without a meeting of that person between the
   first and the last one that has one.

The value of a pair is `floor(SCALE * probability * priority of need * priority of achievement * priority of the
pair * factor of the need's wish * factor of the achievement's wish + 0.5)`, multiplied from left to right in
double precision; the factor of a wish is `like_factor` for like and must, 1 otherwise. A pair that is
pinned or a must but is no candidate has probability 0.

Constraints: a pair meets once at most; a person is in one meeting a slot, is free and present; a table is open
and holds one meeting a slot; no pair with a `no` or a forbid, none within one organisation; caps and least
shares hold; pins and musts are held. A must that the other side refused is dropped with a note. A
least share that no possible meeting counts towards is a contradiction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SCALE = 10_000
"""Units of value that one certain meeting of priority 1 is worth."""


def scaled(value: float) -> int:
    """`value` in units of SCALE, halves upwards."""
    return int(value * SCALE + 0.5)


@dataclass(frozen=True, slots=True)
class Pair:
    """A need and an achievement that may meet.

    `people`: whom it needs (indices); `slots`: where it may lie (indices of usable slots, ascending);
    `prior`: the slot in the earlier schedule (index), None where it has none that is usable.
    """

    need: str
    achievement: str
    value: int
    people: tuple[int, ...]
    slots: tuple[int, ...]
    good: bool
    must: bool = False
    pinned: bool = False
    table: str | None = None
    prior: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Identifiers of need and achievement."""
        return self.need, self.achievement


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `limit` meetings among `members` (indices of pairs); `code` and `owner` name it."""

    code: str
    owner: str
    limit: int
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """At least `percent` of all meetings are among `members`; `code` and `owner` name it."""

    code: str
    owner: str
    percent: int
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A participant and its pairs (all that may meet, and the good ones)."""

    id: str
    members: tuple[int, ...]
    good: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Impossible:
    """A pin or must that nothing can satisfy: why (`cause`), and the identifiers concerned."""

    code: str
    cause: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What the solver works on. `capacity[s]` counts the open tables of usable slot `s`."""

    pairs: Sequence[Pair]
    slots: Sequence[str]
    day_of: Sequence[int]
    tables: Sequence[str]
    closed: frozenset[tuple[str, int]]
    people: Sequence[str]
    caps: Sequence[Cap]
    shares: Sequence[Share]
    groups: Sequence[Group]
    impossible: Sequence[Impossible]
    change_cost: int = 0
    prior_count: int = 0
    prior_tables: Mapping[tuple[str, str], str] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def capacity(self) -> list[int]:
        """Open tables of each usable slot."""
        return [sum((t, s) not in self.closed for t in self.tables) for s in range(len(self.slots))]

    def gain(self, pair: Pair, slot: int) -> int:
        """What holding `pair` at `slot` adds to the objective."""
        return pair.value + (self.change_cost if slot == pair.prior else 0)

    def best_gain(self, pair: Pair) -> int:
        """The most that holding `pair` can add."""
        return pair.value + (self.change_cost if pair.prior in pair.slots else 0)

    @property
    def base(self) -> int:
        """The objective of holding nothing."""
        return -self.change_cost * self.prior_count


Placement = dict[int, int]
"""Index of pair -> index of slot: the meetings that are held."""


def objective(problem: Problem, placed: Placement) -> int:
    """Level 2 of the objective."""
    return problem.base + sum(problem.gain(problem.pairs[p], s) for p, s in placed.items())


def served(problem: Problem, placed: Placement) -> int:
    """Level 1 of the objective."""
    return sum(any(p in placed for p in group.good) for group in problem.groups)


def idle_gaps(problem: Problem, placed: Placement) -> int:
    """Level 3 of the objective."""
    busy: dict[tuple[int, int], list[int]] = {}
    for p, s in placed.items():
        for person in problem.pairs[p].people:
            busy.setdefault((person, problem.day_of[s]), []).append(s)
    return sum(max(slots) - min(slots) + 1 - len(slots) for slots in busy.values())


def near(problem: Problem, count: int) -> list[int]:
    """Pairs among the best `count` of their need or achievement, and those with a wish or a history."""
    order = sorted(range(len(problem.pairs)), key=lambda p: (-problem.pairs[p].value, p))
    seen: Counter[tuple[str, str]] = Counter()
    kept = []
    for p in order:
        pair = problem.pairs[p]
        sides = ("need", pair.need), ("achievement", pair.achievement)
        if pair.must or pair.prior is not None or min(seen[side] for side in sides) < count:
            kept.append(p)
            seen.update(sides)
    return sorted(kept)
