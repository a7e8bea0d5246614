"""Why two listings match, from the very scores that ranked them: parts, passages, shared terms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from matcher.analyzer import Analyzer, normalise, sentences
from matcher.indicators import Comparison
from matcher.listing import Listing

_PASSAGES = 3
_TERMS = 8


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of the matched listing: its text, offsets in `Listing.text` and weight in (0, 1]."""

    text: str
    start: int
    end: int
    weight: float
    highlights: tuple[tuple[int, int], ...]
    """Offsets within `text` of what it shares with the query."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Parts of the score by name, passages in reading order, shared words by importance."""

    parts: Mapping[str, float]
    passages: tuple[Passage, ...]
    shared_terms: tuple[str, ...]
    indicators: tuple[Comparison, ...] = ()
    """The figures that the need demands, with what the achievement says of each."""
    summary: str = ""


@dataclass(frozen=True)
class Explainer:
    """Explains matches of one query; what depends on the query alone is worked out once.

    `weights` are the idf-weighted query terms that the lexical arm used, `words` the query's words.
    """

    analyzer: Analyzer
    weights: Mapping[str, float]
    words: frozenset[str]

    @classmethod
    def of(cls, query: Listing, analyzer: Analyzer, weights: Mapping[str, float]) -> Explainer:
        """An explainer for `query`."""
        return cls(analyzer, weights, frozenset(word for word, _ in analyzer.words(query.text)))

    def explain(
        self, found: Listing, parts: Mapping[str, float], window: tuple[int, int]
    ) -> Explanation:
        """Explain `found`; `window` holds the offsets in `found.text` of its nearest passage.

        The sentences shown are those that hold the largest share of the query's term weight; where
        none shares a term, the first sentence of the window is.
        """
        spans = sentences(found.text)
        counts = [Counter(self.analyzer.tokens(found.text[start:end])) for start, end in spans]
        gains = [sum(self.weights.get(term, 0.0) for term in count) for count in counts]
        order = sorted(range(len(spans)), key=lambda i: (-gains[i], i))
        shown = sorted(i for i in order[:_PASSAGES] if gains[i] > 0)
        if not shown:
            shown = [i for i, (_, end) in enumerate(spans) if end > window[0]][:1]
        top = max((gains[i] for i in shown), default=0.0)
        words = self._shared_words(found)
        passages = tuple(
            Passage(
                text=found.text[slice(*spans[i])].strip(),
                start=spans[i][0],
                end=spans[i][1],
                weight=round(gains[i] / top, 4) if top else 1.0,
                highlights=_highlights(found.text[slice(*spans[i])].strip(), words),
            )
            for i in shown
        )
        return Explanation(parts, passages, tuple(words[:_TERMS]))

    def _shared_words(self, found: Listing) -> list[str]:
        """Words of both texts as the found one spells them, longest first, each once."""
        words = reversed(self.analyzer.words(found.text))
        shared = {word: start for word, start in words if word in self.words}
        ordered = sorted(shared.items(), key=lambda item: (-len(item[0]), item[1]))
        return [found.text[start : start + len(word)] for word, start in ordered]


def _highlights(text: str, words: list[str]) -> tuple[tuple[int, int], ...]:
    """Non-overlapping offsets of `words` in `text`; the longest word takes a place first."""
    plain = normalise(text)
    taken: list[tuple[int, int]] = []
    for word in words:
        needle = normalise(word)
        at = plain.find(needle)
        while at >= 0:
            span = (at, at + len(needle))
            if all(span[1] <= start or span[0] >= end for start, end in taken):
                taken.append(span)
            at = plain.find(needle, span[1])
    return tuple(sorted(taken))
