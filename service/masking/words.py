"""Which words of a running text may be shown: what no dictionary knows could be a name.

Words come with their part of speech from a tokenizer of jieba that nobody else uses. The rule is to
hide too much rather than too little: a proper name, a word that neither jieba's dictionary nor our
terminology nor the public sample corpus knows, a model number and an exact figure are all replaced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

import jieba
import jieba.posseg

from corpora import sample, terminology
from corpora.taxonomy import taxonomy
from matcher.listing import Kind

PERSON = "某人"
PLACE = "某地"
ORGANISATION = "某单位"
NAME = "某名"
MODEL = "某型号"
SIGNS = (PERSON, PLACE, ORGANISATION, NAME, MODEL)

_RARE = 100
"""Occurrences in jieba's dictionary below which a single character is taken for part of a name."""
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+")
_LATIN = re.compile(r"[^\W\d_]*[A-Za-z][\w.+/-]*", re.ASCII)
_MINERAL = frozenset("矿石砂岩")
_CHINESE_NUMBER = re.compile(r"^[零〇一二三四五六七八九十百千万亿两半]+")
_DIGITS = re.compile(r"\d[\d,.]*")
_PLACE_FLAGS = ("ns",)
_NAME_FLAGS = ("nr", "nz", "nt")
_UNITS = re.compile(
    r"[munpkMG]?(?:m|g|Pa|W|V|A|Hz|s|L|N|J|Wh|Ah)|cm|t|bar|rpm|h|min|dB|K|C|pH|ppm|wt|vol|mol|cd|lx|lm"
)
_MAGNITUDES = ("不足一", "数", "数十", "数百", "数千", "数万")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, what stands for it in the mask, and whether that hides it."""

    text: str
    flag: str
    shown: str
    hidden: bool


@cache
def _tagger() -> jieba.posseg.POSTokenizer:
    package = find_spec("jieba")
    folder = package.submodule_search_locations[0] if package else None  # type: ignore[index]
    tokenizer = jieba.Tokenizer(f"{folder}/dict.txt")
    tokenizer.initialize()
    return jieba.posseg.POSTokenizer(tokenizer)


@cache
def _terms() -> frozenset[str]:
    """Terms of our terminology: technical words whatever a dictionary calls them."""
    return frozenset(
        word
        for group in terminology.load()
        for word in (*group.terms, *group.abbreviations, *group.narrower)
    )


@cache
def _technical() -> str:
    return "\n".join(sorted(_terms()))


@cache
def _public() -> str:
    """The texts of the public sample corpus, in which no party of a confidential record occurs."""
    return "\n".join(record.body() for kind in Kind for record in sample.rows(kind))


def words(text: str) -> Iterator[Word]:
    """The words of `text` in their order, nothing left out."""
    surname = False
    for pair in _tagger().cut(text):
        word, flag = pair.word, pair.flag
        if surname and len(word) <= 2 and _HAN.fullmatch(word):  # noqa: PLR2004  (a given name)
            yield Word(word, flag, PERSON, hidden=True)
            surname = False
            continue
        surname = flag == "nr" and len(word) == 1
        yield _judged(word, flag)


def _judged(word: str, flag: str) -> Word:
    if word in _terms():
        return Word(word, flag, word, hidden=False)
    if _HAN.fullmatch(word):
        sign = _sign(word, flag)
        if sign:
            return Word(word, flag, sign, hidden=True)
        shown = _coarse_chinese(word) if flag.startswith("m") else word
        return Word(word, flag, shown, hidden=False)
    if _LATIN.search(word):
        known = _UNITS.fullmatch(word) is not None or (word.isalpha() and word in _public())
        return Word(word, flag, word if known else MODEL, hidden=not known)
    if any(character.isdigit() for character in word):
        return Word(word, flag, _DIGITS.sub(lambda found: coarse(found[0]), word), hidden=False)
    letters = any(character.isalpha() for character in word)
    return Word(word, flag, MODEL if letters else word, hidden=letters)


def _sign(word: str, flag: str) -> str:
    """What stands for a Chinese word that must not be shown; empty for one that may."""
    if len(word) > 1 and word in _technical():
        # the dictionary takes 密封 for a place
        return ""
    known = _tagger().tokenizer.FREQ.get(word, 0)
    if flag.startswith(_PLACE_FLAGS):
        return "" if taxonomy("region").resolve(word) else PLACE
    if flag.startswith(_NAME_FLAGS):
        mineral = known and len(word) > 2 and word[-1] in _MINERAL  # noqa: PLR2004
        return "" if mineral else {"nr": PERSON, "nt": ORGANISATION}.get(flag[:2], NAME)
    if len(word) == 1:
        return NAME if known < _RARE else ""
    unknown = not known and not flag.startswith("m") and word not in _public()
    return NAME if unknown else ""


def coarse(number: str) -> str:
    """The order of magnitude of a figure in words."""
    whole = number.replace(",", "").partition(".")[0].lstrip("0")
    return _MAGNITUDES[len(whole)] if len(whole) < len(_MAGNITUDES) else "大量"


def _coarse_chinese(word: str) -> str:
    found = _CHINESE_NUMBER.match(word)
    if found is None or found[0] in ("一", "半"):
        return word
    sizes = [unit for unit in "亿万千百十" if unit in found[0]]
    return f"数{sizes[0] if sizes else ''}{word[found.end() :]}"
