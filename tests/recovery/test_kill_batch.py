"""Kill the real `jiebang batch` at random moments: nothing is lost, done twice or different."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, select

from corpora.sample import rows as sample_rows
from matcher.listing import Kind
from service import changes, db, store
from service.batch.tables import BatchRunRow, BatchShardRow
from service.db import reading, writing
from service.tables import Tier

KILLS, NEEDS, ACHIEVEMENTS = 5, 60, 40
_MOST = 4
"""Shards of one need each that a kill waits for: even five kills leave most of them undone."""
_TIMEOUT = 180


def fill(home: Path) -> Engine:
    """The beginning of the sample as the records of a home, every fourth one confidential."""
    engine = db.make_engine(f"sqlite:///{home / 'jiebang.db'}")
    db.migrate(engine)
    changes.ensure_head(engine)
    with writing(engine) as session:
        for kind, count in ((Kind.NEED, NEEDS), (Kind.ACHIEVEMENT, ACHIEVEMENTS)):
            records = [
                record.model_copy(update={"disclosure": Tier.PUBLIC if n % 4 else Tier.BROKER_ONLY})
                for n, record in enumerate(sample_rows(kind)[:count])
            ]
            store.import_records(session, kind, records)
    return engine


def start(home: Path, *arguments: str | Path) -> subprocess.Popen[bytes]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JIEBANG_")}
    command = [sys.executable, "-m", "service.cli", "batch", *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment | {"JIEBANG_HOME": str(home)}, stderr=subprocess.DEVNULL
    )


def done(engine: Engine) -> dict[int, tuple[float | None, bytes | None]]:
    """Finished shards of the only run."""
    with reading(engine) as session:
        rows = session.exec(
            select(BatchShardRow).where(col(BatchShardRow.result).is_not(None))
        ).all()
    return {row.number: (row.seconds, row.result) for row in rows}


def test_a_killed_run_ends_with_the_same_bytes(home: Path, tmp_path: Path) -> None:
    still = tmp_path / "still.jsonl"
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    (undisturbed / "model").symlink_to((home / "model").resolve())
    fill(undisturbed).dispose()
    engine = fill(home)
    options = ("--shard", "1")
    assert start(undisturbed, "run", *options, "--out", still).wait(_TIMEOUT) == 0

    seed = int(time.time())
    chance = random.Random(seed)
    process, before = start(home, "run", *options), {}
    for _ in range(KILLS):
        wanted = len(before) + chance.randint(1, _MOST)
        deadline = time.monotonic() + _TIMEOUT
        while len(done(engine)) < wanted and time.monotonic() < deadline:
            assert process.poll() is None, f"ended by itself, seed {seed}"
            time.sleep(0.02)
        time.sleep(chance.random() * 0.1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        after = done(engine)
        assert len(after) >= wanted, f"seed {seed}"
        assert {k: after[k] for k in before} == before, f"done twice, seed {seed}"
        before = after
        with reading(engine) as session:
            run_id = session.exec(select(BatchRunRow.id)).one()
        process = start(home, "resume", run_id)
    assert process.wait(_TIMEOUT) == 0
    out = tmp_path / "killed.jsonl"
    assert start(home, "export", run_id, "--out", out).wait(_TIMEOUT) == 0
    assert out.read_bytes() == still.read_bytes(), f"seed {seed}"
    assert len(done(engine)) == NEEDS
    engine.dispose()
