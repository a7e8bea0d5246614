"""Near-duplicates: found by sketches, verified exactly, the same however the index came to be."""

from __future__ import annotations

import random
import time

import pytest

from matcher.duplicates import THRESHOLD, TwinIndex, jaccard, shingles
from matcher.listing import Kind, Listing

PUMP = (
    "选厂六台渣浆泵输送含石英砂的矿浆，轴封最长撑十六天就开始滴漏，换一次停机八小时，"
    "希望寿命到三个月以上，不改泵体，不另接冷却水。"
)
CELLAR = "新建的两百口窖池酒体己酸乙酯偏低，想尽快让新窖泥达到老窖泥的水平，不能影响今年投产。"


def need(id_: str, text: str, title: str = "") -> Listing:
    return Listing(id_, Kind.NEED, title, text)


def naive(one: str, other: str) -> float:
    a, b = ({t[i : i + 5] for i in range(len(t) - 4)} for t in (one, other))
    return len(a & b) / len(a | b)


def varied(text: str, seed: int, changes: int) -> str:
    letters, chance = list(text), random.Random(seed)
    for place in chance.sample(range(len(letters)), changes):
        letters[place] = chr(0x4E00 + chance.randrange(20000))
    return "".join(letters)


def test_similarity_is_the_exact_jaccard_of_five_grams() -> None:
    plain = "".join(c for c in PUMP if c.isalnum())
    for seed in range(8):
        other = varied(plain, seed, changes=seed)
        expected = naive(plain, other)
        assert jaccard(shingles(plain), shingles(other)) == pytest.approx(expected)


def test_writing_and_layout_make_no_difference() -> None:
    assert jaccard(shingles("良品率 95%，\n泄漏ABC"), shingles("良品率９５％泄漏abc")) == 1
    assert jaccard(shingles("寿命"), shingles("寿命")) == 1
    assert jaccard(shingles(" ，"), shingles("\n")) == 0


def test_twins_are_found_most_similar_first_and_others_are_not() -> None:
    index = TwinIndex.build(
        [
            need("near", PUMP.replace("十六天", "十七天")),
            need("same", PUMP),
            need("other", CELLAR),
        ]
    )
    found = index.twins(need("new", PUMP))
    assert [twin.id for twin in found] == ["same", "near"]
    assert found[0].similarity == 1
    assert THRESHOLD <= found[1].similarity < 1
    assert index.twins(need("new", CELLAR[:20])) == []
    assert index.twins(need("new", "")) == []


def test_a_listing_is_not_its_own_twin() -> None:
    index = TwinIndex.build([need("a", PUMP), need("b", PUMP)])
    assert [twin.id for twin in index.twins(need("a", PUMP))] == ["b"]


def test_groups_follow_additions_changes_and_removals() -> None:
    index = TwinIndex.build([need("b", PUMP), need("c", CELLAR)])
    assert index.groups() == {}
    index.add(need("a", PUMP))
    index.add(need("d", PUMP.replace("六台", "八台")))
    assert index.groups() == {"a": "a", "b": "a", "d": "a"}
    assert index.group("d") == ["a", "b", "d"]
    index.remove("a")
    assert index.groups() == {"b": "b", "d": "b"}
    index.add(need("b", CELLAR))
    assert index.groups() == {"b": "b", "c": "b"}
    index.remove("b")
    index.remove("b")
    assert index.groups() == {}
    assert len(index) == 2


def test_an_index_that_was_changed_equals_one_that_was_built() -> None:
    chance = random.Random(7)
    live = TwinIndex()
    held: dict[str, Listing] = {}
    for step in range(300):
        id_ = f"n{chance.randrange(40)}"
        if chance.random() < 0.3:
            live.remove(id_)
            held.pop(id_, None)
        else:
            base = chance.choice((PUMP, CELLAR))
            held[id_] = need(id_, varied(base, step, chance.randrange(6)))
            live.add(held[id_])
    assert live.groups() == TwinIndex.build(held.values()).groups()
    assert len(live) == len(held)


def test_many_copies_cost_little_and_a_limit_names_the_best() -> None:
    start = time.perf_counter()
    index = TwinIndex.build(need(f"n{n:04}", PUMP) for n in range(3000))
    index.add(need("a", PUMP.replace("六台", "八台")))
    # comparing each copy with each took a quarter of a minute
    assert time.perf_counter() - start < 8
    assert len(index.groups()) == 3001
    assert [twin.id for twin in index.twins(need("new", PUMP), limit=2)] == ["n0000", "n0001"]
    assert len(index.twins(need("new", PUMP))) == 3001


def test_blank_texts_are_no_twins() -> None:
    index = TwinIndex.build([need("a", " "), need("b", "，")])
    assert index.groups() == {}
    assert index.group("a") == ["a"]
    index.remove("a")
    assert len(index) == 1


def test_few_similar_pairs_are_missed() -> None:
    base = "".join(chr(0x4E00 + n) for n in random.Random(1).sample(range(20000), 300))
    pairs = []
    for seed in range(200):
        other = varied(base, seed, changes=12)
        if naive(base, other) >= 0.65:
            pairs.append(other)
    assert len(pairs) > 100
    index = TwinIndex.build([need("base", base)])
    found = sum(bool(index.twins(need("new", other))) for other in pairs)
    assert found >= 0.9 * len(pairs)


def test_texts_of_one_subject_are_no_twins() -> None:
    another = (
        "矿浆泵的密封坏得快，石英砂磨穿密封面，半个月就要停下来换，想找耐磨的密封，用得上一个季度。"
    )
    assert TwinIndex.build([need("a", PUMP)]).twins(need("b", another)) == []
