"""Removing a run: its results and what it was frozen from, which keep texts of records as they were."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete

from service.batch import runs
from service.batch.tables import BatchRunRow, BatchShardRow, State
from service.db import writing
from service.errors import ConflictError


def remove(engine: Engine, home: Path, name: str) -> str:
    """Remove a run that is done or cancelled; its id.

    The folder goes first: a kill in between leaves rows, which can be removed again, and no text that
    no run refers to. Raises NotFoundError, and ConflictError for a run that is unfinished, that a
    process is still at, or whose result an event uses.
    """
    with writing(engine) as session:
        row = runs.find(session, name)
        if row.state == State.RUNNING:
            raise ConflictError(f"批量运行 {row.id} 还没有完成", cure="先取消，再删除")
        folder = runs.folder(home, row.id)
        with runs.locked(folder):
            session.exec(delete(BatchShardRow).where(col(BatchShardRow.run_id) == row.id))
            try:
                session.exec(delete(BatchRunRow).where(col(BatchRunRow.id) == row.id))
            except IntegrityError as error:
                raise ConflictError(
                    f"有对接活动用着批量运行 {row.id} 的结果",
                    cure="先在活动里重新匹配，或删除那场活动",
                ) from error
            shutil.rmtree(folder)
        return row.id
