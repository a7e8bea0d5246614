"""What every benchmark shares: where things are, rows of a result, time measurement."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from eval.bench.corpus import Source, read_source
from matcher.encoder import Backend, Progress
from models.backends import open_backend
from models.cpu import cpu_flags

_TELLING_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8")


@dataclass(frozen=True)
class Setup:
    """Where a benchmark finds its inputs and keeps what it made; `rows` is the size of the corpus.

    `model` names a sentence-transformers model; the offline one in `model_dir` where empty. The
    cache lies in `home/bench`. `text_dir` may hold `abstracts.jsonl`; `sample` is a BEIR folder.
    """

    rows: int
    home: Path
    model: str
    model_dir: Path
    text_dir: Path | None
    sample: Path
    progress: Progress

    @cached_property
    def source(self) -> Source:
        """The sentences that corpora are made of."""
        return read_source(self.text_dir, self.sample)

    @cached_property
    def backend(self) -> Backend:
        """The model in the back end that the service uses; opened once."""
        return open_backend(self.model, self.model_dir)

    @property
    def folder(self) -> Path:
        """Cached vectors and indexes, outside version control."""
        return self.home / "bench"


@dataclass(frozen=True)
class Row:
    """One measured value beside its baseline from the same run.

    `ratio` says how many times better than `baseline` the value is (above 1 is better, for rates and
    times alike). `p50` and `p99` are in `unit`. `note` says what the baseline does.
    """

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    p50: float | None = None
    p99: float | None = None
    note: str = ""


def times_row(
    name: str, times: Sequence[float], baseline: Sequence[float] | None = None, note: str = ""
) -> Row:
    """A row of latencies in ms from measured seconds; the value is the median."""
    p50, p99 = (float(v) for v in np.percentile(np.asarray(times) * 1000, [50, 99]))
    if baseline is None:
        return Row(name, p50, "ms", p50=p50, p99=p99, note=note)
    reference = float(np.median(baseline)) * 1000
    return Row(name, p50, "ms", reference, reference / p50, p50, p99, note)


def seconds(call: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def cpu() -> dict[str, Any]:
    """Model, cores and the flags that decide how fast the encoder runs."""
    flags = cpu_flags()
    return {
        "model": _model_name() or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "flags": [flag for flag in _TELLING_FLAGS if flag in flags],
    }


def _model_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    if not cpuinfo.is_file():
        return ""
    pairs = (line.partition(":") for line in cpuinfo.read_text(encoding="utf-8").splitlines())
    return next((value.strip() for key, _, value in pairs if key.strip() == "model name"), "")
