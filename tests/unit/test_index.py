"""ListingIndex: live changes, filters, snapshots and order against plain re-computation."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher import snapshot
from matcher.analyzer import Analyzer, TokenSet
from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.filters import Filter
from matcher.index import Change, ListingIndex, Op, Query
from matcher.listing import Facets, Kind, Listing
from matcher.pipeline import Answer, Matcher
from tests.backend import HashedCharacters

CONFIG = MatcherConfig(analyzer=Analyzer(TokenSet.CHARACTERS), depth=5)
WORDS = [
    "轴承",
    "密封",
    "泄漏",
    "焊缝",
    "裂纹",
    "检测",
    "涂层",
    "腐蚀",
    "电池",
    "隔膜",
    "烘干",
    "发酵",
    "酒曲",
]


def listing(
    number: int, seed: int, *, kind: Kind = Kind.ACHIEVEMENT, title: bool = True
) -> Listing:
    rng = random.Random(seed)
    words = rng.choices(WORDS, k=12)
    return Listing(
        id=f"a{number:03d}",
        kind=kind,
        title="".join(words[:3]) if title else "",
        body="，".join(words) + "。",
        facets=Facets(
            chain=rng.choice(["battery", "food", None]),
            region=rng.choice(["510100", "510700", None]),
            trl_low=(level := rng.choice([3, 6, 9, None])),
            trl_high=level,
            coop_modes=tuple(rng.sample(["licence", "equity", "service"], k=rng.randint(0, 2))),
            ownership=rng.choice(["demand", "shared", None]),
            term_months=rng.choice([6, 18, None]),
            price_mode=rng.choice(["listed", None]),
            org=rng.choice(["某研究所", None]),
        ),
    )


def matcher_over(index: ListingIndex, encoder: Encoder) -> Matcher:
    return Matcher({Kind.ACHIEVEMENT: index}, encoder, CONFIG)


def ranking(index: ListingIndex, encoder: Encoder, query: Listing, k: int = 10, **options):
    answer = matcher_over(index, encoder).match(query, top_k=k, **options)
    return [(m.listing.id, m.score) for m in answer.matches]


QUERY = listing(999, 5, kind=Kind.NEED)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 10**6), st.booleans()), max_size=60))
def test_an_index_changed_one_by_one_ranks_like_one_built_at_once(operations) -> None:
    encoder = Encoder(HashedCharacters())
    start = [listing(n, n) for n in range(20)]
    live = ListingIndex.build(Kind.ACHIEVEMENT, start, encoder, CONFIG)
    truth = {item.id: item for item in start}
    for seq, (number, seed, put) in enumerate(operations, start=1):
        item = listing(number, seed, title=bool(seed % 3))
        change = Change(
            seq, Kind.ACHIEVEMENT, item.id, Op.PUT if put else Op.DELETE, item if put else None
        )
        live = live.apply([change], encoder)
        if put:
            truth[item.id] = item
        else:
            truth.pop(item.id, None)
    built = ListingIndex.build(Kind.ACHIEVEMENT, list(truth.values()), encoder, CONFIG)
    assert len(live) == len(truth)
    assert {item.id: item for item in live} == truth
    assert live.watermark == len(operations)
    for field in ("text", "title"):
        assert live.statistics(field) == built.statistics(field)
    assert ranking(live, encoder, QUERY, 40) == ranking(built, encoder, QUERY, 40)
    assert ranking(live.compacted(), encoder, QUERY, 40) == ranking(built, encoder, QUERY, 40)


def test_matches_hold_min_of_k_and_corpus_distinct_ordered_by_score_then_id() -> None:
    encoder = Encoder(HashedCharacters())
    twins = [Listing(f"t{n}", Kind.ACHIEVEMENT, "密封", "轴承泄漏") for n in (3, 1, 2)]
    index = ListingIndex.build(Kind.ACHIEVEMENT, [*twins, listing(1, 1)], encoder, CONFIG)
    found = ranking(index, encoder, Listing("q", Kind.NEED, "", "轴承泄漏"), 10)
    assert len(found) == len({id_ for id_, _ in found}) == 4
    assert [id_ for id_, _ in found[:3]] == ["t1", "t2", "t3"]
    assert found == sorted(found, key=lambda item: (-item[1], item[0]))


@pytest.mark.parametrize(
    "condition",
    [
        Filter(chains=("battery",)),
        Filter(regions=("510100",), coop_modes=("equity", "service")),
        Filter(trl_low=5),
        Filter(trl_high=4, chains=("food", "battery")),
        Filter(ids=("a001", "a010")),
    ],
)
def test_a_filter_keeps_exactly_what_passes_and_never_thins_the_list(condition: Filter) -> None:
    encoder = Encoder(HashedCharacters())
    items = [listing(n, n) for n in range(60)]
    index = ListingIndex.build(Kind.ACHIEVEMENT, items, encoder, CONFIG)
    passing = {item.id for item in items if not condition.failures(item)}
    assert 0 < len(passing) < 60
    found = ranking(index, encoder, QUERY, 60, condition=condition)
    assert {id_ for id_, _ in found} == passing


def test_a_long_text_is_scored_by_its_best_passage() -> None:
    backend = HashedCharacters(window=56)
    encoder = Encoder(backend)
    noise = [listing(n, n) for n in range(30)]
    buried = "；".join("发酵酒曲" for _ in range(60)) + "。换热器管束在线除垢机器人"
    long = Listing("long", Kind.ACHIEVEMENT, "", buried)
    config = MatcherConfig(analyzer=CONFIG.analyzer, dense_weight=1.0)
    index = ListingIndex.build(Kind.ACHIEVEMENT, [*noise, long], encoder, config)
    matcher = Matcher({Kind.ACHIEVEMENT: index}, encoder, config)
    query = Listing("q", Kind.NEED, "", "换热器管束在线除垢机器人")
    answer = matcher.match(query, with_explanations=True)
    assert answer.matches[0].listing.id == "long"
    assert "除垢机器人" in answer.matches[0].explanation.passages[-1].text
    covered = set()
    for start, end in encoder.windows(long.body, role="body"):
        covered.update(range(start, end))
    assert covered == set(range(len(long.body)))


def test_a_snapshot_opens_as_the_same_index_and_damage_is_noticed(tmp_path: Path) -> None:
    encoder = Encoder(HashedCharacters())
    index = ListingIndex.build(
        Kind.ACHIEVEMENT, [listing(n, n) for n in range(20)], encoder, CONFIG
    )
    index = index.apply([Change(7, Kind.ACHIEVEMENT, "a003", Op.DELETE)], encoder)
    snapshot.save(index, tmp_path, {"database": "x"})
    opened = snapshot.load(tmp_path, CONFIG, encoder.fingerprint, {"database": "x"})
    assert opened.watermark == 7
    assert list(opened) == list(index)
    assert ranking(opened, encoder, QUERY) == ranking(index, encoder, QUERY)
    for options in (
        (CONFIG, "another model", {"database": "x"}),
        (MatcherConfig(), encoder.fingerprint, {"database": "x"}),
        (CONFIG, encoder.fingerprint, {"database": "y"}),
    ):
        with pytest.raises(snapshot.SnapshotError):
            snapshot.load(tmp_path, *options)
    victim = next(tmp_path.glob("*/vectors.npy"))
    data = bytearray(victim.read_bytes())
    data[-3] ^= 1
    victim.write_bytes(data)
    with pytest.raises(snapshot.SnapshotError, match="vectors"):
        snapshot.load(tmp_path, CONFIG, encoder.fingerprint, {"database": "x"})


@pytest.mark.parametrize("parts", [2, 5])
def test_candidates_do_not_depend_on_the_layout_in_segments(parts: int) -> None:
    encoder = Encoder(HashedCharacters())
    # every text stands twice, so that ties lie at the cut of each arm
    items = [replace(listing(n, n // 2), id=f"a{n:03d}") for n in range(200)]
    whole = ListingIndex.build(Kind.ACHIEVEMENT, items, encoder, CONFIG)
    split = ListingIndex.build(Kind.ACHIEVEMENT, items[::parts], encoder, CONFIG)
    seq = 0
    for part in range(1, parts):
        changes = []
        for item in items[part::parts]:
            changes.append(Change(seq := seq + 1, Kind.ACHIEVEMENT, item.id, Op.PUT, item))
        split = split.apply(changes, encoder)
    assert len(split.segments) == parts
    query = Query(Counter(CONFIG.analyzer.tokens(QUERY.text)), encoder.encode_query(QUERY.text))
    for condition in (None, Filter(chains=("battery",))):
        found = [set(i.search(query, condition, 7).candidates) for i in (whole, split)]
        assert found[0] == found[1]
        assert 7 <= len(found[0]) < 40


def background(answer: Answer) -> float | None:
    (found,) = {match.evidence.background for match in answer.matches}
    return found


def test_background_is_that_of_the_whole_index_whatever_a_filter_passes() -> None:
    encoder = Encoder(HashedCharacters())
    items = [listing(n, n) for n in range(80)]
    index = ListingIndex.build(Kind.ACHIEVEMENT, items, encoder, CONFIG)
    matcher = matcher_over(index, encoder)
    whole = matcher.match(QUERY, top_k=80)
    usual = background(whole)
    assert usual is not None
    ordered = [m.score for m in whole.matches]
    assert ordered[-1] < usual < ordered[0]
    for condition in (Filter(chains=("battery",)), Filter(regions=("510100",))):
        assert background(matcher.match(QUERY, condition=condition)) == usual
    assert background(matcher.match(QUERY, top_k=1)) == usual


def test_a_few_listings_give_no_background() -> None:
    encoder = Encoder(HashedCharacters())
    items = [listing(n, n) for n in range(29)]
    index = ListingIndex.build(Kind.ACHIEVEMENT, items, encoder, CONFIG)
    assert background(matcher_over(index, encoder).match(QUERY)) is None


def test_texts_are_encoded_once() -> None:
    backend = HashedCharacters()
    encoder = Encoder(backend)
    items = [listing(n, n) for n in range(10)]
    ListingIndex.build(Kind.ACHIEVEMENT, items, encoder, CONFIG)
    before = backend.encoded
    again = ListingIndex.build(Kind.ACHIEVEMENT, items, encoder, CONFIG)
    assert backend.encoded == before
    assert list(again) == items


def test_an_index_of_another_model_is_refused() -> None:
    encoder = Encoder(HashedCharacters())
    index = ListingIndex.build(Kind.ACHIEVEMENT, [listing(1, 1)], encoder, CONFIG)
    other = HashedCharacters()
    other.fingerprint = "other"
    with pytest.raises(ValueError, match="rebuild the index"):
        Matcher({Kind.ACHIEVEMENT: index}, Encoder(other), CONFIG)


def test_an_empty_index_answers_nothing() -> None:
    encoder = Encoder(HashedCharacters())
    index = ListingIndex.build(Kind.ACHIEVEMENT, [], encoder, CONFIG)
    answer = matcher_over(index, encoder).match(QUERY)
    assert answer.matches == ()
    assert not answer.answered
