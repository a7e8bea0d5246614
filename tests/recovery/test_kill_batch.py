"""Kill the real `jiebang batch` at random moments: nothing is lost, done twice or different."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import col, select

from corpora.sample import DIRECTORY
from service import db
from service.batch.tables import BatchRunRow, BatchShardRow
from service.db import reading

KILLS, NEEDS, ACHIEVEMENTS = 3, 20, 40
_TIMEOUT = 180


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
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JIEBANG_")}
    command = [sys.executable, "-m", "service.cli", "batch", *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment | {"JIEBANG_HOME": str(home)}, stderr=subprocess.DEVNULL
    )


def done(engine: Engine) -> dict[int, tuple[float | None, bytes | None]]:
    """Finished shards of the only run; empty before there are tables."""
    try:
        with reading(engine) as session:
            rows = session.exec(
                select(BatchShardRow).where(col(BatchShardRow.result).is_not(None))
            ).all()
    except Exception:  # noqa: BLE001  (no file, no tables or a busy database yet)
        return {}
    return {row.number: (row.seconds, row.result) for row in rows}


def test_a_killed_run_ends_with_the_same_bytes(home: Path, tmp_path: Path) -> None:
    folder = small_folder(tmp_path / "small")
    still = tmp_path / "still.jsonl"
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    (undisturbed / "model").symlink_to((home / "model").resolve())
    options = ("--folder", folder, "--shard", "1")
    assert start(undisturbed, "run", *options, "--out", still).wait(_TIMEOUT) == 0

    seed = int(time.time())
    chance = random.Random(seed)
    engine = db.make_engine(f"sqlite:///{home / 'jiebang.db'}")
    process, before = start(home, "run", *options), {}
    for _ in range(KILLS):
        wanted = len(before) + chance.randint(1, 4)
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
