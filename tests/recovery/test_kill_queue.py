"""Batch runs through the queue of PostgreSQL: several processes, a killed one, equal bytes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text
from sqlmodel import col, select

from corpora.sample import DIRECTORY
from service import db
from service.batch import queued
from service.batch.tables import BatchRunRow, BatchShardRow
from service.db import reading
from tests.server import database_of, environment, jiebang

NEEDS, ACHIEVEMENTS = 20, 40
_TIMEOUT = 240


def small_folder(folder: Path) -> Path:
    """The beginning of the sample as a folder of its own."""
    (folder / "qrels").mkdir(parents=True)
    for name, count in (("queries", NEEDS), ("corpus", ACHIEVEMENTS)):
        lines = (DIRECTORY / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()[:count]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    need = json.loads((folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()[0])
    qrels = f"query-id\tcorpus-id\tscore\n{need['_id']}\tA0001\t0\n"
    (folder / "qrels" / "all.tsv").write_text(qrels, encoding="utf-8")
    return folder


def start(home: Path, *arguments: str | Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "service.cli", "batch", *map(str, arguments)]
    return subprocess.Popen(command, env=environment(home))


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _TIMEOUT
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_a_worker_that_is_killed_leaves_its_shards_to_another(home: Path, tmp_path: Path) -> None:
    if not (url := database_of(home)):
        refused = jiebang(home, "batch", "worker")
        assert (refused.returncode, "PostgreSQL" in refused.stderr) == (2, True)
        return
    folder, out = small_folder(tmp_path / "small"), tmp_path / "killed.jsonl"
    options = ("--folder", folder, "--shard", "1", "--workers", "1")
    still = tmp_path / "still.jsonl"
    assert start(home, "run", *options, "--out", still).wait(_TIMEOUT) == 0

    engine = db.make_engine(url)

    def done() -> int:
        with reading(engine) as session:
            newest = select(BatchRunRow.id).order_by(col(BatchRunRow.created_at).desc()).limit(1)
            run_id = session.exec(newest).one()
            rows = select(BatchShardRow.number).where(
                BatchShardRow.run_id == run_id, col(BatchShardRow.result).is_not(None)
            )
            found = len(session.exec(rows).all())
            return found if run_id != first else 0

    with reading(engine) as session:
        first = session.exec(select(BatchRunRow.id)).one()
    killed = start(home, "run", *options)
    wait_for(lambda: 2 <= done() < NEEDS)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    half = done()
    worker = start(home, "worker")
    try:
        # what was waiting is done at once; what the dead one held, once it is not heard of any more
        wait_for(lambda: done() == NEEDS)
    finally:
        worker.terminate()
        worker.wait()
    assert half < NEEDS
    with reading(engine) as session:
        rows = session.exec(select(BatchRunRow).order_by(col(BatchRunRow.created_at))).all()
    assert [row.state for row in rows] == ["done", "done"]
    assert start(home, "export", rows[1].id, "--out", out).wait(_TIMEOUT) == 0
    assert out.read_bytes() == still.read_bytes()
    with engine.connect() as connection:
        left = connection.execute(
            text(
                f"SELECT count(*) FROM {queued.SCHEMA}.procrastinate_jobs "
                "WHERE task_name = 'shard' AND status IN ('todo', 'doing')"
            )
        )
        assert left.scalar() == 0
    engine.dispose()
