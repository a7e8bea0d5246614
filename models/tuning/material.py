"""What tuning learns from: askers with graded counterparts, and texts whose vectors are to stay.

This package knows no corpora; whoever calls it brings the texts, from train splits alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

SUITABLE = 2
"""From this grade on a counterpart answers its asker."""


@dataclass(frozen=True, slots=True)
class Text:
    """A record's title, which may be empty, and body."""

    title: str
    body: str

    @property
    def query(self) -> str:
        """What the record asks with, behind the prefix that the model wants."""
        return "query: " + (f"{self.title}\n{self.body}" if self.title else self.body)

    @property
    def passage(self) -> str:
        """The body as it is searched."""
        return f"passage: {self.body or self.title}"

    @property
    def heading(self) -> str:
        """The title as it is searched."""
        return f"passage: {self.title or self.body}"


@dataclass(frozen=True, slots=True)
class Graded:
    """A counterpart with its grade, 0 to 3."""

    text: Text
    grade: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A need and the achievements that were graded for it."""

    need: Text
    counterparts: tuple[Graded, ...]


@dataclass(frozen=True)
class Material:
    """Everything that one tuning reads."""

    asked: Sequence[Asked]
    anchors: Sequence[str]
    """Texts of other kinds; their vectors are held near to what they were."""

    @cached_property
    def fingerprint(self) -> str:
        """Identifies the texts, their grades and their order (8 bytes as hex)."""
        content = json.dumps([[asdict(a) for a in self.asked], list(self.anchors)])
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def inputs(self) -> Iterator[str]:
        """Every text in every role that it can be drawn in; some may come twice."""
        for asked in self.asked:
            yield asked.need.query
            yield asked.need.passage
            for counterpart in asked.counterparts:
                yield counterpart.text.query
                yield counterpart.text.passage
                yield counterpart.text.heading
        yield from self.anchor_inputs()

    def anchor_inputs(self) -> list[str]:
        """The anchors, as passages and queries in turn."""
        return [
            f"{'passage' if number % 2 else 'query'}: {text}"
            for number, text in enumerate(self.anchors)
        ]
