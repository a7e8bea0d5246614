"""The pieces of the second stages on small data, each against another way to the same number."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split
from transformers import BertConfig, BertModel

from corpora.training import WrittenAchievement, WrittenNeed
from eval.experiment import Topic
from eval.rerankers.cross import CrossConfig, CrossEncoder
from eval.rerankers.cross_training import GradedList, list_loss, train, written_lists
from eval.rerankers.late_interaction import Int8, LateInteraction, TokenStore, max_sim
from eval.rerankers.learned import RANKERS, preferences
from eval.rerankers.stage import Pool, Scored, best, grid_means
from eval.rerankers.tokens import (
    Space,
    Tokens,
    inverse_frequencies,
    mean_state,
    principal_axes,
)
from matcher.confidence import Evidence
from matcher.listing import Direction, Kind, Listing
from matcher.pipeline import Match
from models.tokenizer import BOS, EOS, PAD, UNK

RNG = np.random.default_rng(3)


def unit(rows: int, columns: int) -> np.ndarray:
    vectors = RNG.normal(size=(rows, columns)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def pool(*scores: float) -> Pool:
    matches = tuple(
        Match(
            Listing(f"d{i}", Kind.ACHIEVEMENT, "", "x"),
            i + 1,
            s,
            0,
            0,
            s,
            s,
            s,
            Evidence(s, 0, None),
        )
        for i, s in enumerate(scores)
    )
    return Pool(Listing("q", Kind.NEED, "", "问"), matches)


def test_max_sim_is_the_naive_loop() -> None:
    query, weights = unit(4, 8), np.array([1, 0, 2.5, 0.5], np.float32)
    records = [unit(n, 8) for n in (3, 1, 6)]
    starts = np.array([0, 3, 4])
    naive = [
        sum(float(w) * max(float(q @ t) for t in r) for q, w in zip(query, weights, strict=True))
        / 4
        for r in records
    ]
    found = max_sim(query, weights, np.concatenate(records), starts)
    assert found == pytest.approx(naive, abs=1e-6)


def test_a_store_gives_back_the_records_in_any_order_and_int8_keeps_within_its_bound() -> None:
    parts = [unit(n, 384) for n in (3, 1, 6)]
    exact = TokenStore.of(["a", "b", "c"], parts, int8=False)
    found, starts = exact.take(["c", "a"])
    assert np.array_equal(found, np.concatenate([parts[2], parts[0]]))
    assert starts.tolist() == [0, 6]
    small = TokenStore.of(["a", "b", "c"], parts, int8=True)
    rounded, _ = small.take(["a", "b", "c"])
    step = np.abs(np.concatenate(parts)).max(axis=1, keepdims=True) / 127
    # half a step, and the scale itself is rounded up to half precision
    assert (np.abs(rounded - np.concatenate(parts)) <= step * 0.5 * 1.002).all()
    assert small.bytes_per_record == pytest.approx((10 * (384 + 2) + 4 * 8) / 3)
    assert exact.bytes_per_record == pytest.approx((10 * 384 * 4 + 4 * 8) / 3)


def test_int8_takes_a_row_of_zeros() -> None:
    assert not Int8.of(np.zeros((1, 4), np.float32)).restored().any()


def test_principal_axes_are_orthonormal_and_keep_the_most() -> None:
    vectors = unit(200, 12) * np.linspace(3, 0.1, 12, dtype=np.float32)
    axes = principal_axes(vectors, 5)
    assert axes.shape == (12, 5)
    assert axes.T @ axes == pytest.approx(np.eye(5), abs=1e-5)
    kept = float(np.square(vectors @ axes).sum())
    singular = np.linalg.svd(vectors, compute_uv=False)
    assert kept == pytest.approx(float(np.square(singular[:5]).sum()), rel=1e-4)
    placed = Space(np.zeros(12, np.float32), axes).place(vectors)
    assert placed.shape == (200, 5)
    assert np.linalg.norm(placed, axis=1) == pytest.approx(np.ones(200), abs=1e-5)


def test_means_count_tokens_and_frequencies_count_texts() -> None:
    texts = [Tokens(np.array([1, 1, 2]), unit(3, 4)), Tokens(np.array([1]), unit(1, 4))]
    assert mean_state(texts) == pytest.approx(
        np.concatenate([t.states for t in texts]).mean(axis=0), abs=1e-6
    )
    idf = inverse_frequencies(texts, 4)
    # a token of both texts tells least, one of neither most
    assert 0 < idf[1] < idf[2] < idf[3] == idf[0]


def test_late_interaction_scores_its_depth_and_idf_decides_which_token_counts() -> None:
    axes = np.eye(3, dtype=np.float32)
    store = TokenStore.of(["d0", "d1", "d2"], [axes[:1], axes[1:2], axes[2:]], int8=True)
    query = Tokens(np.array([0, 1]), axes[:2])
    plain = LateInteraction(store, Space(np.zeros(3, np.float32)), lambda _: query, depth=2)
    assert plain.scores(pool(0.3, 0.2, 0.1)) == pytest.approx([0.5, 0.5], abs=0.01)
    weighed = LateInteraction(
        store,
        Space(np.zeros(3, np.float32)),
        lambda _: query,
        np.array([1.0, 3.0], np.float32),
    )
    assert weighed.scores(pool(0.3, 0.2, 0.1)) == pytest.approx([0.25, 0.75, 0.0], abs=0.01)


def test_a_stage_moves_only_what_it_scored() -> None:
    item = Scored(pool(0.5, 0.4, 0.3, 0.2), np.array([0.0, 1.0]))
    assert [id_ for id_, _ in item.ranked(0.05)] == ["d0", "d1", "d2", "d3"]
    assert [id_ for id_, _ in item.ranked(0.2)] == ["d1", "d0", "d2", "d3"]
    assert [id_ for id_, _ in item.ranked(0.1)] == ["d0", "d1", "d2", "d3"]  # a tie goes by id


def test_the_weight_is_the_smallest_of_the_best() -> None:
    item = Scored(pool(0.5, 0.4), np.array([0.0, 1.0]))
    asked = Topic(Direction.NEED_TO_ACHIEVEMENT, [item.pool.query], [], {"q": {"d1": 3, "d0": 0}})
    means = grid_means(asked, [item], (0.05, 0.2, 0.5))
    assert means[0.05] < means[0.2] == means[0.5] == pytest.approx(1.0)
    assert best(means) == 0.2


def test_preferences_stay_within_a_need() -> None:
    better, worse = preferences(np.array([3, 0, 2, 1, 1]), np.array([0, 0, 0, 1, 1]))
    assert sorted(zip(better.tolist(), worse.tolist(), strict=True)) == [(0, 1), (0, 2), (2, 1)]


@pytest.mark.parametrize("name", list(RANKERS))
def test_a_ranker_orders_by_the_feature_that_decides(name: str) -> None:
    design = RNG.normal(size=(400, 3))
    grades = np.clip(np.round(design[:, 1] + 1), 0, 3).astype(np.int64)
    ranker = RANKERS[name]().fit(design, grades, np.repeat(np.arange(20), 20))
    asked = np.array([[0.0, 1.5, 0.0], [0.0, -1.5, 0.0], [0.0, 0.2, 0.0]])
    assert np.argsort(-ranker.scores(asked)).tolist() == [0, 2, 1]


def test_the_list_loss_is_the_cross_entropy_to_the_gains() -> None:
    item = GradedList("need", (("a", 3), ("b", 1)), ("z", "y"))
    values = {"a": 1.0, "b": 0.5, "z": -0.5, "y": 0.25}

    def network(need: str, passages: Sequence[str]) -> torch.Tensor:
        assert need == "need"
        assert sorted(passages) == ["a", "b", "y", "z"]
        return torch.tensor([values[p] for p in passages])

    loss = list_loss(network, item, CrossConfig(list_size=4), random.Random(0))
    total = np.log(sum(np.exp(v) for v in values.values()))
    expected = (1.0 * (total - 1.0) + 0.2 * (total - 0.5)) / 1.2
    assert float(loss) == pytest.approx(expected, abs=1e-6)


def test_written_lists_mine_only_from_other_needs() -> None:
    def need(number: int) -> WrittenNeed:
        return WrittenNeed(
            f"n{number}",
            "ai",
            f"题{number}",
            "检测焊缝缺陷",
            (
                WrittenAchievement(f"甲{number}", "焊缝缺陷检测", 3),
                WrittenAchievement(f"乙{number}", "鱼苗计数", 0),
            ),
        )

    lists = written_lists([need(i) for i in range(4)])
    assert len(lists) == 4
    first = lists[0]
    assert first.positives == (("passage: 甲0\n焊缝缺陷检测", 3),)
    assert first.hard[0] == "passage: 乙0\n鱼苗计数"
    assert all("0\n" not in text for text in first.hard[1:])
    # the two nearest of other needs are left out: three stay with welds, two of them skipped
    assert sum("焊缝" in text for text in first.hard) == 1


@pytest.fixture
def small_model(tmp_path: Path) -> Path:
    """A BERT of four narrow layers with random weights, and a tokenizer of single characters."""
    pieces = dict.fromkeys([PAD, BOS, EOS, UNK, *"querypassage: 焊缝检测鱼苗计数"])
    tokenizer = Tokenizer(WordLevel({p: i for i, p in enumerate(pieces)}, unk_token=UNK))
    tokenizer.pre_tokenizer = Split("", "isolated")
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 4, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=64, intermediate_size=32, **sizes)).save_pretrained(tmp_path)
    return tmp_path


@pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing.:FutureWarning")  # within peft
def test_the_cross_encoder_learns_a_list_and_reads_a_text_apart_from_its_batch(
    small_model: Path,
) -> None:
    item = GradedList(
        "query: 焊缝", (("passage: 焊缝检测", 3),), ("passage: 鱼苗计数", "passage: 鱼")
    )
    config = CrossConfig(
        own_layers=2, tuned_layers=2, epochs=30, needs_a_step=1, list_size=3, learning_rate=5e-3
    )
    untrained = CrossEncoder(small_model, config)
    texts = ["passage: 焊缝检测", "passage: 鱼苗计数", "passage: 鱼"]
    untrained.cache([item.need], config.need_window)
    untrained.cache(texts, config.passage_window)
    # a token a character, prefix included, 16 wide in bfloat16; the need does not count
    assert untrained.bytes_per_record == sum(map(len, texts)) / 3 * 16 * 2
    with torch.no_grad():
        together = untrained(item.need, texts)
        alone = torch.cat([untrained(item.need, [text]) for text in texts])
        before = list_loss(untrained, item, config, random.Random(0))
    assert together.numpy() == pytest.approx(alone.numpy(), abs=0.3)  # bfloat16 at sharpness 20
    steps: list[int] = []
    trained = train(small_model, [item], config, lambda done, _: steps.append(done))
    with torch.no_grad():
        after = list_loss(trained, item, config, random.Random(0))
        assert int(trained(item.need, texts).argmax()) == 0
    assert steps == list(range(1, 31))
    assert float(after) < 0.5 * float(before)
