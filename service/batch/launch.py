"""Starting a run from the service: frozen at once, then done by a process of its own.

That process outlives a restart of the service, and the service stays free to answer.
"""

from __future__ import annotations

from collections.abc import Collection

from service import processes
from service.access import Principal
from service.batch import runs
from service.batch.material import from_database, source_of
from service.batch.work import SHARD, Batch
from service.context import Context
from service.db import reading, writing
from service.served import served_config

LOG = "run.log"
"""What the process says, in the folder of its run."""


def launch(
    ctx: Context,
    principal: Principal,
    *,
    top_k: int,
    needs: Collection[str] | None = None,
    achievements: Collection[str] | None = None,
) -> str:
    """Freeze what is published, or a roster of it, and start doing it; the id of the run.

    One at a time, as a run takes all cores: raises ConflictError while another is unfinished;
    JiebangError for ids of which `principal` knows nothing published, and where there is nothing to
    match.
    """
    with reading(ctx.engine) as session:
        runs.require_idle(session)
    found = from_database(
        ctx.engine,
        ctx.settings.index_dir,
        ctx.encoder,
        served_config(ctx.settings.home),
        principal,
        needs=needs,
        achievements=achievements,
    )
    source = source_of(needs, achievements)
    run_id = _batch(ctx).begin(found, source, top_k=top_k, shard=SHARD)
    _start(ctx, run_id)
    return run_id


def go_on(ctx: Context, name: str) -> str:
    """Start doing what is left of a run; raises ConflictError where that is under way or done."""
    with writing(ctx.engine) as session:
        row = runs.find(session, name)
        runs.require_unfinished(row)
        with runs.locked(_batch(ctx).folder(row.id)):
            runs.go_on(session, row)
        run_id = row.id
    _start(ctx, run_id)
    return run_id


def _batch(ctx: Context) -> Batch:
    return Batch(ctx.engine, ctx.encoder, ctx.settings.home)


def _start(ctx: Context, run_id: str) -> None:
    command = ["batch", "resume", run_id, "--workers", "1"]
    processes.start(ctx.settings, command, _batch(ctx).folder(run_id) / LOG)
