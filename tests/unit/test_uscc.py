"""统一社会信用代码: the check digit of GB 32100-2015 on codes of known companies and on slips."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.uscc import check_character, normal_uscc

KNOWN = [
    "9144030071526726XG",
    "91110000802100433B",
    "914403001922038216",
    "91330100799655058B",
    "91110108551385082Q",
]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("code", KNOWN)
def test_codes_of_known_companies_check_in_any_spelling(code: str) -> None:
    assert normal_uscc(code) == code
    assert normal_uscc(f" {code[:8].lower()} {code[8:].lower()} ") == code
    assert normal_uscc(code.replace("1", "１")) == code


@given(st.text(ALPHABET, min_size=17, max_size=17), st.data())
def test_one_wrong_or_two_swapped_characters_are_noticed(first: str, data: st.DataObject) -> None:
    code = first + check_character(first)
    assert normal_uscc(code) == code
    place = data.draw(st.integers(0, 17))
    other = data.draw(st.sampled_from(ALPHABET).filter(lambda c: c != code[place]))
    with pytest.raises(ValueError, match="校验位"):
        normal_uscc(code[:place] + other + code[place + 1 :])
    left = data.draw(st.integers(0, 15))
    swapped = code[:left] + code[left + 1] + code[left] + code[left + 2 :]
    if swapped != code:
        with pytest.raises(ValueError, match="校验位"):
            normal_uscc(swapped)


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "18 位"), ("91440300715267", "18 位"), ("9144030071526726IG", "I"), ("甲" * 18, "甲")],
)
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        normal_uscc(text)
