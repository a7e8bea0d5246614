"""Groups of synonyms as data: where their terms stand in a text, and which pairs of terms they link.

The core ships no groups of its own; whoever makes a matcher hands them over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from matcher.alignment import Reading
from matcher.analyzer import normalise

GENERAL = "general"
"""The chain of groups that hold in texts of every chain."""
_HEAD = 2
_SURE = 4
"""From this many characters on a term counts even where word boundaries do not fit it."""


class Group(Protocol):
    """Terms of one chain that may stand for each other.

    `narrower` are kinds of what the terms name: one of them may answer a need that uses a term, but
    a term does not answer a need that uses a narrower one.
    """

    @property
    def chain(self) -> str:
        """Code of the industry chain, or `GENERAL`."""

    @property
    def terms(self) -> tuple[str, ...]:
        """Equivalent terms."""

    @property
    def abbreviations(self) -> tuple[str, ...]:
        """Latin short forms of the terms."""

    @property
    def narrower(self) -> tuple[str, ...]:
        """Kinds of what the terms name."""


class Link(StrEnum):
    """What the achievement's term of a bridge is to the need's."""

    SYNONYM = "synonym"
    """It may stand for it."""
    NARROWER = "narrower"
    """It is a kind of it."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A term of group number `group` in a text: its normal form and its offsets."""

    group: int
    term: str
    start: int
    end: int
    narrower: bool


@dataclass(frozen=True, slots=True)
class Bridge:
    """Different terms of one group in the two texts of a pair, as the texts spell them.

    `need_spans` and `achievement_spans` are all places of the terms.
    """

    need_term: str
    achievement_term: str
    chain: str
    link: Link
    group: tuple[str, ...]
    need_spans: tuple[tuple[int, int], ...]
    achievement_spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Terminology:
    """Synonym groups, searchable in texts. Equal fingerprints have equal groups."""

    groups: tuple[Group, ...] = field(default=())

    @cached_property
    def fingerprint(self) -> str:
        """Identifies all groups and their order (8 bytes as hex)."""
        material = [(g.chain, g.terms, g.abbreviations, g.narrower) for g in self.groups]
        return hashlib.sha256(repr(material).encode()).hexdigest()[:16]

    @cached_property
    def _heads(self) -> Mapping[str, tuple[tuple[str, int, bool], ...]]:
        """By their first two characters, the terms with group number and whether narrower."""
        heads: dict[str, list[tuple[str, int, bool]]] = {}
        for number, group in enumerate(self.groups):
            for terms, narrower in ((_own(group), False), (group.narrower, True)):
                for term in map(normalise, terms):
                    heads.setdefault(term[:_HEAD], []).append((term, number, narrower))
        return {head: tuple(entries) for head, entries in heads.items()}

    @cached_property
    def _chains(self) -> Mapping[str, frozenset[str]]:
        """The chains in whose groups a term stands."""
        chains: dict[str, set[str]] = {}
        for entries in self._heads.values():
            for term, number, _ in entries:
                chains.setdefault(term, set()).add(self.groups[number].chain)
        return {term: frozenset(found) for term, found in chains.items()}

    def mentions(self, reading: Reading) -> list[Mention]:
        """The terms that stand in a text, in reading order, in every group that they belong to.

        A short term that does not lie between word boundaries is part of other words. Of two terms,
        one within the other, only the longer is there.
        """
        plain = reading.plain
        found = [
            Mention(number, term, start, start + len(term), narrower)
            for start in range(len(plain) - 1)
            for term, number, narrower in self._heads.get(plain[start : start + _HEAD], ())
            if plain.startswith(term, start) and _whole(plain, start, start + len(term), reading)
        ]
        return [m for m in found if not any(_within(m, other) for other in found)]

    def meant(self, mentions: Iterable[Mention], chain: str | None) -> list[Mention]:
        """Those of `mentions` that mean what their group says in a text of `chain`.

        The chain's own groups go before the general ones. Where the chain is not known, a term that
        stands in groups of several chains means nothing sure.
        """
        return [mention for mention in mentions if self._meant(mention, chain)]

    def _meant(self, mention: Mention, chain: str | None) -> bool:
        chains = self._chains[mention.term]
        own = self.groups[mention.group].chain
        if chain is None:
            return len(chains) == 1
        return own == (chain if chain in chains else GENERAL)

    def bridges(
        self,
        need: str,
        achievement: str,
        need_mentions: Iterable[Mention],
        achievement_mentions: Iterable[Mention],
    ) -> list[Bridge]:
        """Links between terms of the need and other terms of the same groups in the achievement.

        A group of which both texts use the same term links nothing: the term itself is shared. A
        pair of terms of which one contains the other is no link either, for they share their words.
        """
        asked, offered = _by_group(need_mentions), _by_group(achievement_mentions)
        found = []
        for number in sorted(asked.keys() & offered.keys()):
            here, there = asked[number], offered[number]
            if here.keys() & there.keys():
                continue
            pair = next(
                (
                    (a, b)
                    for a, mine in here.items()
                    for b, theirs in there.items()
                    if not mine[0].narrower and a not in b and b not in a
                ),
                None,
            )
            if pair is not None:
                found.append(self._bridge(number, need, achievement, here[pair[0]], there[pair[1]]))
        return found

    def _bridge(
        self, number: int, need: str, achievement: str, mine: list[Mention], theirs: list[Mention]
    ) -> Bridge:
        group = self.groups[number]
        return Bridge(
            need_term=need[mine[0].start : mine[0].end],
            achievement_term=achievement[theirs[0].start : theirs[0].end],
            chain=group.chain,
            link=Link.NARROWER if theirs[0].narrower else Link.SYNONYM,
            group=(*_own(group), *group.narrower),
            need_spans=tuple((m.start, m.end) for m in mine),
            achievement_spans=tuple((m.start, m.end) for m in theirs),
        )

    def alternatives(self, mention: Mention) -> tuple[str, ...]:
        """Normal forms of what may stand for a term that somebody asks with."""
        if mention.narrower:
            return ()
        group = self.groups[mention.group]
        words = map(normalise, (*_own(group), *group.narrower))
        return tuple(word for word in words if word != mention.term)


def _own(group: Group) -> tuple[str, ...]:
    return (*group.terms, *group.abbreviations)


def _by_group(mentions: Iterable[Mention]) -> dict[int, dict[str, list[Mention]]]:
    """For each group its terms in reading order, each with its mentions."""
    found: dict[int, dict[str, list[Mention]]] = {}
    for mention in mentions:
        found.setdefault(mention.group, {}).setdefault(mention.term, []).append(mention)
    return found


def _within(mention: Mention, other: Mention) -> bool:
    longer = other.end - other.start > mention.end - mention.start
    return longer and other.start <= mention.start and mention.end <= other.end


def _whole(plain: str, start: int, end: int, reading: Reading) -> bool:
    """Whether the term stands there by itself and is not a part of other words."""
    if start and _latin(plain[start]) and _latin(plain[start - 1]):
        return False
    if end < len(plain) and _latin(plain[end - 1]) and _latin(plain[end]):
        return False
    if end - start >= _SURE or _latin(plain[start]):
        return True
    return reading.bounded(start, end)


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()
