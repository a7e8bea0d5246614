"""Checks a built encoder against committed vectors that came about without the build.

Those of the untuned encoder were computed by the weight package's own engine, those of the tuned one
by PyTorch at the end of tuning.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.errors import VerificationError
from models.info import Agreement

ENGINE_VECTORS = "known_embeddings.npz"
TUNED_VECTORS = "tuned_embeddings.npz"
SHIPPED = Path(__file__).parent
"""Where the committed files lie."""
ROLES = ("query", "passage")

MINIMUM_TO_KNOWN = 0.999
"""Least cosine of any known text in float32; the engine rounds activations to 8 bit."""

FloatArray = NDArray[np.float32]


def known_texts() -> list[str]:
    """Return the committed check texts, which are not among the calibration sentences."""
    text = resources.files("models").joinpath("known_texts.txt").read_text(encoding="utf-8")
    return text.splitlines()


def known_strings() -> list[str]:
    """Return every known text in every role, in the order of the known vectors."""
    return [f"{role}: {text}" for role in ROLES for text in known_texts()]


def known_inputs(tokenizer: Tokenizer) -> list[list[int]]:
    """Return the ids of `known_strings`."""
    return [tokenizer.encode(text).ids for text in known_strings()]


def known_vectors(path: Path = SHIPPED / ENGINE_VECTORS) -> FloatArray:
    """Return the vectors in the file ``path``, shape (roles * texts, 384)."""
    with np.load(path, allow_pickle=False) as archive:
        vectors = archive["vectors"].astype(np.float32)
    return np.asarray(vectors.reshape(-1, vectors.shape[-1]), dtype=np.float32)


def sentence_vectors(compiled: ov.CompiledModel, inputs: Sequence[Sequence[int]]) -> FloatArray:
    """Return one vector an input, each run alone and unpadded, so nothing else can matter."""
    request = compiled.create_infer_request()
    vectors = []
    for item in inputs:
        ids = np.array([item], dtype=np.int64)
        vectors.append(request.infer((ids, np.ones_like(ids)))[0][0].copy())
    return np.stack(vectors)


def agreement(vectors: FloatArray, reference: FloatArray) -> Agreement:
    """Return the cosines between rows of equal number; lengths need not be one."""
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(reference, axis=1)
    cosines = np.einsum("ij,ij->i", vectors, reference) / norms
    return Agreement(float(cosines.mean()), float(cosines.min()), len(cosines))


def save_known(vectors: FloatArray, path: Path) -> None:
    """Write vectors of the known inputs in half precision, which moves a cosine by under 1e-6."""
    shaped = vectors.reshape(len(ROLES), -1, vectors.shape[-1])
    np.savez_compressed(path, vectors=shaped.astype(np.float16))


def require_known(vectors: FloatArray, known: FloatArray) -> Agreement:
    """Return the agreement of float32 ``vectors`` with the ``known`` ones.

    Raises :class:`VerificationError` below :data:`MINIMUM_TO_KNOWN`.
    """
    found = agreement(vectors, known)
    # Written so that a NaN, too, counts as a failure.
    if not found.minimum >= MINIMUM_TO_KNOWN:
        message = f"least cosine to the known embeddings is {found.minimum:.5f}"
        raise VerificationError(message)
    return found
