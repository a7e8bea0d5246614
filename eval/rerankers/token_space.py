"""Token vectors of a collection and the variants of late interaction over them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.experiment import Topic
from eval.rerankers.late_interaction import LateInteraction, TokenStore
from eval.rerankers.tokens import (
    Space,
    TokenModel,
    Tokens,
    Vectors,
    inverse_frequencies,
    mean_state,
    principal_axes,
)

QUERY_PREFIX, PASSAGE_PREFIX = "query: ", "passage: "
PROJECTED = 64
"""Directions that the projected variant keeps."""


@dataclass(frozen=True)
class TokenSpace:
    """Tokens of all records and queries, made once, and what was fitted over the train part of them.

    Means and directions are those of train queries and of records that suit some of them; the idf of
    a token counts all records, as that of a word does in the index.
    """

    ids: Sequence[str]
    records: Sequence[Tokens]
    queries: Mapping[str, Tokens]
    seconds: Mapping[str, float]
    """What encoding each query text took: one pass gives sentence and token vectors."""
    asks: Space
    searched: Space
    axes: Vectors
    idf: Vectors

    @classmethod
    def of(cls, model_dir: Path, train: Topic, asked: Topic) -> TokenSpace:
        """Encode the corpus of `asked` and the queries of both."""
        model = TokenModel(model_dir)
        corpus = model.tokens([record.text for record in asked.corpus], PASSAGE_PREFIX)
        queries: dict[str, Tokens] = {}
        seconds: dict[str, float] = {}
        for query in (*train.queries, *asked.queries):
            start = time.perf_counter()
            queries[query.text] = model.tokens([query.text], QUERY_PREFIX)[0]
            seconds[query.text] = time.perf_counter() - start
        suitable = {i for grades in train.qrels.values() for i, grade in grades.items() if grade}
        known = [
            tokens
            for record, tokens in zip(asked.corpus, corpus, strict=True)
            if record.id in suitable
        ]
        asking = [queries[query.text] for query in train.queries]
        asks, searched = Space(mean_state(asking)), Space(mean_state(known))
        fitted_on = [asks.place(t.states) for t in asking]
        fitted_on += [searched.place(t.states) for t in known]
        return cls(
            ids=[record.id for record in asked.corpus],
            records=corpus,
            queries=queries,
            seconds=seconds,
            asks=asks,
            searched=searched,
            axes=principal_axes(np.concatenate(fitted_on), PROJECTED),
            idf=inverse_frequencies(corpus, model.vocabulary_size),
        )

    def variants(self) -> Iterator[tuple[str, LateInteraction]]:
        """Every combination that is compared, by name."""
        for weighing, idf in (("", None), (", idf", self.idf)):
            for name, axes, int8 in (
                ("384 float", None, False),
                ("384 int8", None, True),
                (f"{PROJECTED} int8", self.axes, True),
            ):
                yield f"late interaction, {name}{weighing}", self._variant(axes, idf, int8=int8)

    def compact(self) -> LateInteraction:
        """The smallest variant, weighed by idf."""
        return self._variant(self.axes, self.idf, int8=True)

    def _variant(self, axes: Vectors | None, idf: Vectors | None, *, int8: bool) -> LateInteraction:
        searched = Space(self.searched.mean, axes)
        parts = [searched.place(tokens.states) for tokens in self.records]
        return LateInteraction(
            store=TokenStore.of(self.ids, parts, int8=int8),
            space=Space(self.asks.mean, axes),
            tokens_of=self.queries.__getitem__,
            idf=idf,
        )
