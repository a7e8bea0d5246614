"""What tuning minimises, over unit vectors."""

from __future__ import annotations

import torch
from torch.nn import functional

GAIN = (0.0, 0.2, 0.6, 1.0)
"""Share of the target that a counterpart of grade 0, 1, 2 or 3 gets."""
_ANCHOR_SCALE = 10.0
"""Brings cosines lost to the size of the other losses."""


def centred(vectors: torch.Tensor, mean: torch.Tensor) -> torch.Tensor:
    """Unit vectors without their mean, as they are compared in matching."""
    return functional.normalize(vectors - mean, dim=-1)


def listwise(scores: torch.Tensor, gains: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the softmax over each row of `scores` to the shares of its `gains`.

    ListNet (Cao et al. 2007) with the whole batch as the list; rows without a gain do not count.
    """
    rows = gains.sum(1) > 0
    shares = gains[rows] / gains[rows].sum(1, keepdim=True)
    return -(shares * torch.log_softmax(scores[rows], 1)).sum(1).mean()


def columns(scores: torch.Tensor, gains: torch.Tensor) -> torch.Tensor:
    """The same pairs seen from the suitable counterparts: each has to find its own asker."""
    best, owner = gains.max(0)
    wanted = best >= GAIN[2]
    return functional.cross_entropy(scores.T[wanted], owner[wanted])


def diagonal(scores: torch.Tensor) -> torch.Tensor:
    """Cross entropy where row i belongs to column i."""
    return functional.cross_entropy(scores, torch.arange(len(scores)))


def drift(vectors: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """How far vectors moved from what they were: mean of 1 - cosine, scaled."""
    return (1 - (vectors * before).sum(1)).mean() * _ANCHOR_SCALE
