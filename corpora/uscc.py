"""统一社会信用代码 of GB 32100-2015: 18 characters, the last of which checks the others."""

from __future__ import annotations

import unicodedata

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Table 1 of the standard: digits and capitals without I, O, S, V and Z; the value is the place."""
_LENGTH = 18
_WEIGHTS = [pow(3, place, len(_ALPHABET)) for place in range(_LENGTH - 1)]


def check_character(first: str) -> str:
    """The last character for the first 17; raises ValueError for any other text."""
    if len(first) != _LENGTH - 1:
        msg = "17 characters are checked"
        raise ValueError(msg)
    total = sum(
        _ALPHABET.index(character) * weight
        for character, weight in zip(first, _WEIGHTS, strict=True)
    )
    return _ALPHABET[-total % len(_ALPHABET)]


def normal_uscc(text: str) -> str:
    """The code in capitals and half-width; raises ValueError, in Chinese, for one that is none."""
    code = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if len(code) != _LENGTH:
        msg = f"统一社会信用代码应为 {_LENGTH} 位，现在是 {len(code)} 位"
        raise ValueError(msg)
    wrong = sorted({character for character in code if character not in _ALPHABET})
    if wrong:
        msg = f"统一社会信用代码里不会有 {'、'.join(wrong)}（字母没有 I、O、S、V、Z）"
        raise ValueError(msg)
    if code[-1] != check_character(code[:-1]):
        msg = "统一社会信用代码的校验位不对，请核对每一位"
        raise ValueError(msg)
    return code
