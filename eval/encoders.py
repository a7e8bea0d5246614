"""Opens the embedding models that the systems of an evaluation use."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from corpora import sample
from eval.systems import Encoders, Model
from matcher.centring import centred_encoder
from matcher.encoder import Encoder
from models.backends import UNTUNED, open_backend


def open_encoders(model: str, model_dir: Path) -> Encoders:
    """Encoders by model, each opened when first asked for.

    `model` names a sentence-transformers model in place of both, `model_dir` holds the offline ones.
    The call of what is returned raises `models.errors.ModelError`.
    """
    folders = {Model.SERVED: model_dir, Model.UNTUNED: model_dir / UNTUNED}

    @cache
    def opened(which: Model) -> Encoder:
        folder = folders[which]
        return centred_encoder(open_backend(model, folder), folder, sample.centring_listings)

    return opened
