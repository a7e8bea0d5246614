"""Texts to unit vectors, by role, in overlapping windows, through a cache.

What turns strings into vectors is a `Backend` (the offline model in OpenVINO, or any
sentence-transformers model); what a text means in retrieval (query or passage, title or body) is
decided here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matcher.listing import Kind

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]
"""Called with (done, total) texts while encoding goes on."""

_MARGIN = 16
"""Tokens left free in a window: a piece cut out of a text may be segmented into a few more."""
_OVERLAP = 0.25
"""Share of a window that the next one repeats, so that no sentence is only ever seen cut."""


class Role(StrEnum):
    """What a text is encoded as: prefix and field."""

    QUERY = "query"
    TITLE = "title"
    BODY = "body"


Centres = Mapping[tuple[Kind, Role], Vectors]
"""What the vectors of a kind have in common in each role, each (dimension,)."""


class Backend(Protocol):
    """Encodes strings. Prefixes are part of the model: E5 wants `query: ` and `passage: `."""

    @property
    def name(self) -> str:
        """What the model is called, whatever arithmetic it runs in."""

    @property
    def fingerprint(self) -> str:
        """Equal fingerprints give equal vectors."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def window(self) -> int:
        """Most tokens that one text may have, special tokens included."""

    @property
    def query_prefix(self) -> str:
        """Put before a query."""

    @property
    def passage_prefix(self) -> str:
        """Put before a title or body."""

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Character offsets of the tokens of `text`, without special tokens."""

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """(n, dimension) unit vectors of texts that fit the window, in their order."""


@dataclass(frozen=True, slots=True)
class VectorKey:
    """Names one cached array: SHA-256 of the text, role and model."""

    text_hash: str
    role: Role
    fingerprint: str


class VectorStore(Protocol):
    """A cache of encoded texts; an array has a row per window."""

    def get(self, keys: Sequence[VectorKey]) -> dict[VectorKey, Vectors]:
        """The arrays that are there; missing keys are absent from the answer."""

    def put(self, arrays: Mapping[VectorKey, Vectors]) -> None:
        """Keep `arrays`; a key that is there already may be overwritten."""


class MemoryVectors:
    """A cache for one process, for work on files without a database."""

    def __init__(self) -> None:
        self._arrays: dict[VectorKey, Vectors] = {}

    def get(self, keys: Sequence[VectorKey]) -> dict[VectorKey, Vectors]:
        """See `VectorStore.get`."""
        return {key: self._arrays[key] for key in keys if key in self._arrays}

    def put(self, arrays: Mapping[VectorKey, Vectors]) -> None:
        """See `VectorStore.put`."""
        self._arrays.update(arrays)


class Encoder:
    """Encodes texts of a role through a cache; long texts give several vectors."""

    def __init__(
        self,
        backend: Backend,
        store: VectorStore | None = None,
        centres: Centres | None = None,
    ) -> None:
        self._backend = backend
        self._store: VectorStore = store if store is not None else MemoryVectors()
        self._centres = dict(centres or {})

    @cached_property
    def fingerprint(self) -> str:
        """Identifies model, windowing and centres; another one's index must not be searched."""
        if not self._centres:
            return self._backend.fingerprint
        digest = hashlib.sha256(self._backend.fingerprint.encode())
        for (kind, role), centre in sorted(self._centres.items()):
            digest.update(f"{kind}.{role}".encode() + centre.tobytes())
        return digest.hexdigest()[:16]

    @property
    def model(self) -> str:
        """Name of the model."""
        return self._backend.name

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._backend.dimension

    def key(self, text: str, role: Role) -> VectorKey:
        """Where the vectors of `text` in `role` are cached."""
        return VectorKey(hashlib.sha256(text.encode()).hexdigest(), role, self._backend.fingerprint)

    def windows(self, text: str, role: Role) -> list[tuple[int, int]]:
        """Character offsets (start, end) of the windows of `text`; one where it fits."""
        spans = self._backend.token_spans(text)
        prefix = self._backend.token_spans(self._prefix(role))
        # two special tokens frame every input
        room = max(1, self._backend.window - len(prefix) - 2 - _MARGIN)
        if len(spans) <= room:
            return [(0, len(text))]
        step = room - int(room * _OVERLAP)
        firsts = range(0, max(1, len(spans) - int(room * _OVERLAP)), step)
        return [(spans[i][0], spans[min(i + room, len(spans)) - 1][1]) for i in firsts]

    def encode(
        self, texts: Sequence[str], role: Role, progress: Progress | None = None
    ) -> list[Vectors]:
        """For each text its (windows, dimension) unit vectors; encodes only what is not cached."""
        keys = [self.key(text, role) for text in texts]
        distinct = list(dict.fromkeys(keys))
        known = self._store.get(distinct)
        first_text = dict(zip(reversed(keys), reversed(texts), strict=True))
        missing = [key for key in distinct if key not in known]
        if missing:
            made = self._encode_now([first_text[key] for key in missing], role, progress)
            fresh = dict(zip(missing, made, strict=True))
            self._store.put(fresh)
            known.update(fresh)
        return [known[key] for key in keys]

    def encode_query(self, text: str) -> Vectors:
        """(dimension,) unit vector of a query: the mean of its windows, normalised again."""
        return self.encode_queries([text])[0]

    def encode_queries(self, texts: Sequence[str]) -> list[Vectors]:
        """`encode_query` of each text, all encoded together."""
        means = [windows.mean(axis=0) for windows in self.encode(texts, Role.QUERY)]
        return [mean / max(float(np.linalg.norm(mean)), 1e-12) for mean in means]

    def centred(self, vectors: Vectors, kind: Kind, role: Role) -> Vectors:
        """Unit vectors (..., dimension) of a kind and role without what all of them share.

        Where no centre is known for them they come back as they are.
        """
        centre = self._centres.get((kind, role))
        if centre is None:
            return vectors
        moved = vectors - centre
        norms = np.maximum(np.linalg.norm(moved, axis=-1, keepdims=True), 1e-12)
        result: Vectors = (moved / norms).astype(np.float32)
        return result

    def _prefix(self, role: Role) -> str:
        is_query = role is Role.QUERY
        return self._backend.query_prefix if is_query else self._backend.passage_prefix

    def _encode_now(
        self, texts: Sequence[str], role: Role, progress: Progress | None
    ) -> list[Vectors]:
        prefix = self._prefix(role)
        spans = [self.windows(text, role) for text in texts]
        pieces = [
            prefix + text[start:end]
            for text, windows in zip(texts, spans, strict=True)
            for start, end in windows
        ]
        vectors = self._backend.embed(pieces, progress)
        ends = np.cumsum([len(windows) for windows in spans])[:-1]
        return np.split(vectors, ends)
