"""A run seen chain by chain and query by query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpora.taxonomy import taxonomy
from eval.experiment import Topic
from matcher.listing import Listing

UNSTATED = ""
"""Stands for the chain of queries that state none."""
_EXCERPT = 48


@dataclass(frozen=True, slots=True)
class QueryRow:
    """One answerable query: what each system makes of it, and the last but one against the last.

    `values` are nDCG@10 by system; `difference` is last - reference, 0 where there is one system.
    """

    id: str
    title: str
    chain: str
    values: dict[str, float]
    difference: float


def chain_label(code: str) -> str:
    """The Chinese name of an industry chain; a code outside the list is its own name."""
    return taxonomy("chain").label(code) if code else "未注明"


def headline(listing: Listing) -> str:
    """The title, or where there is none the beginning of the text."""
    if listing.title:
        return listing.title
    return listing.body[:_EXCERPT] + ("…" if len(listing.body) > _EXCERPT else "")


def per_chain(
    topic: Topic, values: Mapping[str, Mapping[str, float]]
) -> dict[str, dict[str, float | int]]:
    """Means of `values[measure][query]` by chain of the query, with the number of `queries`.

    The most frequent chain comes first, ties by code.
    """
    members: dict[str, list[str]] = {}
    known = set(topic.answerable)
    for query in topic.queries:
        if query.id in known:
            members.setdefault(query.facets.chain or UNSTATED, []).append(query.id)
    return {
        chain: {"queries": len(ids)}
        | {name: sum(by[q] for q in ids) / len(ids) for name, by in values.items()}
        for chain, ids in sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
    }


def reference(systems: Sequence[str]) -> str | None:
    """The system that the last one is held against: the one before it."""
    return systems[-2] if len(systems) > 1 else None


def per_query(topic: Topic, ndcg: Mapping[str, Mapping[str, float]]) -> list[QueryRow]:
    """A row for each answerable query from `ndcg[system][query]`, smallest difference first."""
    systems = list(ndcg)
    last, against = systems[-1], reference(systems)
    rows = []
    known = set(topic.answerable)
    for query in topic.queries:
        if query.id not in known:
            continue
        values = {name: ndcg[name][query.id] for name in systems}
        rows.append(
            QueryRow(
                id=query.id,
                title=headline(query),
                chain=query.facets.chain or UNSTATED,
                values=values,
                difference=values[last] - values[against] if against else 0.0,
            )
        )
    return sorted(rows, key=lambda row: (row.difference, row.id))
