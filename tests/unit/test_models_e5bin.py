"""The reader of the packed weight file, on a tiny file assembled here."""

import struct
from pathlib import Path

import numpy as np
import pytest

from models.e5bin import E5File
from models.errors import FormatError

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "技术", "<mask>"]
SCORES = [0.0, 0.0, 0.0, 0.0, -2.0, -3.5, 0.0]


def q4_block(scale: float, levels: list[int]) -> bytes:
    packed = bytes(levels[j] | levels[j + 16] << 4 for j in range(16))
    return struct.pack("<e", scale) + packed


def tiny_file(path: Path, *, magic: bytes = b"E5S1", version: int = 1) -> Path:
    levels = list(range(16)) + list(reversed(range(16)))
    matrix = q4_block(0.5, levels) + q4_block(-2.0, [8] * 32)
    vector = np.array([1.0, -1.5], dtype="<f4").tobytes()
    blobs = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0] + [len(blob) for blob in blobs]).astype("<u4")
    normalisation = struct.pack("<IBI", 0xFF21, 1, ord("A")) + struct.pack("<IB", 0x200B, 0)
    head = magic + struct.pack("<I7ifi", version, 32, 0, 1, 32, 2, 512, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, blobs)))
    head += offsets.tobytes() + np.array(SCORES, dtype="<f4").tobytes() + b"".join(blobs)
    head += struct.pack("<iI", 2, len(normalisation)) + normalisation
    names = [(b"emb.word", 1, 64, matrix), (b"emb.ln.w", 0, 2, vector)]
    directory_size = 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in names)
    at = len(head) + directory_size
    directory = struct.pack("<i", len(names))
    for name, dtype, elements, data in names:
        directory += struct.pack("<H", len(name)) + name
        directory += struct.pack("<BIQQ", dtype, elements, at, len(data))
        at += len(data)
    path.write_bytes(head + directory + matrix + vector)
    return path


def test_header_and_vocabulary(tmp_path: Path) -> None:
    weights = E5File(tiny_file(tmp_path / "w.bin"))
    assert weights.architecture.hidden == 32
    assert weights.architecture.positions == 512
    assert weights.vocabulary.pieces == tuple(PIECES)
    assert weights.vocabulary.scores.tolist() == SCORES
    assert (weights.vocabulary.bos, weights.vocabulary.unk) == (0, 3)
    assert weights.vocabulary.normalisation == {0xFF21: "A", 0x200B: ""}


def test_low_halves_come_first(tmp_path: Path) -> None:
    rows = E5File(tiny_file(tmp_path / "w.bin")).tensor("emb.word", 32)
    assert rows.shape == (2, 32)
    assert rows.dtype == np.float32
    expected = [(level - 8) * 0.5 for level in [*range(16), *reversed(range(16))]]
    assert rows[0].tolist() == expected
    assert not rows[1].any()


def test_plain_tensor(tmp_path: Path) -> None:
    assert E5File(tiny_file(tmp_path / "w.bin")).tensor("emb.ln.w").tolist() == [1.0, -1.5]


def test_unknown_tensor_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="l0.q.w"):
        E5File(tiny_file(tmp_path / "w.bin")).tensor("l0.q.w")


@pytest.mark.parametrize("change", [{"magic": b"GGUF"}, {"version": 2}])
def test_other_formats_are_refused(tmp_path: Path, change: dict) -> None:
    with pytest.raises(FormatError):
        E5File(tiny_file(tmp_path / "w.bin", **change))


@pytest.mark.parametrize("kept", [3, 30, 60, 120, -40, -1])
def test_truncated_files_are_refused(tmp_path: Path, kept: int) -> None:
    path = tiny_file(tmp_path / "w.bin")
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(FormatError):
        E5File(path)
