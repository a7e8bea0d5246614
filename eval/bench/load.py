"""`bench load`: people at work on a real server, its process on the same cores as theirs.

Fifty of them send a request, read for two to five seconds and send the next: pages for the most part,
matches, and writes. Half of the writes are new needs; the others raise a number in one record that
all share, each under the version it read (`If-Match`). The record must end at the number of
raises that were acknowledged, so an update that got lost shows.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np

from eval.bench.corpus import achievements, needs
from eval.bench.crowd import SORTS, work
from eval.bench.homes import environment, prepare
from eval.bench.setup import Row, Setup

_START_SECONDS = 300
_LOGIN = "bench@jiebang.example"
_OK = 200


def run(setup: Setup) -> list[Row]:
    """95th percentiles of pages, matches and writes under load, errors and lost updates.

    `setup.rows` records, half of them needs, are imported into a home of the benchmark once. Raises
    RuntimeError where the server does not start or refuses the records.
    """
    home = setup.folder / f"load-{setup.rows}"
    password = secrets.token_urlsafe(24)
    half = setup.rows // 2
    _furnish(home, setup)
    login = f"{secrets.token_hex(4)}.{_LOGIN}"
    _command(home, setup, "admin", "create", login, given=password)
    with _server(home, setup) as url:
        credentials = {"login": login, "password": password}
        asked, offered = needs(setup.source, half), achievements(setup.source, half)
        crowd = asyncio.run(work(url, credentials, asked, offered, setup.progress))
    rows = [_row(f"load.{sort}", crowd.taken[sort], crowd.alone[sort]) for sort in SORTS]
    return [
        *rows,
        Row("load.requests", float(sum(len(taken) for taken in crowd.taken.values())), "requests"),
        Row("load.errors", float(len(crowd.errors)), "requests", note="; ".join(crowd.errors[:3])),
        Row(
            "load.conflicts", float(crowd.conflicts), "requests", note="refused, as they should be"
        ),
        Row("load.lost_updates", float(crowd.lost), "updates"),
        Row("load.records", float(setup.rows), "records"),
    ]


def _row(name: str, taken: list[float], alone: list[float]) -> Row:
    p50, p95, p99 = (float(v) for v in np.percentile(np.asarray(taken) * 1000, [50, 95, 99]))
    baseline = float(np.percentile(np.asarray(alone) * 1000, 95))
    note = "value and baseline are 95th percentiles; baseline: one person alone"
    return Row(name, p95, "ms", baseline, baseline / p95, p50, p99, note)


def _furnish(home: Path, setup: Setup) -> None:
    """Fill the home with records, unless an earlier run did."""
    done = home / "records"
    if done.exists():
        return
    prepare(home, setup)
    half = setup.rows // 2
    files: dict[str, list[dict[str, str | None]]] = {
        "need": [
            {"need_id": q.id, "title": q.body[:30], "problem_statement": q.body}
            for q in needs(setup.source, half)
        ],
        "achievement": [
            {"achievement_id": a.id, "title": a.title or a.body[:30], "abstract": a.body,
             "industry_chain": a.facets.chain, "region_code": a.facets.region}
            for a in achievements(setup.source, half)
        ],
    }  # fmt: skip
    for at, (kind, records) in enumerate(files.items(), start=1):
        path = home / f"{kind}.jsonl"
        text = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
        path.write_text(text, encoding="utf-8")
        _command(home, setup, "import", str(path), "--kind", kind)
        setup.progress(at, len(files))
    done.touch()


def _command(home: Path, setup: Setup, *words: str, given: str = "") -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", *words],
        env=environment(home, setup),
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        msg = f"jiebang {' '.join(words[:2])}: {done.stderr.strip()}"
        raise RuntimeError(msg)


@contextmanager
def _server(home: Path, setup: Setup) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "serve", "--port", str(port)],
            env=environment(home, setup),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_ready(process, url, home / "server.log")
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/api/health", timeout=5).status_code == _OK:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise RuntimeError(f"the server did not become ready: {log.read_text(errors='replace')[-500:]}")
