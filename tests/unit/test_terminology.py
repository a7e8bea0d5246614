"""The terminology files are whole, and broken ones are refused with the place of the fault."""

from __future__ import annotations

import pytest

from corpora.taxonomy import taxonomy
from corpora.terminology import GENERAL, SynonymGroup, TerminologyError, load, parse


def test_every_chain_has_its_groups_and_general_ones_come_last() -> None:
    groups = load()
    assert list(dict.fromkeys(g.chain for g in groups)) == [*taxonomy("chain"), GENERAL]
    for chain in (*taxonomy("chain"), GENERAL):
        assert 25 <= sum(g.chain == chain for g in groups) <= 45, chain


def test_shop_floor_words_meet_the_words_of_papers() -> None:
    def together(one: str, other: str) -> list[str]:
        return [
            g.chain for g in load() if {one, other} <= {*g.terms, *g.abbreviations, *g.narrower}
        ]

    assert together("长毛", "锂枝晶") == ["battery"]
    assert together("长毛", "霉变") == ["food", GENERAL], "a word of two meanings is in two groups"
    assert GENERAL in together("打滑", "摩擦系数不足")
    assert together("荷电状态", "SOC") == ["battery"]


def test_abbreviations_are_latin_and_no_file_is_mostly_one_long_group() -> None:
    for group in load():
        assert all(term.isascii() for term in group.abbreviations), group
        assert len(group.terms) <= 9, group


def test_a_group_is_read_with_all_its_parts() -> None:
    text = '[[group]]\nterms = ["荷电状态"]\nabbreviations = ["SOC"]\nnarrower = ["剩余电量"]\n'
    assert parse("battery", text) == (
        SynonymGroup("battery", ("荷电状态",), ("SOC",), ("剩余电量",)),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[group]", "battery.toml: "),
        ("", "must hold"),
        ('title = "x"\n[[group]]\nterms = ["析锂", "长毛"]', "must hold"),
        ('[[group]]\nterms = ["析锂", "长毛"]\nnote = "x"', "group 1: may hold"),
        ("[[group]]\nterms = []", "group 1: has no terms"),
        ('[[group]]\nabbreviations = ["SOC", "BMS"]', "group 1: has no terms"),
        ('[[group]]\nterms = ["析锂"]', "'析锂' stands alone"),
        ('[[group]]\nterms = "析锂、长毛"', "terms must be a list"),
        ('[[group]]\nterms = ["析锂", "毛"]', "'毛' in terms is shorter"),
        ('[[group]]\nterms = ["析锂", ""]', "'' in terms is shorter"),
        ('[[group]]\nterms = ["析锂", " 长毛"]', "blanks around it"),
        ('[[group]]\nterms = ["析锂", 5]', "5 in terms is no text"),
        ('[[group]]\nterms = ["析锂", "长毛", "析鋰"]', "'析鋰' occurs twice"),
        ('[[group]]\nterms = ["荷电状态"]\nabbreviations = ["SOC", "soc"]', "'soc' occurs twice"),
        (
            '[[group]]\nterms = ["析锂", "长毛"]\n[[group]]\nterms = ["长毛"]\nnarrower = ["析锂"]',
            "group 2: same terms as group 1",
        ),
    ],
)
def test_faults_are_told_with_their_place(text: str, told: str) -> None:
    with pytest.raises(TerminologyError) as refused:
        parse("battery", text)
    assert told in str(refused.value)
