"""Runs an exported encoder on the CPU; needs neither PyTorch nor a network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from tokenizers import Tokenizer

from models.cpu import Backend
from models.errors import ModelError
from models.export import export_path
from models.graph import SENTENCE, TOKENS
from models.info import ModelInfo
from models.tokenizer import load_tokenizer

TokenIds = Sequence[int]
FloatArray = NDArray[np.float32]

MAX_BATCH_TOKENS = 2048
"""Padded tokens in one batch. Twice as many gain a few per cent on two cores, but a query that
comes in during a bulk encode waits for up to two batches."""

LENGTH_STEP = 16
"""Lengths are padded to a multiple of this, so that few distinct shapes are prepared."""

_REQUESTS = 2
"""Inference requests kept ready: there is one stream, so more would only take memory."""


class OpenVinoEncoder:
    """Token ids to vectors, over the export in a model directory made by ``models.build``.

    Safe for concurrent use: each batch borrows an inference request. Raises :class:`ModelError`
    when the directory holds no complete model.
    """

    def __init__(self, directory: Path, *, threads: int = 0) -> None:
        """Load the model; ``threads`` 0 leaves the number of threads to the runtime."""
        self.info = ModelInfo.load(directory)
        self.tokenizer: Tokenizer = load_tokenizer(directory)
        self._compiled = compile_export(
            export_path(directory), Backend(self.info.backend), threads=threads
        )
        self._requests: SimpleQueue[ov.InferRequest] = SimpleQueue()
        for _ in range(_REQUESTS):
            self._requests.put(self._compiled.create_infer_request())

    def encode_tokens(self, batch: Sequence[TokenIds]) -> FloatArray:
        """Return unit vectors, float32 (n, dimension), in the order of ``batch``.

        Every item carries its special tokens and has 1 to ``info.window`` ids; anything else
        raises ``ValueError``. Prefixes and windowing of long texts are the caller's.
        """
        self._check(batch)
        vectors = np.empty((len(batch), self.info.dimension), dtype=np.float32)
        for rows, outputs in self._run(batch, SENTENCE):
            vectors[rows] = outputs
        return vectors

    def embed_tokens(self, batch: Sequence[TokenIds]) -> list[FloatArray]:
        """Return per item its last hidden states, float32 (ids, dimension), not normalised."""
        self._check(batch)
        states: list[FloatArray] = [np.empty(0, dtype=np.float32)] * len(batch)
        for rows, outputs in self._run(batch, TOKENS):
            for row, output in zip(rows, outputs, strict=True):
                states[row] = output[: len(batch[row])].copy()
        return states

    def _check(self, batch: Sequence[TokenIds]) -> None:
        for item in batch:
            if not 1 <= len(item) <= self.info.window:
                message = f"{len(item)} token ids, allowed are 1 to {self.info.window}"
                raise ValueError(message)

    def _run(
        self, batch: Sequence[TokenIds], output: str
    ) -> Iterator[tuple[list[int], FloatArray]]:
        """Yield row numbers with a view of their outputs, valid until the next step."""
        for rows in plan_batches([len(item) for item in batch]):
            # Borrowed for one batch at a time, so that a query waits for a batch of a bulk
            # import at most, never for the whole import.
            with self._borrow() as request:
                request.infer(_pad([batch[row] for row in rows], self.info.window))
                yield rows, request.get_tensor(output).data

    @contextmanager
    def _borrow(self) -> Iterator[ov.InferRequest]:
        request = self._requests.get()
        try:
            yield request
        finally:
            self._requests.put(request)


def compile_export(path: Path, backend: Backend, *, threads: int = 0) -> ov.CompiledModel:
    """Compile the exported graph at ``path`` for one stream over all cores.

    One stream serves batches as fast as two on two cores, and single queries faster. Raises
    :class:`ModelError` when the graph cannot be read.
    """
    precision = "bf16" if backend is Backend.BF16 else "f32"
    config = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
    if threads:
        config["INFERENCE_NUM_THREADS"] = str(threads)
    try:
        return ov.Core().compile_model(path, "CPU", config)
    except RuntimeError as error:
        message = f"cannot load {path}: {error}"
        raise ModelError(message) from error


def plan_batches(lengths: Sequence[int]) -> list[list[int]]:
    """Group row numbers by similar length, each group within :data:`MAX_BATCH_TOKENS`."""
    batches: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda row: (lengths[row], row)):
        width = _padded(lengths[row])
        if not batches or (len(batches[-1]) + 1) * width > MAX_BATCH_TOKENS:
            batches.append([])
        batches[-1].append(row)
    return batches


def _padded(length: int) -> int:
    return -(-length // LENGTH_STEP) * LENGTH_STEP


def _pad(items: Sequence[TokenIds], window: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    width = min(_padded(max(map(len, items))), window)
    # Padding is masked out, so its id does not matter; 0 exists in every vocabulary.
    ids = np.zeros((len(items), width), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, item in enumerate(items):
        ids[row, : len(item)] = item
        mask[row, : len(item)] = 1
    return ids, mask
