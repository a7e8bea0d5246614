"""A second process at a run: does every n-th shard, and ends with the process that started it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from service.batch.queued import Queue
from service.batch.work import Batch, Share
from service.context import open_store
from service.db import is_postgresql
from service.settings import Settings


@contextmanager
def helpers(run_id: str, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """`count` processes at the run beside this one, which has share 0; none outlives the block."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", __name__, run_id, str(number), str(count + 1)],
            stdin=subprocess.DEVNULL,
        )
        for number in range(1, count + 1)
    ]
    try:
        yield started
    finally:
        for process in started:
            process.terminate()
            process.wait()


def main(run_id: str, number: int, of: int) -> None:
    """Do a share of the run until nothing of it is left or the starter is gone."""
    starter = os.getppid()
    settings = Settings()
    store = open_store(settings)
    batch = Batch(store.engine, store.encoder, settings.home)
    if is_postgresql(store.engine):
        Queue(store.engine, batch.shard).work(lambda: os.getppid() != starter)
    else:
        batch.assist(run_id, Share(number, of), lambda: os.getppid() == starter)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
