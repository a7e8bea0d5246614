"""Why two listings match, from the very scores that ranked them: parts, aligned passages, terms.

An explanation is told from both sides: which sentence of the need goes with which sentence of the
achievement, the words that both use, and the pairs of different words that a synonym group links.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

from matcher.alignment import Reading, Row, Span, aligned
from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.indicators import Comparison
from matcher.listing import KINDS, Kind, Listing, Side
from matcher.meaning import Meaning
from matcher.terminology import Bridge, Mention

_T = TypeVar("_T")
_TERMS = 8


class Basis(StrEnum):
    """What joins two passages."""

    TERMS = "terms"
    """Words that both hold, or a bridge between different ones."""
    PARTS = "parts"
    """Parts of words, where both cut them differently."""
    MEANING = "meaning"
    """Nothing that both hold: they are the nearest in meaning."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of a listing: its text, offsets in `Listing.text` and weight in (0, 1]."""

    text: str
    start: int
    end: int
    weight: float
    highlights: tuple[Span, ...]
    """Offsets within `text` of what joins it with the passage beside it."""


@dataclass(frozen=True, slots=True)
class Alignment:
    """A passage of the need and the passage of the achievement that goes with it.

    `terms` are the words that both hold, as the found listing spells them, the weightiest first.
    """

    need: Passage
    achievement: Passage
    weight: float
    terms: tuple[str, ...]
    basis: Basis

    def side(self, kind: Kind) -> Passage:
        """The passage of the listing of `kind`."""
        return self.need if KINDS[kind].side is Side.DEMAND else self.achievement


@dataclass(frozen=True, slots=True)
class Explanation:
    """Parts of the score by name, aligned passages in the order of the found text, terms by weight.

    `passages` are those of the found listing among `alignments`.
    """

    parts: Mapping[str, float]
    passages: tuple[Passage, ...]
    alignments: tuple[Alignment, ...]
    shared_terms: tuple[str, ...]
    bridges: tuple[Bridge, ...] = ()
    """Different terms of both sides that a synonym group links."""
    indicators: tuple[Comparison, ...] = ()
    """The figures that the need demands, with what the achievement says of each."""
    summary: str = ""


