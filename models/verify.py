"""Checks a built encoder against vectors that the weight package's own engine computed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.errors import VerificationError
from models.info import Agreement

KNOWN_FILE = "known_embeddings.npz"
ROLES = ("query", "passage")

MINIMUM_TO_ENGINE = 0.999
"""Least cosine of any known text in float32; the engine rounds activations to 8 bit."""

FloatArray = NDArray[np.float32]


def known_texts() -> list[str]:
    """Return the committed check texts, which are not among the calibration sentences."""
    text = resources.files("models").joinpath("known_texts.txt").read_text(encoding="utf-8")
    return text.splitlines()


def known_inputs(tokenizer: Tokenizer) -> list[list[int]]:
    """Return the ids of every known text in every role, in the order of the known vectors."""
    return [tokenizer.encode(f"{role}: {text}").ids for role in ROLES for text in known_texts()]


def known_vectors() -> FloatArray:
    """Return the engine's vectors, shape (roles * texts, 384)."""
    with (
        resources.files("models").joinpath(KNOWN_FILE).open("rb") as stream,
        np.load(stream, allow_pickle=False) as archive,
    ):
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


def require_known(vectors: FloatArray) -> Agreement:
    """Return the agreement of float32 ``vectors`` with the known ones.

    Raises :class:`VerificationError` below :data:`MINIMUM_TO_ENGINE`.
    """
    found = agreement(vectors, known_vectors())
    # Written so that a NaN, too, counts as a failure.
    if not found.minimum >= MINIMUM_TO_ENGINE:
        message = f"least cosine to the known embeddings is {found.minimum:.5f}"
        raise VerificationError(message)
    return found
