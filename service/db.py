"""Engine and sessions. Writing sessions on SQLite take the write lock at their first statement."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlmodel import Session

MIGRATIONS = Path(__file__).with_name("migrations")
_BUSY_MS = 30_000


def make_engine(url: str) -> Engine:
    """An engine for `url`; creates the folder of an SQLite file, not the file's tables."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401
    # the driver must not begin transactions of its own: `_begin` chooses their kind
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("jiebang_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one consistent state and commits nothing."""
    with Session(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session that commits when the block ends, and rolls back when it raises.

    On SQLite it holds the write lock from the start, so that it cannot fail half-way for a
    reader's stale snapshot.
    """
    with (
        engine.connect().execution_options(jiebang_write=True) as connection,
        Session(bind=connection, expire_on_commit=False) as session,
    ):
        yield session
        session.commit()


def is_postgresql(engine: Engine) -> bool:
    """Whether the truth is in PostgreSQL rather than SQLite."""
    return engine.dialect.name == "postgresql"


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
