"""Needs with graded achievements that were written for tuning; see README.md beside them.

They are train material: none of them stands in the sample corpus, and nothing is measured on them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

DIRECTORY = Path(__file__).parent
GRADES = range(4)


@dataclass(frozen=True, slots=True)
class WrittenAchievement:
    """An achievement and its grade for the need it was written for."""

    title: str
    text: str
    grade: int


@dataclass(frozen=True, slots=True)
class WrittenNeed:
    """A need of an industry chain with its achievements."""

    id: str
    chain: str
    title: str
    text: str
    achievements: tuple[WrittenAchievement, ...]


def load() -> tuple[WrittenNeed, ...]:
    """Every written need, file by file. Raises ValueError naming file and line of a faulty one."""
    needs = []
    for path in sorted(DIRECTORY.glob("part_*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                needs.append(_need(json.loads(line)))
            except (ValueError, KeyError, TypeError) as error:
                msg = f"{path.name}, line {number}: {error!r}"
                raise ValueError(msg) from error
    return tuple(needs)


def _need(row: dict[str, object]) -> WrittenNeed:
    need, achievements = row["need"], row["achievements"]
    if not isinstance(need, dict) or not isinstance(achievements, list):
        raise TypeError("need must be an object, achievements a list")
    found = tuple(WrittenAchievement(**achievement) for achievement in achievements)
    if any(achievement.grade not in GRADES for achievement in found):
        raise ValueError("grades are 0 to 3")
    return WrittenNeed(need["id"], str(row["chain"]), need["title"], need["text"], found)
