"""The built model: agreement, pruning, batching and concurrency. Builds it when absent."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from models.backends import UNTUNED
from models.build import build
from models.e5bin import E5File
from models.runtime import MAX_BATCH_TOKENS, OpenVinoEncoder, plan_batches
from models.source import obtain_weights
from models.tokenizer import all_ids, build_tokenizer, keep_ids
from models.verify import (
    ENGINE_VECTORS,
    SHIPPED,
    TUNED_VECTORS,
    known_inputs,
    known_texts,
    known_vectors,
    require_known,
)

DEFAULT = Path(__file__).parents[2] / "var" / "model"


@pytest.fixture(scope="module")
def model_dir() -> Path:
    directory = Path(os.environ.get("JIEBANG_MODEL_DIR", DEFAULT))
    build(directory)
    return directory


@pytest.fixture(scope="module")
def encoder(model_dir: Path) -> OpenVinoEncoder:
    return OpenVinoEncoder(model_dir)


@pytest.fixture(scope="module")
def weights(model_dir: Path) -> E5File:
    return E5File(obtain_weights(model_dir.absolute().parent / "download"))


def test_second_build_returns_at_once(model_dir: Path) -> None:
    steps: list[str] = []
    info = build(model_dir, steps.append)
    assert not steps
    assert info.dimension == 384
    assert info.known_agreement.minimum > 0.999
    assert info.export_agreement.mean > 0.99


@pytest.mark.parametrize(
    ("folder", "known"), [(".", TUNED_VECTORS), (UNTUNED, ENGINE_VECTORS)], ids=["tuned", "untuned"]
)
def test_exports_agree_with_the_committed_vectors(model_dir: Path, folder: str, known: str) -> None:
    encoder = OpenVinoEncoder(model_dir / folder)
    vectors = encoder.encode_tokens(known_inputs(encoder.tokenizer))
    cosines = (vectors * known_vectors(SHIPPED / known)).sum(axis=1)
    assert cosines.mean() > 0.99
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_order_and_batching_do_not_matter(encoder: OpenVinoEncoder) -> None:
    inputs = known_inputs(encoder.tokenizer)
    together = encoder.encode_tokens(inputs)
    alone = np.concatenate([encoder.encode_tokens([item]) for item in inputs])
    backwards = encoder.encode_tokens(inputs[::-1])[::-1]
    assert (together * alone).sum(axis=1).min() > 0.999
    assert (together * backwards).sum(axis=1).min() > 0.999


def test_threads_get_their_own_answers(encoder: OpenVinoEncoder) -> None:
    inputs = known_inputs(encoder.tokenizer)
    wanted = [encoder.encode_tokens([item])[0] for item in inputs]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda item: encoder.encode_tokens([item])[0], inputs))
    assert min(float(a @ b) for a, b in zip(wanted, found, strict=True)) > 0.9999


def test_token_vectors_pool_to_the_sentence(encoder: OpenVinoEncoder) -> None:
    inputs = known_inputs(encoder.tokenizer)[:9]
    states = encoder.embed_tokens(inputs)
    assert [len(state) for state in states] == [len(item) for item in inputs]
    pooled = np.stack([state.mean(axis=0) for state in states])
    pooled /= np.linalg.norm(pooled, axis=1, keepdims=True)
    assert (pooled * encoder.encode_tokens(inputs)).sum(axis=1).min() > 0.9999


def test_limits(encoder: OpenVinoEncoder) -> None:
    assert encoder.encode_tokens([]).shape == (0, 384)
    assert encoder.embed_tokens([]) == []
    assert encoder.encode_tokens([[0] + [9] * 510 + [2]]).shape == (1, 384)
    for item in ([], [0] * 513):
        with pytest.raises(ValueError, match="token ids"):
            encoder.encode_tokens([item])


def test_batches_cover_every_row_within_the_budget() -> None:
    lengths = [int(n) for n in np.random.default_rng(0).integers(1, 513, 500)]
    batches = plan_batches(lengths)
    assert sorted(row for batch in batches for row in batch) == list(range(500))
    for batch in batches:
        assert max(lengths[row] for row in batch) * len(batch) <= MAX_BATCH_TOKENS


def test_pruning_keeps_tokens_and_vectors(weights: E5File) -> None:
    kept = keep_ids()
    full = build_tokenizer(weights.vocabulary, all_ids(weights.vocabulary))
    pruned = build_tokenizer(weights.vocabulary, kept)
    for text in known_texts():
        ids = pruned.encode(f"query: {text}").ids
        assert [int(kept[i]) for i in ids] == full.encode(f"query: {text}").ids
    # The word vectors are the only tensor that pruning touches, and rows are copied whole.
    words = weights.tensor("emb.word", weights.architecture.hidden)
    assert words.shape == (250037, 384)
    assert words[kept].shape == (len(kept), 384)


def test_fullwidth_tilde_keeps_its_own_token(encoder: OpenVinoEncoder) -> None:
    encoding = encoder.tokenizer.encode("query: 10～20")
    token = encoder.tokenizer.token_to_id("～")
    assert token is not None
    assert token in encoding.ids
    assert encoder.tokenizer.token_to_id("~") not in encoding.ids


def test_sentence_transformers_loads_the_checkpoint(model_dir: Path) -> None:
    sentence_transformers = pytest.importorskip("sentence_transformers")
    model = sentence_transformers.SentenceTransformer(
        str(model_dir), device="cpu", local_files_only=True
    )
    assert model.max_seq_length == 512
    texts = known_texts()
    vectors = [model.encode(texts, prompt_name=role) for role in ("query", "passage")]
    assert (
        require_known(np.concatenate(vectors), known_vectors(SHIPPED / TUNED_VECTORS)).minimum
        > 0.999
    )
