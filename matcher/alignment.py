"""Which sentence of one text goes with which of another, by what the score of the pair rests on.

Evidence is weighed by the query's own term weights: shared words and bigrams, and terms that a
synonym group links.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.analyzer import Analyzer, empty_words, is_word, normalise, sentences

ROWS = 3
"""Most sentences of the found text that are shown for their weight."""
_LINKS = 2
"""Weightiest links whose sentences are shown in any case."""
_COUNTS = frozenset("一二三四五六七八九十百千万亿两几多个每")
"""Characters of counts: a bigram with one of them may be shared without saying anything."""
_FAINT = 0.2
"""Share of the first row's weight below which a further row says nothing."""

Span = tuple[int, int]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """A text cut into sentences and pieces; offsets are those of the text."""

    text: str
    analyzer: Analyzer
    spans: tuple[Span, ...]
    """Sentences without the blanks around them."""
    pieces: tuple[tuple[str, int], ...]
    bigrams: tuple[frozenset[str], ...]
    """For each sentence."""
    named: tuple[tuple[str, int], ...] = ()
    """Terms that a list knows, normal forms with their offsets; they count as words."""

    @classmethod
    def of(cls, text: str, analyzer: Analyzer) -> Reading:
        """Read `text`."""
        spans = tuple(_trimmed(text, span) for span in sentences(text))
        bigrams = tuple(frozenset(analyzer.bigrams(text[start:end])) for start, end in spans)
        return cls(text, analyzer, spans, tuple(analyzer.pieces(text)), bigrams)

    def bounded(self, start: int, end: int) -> bool:
        """Whether a word of the dictionary begins at `start` and one ends at `end`."""
        number = self.sentence(start)
        if number not in self._cuts:
            first, last = self.spans[number]
            cuts = self.analyzer.cuts(self.text[first:last])
            self._cuts[number] = frozenset(first + cut for cut in cuts)
        return {start, end} <= self._cuts[number]

    @cached_property
    def _cuts(self) -> dict[int, frozenset[int]]:
        """Boundaries by sentence, of those that were asked for."""
        return {}

    @cached_property
    def plain(self) -> str:
        """The text in normal form, of the same length."""
        return normalise(self.text)

    @cached_property
    def words(self) -> tuple[frozenset[str], ...]:
        """For each sentence, the words in it that say what it is about."""
        found: list[set[str]] = [set() for _ in self.spans]
        for piece, start in (*self.pieces, *self.named):
            if is_word(piece) and piece not in empty_words() and not _number(piece):
                found[self.sentence(start)].add(piece)
        return tuple(map(frozenset, found))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words of all sentences."""
        return frozenset().union(*self.words)

    @cached_property
    def terms(self) -> tuple[frozenset[str], ...]:
        """For each sentence, the terms by which it is compared."""
        return tuple(
            frozenset((*words, *(gram for gram in grams if _speaks(gram))))
            for words, grams in zip(self.words, self.bigrams, strict=True)
        )

    @property
    def sentences(self) -> list[str]:
        """The sentences as texts."""
        return [self.text[start:end] for start, end in self.spans]

    def sentence(self, offset: int) -> int:
        """The number of the sentence that holds `offset`, the nearest before it otherwise."""
        return max(0, bisect_right(self.spans, offset, key=lambda span: span[0]) - 1)


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence of the asking text with one of the found text, by number, and the row's weight."""

    asked: int
    found: int
    weight: float


Link = tuple[Sequence[Span], Sequence[Span], float]
"""Places of a term in the asking text, of what stands for it in the found one, and what it weighs."""


def aligned(
    asked: Reading, found: Reading, weights: Mapping[str, float], links: Sequence[Link]
) -> list[Row]:
    """Rows in the order of the found text: at most `ROWS`, and one more for each of two `links`.

    Sentences of the found text are taken by what they bring to the score (the weight of the query's
    terms that they hold), each with the sentence of the asking text that shares the most of it; ties
    go to the earlier one. One that shares nothing with any single sentence is not taken.
    """
    joined = _evidence(asked, found, weights, links)
    if not joined.size:
        return []
    gains = [sum(weights.get(term, 0.0) for term in sorted(terms)) for terms in found.terms]
    for _, there, weight in links:
        for number in {found.sentence(start) for start, _ in there}:
            gains[number] += weight
    partners, shares = joined.argmax(axis=0), joined.max(axis=0)
    order = sorted(range(len(gains)), key=lambda j: (-gains[j], j))
    chosen = [j for j in order if shares[j] > 0][:ROWS]
    top = max((gains[j] for j in chosen), default=0.0)
    pairs = {(int(partners[j]), j) for j in chosen if gains[j] >= _FAINT * top}
    # a term and what stands for it are shown side by side, whatever else their sentences share
    for here, there, _ in links[:_LINKS]:
        linked = {(asked.sentence(a), found.sentence(b)) for a, _ in here for b, _ in there}
        if not linked & pairs:
            pairs.add(min(linked))
    return [
        Row(i, j, round(min(1.0, gains[j] / top), 4) if top else 1.0)
        for i, j in sorted(pairs, key=lambda pair: (pair[1], pair[0]))
    ]


def _evidence(
    asked: Reading, found: Reading, weights: Mapping[str, float], links: Sequence[Link]
) -> Matrix:
    """(asked sentences, found sentences) weight of what joins two sentences."""
    joined = np.zeros((len(asked.spans), len(found.spans)))
    for i, mine in enumerate(asked.terms):
        for j, theirs in enumerate(found.terms):
            joined[i, j] = sum(weights.get(term, 0.0) for term in sorted(mine & theirs))
    for here, there, weight in links:
        rows = sorted({asked.sentence(start) for start, _ in here})
        columns = sorted({found.sentence(start) for start, _ in there})
        joined[np.ix_(rows, columns)] += weight
    return joined


def _trimmed(text: str, span: Span) -> Span:
    start, end = span
    sentence = text[start:end]
    first = start + len(sentence) - len(sentence.lstrip())
    return first, first + len(sentence.strip())


def _speaks(bigram: str) -> bool:
    return bigram not in empty_words() and not _number(bigram) and not _COUNTS & set(bigram)


def _number(piece: str) -> bool:
    return piece[0].isdecimal() and not any(c.isalpha() for c in piece)
