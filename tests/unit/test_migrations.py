"""Migrations on a database that already holds records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect, text

from service import db

LISTING = """
INSERT INTO listing (kind, id, title, body, search_text, record, content_hash, coop_modes, status,
                     version, seq, created_at, updated_at)
VALUES ('need', 'N1', '轴封', '两周就漏', '', '{}', 'h', '', 'published', 3, 7, :at, :at)
"""


@pytest.fixture
def new_engine(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Engine]:
    """An empty database."""
    engine = db.make_engine(new_database() or f"sqlite:///{tmp_path / 'a.db'}")
    yield engine
    engine.dispose()


def config_for(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(db.MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def listings(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, body, version, seq FROM listing"))
        return [tuple(row) for row in rows]


def test_records_of_before_accounts_stay_and_belong_to_the_house(new_engine: Engine) -> None:
    engine = new_engine
    with engine.connect() as connection:
        command.upgrade(config_for(connection), "0001")
        connection.execute(text(LISTING), {"at": "2026-01-02 03:04:05"})
        connection.commit()
    before = listings(engine)
    db.migrate(engine)
    assert listings(engine) == before
    with engine.connect() as connection:
        owner = connection.execute(text("SELECT owner_id, created_by FROM listing")).one()
        assert tuple(owner) == (None, None)
    assert {"user", "organisation", "audit", "transition"} <= tables(engine)
    with engine.connect() as connection:
        command.downgrade(config_for(connection), "0001")
        connection.commit()
    assert listings(engine) == before
    assert "user" not in tables(engine)


def test_tables_in_code_are_the_tables_of_the_migrations(new_engine: Engine) -> None:
    engine = new_engine
    db.migrate(engine)
    with engine.connect() as connection:
        command.check(config_for(connection))
