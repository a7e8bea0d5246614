"""Large corpora for benchmarks: sentences of real texts, recombined by seed.

Record number `i` depends on the source, the seed and `i` alone, so a corpus of 20,000 records is the
beginning of one of 100,000 and shares its cached vectors.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpora.beir import load_dataset, splits
from corpora.taxonomy import SICHUAN, taxonomy
from eval.tasks import part_of, read_abstracts
from matcher.analyzer import sentences
from matcher.filters import Filter
from matcher.listing import Facets, Kind, Listing

SEED = 20251
RECORD_CHARACTERS = 90
"""Sentences are added to a record until it has so many characters."""
QUERY_CHARACTERS = 60
"""The same for a query: the length of a need that somebody types."""

_SENTENCE = (12, 80)
_PROVINCE = "510000"
_CHAINS_IN_FILTER = 0.1


@dataclass(frozen=True)
class Source:
    """Distinct sentences to draw from: those of queries occur in no record."""

    name: str
    titles: tuple[str, ...]
    sentences: tuple[str, ...]
    query_sentences: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Identifies every text that can be drawn (8 bytes as hex)."""
        digest = hashlib.sha256()
        for part in (self.titles, self.sentences, self.query_sentences):
            digest.update("\n".join(part).encode())
            digest.update(b"\0")
        return digest.hexdigest()[:16]


def read_source(text_dir: Path | None, sample: Path) -> Source:
    """The abstracts of `text_dir`, or the BEIR folder `sample` where there are none.

    Queries are drawn from the test part of the abstracts, or from the needs of the sample. Raises
    `corpora.problems.FileError` where neither can be read.
    """
    if text_dir is not None and (text_dir / "abstracts.jsonl").is_file():
        records = read_abstracts(text_dir)
        held_out = [r for r in records if part_of(r.id) == "test"]
        others = [r for r in records if part_of(r.id) != "test"]
        return _source(
            "abstracts",
            (r.title for r in others),
            (r.text for r in others),
            (r.text for r in held_out),
        )
    parts = [load_dataset(sample, split) for split in splits(sample)] or [load_dataset(sample)]
    return _source(
        "sample",
        (item.title for item in parts[0].corpus),
        (item.body for item in parts[0].corpus),
        (item.body for part in parts for item in part.queries),
    )


def _source(
    name: str, titles: Iterable[str], texts: Iterable[str], query_texts: Iterable[str]
) -> Source:
    own = _sentences(texts)
    seen = set(own)
    return Source(
        name,
        tuple(dict.fromkeys(title for title in titles if title)),
        own,
        tuple(s for s in _sentences(query_texts) if s not in seen),
    )


def _sentences(texts: Iterable[str]) -> tuple[str, ...]:
    low, high = _SENTENCE
    found = (text[start:end].strip() for text in texts for start, end in sentences(text))
    return tuple(dict.fromkeys(s for s in found if low <= len(s) <= high))


def achievements(source: Source, rows: int, seed: int = SEED) -> list[Listing]:
    """`rows` achievements with title, body and facets, each made of two or more sentences."""
    chains = list(taxonomy("chain"))
    regions = [
        code for code in taxonomy("region") if code.startswith(SICHUAN) and code != _PROVINCE
    ]
    made = []
    for number in range(rows):
        rng = random.Random(f"{seed}:record:{number}")
        level = rng.randint(1, 9)
        made.append(
            Listing(
                id=f"b{number:07d}",
                kind=Kind.ACHIEVEMENT,
                title=rng.choice(source.titles) if source.titles else "",
                body=_draw(rng, source.sentences, RECORD_CHARACTERS),
                facets=Facets(
                    chain=rng.choice(chains),
                    region=rng.choice(regions),
                    trl_low=level,
                    trl_high=level,
                ),
            )
        )
    return made


def needs(source: Source, count: int, seed: int = SEED) -> list[Listing]:
    """`count` queries without a title, of held-out sentences."""
    return [
        Listing(
            id=f"q{number:05d}",
            kind=Kind.NEED,
            title="",
            body=_draw(
                random.Random(f"{seed}:query:{number}"), source.query_sentences, QUERY_CHARACTERS
            ),
        )
        for number in range(count)
    ]


def tenth() -> Filter:
    """A filter by industry chain that about 10 % of the records pass."""
    chains = list(taxonomy("chain"))
    return Filter(chains=tuple(chains[: round(len(chains) * _CHAINS_IN_FILTER)]))


def _draw(rng: random.Random, pool: Sequence[str], characters: int) -> str:
    text = rng.choice(pool) + rng.choice(pool)
    while len(text) < characters:
        text += rng.choice(pool)
    return text
