"""The tuning loop: draws batches, steps, returns the adapter."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from models.adapter import Adapter
from models.tuning import losses
from models.tuning.config import TuningConfig
from models.tuning.material import SUITABLE, Asked, Graded, Material
from models.tuning.network import Network

Progress = Callable[[str, int, int], None]
"""Told (what, done, total)."""


@dataclass(frozen=True)
class Tuned:
    """The result: the adapter, vectors of check texts in float32, and the loss of every step."""

    adapter: Adapter
    known: NDArray[np.float32]
    losses: tuple[float, ...]


def tune(
    directory: Path,
    material: Material,
    config: TuningConfig,
    known: Sequence[str],
    progress: Progress | None = None,
) -> Tuned:
    """Tune the model in `directory` on `material`; `known` are inputs whose vectors are returned.

    The same inputs give the same adapter on the same processor and number of threads.
    """
    torch.manual_seed(config.seed)
    network = Network(directory, config)
    told = progress or (lambda _what, _done, _total: None)
    network.cache(material.inputs(), lambda done, total: told("cache", done, total))
    return _Tuning(network, material, config).run(known, told)


class _Tuning:
    """The state of one run."""

    def __init__(self, network: Network, material: Material, config: TuningConfig) -> None:
        self._network, self._config = network, config
        self._rng = random.Random(config.seed)
        self._asked = [a for a in material.asked if any(c.grade for c in a.counterparts)]
        self._anchors = material.anchor_inputs()
        of = network.untuned
        counterparts = [c for asked in self._asked for c in asked.counterparts]
        self._means = {
            "need asks": _mean([of[a.need.query] for a in self._asked]),
            "need": _mean([of[a.need.passage] for a in self._asked]),
            "achievement asks": _mean([of[c.text.query] for c in counterparts]),
            "achievement": _mean([of[c.text.passage] for c in counterparts]),
        }
        self._hard = [self._hardest(asked) for asked in self._asked]
        self._optimiser = torch.optim.AdamW(
            network.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )

    def run(self, known: Sequence[str], told: Progress) -> Tuned:
        """All steps."""
        config = self._config
        total = int(config.epochs * len(self._asked) / config.batch)
        history: list[float] = []
        while len(history) < total:
            order = self._rng.sample(range(len(self._asked)), len(self._asked))
            for start in range(0, len(order) - config.batch + 1, config.batch):
                if len(history) == total:
                    break
                self._set_rate(len(history), total)
                chosen = order[start : start + config.batch]
                history.append(self._step(chosen, reverse=len(history) % 2 == 1))
                told("tune", len(history), total)
        return Tuned(self._network.adapter(), self._network.embed(known), tuple(history))

    def _set_rate(self, step: int, total: int) -> None:
        """Linear warm-up, then half a cosine down to 0."""
        warm = min(1.0, (step + 1) / max(1.0, self._config.warm_up * total))
        rate = self._config.learning_rate * warm * (1 + math.cos(math.pi * step / total)) / 2
        for group in self._optimiser.param_groups:
            group["lr"] = rate

    def _step(self, chosen: Sequence[int], *, reverse: bool) -> float:
        """One update; the loss without the part that holds anchors."""
        config, asked = self._config, [self._asked[i] for i in chosen]
        drawn = [(row, c) for row, i in enumerate(chosen) for c in self._draw(i)]
        texts = [a.need.query for a in asked]
        texts += [self._searched(c) for _, c in drawn]
        anchors = self._rng.sample(self._anchors, min(config.anchors, len(self._anchors)))
        askers = [self._suitable(a) for a in asked] if reverse else []
        texts += anchors + [c.text.query for c in askers]
        texts += [a.need.passage for a in asked] if reverse else []
        sizes = [len(asked), len(drawn), len(anchors), len(askers), len(asked) * reverse]
        queries, found, held, back, needs = torch.split(self._network.vectors(texts), sizes)
        loss = self._matching(queries, found, drawn)
        if reverse:
            rows = losses.centred(back, self._means["achievement asks"])
            columns = losses.centred(needs, self._means["need"])
            loss = loss + config.reverse_weight * losses.diagonal(
                rows @ columns.T / config.temperature
            )
        total = loss
        if anchors:
            before = torch.stack([self._network.untuned[text] for text in anchors])
            total = loss + config.anchor_weight * losses.drift(held, before)
        self._optimiser.zero_grad()
        torch.autograd.backward(total)
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), 1.0)
        self._optimiser.step()
        return float(loss.detach())

    def _matching(
        self, queries: torch.Tensor, found: torch.Tensor, drawn: Sequence[tuple[int, Graded]]
    ) -> torch.Tensor:
        rows = losses.centred(queries, self._means["need asks"])
        scores = rows @ losses.centred(found, self._means["achievement"]).T
        gains = torch.zeros_like(scores)
        for column, (row, counterpart) in enumerate(drawn):
            gains[row, column] = losses.GAIN[counterpart.grade]
        scores = scores / self._config.temperature
        return losses.listwise(scores, gains) + self._config.column_weight * losses.columns(
            scores, gains
        )

    def _draw(self, number: int) -> list[Graded]:
        """Two positives, the first of the highest grade there is, and some of the hardest zeros."""
        positives = [c for c in self._asked[number].counterparts if c.grade]
        highest = max(c.grade for c in positives)
        first = self._rng.choice([c for c in positives if c.grade == highest])
        others = [c for c in positives if c is not first]
        zeros = self._hard[number]
        return [
            first,
            *self._rng.sample(others, min(1, len(others))),
            *self._rng.sample(zeros, min(self._config.hard_negatives, len(zeros))),
        ]

    def _suitable(self, asked: Asked) -> Graded:
        suitable = [c for c in asked.counterparts if c.grade >= SUITABLE]
        return self._rng.choice(suitable or [c for c in asked.counterparts if c.grade])

    def _searched(self, counterpart: Graded) -> str:
        by_title = self._rng.random() < self._config.heading_share
        return counterpart.text.heading if by_title else counterpart.text.passage

    def _hardest(self, asked: Asked) -> list[Graded]:
        """The zeros that the untuned encoder puts first."""
        zeros = [c for c in asked.counterparts if c.grade == 0]
        of = self._network.untuned
        query = losses.centred(of[asked.need.query], self._means["need asks"])

        def nearness(counterpart: Graded) -> float:
            passage = losses.centred(of[counterpart.text.passage], self._means["achievement"])
            return float(query @ passage)

        return sorted(zeros, key=nearness, reverse=True)[: self._config.pool]


def _mean(vectors: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.stack(list(vectors)).mean(0)
