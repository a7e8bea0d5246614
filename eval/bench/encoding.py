"""`bench encode`: the encoder in its back end against plain sentence-transformers in PyTorch."""

from __future__ import annotations

import statistics

from eval.bench.corpus import needs
from eval.bench.setup import Row, Setup, seconds, times_row
from matcher.encoder import Backend

LENGTHS = (64, 256)
"""Tokens a text, prefix and special tokens included."""
TEXTS = 64
BATCH = 32
QUERIES = 60
REPEATS = 5


def run(setup: Setup) -> list[Row]:
    """Texts a second at both lengths and milliseconds of one query, runs interleaved.

    Both sides are given strings, tokenise them and return unit vectors. The baseline is
    `SentenceTransformer.encode` in float32 with batches of 32. A ratio is the median over the
    rounds, each of which measures both sides in turn.
    """
    # PyTorch is loaded for the baseline alone; the offline model runs without it
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    name = setup.model or str(setup.model_dir)
    reference = SentenceTransformer(name, device="cpu", local_files_only=True)
    backend = setup.backend
    rows = []
    steps = len(LENGTHS) * (REPEATS + 1)
    for number, length in enumerate(LENGTHS):
        texts = of_length(setup, backend, length)
        rates: list[tuple[float, float]] = []
        for repeat in range(REPEATS + 1):
            slow = seconds(
                lambda texts=texts: reference.encode(  # type: ignore[misc]
                    texts, batch_size=BATCH, prompt="", show_progress_bar=False
                )
            )
            fast = seconds(lambda texts=texts: backend.embed(texts))  # type: ignore[misc]
            if repeat:  # the first round warms both up
                rates.append((TEXTS / fast, TEXTS / slow))
            setup.progress(number * (REPEATS + 1) + repeat + 1, steps)
        rows.append(
            Row(
                f"encode.{length}_tokens",
                statistics.median(fast for fast, _ in rates),
                "texts/s",
                statistics.median(slow for _, slow in rates),
                statistics.median(fast / slow for fast, slow in rates),
                note="sentence-transformers, PyTorch float32, batches of 32",
            )
        )
    queries = [backend.query_prefix + item.text for item in needs(setup.source, QUERIES)]
    own, plain = [], []
    for query in queries:
        plain.append(seconds(lambda query=query: reference.encode(query, prompt="")))  # type: ignore[misc]
        own.append(seconds(lambda query=query: backend.embed([query])))  # type: ignore[misc]
    rows.append(times_row("encode.query", own, plain, "the same query in PyTorch float32"))
    return rows


def of_length(setup: Setup, backend: Backend, tokens: int) -> list[str]:
    """`TEXTS` passages of real sentences with `tokens` tokens, prefix and special tokens counted.

    Cutting may shift the segmentation at the end by a token or two.
    """
    room = tokens - 2 - len(backend.token_spans(backend.passage_prefix))
    made = []
    sentences = iter(setup.source.sentences * (1 + TEXTS * tokens // len(setup.source.sentences)))
    for _ in range(TEXTS):
        text = ""
        while len(spans := backend.token_spans(text)) < room:
            text += next(sentences)
        made.append(backend.passage_prefix + text[: spans[room - 1][1]])
    return made
