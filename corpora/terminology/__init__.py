"""Groups of terms that say the same on the shop floor, in papers and in English abbreviations.

One `CHAIN.toml` for each industry chain and `general.toml` for words of every trade. The groups were
written from knowledge of the trades, not from needs, achievements or judgements of any corpus.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import chain as joined
from pathlib import Path

from corpora.normal import fold
from corpora.taxonomy import taxonomy

GENERAL = "general"
_LISTS = ("terms", "abbreviations", "narrower")
_SHORTEST = 2


class TerminologyError(ValueError):
    """A terminology file that breaks a rule; the message names file, group and rule."""


@dataclass(frozen=True, slots=True)
class SynonymGroup:
    """Terms that may stand for each other in texts of one chain (`general`: of every chain).

    `terms` are equivalent or bridge a symptom and its mechanism; `abbreviations` are Latin short
    forms of them. `narrower` are kinds of what the terms name: they may stand for a term of the
    group in a record, but a term of the group does not stand for them. A term of two meanings is in
    two groups.
    """

    chain: str
    terms: tuple[str, ...]
    abbreviations: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()


@cache
def load(place: Path | None = None) -> tuple[SynonymGroup, ...]:
    """All groups, file by file in the order of the chain list, the general ones last.

    They are the shipped ones, or those of the folder `place`. Raises TerminologyError.
    """
    folder = place or files("corpora").joinpath("terminology")
    texts = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml")
    }
    known = (*taxonomy("chain"), GENERAL)
    for name in sorted(set(texts) - set(known)):
        msg = f"{name}.toml: no such industry chain"
        raise TerminologyError(msg)
    return tuple(joined.from_iterable(parse(name, texts[name]) for name in known if name in texts))


def parse(chain: str, text: str) -> tuple[SynonymGroup, ...]:
    """The groups of one file; raises TerminologyError."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{chain}.toml: {error}"
        raise TerminologyError(msg) from error
    entries = content.get("group")
    if set(content) != {"group"} or not isinstance(entries, list) or not entries:
        msg = f"{chain}.toml: must hold [[group]] entries and nothing else"
        raise TerminologyError(msg)
    seen: dict[frozenset[str], int] = {}
    groups = []
    for number, entry in enumerate(entries, start=1):
        place = f"{chain}.toml, group {number}"
        group = _group(chain, entry, place)
        same = seen.setdefault(frozenset(map(fold, _all(group))), number)
        if same != number:
            msg = f"{place}: same terms as group {same}"
            raise TerminologyError(msg)
        groups.append(group)
    return tuple(groups)


def _group(chain: str, entry: object, place: str) -> SynonymGroup:
    if not isinstance(entry, Mapping) or not set(entry) <= set(_LISTS):
        msg = f"{place}: may hold {', '.join(_LISTS)} only"
        raise TerminologyError(msg)
    terms, abbreviations, narrower = (_terms(entry.get(name, []), name, place) for name in _LISTS)
    if not terms:
        msg = f"{place}: has no terms"
        raise TerminologyError(msg)
    group = SynonymGroup(chain, terms, abbreviations, narrower)
    words = list(_all(group))
    if len(words) == 1:
        msg = f"{place}: {words[0]!r} stands alone"
        raise TerminologyError(msg)
    first: dict[str, str] = {}
    for word in words:
        if first.setdefault(fold(word), word) is not word:
            msg = f"{place}: {word!r} occurs twice"
            raise TerminologyError(msg)
    return group


def _terms(value: object, name: str, place: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        msg = f"{place}: {name} must be a list"
        raise TerminologyError(msg)
    for term in value:
        if not isinstance(term, str) or term != term.strip():
            msg = f"{place}: {term!r} in {name} is no text without blanks around it"
            raise TerminologyError(msg)
        if len(fold(term)) < _SHORTEST:
            msg = f"{place}: {term!r} in {name} is shorter than {_SHORTEST} characters"
            raise TerminologyError(msg)
    return tuple(value)


def _all(group: SynonymGroup) -> Iterator[str]:
    return joined(group.terms, group.abbreviations, group.narrower)
