"""Retrieval measures through ir_measures (trec_eval).

nDCG uses linear gains. Recall, MRR and MAP count a judgement of `RELEVANT` or more as relevant. A
query that is missing from a run scores 0; queries without a relevant judgement are left out of every
mean and reported apart.
"""

from __future__ import annotations

from collections.abc import Mapping

import ir_measures
from ir_measures import AP, RR, R, nDCG

Qrels = Mapping[str, Mapping[str, int]]
"""Grades 0 to 3 by query and document."""
Run = Mapping[str, list[tuple[str, float]]]
"""For each query its documents, best first, with scores."""

RELEVANT = 1
"""Lowest grade that the binary measures count."""
SUITABLE = 2
"""Lowest grade that counts as an answer: what probabilities and fit weights are learned of."""
MEASURES = {
    "nDCG@10": nDCG @ 10,
    "Recall@10": R(rel=RELEVANT) @ 10,
    "Recall@100": R(rel=RELEVANT) @ 100,
    "MRR@10": RR(rel=RELEVANT) @ 10,
    "MAP": AP(rel=RELEVANT),
}


def answerable(qrels: Qrels) -> list[str]:
    """Queries with at least one relevant judgement, sorted."""
    return sorted(q for q, grades in qrels.items() if max(grades.values(), default=0) >= RELEVANT)


def per_query(qrels: Qrels, run: Run) -> dict[str, dict[str, float]]:
    """Value of every measure for every answerable query: `{measure: {query: value}}`.

    The order of a run counts, not the size of its scores: documents are handed on with their
    ranks, so that equal scores stay in the order that the pipeline gave them.
    """
    queries = answerable(qrels)
    judged = {q: dict(qrels[q]) for q in queries}
    ranked = {
        q: {document: -float(rank) for rank, (document, _) in enumerate(run.get(q, []))}
        for q in queries
    }
    names = {measure: name for name, measure in MEASURES.items()}
    values = {name: dict.fromkeys(queries, 0.0) for name in MEASURES}
    for metric in ir_measures.iter_calc(list(names), judged, ranked):
        values[names[metric.measure]][metric.query_id] = float(metric.value)
    return values


def first_place(qrels: Qrels, run: Run) -> dict[str, float]:
    """For each query with a judgement of 3: 1 where such a document is in first place, else 0."""
    return {
        q: float(bool(run.get(q)) and qrels[q].get(run[q][0][0], 0) == 3)  # noqa: PLR2004
        for q in answerable(qrels)
        if 3 in qrels[q].values()  # noqa: PLR2004
    }
