"""Tables of batch runs: what a run was made from, and its shards with their results."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary
from sqlmodel import Field, SQLModel

from service.tables import UtcDateTime, now


class State(StrEnum):
    """Where a run stands; a run whose process died is still `running`."""

    RUNNING = "running"
    CANCELLED = "cancelled"
    DONE = "done"


class BatchRunRow(SQLModel, table=True):
    """One run: its inputs by fingerprint, and where it stands."""

    __tablename__ = "batch_run"

    id: str = Field(primary_key=True)
    state: str = State.RUNNING
    source: str
    """`database`, `roster` or the name of a BEIR folder."""
    inputs: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    """Everything that decides the result, see `frozen.Inputs`; equal inputs give equal bytes."""
    needs: int
    achievements: int
    created_at: datetime = Field(default_factory=now, sa_column=Column(UtcDateTime, nullable=False))
    finished_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    chosen_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    """When it became the run in force, by finishing or by being restored; the latest one is."""


class BatchShardRow(SQLModel, table=True):
    """A few needs of a run, matched together; `result` is there when it is done."""

    __tablename__ = "batch_shard"

    run_id: str = Field(primary_key=True, foreign_key="batch_run.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    first: int
    """Position of its first need in the frozen list."""
    needs: int
    seconds: float | None = None
    """Time that it took."""
    finished_at: datetime | None = Field(default=None, sa_column=Column(UtcDateTime))
    result: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """JSON lines, one for each need, compressed by zlib."""
