"""Alembic environment: migrates the connection that `service.db.migrate` hands over."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from service import tables  # noqa: F401  (fills the metadata)
from service.accounts import tables as account_tables  # noqa: F401
from service.batch import tables as batch_tables  # noqa: F401
from service.bounty import tables as bounty_tables  # noqa: F401
from service.cases import tables as case_tables  # noqa: F401
from service.events import tables as event_tables  # noqa: F401

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
