"""Chinese normalisation and tokenisation for the lexical arm.

Normalisation maps character to character, so offsets into a normalised text are offsets into the
original: highlights need no second table.
"""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import jieba
import opencc

jieba.setLogLevel(logging.WARNING)

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_HAN}]+|[a-z0-9]+(?:[.\-/+][a-z0-9]+)*")
_HAN_RUN = re.compile(rf"[{_HAN}]")
# many abstracts close their sentences with an ASCII full stop; one inside a number is none
_END = rf"[。！？；;!?\n]|\.(?=[{_HAN}\s]|$)"
_SENTENCE = re.compile(rf"(?:(?!{_END}).)*(?:{_END})?", re.DOTALL)


@lru_cache(maxsize=1)
def _character_map() -> dict[int, str]:
    """Each character of the basic plane to its compatible, simplified, lower-case single form."""
    points = [*range(0x80, 0xD800), *range(0xE000, 0x10000)]  # without the surrogates
    simplified = opencc.OpenCC("t2s").convert("\n".join(map(chr, points))).split("\n")
    if len(simplified) != len(points):  # a line feed was produced or eaten: never seen
        simplified = [chr(p) for p in points]
    table = {p: chr(p).lower() for p in range(0x80)}
    for point, plain in zip(points, simplified, strict=True):
        folded = unicodedata.normalize("NFKC", plain).lower()
        if len(folded) == 1 and folded != chr(point):
            table[point] = folded
    return table


def normalise(text: str) -> str:
    """Full-width to half-width, traditional to simplified, upper to lower case.

    The result has exactly as many characters as `text`; a character whose normal form is longer
    than one character (`℃`, `㎡`) stays as it is.
    """
    return text.translate(_character_map())


def sentences(text: str) -> list[tuple[int, int]]:
    """Offsets (start, end) of the sentences of `text`, end mark included, blank ones left out."""
    return [m.span() for m in _SENTENCE.finditer(text) if m.group().strip()]


class TokenSet(StrEnum):
    """What a text is cut into."""

    WORDS = "words"
    """jieba words."""
    CHARACTERS = "characters"
    """Han unigrams and bigrams, and whole runs of Latin letters and digits."""
    MIXED = "mixed"
    """Words and characters in one bag: what is a word as well counts twice."""


@dataclass(frozen=True)
class Analyzer:
    """Cuts a text into the tokens of one token set; equal fingerprints give equal tokens."""

    token_set: TokenSet
    lexicon: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Identifies token set, lexicon and version of this code (8 bytes as hex)."""
        material = "\n".join(["1", self.token_set, jieba.__version__, *self.lexicon])
        return hashlib.sha256(material.encode()).hexdigest()[:16]

    def warm(self) -> None:
        """Load dictionary and character map now (0.5 s), not with the first text."""
        self.tokens("")

    def tokens(self, text: str) -> list[str]:
        """Tokens of `text` with repetitions; punctuation and white space yield none."""
        plain = normalise(text)
        found: list[str] = []
        if self.token_set is not TokenSet.CHARACTERS:
            words = _segmenter(self.lexicon).cut(plain)
            found.extend(word for word in words if _RUN.match(word))
        if self.token_set is not TokenSet.WORDS:
            for run in _RUN.findall(plain):
                if _HAN_RUN.match(run):
                    found.extend(run)
                    found.extend(run[i : i + 2] for i in range(len(run) - 1))
                else:
                    found.append(run)
        return found

    def pieces(self, text: str) -> list[tuple[str, int]]:
        """`text` as jieba cuts it, punctuation included: normal forms with their offsets."""
        cut = _segmenter(self.lexicon).tokenize(normalise(text))
        return [(word, start) for word, start, _ in cut]

    def cuts(self, text: str) -> frozenset[int]:
        """Offsets between the words of the dictionary; unknown words count as single characters.

        jieba guesses words that it does not know, and joins a technical term with the verb behind
        it: such a guess must not hide a term that a list knows.
        """
        cut = _segmenter(self.lexicon).tokenize(normalise(text), HMM=False)
        return frozenset(at for _, start, end in cut for at in (start, end))

    def words(self, text: str) -> list[tuple[str, int]]:
        """Words of two characters or more with their offsets in `text`."""
        return [piece for piece in self.pieces(text) if is_word(piece[0])]

    def bigrams(self, text: str) -> set[str]:
        """Han bigrams of `text`, and its runs of Latin letters and digits, in normal form."""
        found: set[str] = set()
        for run in _RUN.findall(normalise(text)):
            if _HAN_RUN.match(run):
                found.update(run[i : i + 2] for i in range(len(run) - 1))
            else:
                found.add(run)
        return found


def is_word(piece: str) -> bool:
    """Whether a piece of a text is a word of two characters or more, and no punctuation."""
    return len(piece) > 1 and _RUN.match(piece) is not None


@lru_cache(maxsize=4)
def _segmenter(lexicon: tuple[str, ...]) -> jieba.Tokenizer:
    """A jieba tokenizer of its own, so that no other user of jieba changes our tokens."""
    # jieba's own file name is relative to a pkg_resources lookup; the explicit path avoids both
    package = find_spec("jieba")
    dictionary = Path(str(package.origin)).with_name("dict.txt") if package else None
    segmenter = jieba.Tokenizer(str(dictionary)) if dictionary else jieba.Tokenizer()
    segmenter.initialize()
    for word in lexicon:
        segmenter.add_word(word)
    return segmenter


@lru_cache(maxsize=1)
def empty_words() -> frozenset[str]:
    """Words that any two texts may share without speaking of the same, in normal form."""
    lines = files("matcher").joinpath("empty_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in read_lexicon(lines) for word in line.split())


@lru_cache(maxsize=1)
def technical_lexicon() -> tuple[str, ...]:
    """The technical words that ship with the matcher, sorted; `#` starts a comment."""
    lines = files("matcher").joinpath("lexicon.txt").read_text(encoding="utf-8").splitlines()
    return read_lexicon(lines)


def read_lexicon(lines: Iterable[str]) -> tuple[str, ...]:
    """Normalised distinct words of a lexicon file, one a line; `#` starts a comment."""
    words = (line.partition("#")[0].strip() for line in lines)
    return tuple(sorted({normalise(word) for word in words if word}))
