"""A small cross-encoder from the weights of the encoder: need and achievement read each other.

The lower layers read each text alone, so their states of an achievement can be kept; the upper layers
run over both texts as one sequence, with low-rank factors that are learned, and a linear head.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel

from eval.rerankers.stage import Pool, Scores
from eval.rerankers.token_space import PASSAGE_PREFIX
from models.tokenizer import load_tokenizer
from models.tuning.material import Text

_BATCH = 32
_SHARPNESS = 20.0
"""Weight of the cosine that the head starts as: a temperature of 0.05."""


@dataclass(frozen=True)
class CrossConfig:
    """Parameters of the network and of its training."""

    own_layers: int = 6
    """Lower layers that read a text alone."""
    tuned_layers: int = 4
    """Upper layers, counted from the last one, that carry low-rank factors."""
    rank: int = 8
    need_window: int = 80
    passage_window: int = 128
    epochs: float = 1.0
    needs_a_step: int = 4
    list_size: int = 6
    positives: int = 3
    learning_rate: float = 5e-4
    warm_up: float = 0.1
    seed: int = 0


class CrossEncoder:
    """Scores of a need with several achievements; texts are cached before they are scored."""

    def __init__(self, directory: Path, config: CrossConfig) -> None:
        """`directory` holds the sentence-transformers model."""
        self.config = config
        self._tokenizer = load_tokenizer(directory)
        # without dropout, which costs half of a step: a pass over the lists is no time to overfit
        base: Any = AutoModel.from_pretrained(
            directory,
            attn_implementation="sdpa",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        self._embeddings = base.embeddings
        self._lower = base.encoder.layer[: config.own_layers]
        layers = base.config.num_hidden_layers
        tuned = "|".join(map(str, range(layers - config.tuned_layers, layers)))
        self._tuned: Any = get_peft_model(
            base,
            LoraConfig(
                r=config.rank,
                lora_alpha=2 * config.rank,
                target_modules=rf".*encoder\.layer\.({tuned})\..*(query|key|value|dense)",
            ),
        )
        self._upper = base.encoder.layer[config.own_layers :]
        size = base.config.hidden_size
        self._head = torch.nn.Linear(2 * size, 1)
        with torch.no_grad():
            self._head.weight.zero_()
            self._head.weight[0, :size] = _SHARPNESS
            self._head.bias.zero_()
        self._means = torch.zeros(2, size)
        self._states: dict[str, torch.Tensor] = {}

    def parameters(self) -> list[torch.nn.Parameter]:
        """What is learned."""
        factors = [p for p in self._tuned.parameters() if p.requires_grad]
        return [*factors, *self._head.parameters()]

    def cache(self, texts: Iterable[str], window: int) -> None:
        """Run the lower layers over prefixed `texts`, cut to `window` tokens."""
        pending = sorted({text for text in texts if text not in self._states}, key=len)
        with torch.no_grad(), _bfloat16():
            for start in range(0, len(pending), _BATCH):
                chunk = pending[start : start + _BATCH]
                rows = [e.ids for e in self._tokenizer.encode_batch(chunk)]
                rows = [r if len(r) <= window else [*r[: window - 1], r[-1]] for r in rows]
                ids = torch.nn.utils.rnn.pad_sequence(
                    [torch.tensor(row) for row in rows], batch_first=True
                )
                lengths = torch.tensor([len(row) for row in rows])
                states = _run(self._lower, self._embeddings(input_ids=ids), lengths)
                for text, state, row in zip(chunk, states, rows, strict=True):
                    self._states[text] = state[: len(row)].to(torch.bfloat16).clone()

    def forget(self, text: str) -> None:
        """Drop the states of one text, so that it is read anew."""
        self._states.pop(text, None)

    @property
    def bytes_per_record(self) -> float:
        """Mean size of the kept states of an achievement."""
        sizes = [
            state.numel() * state.element_size()
            for text, state in self._states.items()
            if text.startswith(PASSAGE_PREFIX)
        ]
        return sum(sizes) / max(1, len(sizes))

    def centre(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Take the means that the head's cosine starts from over `pairs`."""
        with torch.no_grad():
            pooled = [torch.stack(self._pooled(need, found)) for need, found in pairs]
            self._means = torch.cat(pooled, dim=1).mean(dim=1)

    def __call__(self, need: str, passages: Sequence[str]) -> torch.Tensor:
        """(n,) scores of cached `passages` for a cached `need`."""
        own, other = (
            torch.nn.functional.normalize(pooled - mean, dim=-1)
            for pooled, mean in zip(self._pooled(need, passages), self._means, strict=True)
        )
        scores: torch.Tensor = self._head(torch.cat([own * other, (own - other).abs()], dim=1))
        return scores[:, 0]

    def _pooled(self, need: str, passages: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        """(n, hidden) means over the tokens of the need and over those of each passage."""
        first = self._states[need].float()
        rows = [torch.cat([first, self._states[passage].float()]) for passage in passages]
        lengths = torch.tensor([len(row) for row in rows])
        hidden = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        with _bfloat16():
            states = _run(self._upper, hidden, lengths).float()
        split = len(first)
        kept = (torch.arange(hidden.shape[1])[None, :] < lengths[:, None])[:, split:, None]
        second = (states[:, split:] * kept).sum(1) / kept.sum(1)
        return states[:, :split].mean(1), second


@dataclass(frozen=True)
class CrossStage:
    """A trained cross-encoder as a stage; the need is read anew each time, achievements are kept."""

    network: CrossEncoder
    depth: int

    def scores(self, pool: Pool) -> Scores:
        """See `Stage.scores`."""
        need = Text(pool.query.title, pool.query.body).query
        found = [passage_of(m.listing.title, m.listing.body) for m in pool.matches[: self.depth]]
        config = self.network.config
        self.network.forget(need)
        self.network.cache([need], config.need_window)
        self.network.cache(found, config.passage_window)
        with torch.no_grad():
            values = self.network(need, found)
        return np.asarray(values.numpy(), dtype=np.float64)


def passage_of(title: str, body: str) -> str:
    """Title and body of an achievement as the cross-encoder reads them."""
    return PASSAGE_PREFIX + (f"{title}\n{body}" if title else body)


def _run(layers: Iterable[Any], hidden: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    width = hidden.shape[1]
    mask = torch.arange(width)[None, :] < lengths[:, None]
    attended = mask[:, None, None, :].expand(-1, 1, width, -1)
    for layer in layers:
        found = layer(hidden, attention_mask=attended)
        hidden = found[0] if isinstance(found, tuple) else found
    return hidden


def _bfloat16() -> torch.autocast:
    return torch.autocast("cpu", dtype=torch.bfloat16)
