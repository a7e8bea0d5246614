"""Writes the float32 encoder as a sentence-transformers directory, for training and evaluation.

The files are those that sentence-transformers 6 itself writes for a BertModel with mean pooling
and normalisation. Writing them directly keeps PyTorch out of the build.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from models.adapter import Weights
from models.e5bin import Architecture
from models.tokenizer import BOS, EOS, MASK, PAD, TOKENIZER_FILE, UNK, WINDOW, build_tokenizer

WEIGHTS_FILE = "model.safetensors"

_ST = "sentence_transformers"
_MODULES = (
    ("", f"{_ST}.base.modules.transformer.Transformer"),
    ("1_Pooling", f"{_ST}.sentence_transformer.modules.pooling.Pooling"),
    ("2_Normalize", f"{_ST}.base.modules.normalize.Normalize"),
)
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_MATRICES = frozenset({"q", "k", "v", "ao", "fi", "fo"})


def write_checkpoint(
    weights: Weights, ids: Sequence[int] | NDArray[np.int32], directory: Path
) -> int:
    """Write the model over the vocabulary rows ``ids``; return its number of parameters."""
    tensors = _bert_tensors(weights, ids)
    save_file(tensors, directory / WEIGHTS_FILE, metadata={"format": "pt"})
    # The library creates the file for its owner alone, but a service may run as another user.
    (directory / WEIGHTS_FILE).chmod(0o644)
    tokenizer = build_tokenizer(weights.vocabulary, ids)
    tokenizer.save(str(directory / TOKENIZER_FILE))
    configs = _config_files(weights.architecture, len(ids), tokenizer.token_to_id(PAD))
    for name, content in configs.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return sum(tensor.size for tensor in tensors.values())


def _bert_tensors(
    weights: Weights, ids: Sequence[int] | NDArray[np.int32]
) -> dict[str, NDArray[np.float32]]:
    hidden = weights.architecture.hidden
    words = weights.tensor("emb.word", hidden)[np.asarray(ids)]
    tensors = {
        "embeddings.word_embeddings.weight": words,
        "embeddings.position_embeddings.weight": weights.tensor("emb.pos", hidden),
        "embeddings.token_type_embeddings.weight": weights.tensor("emb.type", hidden),
        "embeddings.LayerNorm.weight": weights.tensor("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.tensor("emb.ln.b"),
        # Mean pooling never reads BERT's pooler, which the source lacks; zeros keep loaders
        # from announcing randomly initialised weights.
        "pooler.dense.weight": np.zeros((hidden, hidden), dtype=np.float32),
        "pooler.dense.bias": np.zeros(hidden, dtype=np.float32),
    }
    for layer in range(weights.architecture.layers):
        for short, long in _LAYER_NAMES.items():
            source, target = f"l{layer}.{short}", f"encoder.layer.{layer}.{long}"
            columns = _columns(weights.architecture, short)
            tensors[f"{target}.weight"] = weights.tensor(f"{source}.w", columns)
            tensors[f"{target}.bias"] = weights.tensor(f"{source}.b")
    return tensors


def _columns(sizes: Architecture, short: str) -> int | None:
    if short not in _MATRICES:
        return None
    return sizes.feed_forward if short == "fo" else sizes.hidden


def _config_files(sizes: Architecture, vocabulary: int, pad: int | None) -> dict[str, object]:
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "vocab_size": vocabulary,
            "hidden_size": sizes.hidden,
            "num_hidden_layers": sizes.layers,
            "num_attention_heads": sizes.heads,
            "intermediate_size": sizes.feed_forward,
            "hidden_act": "gelu",
            "layer_norm_eps": round(sizes.layer_norm_eps, 15),
            "max_position_embeddings": sizes.positions,
            "type_vocab_size": sizes.token_types,
            "pad_token_id": pad,
        },
        "modules.json": [
            {"idx": index, "name": str(index), "path": path, "type": kind}
            for index, (path, kind) in enumerate(_MODULES)
        ],
        "sentence_bert_config.json": {
            "transformer_task": "feature-extraction",
            "modality_config": {
                "text": {"method": "forward", "method_output_name": "last_hidden_state"}
            },
            "module_output_name": "token_embeddings",
        },
        "1_Pooling/config.json": {
            "embedding_dimension": sizes.hidden,
            "pooling_mode": "mean",
            "include_prompt": True,
        },
        "2_Normalize/config.json": {
            "module_input_name": "sentence_embedding",
            "module_output_name": "sentence_embedding",
        },
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": {"query": "query: ", "passage": "passage: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
        # The generic class runs tokenizer.json as it is; the XLM-RoBERTa class would rebuild
        # the pipeline with its own normalisation.
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": WINDOW,
            "bos_token": BOS,
            "cls_token": BOS,
            "eos_token": EOS,
            "sep_token": EOS,
            "pad_token": PAD,
            "unk_token": UNK,
            "mask_token": MASK,
        },
    }
