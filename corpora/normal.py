"""Text as people type it, brought to one form: for comparing names and for storing."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc

# tab and line feed stay; a carriage return has become a line feed before
_CONTROL = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_GAP = re.compile(r"[\s_\-*·:]+")


@lru_cache(maxsize=1)
def _to_simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The form in which headers and listed values are compared.

    Half-width, simplified characters, lower case, without spaces, underscores, hyphens, asterisks
    and colons: `Need ID *`, `need_id` and `ＮＥＥＤ－ＩＤ` are one.
    """
    wide = unicodedata.normalize("NFKC", _SURROGATE.sub("\ufffd", text)).casefold()
    if not wide.isascii():
        wide = _to_simplified().convert(wide)
    return _GAP.sub("", wide)


def clean(text: str) -> str:
    """`text` with one kind of line end and without control characters.

    Raises ValueError on a NUL or a lone surrogate: such a text was damaged before it came here, and
    no database stores it.
    """
    if "\x00" in text:
        raise ValueError("含有空字符(NUL),文件可能已损坏")
    if _SURROGATE.search(text):
        raise ValueError("含有无法识别的字符,文件可能已损坏")
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def shorten(value: object, limit: int = 80) -> str:
    """A value as one line of at most `limit` characters, for messages."""
    line = " ".join(_SURROGATE.sub("\ufffd", str(value)[: limit * 4]).replace("\x00", "").split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
