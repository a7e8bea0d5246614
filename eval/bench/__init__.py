"""Benchmarks, from encoding to whole runs and a busy service, each against a baseline in the same run."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from eval.bench import batching, encoding, load, opening, querying, running
from eval.bench.corpus import SEED
from eval.bench.setup import Row, Setup, cpu
from matcher.config import MatcherConfig

SUITES: dict[str, Callable[[Setup], list[Row]]] = {
    "encode": encoding.run,
    "query": querying.run,
    "open": opening.run,
    "batch": batching.run,
    "run": running.run,
    "load": load.run,
}
"""Suites by the name that the command line takes."""

__all__ = ["SUITES", "Row", "Setup", "run_suite"]


def run_suite(suite: str, setup: Setup) -> dict[str, Any]:
    """Run one suite; the result names everything that a repetition needs.

    Raises KeyError for an unknown suite, and `models.errors.ModelError` without a model.
    """
    rows = SUITES[suite](setup)
    return {
        "suite": suite,
        "records": setup.rows,
        "cpu": cpu(),
        "python": platform.python_version(),
        "encoder": setup.backend.fingerprint,
        "config": MatcherConfig().fingerprint,
        "source": {
            "name": setup.source.name,
            "fingerprint": setup.source.fingerprint,
            "seed": SEED,
        },
        "rows": [asdict(row) for row in rows],
    }
