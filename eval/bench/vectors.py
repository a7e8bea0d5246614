"""The vector cache of the benchmarks on disk: a large corpus is encoded once, in steps."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from matcher.encoder import Encoder, Progress, Role, VectorKey, Vectors
from matcher.listing import Listing

STEP = 1024
"""Records encoded between two commits: what an interruption loses at most."""
_CHUNK = 400


class FileVectors:
    """A `matcher.encoder.VectorStore` in one SQLite file. Queries are not kept: each is encoded."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS vectors (text_hash TEXT, role TEXT, fingerprint TEXT, "
            "windows INTEGER, data BLOB, PRIMARY KEY (text_hash, role, fingerprint)) WITHOUT ROWID"
        )

    def get(self, keys: Sequence[VectorKey]) -> dict[VectorKey, Vectors]:
        """See `VectorStore.get`."""
        found: dict[VectorKey, Vectors] = {}
        wanted = [key for key in keys if key.role is not Role.QUERY]
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            names = {(k.text_hash, k.role, k.fingerprint): k for k in part}
            rows = self._database.execute(
                "SELECT text_hash, role, fingerprint, windows, data FROM vectors "
                f"WHERE text_hash IN ({','.join('?' * len(part))})",
                [k.text_hash for k in part],
            )
            for text_hash, role, fingerprint, windows, data in rows:
                key = names.get((text_hash, Role(role), fingerprint))
                if key is not None:
                    found[key] = np.frombuffer(data, dtype="<f4").reshape(windows, -1)
        return found

    def put(self, arrays: Mapping[VectorKey, Vectors]) -> None:
        """See `VectorStore.put`; committed before it returns."""
        rows = [
            (k.text_hash, str(k.role), k.fingerprint, len(v), v.astype("<f4").tobytes())
            for k, v in arrays.items()
            if k.role is not Role.QUERY
        ]
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?,?,?,?,?)", rows)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def encode_all(listings: Sequence[Listing], encoder: Encoder, progress: Progress) -> None:
    """Put the vectors of all `listings` into the encoder's cache, step by step.

    An interrupted call is resumed by the next one; what is cached passes in no time.
    """
    for start in range(0, len(listings), STEP):
        part = listings[start : start + STEP]
        encoder.encode([item.title for item in part if item.title.strip()], Role.TITLE)
        encoder.encode([item.body or item.title for item in part], Role.BODY)
        progress(start + len(part), len(listings))
