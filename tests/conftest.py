"""Fixtures that need the real model: built once, shared by every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from matcher.encoder import Encoder, MemoryVectors
from models.backends import UNTUNED, OfflineBackend
from models.build import build
from service.settings import Settings

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """The offline model of this checkout, built where it is missing."""
    target = ROOT / "var" / "model"
    build(target)
    return target


@pytest.fixture(scope="session")
def backend(model_dir: Path) -> OfflineBackend:
    """The real backend, loaded once."""
    return OfflineBackend(model_dir)


@pytest.fixture(scope="session")
def encoder(backend: OfflineBackend) -> Encoder:
    """The real encoder with a cache for the whole session."""
    return Encoder(backend, MemoryVectors())


@pytest.fixture(scope="session")
def untuned_encoder(model_dir: Path) -> Encoder:
    """The real encoder without tuning, which the fixed baselines use."""
    return Encoder(OfflineBackend(model_dir / UNTUNED), MemoryVectors())


@pytest.fixture
def home(tmp_path: Path, model_dir: Path) -> Iterator[Path]:
    """An empty home of the service with the real model in it."""
    place = tmp_path / "home"
    place.mkdir()
    (place / "model").symlink_to(model_dir)
    yield place


@pytest.fixture
def settings(home: Path) -> Settings:
    """Settings for that home, free of the environment of whoever runs the tests."""
    return Settings(home=home, database_url="", model="", text_dir=None, _env_file=None)
