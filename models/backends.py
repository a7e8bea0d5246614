"""Backends that turn strings into unit vectors: the offline model or a sentence-transformers one.

Both have the shape of `matcher.encoder.Backend`; this package knows nothing of the matcher.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.info import INFO_FILE
from models.runtime import OpenVinoEncoder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

FloatArray = NDArray[np.float32]
Progress = Callable[[int, int], None]

UNTUNED = "untuned"
"""Folder of the untuned model within that of the offline model."""

_CHUNK = 256
"""Texts encoded between two reports of progress; sorted by length inside the runtime."""


class OfflineBackend:
    """The offline E5 model in OpenVINO."""

    query_prefix = "query: "
    passage_prefix = "passage: "

    def __init__(self, directory: Path) -> None:
        self._encoder = OpenVinoEncoder(directory)
        self.name = self._encoder.info.name
        self.fingerprint = self._encoder.info.fingerprint[:16]
        self.dimension = self._encoder.info.dimension
        self.window = self._encoder.info.window

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Character offsets of the tokens of `text`, without special tokens."""
        # encoded behind the prefix: the tokenizer library shifts the offsets of a text whose very
        # first character its normalisation removes
        prefix = self.passage_prefix
        encoded = self._encoder.tokenizer.encode(prefix + text, add_special_tokens=False)
        spans = [(start - len(prefix), end - len(prefix)) for start, end in encoded.offsets]
        return [(max(start, 0), end) for start, end in spans if end > 0]

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> FloatArray:
        """(n, dimension) unit vectors; an input beyond the window raises ValueError."""
        batches = [
            self._embed(texts[start : start + _CHUNK], start, len(texts), progress)
            for start in range(0, len(texts), _CHUNK)
        ]
        empty = np.empty((0, self.dimension), dtype=np.float32)
        return np.concatenate(batches) if batches else empty

    def _embed(
        self, texts: Sequence[str], done: int, total: int, progress: Progress | None
    ) -> FloatArray:
        ids = [e.ids for e in self._encoder.tokenizer.encode_batch(list(texts))]
        vectors = self._encoder.encode_tokens(ids)
        if progress is not None:
            progress(done + len(texts), total)
        return vectors


class SentenceTransformerBackend:
    """Any sentence-transformers model, by name or directory, on the CPU in PyTorch."""

    def __init__(self, name: str) -> None:
        # imported here: it takes seconds and the offline model does without it
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415

        self._model: SentenceTransformer = SentenceTransformer(name, device="cpu")
        self.name = name
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.window = int(self._model.max_seq_length or 512)
        prompts: dict[str, str] = dict(self._model.prompts)
        self.query_prefix = prompts.get("query", "")
        self.passage_prefix = prompts.get("passage", prompts.get("document", ""))

    @cached_property
    def fingerprint(self) -> str:
        """Over weights, prompts and window, so that a renamed or changed model is noticed."""
        digest = hashlib.sha256(
            json.dumps([self.query_prefix, self.passage_prefix, self.window]).encode()
        )
        for name, tensor in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.cpu().contiguous().view(-1).float().numpy().tobytes())
        return digest.hexdigest()[:16]

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Character offsets of the tokens of `text`; characters where the tokenizer gives none."""
        tokenizer: Any = self._model.tokenizer
        if not getattr(tokenizer, "is_fast", False):
            return [(i, i + 1) for i in range(len(text))]
        encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        return [(int(start), int(end)) for start, end in encoded["offset_mapping"]]

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> FloatArray:
        """(n, dimension) unit vectors."""
        parts: list[FloatArray] = [np.empty((0, self.dimension), dtype=np.float32)]
        for start in range(0, len(texts), _CHUNK):
            chunk = list(texts[start : start + _CHUNK])
            # the prefix is part of the text already: no prompt is added here
            vectors = self._model.encode(
                chunk, prompt="", normalize_embeddings=True, show_progress_bar=False
            )
            parts.append(np.asarray(vectors, dtype=np.float32))
            if progress is not None:
                progress(start + len(chunk), len(texts))
        return np.concatenate(parts)


def open_backend(model: str, offline_dir: Path) -> OfflineBackend | SentenceTransformerBackend:
    """The model called `model`, or the offline one in `offline_dir` where that is empty.

    Raises `models.errors.ModelError` for a model that cannot be loaded, and when the offline one
    has not been built.
    """
    if not model:
        if not (offline_dir / INFO_FILE).is_file():
            msg = f"{offline_dir} 里没有离线模型；请先运行 jiebang model build"
            raise ModelError(msg)
        return OfflineBackend(offline_dir)
    try:
        return SentenceTransformerBackend(model)
    except (OSError, ValueError) as error:
        msg = f"JIEBANG_MODEL 指定的模型 {model} 无法载入：{error}"
        raise ModelError(msg) from error
