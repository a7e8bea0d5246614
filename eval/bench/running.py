"""`bench run`: a whole `jiebang batch run` as an organiser starts it, its time and its memory.

The needs are those of the sample's train part, filled up with recombined ones; the achievements are
recombined. A first run puts every vector into the cache of its home, a second one is measured from the
start of its process to the end of the last: freezing, matching, explanations of the first ten, and the
result file. A third on one process is the baseline. The results of all three must be equal in every byte.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from corpora.beir import load_dataset
from eval.bench.corpus import achievements, needs
from eval.bench.homes import environment, prepare
from eval.bench.setup import Row, Setup
from matcher.listing import Listing

NEEDS = 500
TOP_K = 10
WORKERS = 2
_SAMPLE_SECONDS = 0.1
_MIB = 2**20


def run(setup: Setup) -> list[Row]:
    """Seconds and the most memory of a run of 500 needs against `setup.rows` achievements.

    Raises RuntimeError where a run fails or two results differ.
    """
    folder = setup.folder / f"run-{setup.rows}"
    source = _write_folder(folder / "event", setup)
    outcomes = []
    for at, workers in enumerate((WORKERS, WORKERS, 1), start=1):
        outcomes.append(_measured(folder / "home", setup, source, workers))
        setup.progress(at, 3)
    _, (taken, memory, result), (alone, _, lonely) = outcomes
    if not outcomes[0][2] == result == lonely:
        msg = "equal inputs gave results that differ"
        raise RuntimeError(msg)
    note = f"{TOP_K} explained matches for each of {NEEDS} needs; baseline: one process"
    return [
        Row("run.time", taken, "s", alone, alone / taken, note=note),
        Row("run.memory", memory, "MiB", note="resident, all processes together, at its most"),
        Row("run.achievements", float(setup.rows), "records"),
    ]


def _write_folder(folder: Path, setup: Setup) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "qrels").mkdir(exist_ok=True)
    train = {query.id for query in load_dataset(setup.sample, "train").queries}
    kept = (setup.sample / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [line for line in kept if json.loads(line)["_id"] in train][:NEEDS]
    asked += map(_line, needs(setup.source, NEEDS - len(asked)))
    _write(folder / "queries.jsonl", asked)
    offered = achievements(setup.source, setup.rows)
    _write(folder / "corpus.jsonl", map(_line, offered))
    judged = f"query-id\tcorpus-id\tscore\n{json.loads(asked[0])['_id']}\t{offered[0].id}\t0\n"
    (folder / "qrels" / "all.tsv").write_text(judged, encoding="utf-8")
    return folder


def _line(listing: Listing) -> str:
    row = {"_id": listing.id, "title": listing.title, "text": listing.body}
    return json.dumps(row, ensure_ascii=False)


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _measured(home: Path, setup: Setup, source: Path, workers: int) -> tuple[float, float, bytes]:
    """Seconds, most resident MiB of the process and its children, and the result."""
    prepare(home, setup)
    out = home / "result.jsonl"
    command = ["batch", "run", "--folder", str(source), "--top-k", str(TOP_K)]
    begun, most = time.perf_counter(), 0.0
    with (home / "run.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", *command]
            + ["--workers", str(workers), "--out", str(out)],
            env=environment(home, setup),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        while process.poll() is None:
            most = max(most, _resident(process.pid) / _MIB)
            time.sleep(_SAMPLE_SECONDS)
    if process.returncode:
        msg = f"jiebang batch run ended with {process.returncode}, see {log.name}"
        raise RuntimeError(msg)
    return time.perf_counter() - begun, most, out.read_bytes()


def _resident(pid: int) -> int:
    """Resident bytes of a process and all below it; pages that two of them share count twice."""
    total = 0
    try:
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            total += process.memory_info().rss
    except psutil.NoSuchProcess:  # it ended meanwhile
        pass
    return total
