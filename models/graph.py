"""The encoder as an OpenVINO graph, assembled from the tensors themselves.

Building the graph directly, rather than tracing a PyTorch module, leaves no baked-in lengths
and no helper nodes: batch and length stay dynamic, and pooling and normalisation are inside.

Inputs ``input_ids`` and ``attention_mask``, both int64 (batch, length), length at most 512.
Outputs ``sentence`` float32 (batch, hidden), unit length, and ``tokens`` float32
(batch, length, hidden), the last hidden states.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import openvino as ov
import openvino.opset15 as ops
from numpy.typing import NDArray

from models.adapter import Weights

INPUT_IDS, ATTENTION_MASK = "input_ids", "attention_mask"
SENTENCE, TOKENS = "sentence", "tokens"

_MASKED = -10000.0
"""Added to the scores of padding; large enough to vanish in softmax, safe in bf16."""


def build_graph(weights: Weights, ids: Sequence[int] | NDArray[np.int32]) -> ov.Model:
    """Return the graph over the vocabulary rows ``ids``, with float32 weights."""
    sizes = weights.architecture
    input_ids = ops.parameter([-1, -1], np.int64, name=INPUT_IDS)
    mask = ops.parameter([-1, -1], np.int64, name=ATTENTION_MASK)
    weight_of_token = ops.convert(mask, np.float32)
    hidden = _embed(weights, ids, input_ids)
    bias = ops.multiply(
        ops.subtract(_floats(1.0), ops.unsqueeze(weight_of_token, _ints([1, 2]))), _floats(_MASKED)
    )
    for layer in range(sizes.layers):
        hidden = _layer(weights, f"l{layer}.", hidden, bias)
    sentence = _pool(hidden, ops.unsqueeze(weight_of_token, _ints([2])))
    for node, name in (
        (input_ids, INPUT_IDS),
        (mask, ATTENTION_MASK),
        (sentence, SENTENCE),
        (hidden, TOKENS),
    ):
        node.output(0).set_names({name})
    return ov.Model([ops.result(sentence), ops.result(hidden)], [input_ids, mask], "e5")


def _floats(values: object) -> ov.Node:
    return ops.constant(np.asarray(values, dtype=np.float32))


def _ints(values: object) -> ov.Node:
    return ops.constant(np.asarray(values, dtype=np.int64))


def _row(values: NDArray[np.float32]) -> ov.Node:
    """A vector shaped (1, 1, n), so that it is added along batch and length."""
    return _floats(values.reshape(1, 1, -1))


def _linear(inputs: ov.Node, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> ov.Node:
    return ops.add(ops.matmul(inputs, _floats(weight), False, True), _row(bias))


def _layer_norm(weights: Weights, name: str, inputs: ov.Node) -> ov.Node:
    epsilon = weights.architecture.layer_norm_eps
    normal = ops.mvn(inputs, _ints([-1]), True, epsilon, "inside_sqrt")
    scaled = ops.multiply(normal, _row(weights.tensor(f"{name}.w")))
    return ops.add(scaled, _row(weights.tensor(f"{name}.b")))


def _embed(weights: Weights, ids: Sequence[int] | NDArray[np.int32], input_ids: ov.Node) -> ov.Node:
    hidden = weights.architecture.hidden
    words = weights.tensor("emb.word", hidden)[np.asarray(ids)]
    # Texts are single segments, so the vector of token type 0 is a constant part of a position.
    positions = weights.tensor("emb.pos", hidden) + weights.tensor("emb.type", hidden)[0]
    length = ops.gather(ops.shape_of(input_ids), _ints([1]), _ints(0))
    places = ops.slice(_floats(positions[None]), _ints([0]), length, _ints([1]), _ints([1]))
    return _layer_norm(
        weights, "emb.ln", ops.add(ops.gather(_floats(words), input_ids, _ints(0)), places)
    )


def _layer(weights: Weights, prefix: str, hidden: ov.Node, bias: ov.Node) -> ov.Node:
    sizes = weights.architecture
    attended = _attention(weights, prefix, hidden, bias)
    projected = _named_linear(weights, f"{prefix}ao", attended, sizes.hidden)
    hidden = _layer_norm(weights, f"{prefix}aln", ops.add(projected, hidden))
    inner = ops.gelu(_named_linear(weights, f"{prefix}fi", hidden, sizes.hidden), "erf")
    outer = _named_linear(weights, f"{prefix}fo", inner, sizes.feed_forward)
    return _layer_norm(weights, f"{prefix}oln", ops.add(outer, hidden))


def _named_linear(weights: Weights, name: str, inputs: ov.Node, columns: int) -> ov.Node:
    return _linear(inputs, weights.tensor(f"{name}.w", columns), weights.tensor(f"{name}.b"))


def _attention(weights: Weights, prefix: str, hidden: ov.Node, bias: ov.Node) -> ov.Node:
    sizes = weights.architecture
    size = sizes.hidden // sizes.heads

    def project(part: str, scale: float = 1.0) -> ov.Node:
        weight = weights.tensor(f"{prefix}{part}.w", sizes.hidden) * np.float32(scale)
        offset = weights.tensor(f"{prefix}{part}.b") * np.float32(scale)
        split = ops.reshape(_linear(hidden, weight, offset), _ints([0, 0, sizes.heads, size]), True)
        return ops.transpose(split, _ints([0, 2, 1, 3]))

    # The scale of the dot products is folded into the query weights.
    query, key, value = project("q", size**-0.5), project("k"), project("v")
    scores = ops.add(ops.matmul(query, key, False, True), bias)
    mixed = ops.matmul(ops.softmax(scores, -1), value, False, False)
    merged = ops.transpose(mixed, _ints([0, 2, 1, 3]))
    return ops.reshape(merged, _ints([0, 0, sizes.hidden]), True)


def _pool(hidden: ov.Node, weight_of_token: ov.Node) -> ov.Node:
    total = ops.reduce_sum(ops.multiply(hidden, weight_of_token), _ints([1]))
    mean = ops.divide(total, ops.reduce_sum(weight_of_token, _ints([1])))
    return ops.normalize_l2(mean, _ints([1]), 1e-12, "max")
