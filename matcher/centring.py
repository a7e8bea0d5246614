"""What all texts of a role have in common, subtracted from their vectors.

E5's sentence vectors lie in a narrow cone: any two have a cosine of 0.7 or more, and most of it is the
mean. Taking the mean of a role out and normalising again leaves what tells texts apart (Mu and
Viswanath 2018, "All-but-the-Top"; here without removing further directions). Needs and achievements,
queries and passages each have a mean of their own.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np

from matcher.encoder import Backend, Centres, Encoder, Role, VectorStore
from matcher.listing import Kind, Listing

_VERSION = 1
"""To be raised when the way centres are made changes."""


def fit(encoder: Encoder, listings: Iterable[Listing]) -> Centres:
    """The mean vector of each role over the listings of each kind, each (dimension,)."""
    groups: dict[Kind, list[Listing]] = {}
    for listing in listings:
        groups.setdefault(listing.kind, []).append(listing)
    centres: dict[tuple[Kind, Role], np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = {}
    for kind, group in groups.items():
        texts = {
            Role.QUERY: [item.text for item in group],
            Role.TITLE: [item.title for item in group if item.title.strip()],
            Role.BODY: [item.body or item.title for item in group],
        }
        for role, of_role in texts.items():
            means = [windows.mean(axis=0) for windows in encoder.encode(of_role, role)]
            if means:
                centres[kind, role] = np.mean(means, axis=0, dtype=np.float32)
    return centres


def centred_encoder(
    backend: Backend,
    folder: Path,
    listings: Callable[[], Iterable[Listing]],
    store: VectorStore | None = None,
) -> Encoder:
    """An encoder with the centres of its model, fitted over `listings()` once and kept in `folder`.

    The file is derived: where it is missing or unreadable it is made again, and the same model on
    the same machine gives the same bytes. A folder that cannot be written costs the fit each time.
    """
    path = folder / f"centres-{backend.fingerprint}-{_VERSION}.npz"
    centres = _read(path, backend.dimension)
    if centres is None:
        centres = fit(Encoder(backend), listings())
        _write(path, centres)
    return Encoder(backend, store, centres)


def _read(path: Path, dimension: int) -> Centres | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            found = {tuple(name.split(".")): arrays[name] for name in arrays.files}
    except (OSError, ValueError):
        return None
    if not found or any(array.shape != (dimension,) for array in found.values()):
        return None
    return {(Kind(kind), Role(role)): array for (kind, role), array in found.items()}


def _write(path: Path, centres: Centres) -> None:
    arrays: Mapping[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = {
        f"{kind}.{role}": array for (kind, role), array in centres.items()
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as out:
            np.savez(out, allow_pickle=False, **arrays)
            out.flush()
            os.fsync(out.fileno())
        Path(out.name).replace(path)
    except OSError:
        return
