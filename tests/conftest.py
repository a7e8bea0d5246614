"""Fixtures that need the real model: built once, shared by every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from matcher.encoder import Encoder, MemoryVectors
from models.backends import UNTUNED, OfflineBackend
from models.build import build
from service.settings import Settings
from tests import postgres
from tests.server import database_of, keep_in

ROOT = Path(__file__).resolve().parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which database the service under test keeps its records in."""
    parser.addoption("--database", choices=("sqlite", "postgresql"), default="sqlite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only tests that use a database run: the others would say the same again."""
    if config.getoption("--database") == "sqlite":
        return
    kept, left = [], []
    for item in items:
        uses = "new_database" in getattr(item, "fixturenames", ())
        (kept if uses and not item.get_closest_marker("sqlite_only") else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Gives the URL of an empty database; an empty one is SQLite in the home of the service."""
    if request.config.getoption("--database") == "sqlite":
        yield lambda: ""
        return
    with postgres.running() as server:
        yield server.new_database


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


@pytest.fixture(scope="session")
def new_home(model_dir: Path, new_database: Callable[[], str]) -> Callable[[Path], Path]:
    """Makes a home of the service at a path: the real model and an empty database."""

    def make(place: Path) -> Path:
        place.mkdir(exist_ok=True)
        (place / "model").symlink_to(model_dir)
        keep_in(place, new_database())
        return place

    return make


@pytest.fixture
def home(tmp_path: Path, new_home: Callable[[Path], Path]) -> Path:
    """An empty home of the service with the real model in it."""
    return new_home(tmp_path / "home")


@pytest.fixture
def settings(home: Path) -> Settings:
    """Settings for that home, free of the environment of whoever runs the tests."""
    url = database_of(home)
    return Settings(home=home, database_url=url, model="", text_dir=None, _env_file=None)
