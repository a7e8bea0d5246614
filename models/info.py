"""What is known about a built model; written beside it as ``model_info.json``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from models.errors import ModelError

INFO_FILE = "model_info.json"


@dataclass(frozen=True)
class Agreement:
    """Cosines between one model's vectors and a reference's over the same texts."""

    mean: float
    minimum: float
    texts: int


@dataclass(frozen=True)
class ModelInfo:
    """The facts about one build; every measured figure stems from that build itself.

    ``fingerprint`` is the SHA-256 over weights, tokenizer and export: equal fingerprints mean
    equal vectors on the same processor. ``recipe`` is the SHA-256 over the inputs of the build
    and tells whether it must be repeated. Sizes are bytes.
    """

    name: str
    source: str
    licence: str
    dimension: int
    window: int
    vocabulary: int
    parameters: int
    backend: str
    fingerprint: str
    recipe: str
    weights_bytes: int
    export_bytes: int
    known_agreement: Agreement
    export_agreement: Agreement

    def save(self, directory: Path) -> None:
        """Write the facts into ``directory``."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False)
        (directory / INFO_FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> ModelInfo:
        """Read the facts of the model in ``directory``.

        Raises :class:`ModelError` when there is no complete model of this form.
        """
        try:
            fields = json.loads((directory / INFO_FILE).read_text(encoding="utf-8"))
            for name in ("known_agreement", "export_agreement"):
                fields[name] = Agreement(**fields[name])
            return cls(**fields)
        except (OSError, ValueError, TypeError, KeyError) as error:
            message = f"no complete model in {directory}: {error}"
            raise ModelError(message) from error