@dataclass(frozen=True)
class Explainer:
    """Explains matches of one query; what depends on the query alone is worked out once.

    `weights` are the idf-weighted query terms that the lexical arm used.
    """

    query: Listing
    weights: Mapping[str, float]
    config: MatcherConfig
    encoder: Encoder

    @cached_property
    def _read(self) -> tuple[Reading, list[Mention]]:
        return self._reading(self.query)

    @property
    def _asked(self) -> Reading:
        return self._read[0]

    def _reading(self, listing: Listing) -> tuple[Reading, list[Mention]]:
        """A text as it is read for its words, with the terms that synonym groups know in it."""
        reading = Reading.of(listing.text, self.config.analyzer)
        mentions = self.config.terminology.mentions(reading)
        named = tuple(sorted({(m.term, m.start) for m in mentions}))
        return replace(reading, named=named), mentions

    @cached_property
    def _meaning(self) -> Meaning:
        sentences = self._asked.sentences
        return Meaning(self.encoder, self.query.kind, sentences, centred=self.config.centred)

    @cached_property
    def _asks(self) -> bool:
        """Whether the query is the need of its pairs."""
        return KINDS[self.query.kind].side is Side.DEMAND

    def explain(self, found: Listing, parts: Mapping[str, float]) -> Explanation:
        """Explain `found`.

        The passages shown are the sentences of `found` that hold the most of the query's term weight,
        each with the query's sentence that shares the most of it. Where nothing joins the two texts,
        it is the pair of sentences that is nearest in meaning.
        """
        reading, mentions = self._reading(found)
        shared = self._shared_words(reading)
        bridges = self._bridges(found, mentions)
        links = [
            (*self._ordered(bridge.need_spans, bridge.achievement_spans), self._worth(bridge))
            for bridge in bridges
        ]
        rows = aligned(self._asked, reading, self.weights, links)
        if not rows and (nearest := self._meaning.nearest(reading.sentences)):
            rows = [Row(*nearest, 1.0)]
        alignments = tuple(self._alignment(row, reading, shared, bridges) for row in rows)
        return Explanation(
            parts=parts,
            passages=tuple(row.side(found.kind) for row in alignments),
            alignments=alignments,
            shared_terms=tuple(shared.values())[:_TERMS],
            bridges=tuple(bridges),
        )

    def _shared_words(self, reading: Reading) -> dict[str, str]:
        """Words of both texts by weight, the longer first among equals; each as `reading` spells it.

        A word is also shared where the other text has it as a part of a longer one.
        """
        mine, theirs = self._asked.vocabulary, reading.vocabulary
        common = (mine & theirs) | _parts_of(mine, theirs) | _parts_of(theirs, mine)
        first = {word: reading.plain.find(word) for word in common}
        order = sorted(common, key=lambda w: (-self._weight(w), -len(w), first[w]))
        return {word: reading.text[first[word] : first[word] + len(word)] for word in order}

    def _weight(self, word: str) -> float:
        """What a word brings to the score by all its tokens."""
        return sum(self.weights.get(t, 0.0) for t in sorted(set(self.config.analyzer.tokens(word))))

    def _bridges(self, found: Listing, mentions: Iterable[Mention]) -> list[Bridge]:
        need, achievement = self._ordered(self.query, found)
        meant = (
            self.config.terminology.meant(those, need.facets.chain)
            for those in self._ordered(self._read[1], mentions)
        )
        bridges = self.config.terminology.bridges(need.text, achievement.text, *meant)
        return sorted(bridges, key=lambda b: (-self._worth(b), b.need_spans[0]))

    def _worth(self, bridge: Bridge) -> float:
        """What the query's term of a bridge would bring to the score if the other text held it.

        One that no indexed text holds has no weight of its own and counts as the query's mean word.
        """
        term = bridge.need_term if self._asks else bridge.achievement_term
        return max(self._weight(term), self._mean_weight)

    @cached_property
    def _mean_weight(self) -> float:
        words = self._asked.vocabulary
        return sum(map(self._weight, sorted(words))) / max(1, len(words))

    def _alignment(
        self, row: Row, reading: Reading, shared: Mapping[str, str], bridges: Sequence[Bridge]
    ) -> Alignment:
        here, there = self._asked.spans[row.asked], reading.spans[row.found]
        mine, theirs = self._asked.plain[slice(*here)], reading.plain[slice(*there)]
        common = [word for word in shared if word in mine and word in theirs]
        marks = (_places(mine, here, common), _places(theirs, there, common))
        for bridge in bridges:
            spans = self._ordered(bridge.need_spans, bridge.achievement_spans)
            if all(
                any(map(_inside(place), s)) for place, s in zip((here, there), spans, strict=True)
            ):
                marks[0].extend(filter(_inside(here), spans[0]))
                marks[1].extend(filter(_inside(there), spans[1]))
        basis = Basis.TERMS if marks[0] else Basis.PARTS
        if basis is Basis.PARTS:
            parts = self._asked.terms[row.asked] & reading.terms[row.found]
            marks = (_runs(_places(mine, here, parts)), _runs(_places(theirs, there, parts)))
            basis = basis if parts else Basis.MEANING
        need, achievement = self._ordered(
            _passage(self._asked.text, here, row.weight, marks[0]),
            _passage(reading.text, there, row.weight, marks[1]),
        )
        terms = tuple(shared[word] for word in common)
        return Alignment(need, achievement, row.weight, terms, basis)

    def _ordered(self, asked: _T, found: _T) -> tuple[_T, _T]:
        """What belongs to the need before what belongs to the achievement, or the other way round.

        The turn is its own inverse: need and achievement come back as asked and found.
        """
        return (asked, found) if self._asks else (found, asked)


def _inside(place: Span) -> Callable[[Span], bool]:
    return lambda span: place[0] <= span[0] and span[1] <= place[1]


def _parts_of(words: Iterable[str], others: Iterable[str]) -> set[str]:
    """Those of `words` that stand within one of `others`."""
    whole = "\n".join(others)
    return {word for word in words if word in whole}


def _places(sentence: str, place: Span, parts: Iterable[str]) -> list[Span]:
    """Where `parts` stand in the sentence at `place`, given in normal form."""
    return [
        (place[0] + found.start(), place[0] + found.start() + len(part))
        for part in parts
        for found in re.finditer(f"(?={re.escape(part)})", sentence)
    ]


def _runs(marks: Iterable[Span]) -> list[Span]:
    """`marks` in reading order, those that touch made into one."""
    runs: list[Span] = []
    for start, end in sorted(marks):
        if runs and start <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    return runs


def _passage(text: str, place: Span, weight: float, marks: Iterable[Span]) -> Passage:
    """The sentence at `place`; of overlapping marks the longest stays."""
    start, end = place
    taken: list[Span] = []
    for mark in sorted(set(marks), key=lambda m: (m[0] - m[1], m)):
        if all(mark[1] <= other[0] or mark[0] >= other[1] for other in taken):
            taken.append(mark)
    highlights = tuple(sorted((a - start, b - start) for a, b in taken))
    return Passage(text[start:end], start, end, weight, highlights)
