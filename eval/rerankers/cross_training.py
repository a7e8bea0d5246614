"""Trains the cross-encoder: graded lists with mined negatives, one softmax over each list."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from corpora import training
from corpora.beir import Dataset
from eval.rerankers.cross import CrossConfig, CrossEncoder, passage_of
from matcher.analyzer import Analyzer, TokenSet
from matcher.lexical import Bm25, LexicalField
from models.tuning import losses
from models.tuning.material import Text

Progress = Callable[[int, int], None]

_MINED = 12
_SKIPPED = 2
"""Of records that nobody judged for a need, the first ones may well suit it."""
_CENTRING = 32


@dataclass(frozen=True)
class GradedList:
    """A need with graded passages; `hard` are zeros, the hardest first."""

    need: str
    positives: tuple[tuple[str, int], ...]
    hard: tuple[str, ...]


def judged_lists(dataset: Dataset, needs: Sequence[str]) -> list[GradedList]:
    """Lists of the answerable ones among `needs`; judged zeros are the negatives."""
    passages = {d.id: passage_of(d.title, d.body) for d in dataset.corpus}
    found = []
    for query in dataset.queries:
        grades = dataset.qrels[query.id]
        if query.id not in needs or not any(grades.values()):
            continue
        zeros = [passages[id_] for id_, grade in grades.items() if not grade]
        own = Text(query.title, query.body)
        found.append(
            GradedList(
                own.query,
                tuple((passages[id_], grade) for id_, grade in grades.items() if grade),
                tuple(_nearest(query.text, zeros, _MINED)),
            )
        )
    return found


def written_lists(needs: Sequence[training.WrittenNeed]) -> list[GradedList]:
    """Lists of written needs; negatives are their own zeros, then near achievements of others."""
    owners, pool = [], []
    for number, need in enumerate(needs):
        owners += [number] * len(need.achievements)
        pool += [passage_of(a.title, a.text) for a in need.achievements]
    search = _Search(pool)
    found = []
    for number, need in enumerate(needs):
        positives = [(passage_of(a.title, a.text), a.grade) for a in need.achievements if a.grade]
        if not positives:
            continue
        own = Text(need.title, need.text)
        zeros = [passage_of(a.title, a.text) for a in need.achievements if not a.grade]
        near = [row for row in search.order(f"{need.title}\n{need.text}") if owners[row] != number]
        mined = [pool[row] for row in near[_SKIPPED : _SKIPPED + _MINED]]
        found.append(GradedList(own.query, tuple(positives), (*zeros, *mined)))
    return found


class _Search:
    """BM25 over a few thousand passages."""

    def __init__(self, passages: Sequence[str]) -> None:
        self._analyzer = Analyzer(TokenSet.WORDS)
        self._bm25, self._size = Bm25(), len(passages)
        self._field = LexicalField.build(map(self._analyzer.tokens, passages), self._bm25)

    def order(self, text: str) -> list[int]:
        """Row numbers, best first."""
        weights = {
            term: count * self._bm25.idf(self._size, self._field.document_frequency(term))
            for term, count in Counter(self._analyzer.tokens(text)).items()
        }
        order: list[int] = np.argsort(-self._field.scores(weights), kind="stable").tolist()
        return order


def _nearest(text: str, passages: Sequence[str], count: int) -> list[str]:
    return [passages[row] for row in _Search(passages).order(text)[:count]] if passages else []


def train(
    directory: Path, lists: Sequence[GradedList], config: CrossConfig, progress: Progress
) -> CrossEncoder:
    """A cross-encoder from the model in `directory`, trained on `lists`."""
    torch.manual_seed(config.seed)
    rng = random.Random(config.seed)
    network = CrossEncoder(directory, config)
    network.cache([item.need for item in lists], config.need_window)
    passages = [p for item in lists for p in (*(t for t, _ in item.positives), *item.hard)]
    network.cache(passages, config.passage_window)
    drawn = [(item.need, [item.positives[0][0]]) for item in lists[:_CENTRING]]
    network.centre(drawn)
    optimiser = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=0.01)
    steps = int(config.epochs * len(lists) / config.needs_a_step)
    order: list[GradedList] = []
    for step in range(steps):
        _set_rate(optimiser, config, step, steps)
        while len(order) < config.needs_a_step:
            order += rng.sample(list(lists), len(lists))
        chosen, order = order[: config.needs_a_step], order[config.needs_a_step :]
        optimiser.zero_grad()
        for item in chosen:
            torch.autograd.backward(list_loss(network, item, config, rng) / len(chosen))
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        progress(step + 1, steps)
    return network


def list_loss(
    network: Callable[[str, Sequence[str]], torch.Tensor],
    item: GradedList,
    config: CrossConfig,
    rng: random.Random,
) -> torch.Tensor:
    """Cross entropy of a list drawn from `item` to its gains."""
    positives = rng.sample(item.positives, min(config.positives, len(item.positives)))
    wanted = min(config.list_size - len(positives), len(item.hard))
    negatives = rng.sample(item.hard, wanted)
    scores = network(item.need, [*(text for text, _ in positives), *negatives])
    gains = [losses.GAIN[grade] for _, grade in positives] + [0.0] * len(negatives)
    return losses.listwise(scores[None, :], torch.tensor([gains]))


def _set_rate(optimiser: torch.optim.Optimizer, config: CrossConfig, step: int, steps: int) -> None:
    """Linear warm-up, then half a cosine down to 0."""
    warm = min(1.0, (step + 1) / max(1.0, config.warm_up * steps))
    for group in optimiser.param_groups:
        group["lr"] = config.learning_rate * warm * (1 + math.cos(math.pi * step / steps)) / 2
