"""What tuning changed in the encoder: low-rank additions to its matrices, and weights with them.

A file holds for each tuned matrix two float16 factors, `NAME.a` of shape (rank, inputs) and `NAME.b`
of shape (outputs, rank), scaled so that the tuned matrix is `weight + b @ a` (LoRA, Hu et al. 2021).
Names are those of the weight file: `l6.q` is the query projection of layer 6.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from models.e5bin import Architecture, Vocabulary
from models.errors import FormatError

ADAPTER_FILE = "adapter.safetensors"

FloatArray = NDArray[np.float32]


class Weights(Protocol):
    """Where a build takes the tensors of the encoder from."""

    @property
    def architecture(self) -> Architecture:
        """Sizes of the encoder."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The full vocabulary."""

    def tensor(self, name: str, columns: int | None = None) -> FloatArray:
        """See `models.e5bin.E5File.tensor`."""


@dataclass(frozen=True)
class Adapter:
    """Low-rank additions by matrix name, each as (a, b) with the shapes (rank, in), (out, rank)."""

    factors: Mapping[str, tuple[FloatArray, FloatArray]]

    @classmethod
    def from_bytes(cls, content: bytes) -> Adapter:
        """Read an adapter file; raises FormatError where it is none."""
        try:
            arrays = load(content)
        except (SafetensorError, ValueError, KeyError) as error:
            message = f"not an adapter file: {error}"
            raise FormatError(message) from error
        names = {name.rpartition(".")[0] for name in arrays}
        if set(arrays) != {f"{name}.{part}" for name in names for part in "ab"}:
            message = "an adapter file holds NAME.a and NAME.b for each matrix and nothing else"
            raise FormatError(message)
        return cls(
            {
                name: (
                    arrays[f"{name}.a"].astype(np.float32),
                    arrays[f"{name}.b"].astype(np.float32),
                )
                for name in sorted(names)
            }
        )

    def to_bytes(self) -> bytes:
        """The adapter as a file in float16; equal factors give equal bytes."""
        arrays = {}
        for name, (a, b) in sorted(self.factors.items()):
            arrays[f"{name}.a"] = np.ascontiguousarray(a, dtype=np.float16)
            arrays[f"{name}.b"] = np.ascontiguousarray(b, dtype=np.float16)
        return bytes(save(arrays))

    def save(self, path: Path) -> None:
        """Write the adapter to `path`."""
        path.write_bytes(self.to_bytes())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the file."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @property
    def parameters(self) -> int:
        """Numbers in all factors."""
        return sum(a.size + b.size for a, b in self.factors.values())

    def addition(self, name: str) -> FloatArray | None:
        """What is added to the matrix `name`, shape (outputs, inputs); None for an untuned one."""
        pair = self.factors.get(name)
        if pair is None:
            return None
        a, b = pair
        return np.asarray(b @ a, dtype=np.float32)


@dataclass(frozen=True)
class TunedWeights:
    """The weights of a file with an adapter merged in."""

    base: Weights
    adapter: Adapter

    @property
    def architecture(self) -> Architecture:
        """Sizes of the encoder."""
        return self.base.architecture

    @property
    def vocabulary(self) -> Vocabulary:
        """The full vocabulary."""
        return self.base.vocabulary

    def tensor(self, name: str, columns: int | None = None) -> FloatArray:
        """The tuned tensor `name`; raises FormatError as the file does or where shapes differ."""
        values = self.base.tensor(name, columns)
        matrix, _, part = name.rpartition(".")
        addition = self.adapter.addition(matrix) if part == "w" else None
        if addition is None:
            return values
        if addition.size != values.size or (columns and addition.shape[1] != columns):
            message = f"the adapter's {matrix} is {addition.shape}, the weights are {values.shape}"
            raise FormatError(message)
        return values + addition.reshape(values.shape)
