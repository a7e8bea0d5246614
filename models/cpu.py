"""Which arithmetic this processor runs fast, read from ``/proc/cpuinfo``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

_INT8_FLAGS = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})
_BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


class Backend(StrEnum):
    """Arithmetic of the exported model."""

    INT8 = "openvino-int8"
    BF16 = "openvino-bf16"
    FP32 = "openvino-fp32"


def cpu_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """Return the feature flags of the first processor; empty where the file does not tell."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    for line in lines:
        key, _, value = line.partition(":")
        if key.strip() in {"flags", "Features"}:
            return frozenset(value.split())
    return frozenset()


def fastest_backend(flags: frozenset[str]) -> Backend:
    """Return the fastest back end; without VNNI int8 products saturate or crawl, so not int8."""
    if flags & _INT8_FLAGS:
        return Backend.INT8
    return plain_backend(flags)


def plain_backend(flags: frozenset[str]) -> Backend:
    """Return the fastest back end that needs no quantisation."""
    return Backend.BF16 if flags & _BF16_FLAGS else Backend.FP32
