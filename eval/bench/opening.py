"""`bench open`: how long a new process takes to open the index of a large corpus."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path

from eval.bench.indexes import build, encoder_of, snapshot_folder, stamp
from eval.bench.setup import Row, Setup, seconds
from matcher import snapshot
from matcher.config import MatcherConfig

REPEATS = 5


def run(setup: Setup) -> list[Row]:
    """Seconds of `snapshot.load` in a fresh process, against a rebuild from cached vectors.

    Checksums, warm-up of both arms and the dictionaries of the analyzer are part of opening; the
    import of libraries is not. Files are in the page cache of the system.
    """
    encoder = encoder_of(setup)
    build(setup, encoder)  # encodes what is missing, so that the rebuild measured next does not
    made = []
    rebuild = seconds(lambda: made.append(build(setup, encoder)))
    saving = seconds(lambda: snapshot.save(made[0], snapshot_folder(setup), stamp(setup)))
    arguments = [str(snapshot_folder(setup)), encoder.fingerprint, json.dumps(stamp(setup))]
    times = []
    for done in range(1, REPEATS + 1):
        printed = subprocess.run(
            [sys.executable, "-m", "eval.bench.opening", *arguments],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        times.append(float(printed))
        setup.progress(done, REPEATS)
    middle = statistics.median(times)
    return [
        Row(
            "open.index",
            middle,
            "s",
            rebuild,
            rebuild / middle,
            middle,
            max(times),
            f"rebuild from cached vectors; p99 is the slowest of {REPEATS}",
        ),
        Row("open.save", saving, "s"),
        Row("open.records", float(setup.rows), "records"),
    ]


def load_seconds(folder: Path, fingerprint: str, marks: dict[str, str]) -> float:
    """Seconds of one opening in this process."""
    return seconds(lambda: snapshot.load(folder, MatcherConfig(), fingerprint, marks))


if __name__ == "__main__":
    sys.stdout.write(f"{load_seconds(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))}\n")
