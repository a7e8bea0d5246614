"""The encoder for tuning: the lower layers are worked out once a text, the upper ones carry LoRA.

The lower layers do not change, so their output is kept (bfloat16, about 80 kB a text of 100 tokens);
a step then runs only the upper layers, forwards and backwards.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel

from models.adapter import Adapter
from models.tokenizer import PAD, WINDOW, load_tokenizer
from models.tuning.config import TuningConfig

_NAMES = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "intermediate.dense": "fi",
    "output.dense": "fo",
}
"""Matrices that are tuned, and what the weight file calls them."""
_BATCH = 32
_GRAIN = 32
"""Lengths are padded to multiples of this, so that few shapes occur."""
_GROUPS = 3
"""A batch is run in so many parts of similar length."""


class Network:
    """Unit sentence vectors of cached texts, differentiable in the low-rank factors."""

    def __init__(self, directory: Path, config: TuningConfig) -> None:
        """`directory` holds the untuned sentence-transformers model."""
        self._config = config
        self._tokenizer = load_tokenizer(directory)
        self._pad = self._tokenizer.token_to_id(PAD) or 0
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._base: Any = AutoModel.from_pretrained(directory, attn_implementation="sdpa")
        self._hidden: dict[str, torch.Tensor] = {}
        self.untuned: dict[str, torch.Tensor] = {}
        """The vectors of the untuned encoder, by text."""
        layers = range(config.frozen_layers, self._base.config.num_hidden_layers)
        wanted = "|".join(name.replace(".", r"\.") for name in _NAMES)
        chosen = "|".join(map(str, layers))
        factors = LoraConfig(
            r=config.rank,
            lora_alpha=2 * config.rank,
            lora_dropout=config.dropout,
            target_modules=rf".*encoder\.layer\.({chosen})\.({wanted})",
        )
        with warnings.catch_warnings():
            # peft asks transformers for a property by its former name
            warnings.simplefilter("ignore", FutureWarning)
            self._tuned: Any = get_peft_model(self._base, factors).to(self._device)
        self._layers = self._base.encoder.layer[config.frozen_layers :]

    def parameters(self) -> list[torch.nn.Parameter]:
        """The factors that are learned."""
        return [p for p in self._tuned.parameters() if p.requires_grad]

    def cache(
        self, texts: Iterable[str], progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Work out the lower layers and the untuned vectors of distinct `texts`."""
        pending = sorted(dict.fromkeys(texts), key=len)
        self._tuned.eval()
        with torch.no_grad(), self._bfloat16(), self._tuned.disable_adapter():
            for start in range(0, len(pending), _BATCH):
                chunk = pending[start : start + _BATCH]
                ids, mask = self._tokens(chunk, self._config.window)
                found = self._base(input_ids=ids, attention_mask=mask, output_hidden_states=True)
                states = found.hidden_states[self._config.frozen_layers].to(torch.bfloat16)
                vectors = _pooled(found.last_hidden_state, mask)
                for row, text in enumerate(chunk):
                    self._hidden[text] = states[row, : int(mask[row].sum())].clone()
                    self.untuned[text] = vectors[row].cpu()
                if progress is not None:
                    progress(start + len(chunk), len(pending))
        self._tuned.train()

    def vectors(self, texts: Sequence[str]) -> torch.Tensor:
        """(n, dimension) unit vectors of cached texts, in their order."""
        order = sorted(range(len(texts)), key=lambda i: len(self._hidden[texts[i]]))
        parts = [part.tolist() for part in np.array_split(order, _GROUPS) if len(part)]
        found = torch.cat([self._upper([texts[i] for i in part]) for part in parts])
        places = torch.empty(len(texts), dtype=torch.long)
        places[torch.tensor([i for part in parts for i in part])] = torch.arange(len(texts))
        return found[places]

    def embed(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """(n, dimension) unit vectors of any texts in float32, with what was learned merged in."""
        self._tuned.eval()
        found = []
        with torch.no_grad():
            for text in texts:
                ids, mask = self._tokens([text], WINDOW)
                states = self._base(input_ids=ids, attention_mask=mask).last_hidden_state
                found.append(_pooled(states, mask)[0].cpu().numpy())
        self._tuned.train()
        return np.stack(found)

    def adapter(self) -> Adapter:
        """What was learned, scaled so that `b @ a` is added to a matrix."""
        factors = {}
        for name, module in self._tuned.named_modules():
            if not hasattr(module, "lora_A") or "default" not in module.lora_A:
                continue
            layer, _, matrix = name.partition("encoder.layer.")[2].partition(".")
            a = module.lora_A["default"].weight.detach().cpu().numpy()
            b = module.lora_B["default"].weight.detach().cpu().numpy()
            b = b * module.scaling["default"]
            factors[f"l{layer}.{_NAMES[matrix]}"] = (a.copy(), b.copy())
        return Adapter(factors)

    def _tokens(self, texts: Sequence[str], window: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and mask, cut to `window` tokens."""
        rows = [e.ids for e in self._tokenizer.encode_batch(list(texts))]
        rows = [ids if len(ids) <= window else [*ids[: window - 1], ids[-1]] for ids in rows]
        ids = torch.full((len(rows), max(map(len, rows))), self._pad, dtype=torch.long)
        mask = torch.zeros_like(ids)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = torch.tensor(row)
            mask[number, : len(row)] = 1
        return ids.to(self._device), mask.to(self._device)

    def _upper(self, texts: Sequence[str]) -> torch.Tensor:
        states = [self._hidden[text] for text in texts]
        length = -(-max(map(len, states)) // _GRAIN) * _GRAIN
        hidden = torch.zeros(len(states), length, states[0].shape[-1])
        mask = torch.zeros(len(states), length, dtype=torch.long)
        for number, state in enumerate(states):
            hidden[number, : len(state)] = state.float()
            mask[number, : len(state)] = 1
        hidden, mask = hidden.to(self._device), mask.to(self._device)
        attended = mask[:, None, None, :].bool().expand(-1, 1, length, -1)
        with self._bfloat16():
            for layer in self._layers:
                found = layer(hidden, attention_mask=attended)
                hidden = found[0] if isinstance(found, tuple) else found
            # losses are small work: they are taken on the CPU whatever the layers run on
            return _pooled(hidden, mask).cpu()

    def _bfloat16(self) -> torch.autocast:
        return torch.autocast(self._device.type, dtype=torch.bfloat16)


def _pooled(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    weight = mask.unsqueeze(-1).to(states.dtype)
    mean = (states * weight).sum(1) / weight.sum(1)
    return torch.nn.functional.normalize(mean.float(), dim=-1)
