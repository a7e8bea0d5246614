"""Builds the "precompiled" normalisation blob that the ``tokenizers`` library executes.

SentencePiece ships its normalisation as a double-array trie (darts-clone units) over UTF-8
bytes, followed by the replacements as NUL-terminated strings. Rebuilding that blob from the
model's own map keeps the model's exact choices. A general Unicode form cannot: NFKC would turn
U+FF5E into an ASCII tilde, which this model never saw in that place.

Blob: u32 bytes of the trie, the trie as u32 units, the replacements. One unit holds a label in
bits 0-7, "has a value" in bit 8, a XOR offset from bit 10 on; a value unit has bit 31 set.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np

_HAS_LEAF = 1 << 8
_VALUE = 1 << 31
_OFFSET_SHIFT = 10
_MAX_OFFSET = 1 << 21
"""Larger offsets use another coding, which a map of a few thousand characters never needs."""
_PAGE = 256

Node = dict[int, "Node | int"]


def build_charsmap(normalisation: Mapping[int, str]) -> bytes:
    """Return the blob for ``{code point: replacement}``.

    Code point 0 cannot be a key, as NUL ends a string here. Raises ``ValueError`` for it and
    for maps too large for the short offset coding.
    """
    strings = bytearray()
    positions: dict[str, int] = {}
    root: Node = {}
    for point, replacement in sorted(normalisation.items()):
        if point == 0 or "\0" in replacement:
            message = "NUL can be neither mapped nor produced"
            raise ValueError(message)
        if replacement not in positions:
            positions[replacement] = len(strings)
            strings += replacement.encode() + b"\0"
        _insert(root, chr(point).encode(), positions[replacement])
    units = _double_array(root)
    return struct.pack("<I", 4 * len(units)) + units.astype("<u4").tobytes() + bytes(strings)


def _insert(root: Node, key: bytes, value: int) -> None:
    node = root
    for byte in key:
        child = node.setdefault(byte, {})
        if isinstance(child, int):  # unreachable for UTF-8, where no key is another's prefix
            message = f"key {key!r} runs through a value"
            raise TypeError(message)
        node = child
    node[0] = value


def _double_array(root: Node) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    units = [0] * _PAGE
    used = {0}
    bases: set[int] = set()
    cursor = 1
    stack: list[tuple[int, Node]] = [(0, root)]
    while stack:
        at, node = stack.pop()
        base = cursor
        # A base is used once, so that no foreign child can be taken for one of this node.
        while base in bases or any(base ^ label in used for label in node):
            base += 1
        bases.add(base)
        offset = at ^ base
        if offset >= _MAX_OFFSET:
            message = "normalisation map too large"
            raise ValueError(message)
        while len(units) <= base | (_PAGE - 1):
            units.extend([0] * _PAGE)
        units[at] |= offset << _OFFSET_SHIFT | (_HAS_LEAF if 0 in node else 0)
        for label, child in node.items():
            slot = base ^ label
            used.add(slot)
            if isinstance(child, int):
                units[slot] = _VALUE | child
            else:
                units[slot] |= label
                stack.append((slot, child))
        while cursor in used or cursor in bases:
            cursor += 1
    return np.array(units, dtype=np.uint32)
