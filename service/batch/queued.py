"""Shards as jobs of a queue in PostgreSQL (procrastinate): any number of processes do them.

A job is no more than the number of a shard: what is done stands in the table of shards, so a job that is
done twice changes nothing. The queue lives in a schema of its own, which its library lays out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Status
from procrastinate.schema import SchemaManager
from sqlalchemy import Engine, text

from service.db import is_postgresql

log = logging.getLogger(__name__)

SCHEMA = "batch_queue"
STALLED_SECONDS = 30.0
"""A worker that has not been heard of for so long is taken for dead, and its shards are done by others."""
_HEARTBEAT_SECONDS = 5.0
_POLL_SECONDS = 0.5
_LOCK = 0x6A62_7175
"""Key of the advisory lock under which the schema is made."""
Shard = Callable[[str, int], None]
"""Does a shard of a run, or nothing where it is done or no longer wanted."""


class Queue:
    """The queue of one database."""

    def __init__(self, engine: Engine, do: Shard) -> None:
        """`do` is what a worker of this process calls for a job."""
        if not is_postgresql(engine):
            msg = "the queue needs PostgreSQL"
            raise ValueError(msg)
        _lay_out(engine)
        where = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        options = {"options": f"-c search_path={SCHEMA}"}
        self._app = App(connector=PsycopgConnector(conninfo=where, kwargs=options))
        self._shard = self._app.task(name="shard", queue="shards")(do)
        rescue = self._app.task(name="rescue", queue="rescue")(self._rescue)
        self._app.periodic(cron="* * * * *")(rescue)

    def put(self, run_id: str, numbers: Iterable[int]) -> None:
        """Ask for shards of a run; one that is waiting already is not asked for twice."""
        with self._app.open():
            for number in numbers:
                job = self._shard.configure(queueing_lock=f"{run_id}:{number}")
                with contextlib.suppress(AlreadyEnqueued):
                    job.defer(run_id=run_id, number=number)

    def work(self, until: Callable[[], bool]) -> None:
        """Do shards, of whatever run, until `until()` holds; also takes over those of dead workers."""
        asyncio.run(self._work(until))

    async def _work(self, until: Callable[[], bool]) -> None:
        async with self._app.open_async():
            await self._rescue(0)
            worker = asyncio.create_task(
                self._app.run_worker_async(
                    concurrency=1,
                    install_signal_handlers=False,
                    fetch_job_polling_interval=_POLL_SECONDS,
                    update_heartbeat_interval=_HEARTBEAT_SECONDS,
                    stalled_worker_timeout=STALLED_SECONDS,
                    delete_jobs="always",
                )
            )
            while not worker.done() and not await asyncio.to_thread(until):
                await asyncio.sleep(_POLL_SECONDS)
            worker.cancel()  # it ends after the shard in work
            with contextlib.suppress(asyncio.CancelledError):
                await worker

    async def _rescue(self, timestamp: int) -> None:
        """Ask anew for what workers had in hand that are not heard of any more; once a minute."""
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            if job.id is None or job.task_name != self._shard.name:
                continue
            log.warning("shard %s of a dead worker is done again", job.task_kwargs)
            await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
            again = self._shard.configure(queueing_lock=job.queueing_lock)
            with contextlib.suppress(AlreadyEnqueued):
                await again.defer_async(**job.task_kwargs)


def _lay_out(engine: Engine) -> None:
    """Make the schema of the queue where it is not there yet."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        table = connection.execute(text(f"SELECT to_regclass('{SCHEMA}.procrastinate_jobs')"))
        if table.scalar() is not None:
            return
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
        connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
        # many statements at once, which go without parameters only
        with contextlib.closing(connection.connection.cursor()) as cursor:
            cursor.execute(SchemaManager.get_schema())
