"""Writes the graph for the OpenVINO CPU back end, quantised to 8 bit or not."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import openvino as ov

from models.calibration import calibration_ids
from models.cpu import Backend
from models.graph import ATTENTION_MASK, INPUT_IDS
from models.tokenizer import WINDOW, load_tokenizer

EXPORT_DIR = "openvino"
EXPORT_FILE = "encoder.xml"

SMOOTH_QUANT_ALPHA = 0.7
"""How far activation outliers are moved into the weights, 0 to 1.

Of 0.5 to 0.85 and the library's 0.95 it agreed best with float32, by the least cosine and by
the correlation of query-passage scores; 0.65 to 0.8 are nearly as good, 0.5 and 0.95 are not.
"""


def export_path(directory: Path) -> Path:
    """Return the path of the exported graph in the model ``directory``."""
    return directory / EXPORT_DIR / EXPORT_FILE


def export_graph(graph: ov.Model, directory: Path, backend: Backend) -> None:
    """Write ``graph`` for ``backend`` into the model ``directory``, which holds the tokenizer.

    Plain back ends keep float32 weights; bf16 is a matter of how they are later compiled.
    """
    path = export_path(directory)
    path.parent.mkdir(parents=True, exist_ok=True)
    model = _quantise(graph, directory) if backend is Backend.INT8 else graph
    ov.save_model(model, path, compress_to_fp16=False)


def _quantise(graph: ov.Model, directory: Path) -> ov.Model:
    # Imported here because it takes seconds and only a build needs it, never the service.
    import nncf  # noqa: PLC0415
    from nncf.quantization import advanced_parameters as advanced  # noqa: PLC0415

    samples = calibration_ids(load_tokenizer(directory), WINDOW)

    def feed(ids: list[int]) -> dict[str, np.ndarray[tuple[int, int], np.dtype[np.int64]]]:
        row = np.array([ids], dtype=np.int64)
        return {INPUT_IDS: row, ATTENTION_MASK: np.ones_like(row)}

    with _quiet("nncf"):
        model: ov.Model = nncf.quantize(
            graph,
            nncf.Dataset(samples, feed),
            preset=nncf.QuantizationPreset.MIXED,
            model_type=nncf.ModelType.TRANSFORMER,
            subset_size=len(samples),
            fast_bias_correction=True,
            # Left to itself the library rounds the pooled vector, too, which costs half of the
            # agreement and saves no time.
            ignored_scope=nncf.IgnoredScope(types=["NormalizeL2"]),
            advanced_parameters=advanced.AdvancedQuantizationParameters(
                smooth_quant_alphas=advanced.AdvancedSmoothQuantParameters(
                    matmul=SMOOTH_QUANT_ALPHA
                )
            ),
        )
    return model


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Silence a library that logs and draws progress bars on standard output."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with redirect_stdout(StringIO()):
            yield
    finally:
        logger.setLevel(level)
