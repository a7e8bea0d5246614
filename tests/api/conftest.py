"""An administrator's client of the whole service over an empty home."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from matcher.config import MatcherConfig
from service.settings import Settings
from tests.accounts import admin_client


@pytest.fixture(scope="session", autouse=True)
def dictionary() -> None:
    """The dictionary of words is loaded before a test waits for an index."""
    MatcherConfig().analyzer.warm()


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with admin_client(settings) as made:
        yield made
