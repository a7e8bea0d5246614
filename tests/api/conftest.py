"""An administrator's client of the whole service over an empty home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from matcher.config import MatcherConfig
from service.settings import Settings
from tests.accounts import admin_client
from tests.api.bounty_people import Arena
from tests.api.people import People, people
from tests.server import database_of


@pytest.fixture(scope="session", autouse=True)
def dictionary() -> None:
    """The dictionary of words is loaded before a test waits for an index."""
    MatcherConfig().analyzer.warm()


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with admin_client(settings) as made:
        yield made


@pytest.fixture(scope="module")
def crowd(
    tmp_path_factory: pytest.TempPathFactory, new_home: Callable[[Path], Path]
) -> Iterator[People]:
    """Everybody, signed in, over an empty home."""
    home = new_home(tmp_path_factory.mktemp("home"))
    settings = Settings(home=home, database_url=database_of(home), _env_file=None)
    with people(settings) as made:
        yield made


@pytest.fixture(scope="module")
def arena(crowd: People) -> Arena:
    """Everybody who takes part in tasks and cases."""
    return Arena.of(crowd)
