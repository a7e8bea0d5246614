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

USER = """
INSERT INTO "user" (id, login, name, password_hash, role, state, demo, created_at)
VALUES ('U1', 'u@test.example', '经理人', 'h', 'manager', 'approved', false, :at)
"""
CASE = """
INSERT INTO broker_case (id, need_id, achievement_id, state, version, summary, created_by, created_at,
                         updated_at)
VALUES ('C1', 'N1', 'A1', 'lead', 1, '', 'U1', :at, :at)
"""
TODO = """
INSERT INTO todo (id, case_id, user_id, text, due, version, created_at)
VALUES ('T1', 'C1', 'U1', '打电话', '2026-02-01', 1, :at)
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


def test_cases_and_their_todos_stay_when_leads_may_have_no_author(new_engine: Engine) -> None:
    engine = new_engine
    at = {"at": "2026-01-02 03:04:05"}
    with engine.connect() as connection:
        command.upgrade(config_for(connection), "0005")
        for statement in (USER, CASE, TODO):
            connection.execute(text(statement), at)
        connection.commit()
    db.migrate(engine)

    def kept() -> list[tuple[object, ...]]:
        joined = "SELECT t.text, c.need_id, c.created_by FROM todo t JOIN broker_case c ON c.id = case_id"
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(joined))]

    assert kept() == [("打电话", "N1", "U1")]
    with engine.connect() as connection:
        nameless = CASE.replace("'C1'", "'C2'").replace("'N1'", "'N2'").replace("'U1'", "NULL")
        connection.execute(text(nameless), at)
        connection.commit()
        command.downgrade(config_for(connection), "0005")
        connection.commit()
    assert kept() == [("打电话", "N1", "U1")]
