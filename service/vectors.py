"""The vector cache in SQL: what was encoded once is never encoded again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, select

from matcher.encoder import Role, VectorKey, Vectors
from service.db import reading, writing
from service.tables import EmbeddingRow

_CHUNK = 400


class SqlVectors:
    """A `matcher.encoder.VectorStore` over the embedding table; keeps no query vectors.

    Queries that nobody stored (a text typed into the search box) must leave no trace in the
    database, and encoding one takes milliseconds.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, keys: Sequence[VectorKey]) -> dict[VectorKey, Vectors]:
        """See `VectorStore.get`."""
        found: dict[VectorKey, Vectors] = {}
        groups: dict[tuple[Role, str], list[str]] = {}
        for key in keys:
            if key.role is not Role.QUERY:
                groups.setdefault((key.role, key.fingerprint), []).append(key.text_hash)
        with reading(self._engine) as session:
            for (role, fingerprint), hashes in groups.items():
                for start in range(0, len(hashes), _CHUNK):
                    rows = session.exec(
                        select(EmbeddingRow).where(
                            EmbeddingRow.role == role,
                            EmbeddingRow.fingerprint == fingerprint,
                            col(EmbeddingRow.text_hash).in_(hashes[start : start + _CHUNK]),
                        )
                    )
                    for row in rows:
                        vectors = np.frombuffer(row.vectors, dtype="<f4").reshape(row.windows, -1)
                        found[VectorKey(row.text_hash, role, fingerprint)] = vectors
        return found

    def put(self, arrays: Mapping[VectorKey, Vectors]) -> None:
        """See `VectorStore.put`; a key that another process stored meanwhile is left as it is."""
        rows = [
            {
                "text_hash": key.text_hash,
                "role": key.role,
                "fingerprint": key.fingerprint,
                "windows": len(vectors),
                "vectors": np.ascontiguousarray(vectors, dtype="<f4").tobytes(),
            }
            for key, vectors in arrays.items()
            if key.role is not Role.QUERY
        ]
        if not rows:
            return
        dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
        statement = dialect.insert(EmbeddingRow).on_conflict_do_nothing()
        with writing(self._engine) as session:
            for start in range(0, len(rows), _CHUNK):
                session.execute(statement, rows[start : start + _CHUNK])
