"""Number groups: achievements about one technology that differ in a quantity, and a need for it.

A need states what it requires ("零下三十度也能启动"); one achievement of its group meets that, others
miss it, some do not state it. Words alone cannot tell them apart. What counts is how often one that
meets the need is scored above one that misses it. `data/number_groups/README.md` says how the groups
were made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from scipy import stats

from eval.experiment import StepProgress, Topic, run_config
from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.listing import Direction, Kind, Listing

DIRECTORY = Path(__file__).parent / "data" / "number_groups"
SPLITS = ("dev", "dev_b", "dev_c", "dev_d", "dev_e", "test")


@dataclass(frozen=True, slots=True)
class Judged:
    """An achievement, and whether its figure meets the need; None where it states no such figure."""

    listing: Listing
    meets: bool | None


@dataclass(frozen=True, slots=True)
class Group:
    """A need and the three or four achievements that differ in the quantity it requires.

    `unit` is the one in which the requirement is counted; texts may use another one. `comparator` is
    one of >=, >, <=, <, =, approx, range, ± and relates the achievement's figure to the need's.
    """

    id: str
    quantity: str
    unit: str
    comparator: str
    need: Listing
    achievements: tuple[Judged, ...]

    def pairs(self) -> list[tuple[str, str]]:
        """Ids (meets, misses) of every pair whose order is judged."""
        meeting = [a.listing.id for a in self.achievements if a.meets is True]
        missing = [a.listing.id for a in self.achievements if a.meets is False]
        return list(product(meeting, missing))


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `total`, with the 95 % Wilson interval of their ratio; (0, 1) where total is 0."""

    right: int
    total: int
    low: float
    high: float

    @classmethod
    def of(cls, right: int, total: int) -> Share:
        """The share with its interval, which takes the trials as independent."""
        if not total:
            return cls(0, 0, 0.0, 1.0)
        interval = stats.binomtest(right, total).proportion_ci(method="wilson")
        return cls(right, total, float(interval.low), float(interval.high))

    @property
    def value(self) -> float:
        """The ratio, 0 of none."""
        return self.right / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class NumberReport:
    """How often the figures were ordered rightly.

    `pairs` counts pairs (meets, misses), `whole` the groups all of whose pairs are right,
    `comparators` the pairs of each comparator. Pairs of one group share an achievement, so the
    interval of `whole` is the more cautious one.
    """

    split: str
    pairs: Share
    whole: Share
    comparators: dict[str, Share]
    config_fingerprint: str
    encoder_fingerprint: str


def load(split: str) -> list[Group]:
    """The groups of `split` in file order; raises ValueError for a split that does not exist."""
    if split not in SPLITS:
        raise ValueError(f"number groups have no split {split!r}, only {', '.join(SPLITS)}")
    lines = (DIRECTORY / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_group(json.loads(line)) for line in lines]


def evaluate(
    config: MatcherConfig, encoder: Encoder, split: str, progress: StepProgress | None = None
) -> NumberReport:
    """Rank the achievements of all groups of `split` for each need and count the pairs."""
    groups = load(split)
    right = ordered_pairs(groups, scores(groups, config, encoder, progress))
    totals = {group.id: len(group.pairs()) for group in groups}
    return NumberReport(
        split=split,
        pairs=Share.of(sum(right.values()), sum(totals.values())),
        whole=Share.of(sum(right[id_] == n for id_, n in totals.items()), len(groups)),
        comparators=_by_comparator(groups, right, totals),
        config_fingerprint=config.fingerprint,
        encoder_fingerprint=encoder.fingerprint,
    )


def scores(
    groups: Sequence[Group],
    config: MatcherConfig,
    encoder: Encoder,
    progress: StepProgress | None = None,
) -> dict[str, dict[str, float]]:
    """For each group's id, the score of every ranked achievement of all groups for its need.

    One index holds the achievements of all groups, so a need meets them among the others.
    """
    topic = Topic(
        Direction.NEED_TO_ACHIEVEMENT,
        [group.need for group in groups],
        [judged.listing for group in groups for judged in group.achievements],
        {group.need.id: {meets: 1 for meets, _ in group.pairs()} for group in groups},
    )
    run = run_config("number-groups", config, topic, encoder, progress).run
    return {group.id: dict(run[group.need.id]) for group in groups}


def ordered_pairs(
    groups: Sequence[Group], scored: Mapping[str, Mapping[str, float]]
) -> dict[str, int]:
    """For each group's id, how many pairs have the one that meets strictly above the other.

    Equal scores are wrong. An achievement without a score stands below all that have one.
    """
    lowest = float("-inf")
    return {
        group.id: sum(
            scored[group.id].get(meets, lowest) > scored[group.id].get(misses, lowest)
            for meets, misses in group.pairs()
        )
        for group in groups
    }


def _by_comparator(
    groups: Sequence[Group], right: Mapping[str, int], totals: Mapping[str, int]
) -> dict[str, Share]:
    shares = {}
    for comparator in dict.fromkeys(group.comparator for group in groups):
        ids = [group.id for group in groups if group.comparator == comparator]
        shares[comparator] = Share.of(sum(right[i] for i in ids), sum(totals[i] for i in ids))
    return shares


def _group(row: dict[str, Any]) -> Group:
    id_, need = row["id"], row["need"]
    return Group(
        id=id_,
        quantity=row["quantity"],
        unit=row["unit"],
        comparator=row["comparator"],
        need=Listing(id_, Kind.NEED, need["title"], need["text"]),
        achievements=tuple(
            Judged(Listing(f"{id_}{a['id']}", Kind.ACHIEVEMENT, a["title"], a["text"]), a["meets"])
            for a in row["achievements"]
        ),
    )
