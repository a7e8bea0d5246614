"""The adapter file, and weights with an adapter merged in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from models.adapter import Adapter, TunedWeights
from models.e5bin import E5File
from models.errors import FormatError
from models.source import obtain_weights

HIDDEN = 384


@pytest.fixture(scope="module")
def weights(model_dir: Path) -> E5File:
    return E5File(obtain_weights(model_dir.absolute().parent / "download"))


def adapter(rows: int = HIDDEN, columns: int = HIDDEN) -> Adapter:
    random = np.random.default_rng(0)
    a = random.normal(size=(2, columns)).astype(np.float16).astype(np.float32)
    b = random.normal(size=(rows, 2)).astype(np.float16).astype(np.float32)
    return Adapter({"l6.q": (a, b)})


def test_a_file_gives_back_what_was_saved(tmp_path: Path) -> None:
    made = adapter()
    made.save(tmp_path / "a.safetensors")
    read = Adapter.from_bytes((tmp_path / "a.safetensors").read_bytes())
    np.testing.assert_array_equal(read.factors["l6.q"][0], made.factors["l6.q"][0])
    np.testing.assert_array_equal(read.factors["l6.q"][1], made.factors["l6.q"][1])
    assert read.fingerprint == made.fingerprint
    assert read.parameters == 4 * HIDDEN


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no adapter",
        save({"l6.q.a": np.zeros((2, 4), np.float16)}),
        save({"l6.q.a": np.zeros((2, 4), np.float16), "l6.q.c": np.zeros((4, 2), np.float16)}),
    ],
    ids=["empty", "text", "one factor", "other name"],
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(FormatError):
        Adapter.from_bytes(content)


def test_only_the_named_matrix_changes(weights: E5File) -> None:
    made = adapter()
    a, b = made.factors["l6.q"]
    tuned = TunedWeights(weights, made)
    np.testing.assert_allclose(
        tuned.tensor("l6.q.w", HIDDEN) - weights.tensor("l6.q.w", HIDDEN), b @ a, atol=1e-5
    )
    for name in ("l6.q.b", "l5.q.w", "l6.k.w"):
        np.testing.assert_array_equal(tuned.tensor(name), weights.tensor(name))


def test_a_matrix_of_another_shape_is_refused(weights: E5File) -> None:
    with pytest.raises(FormatError, match=r"l6\.q"):
        TunedWeights(weights, adapter(rows=10)).tensor("l6.q.w", HIDDEN)
