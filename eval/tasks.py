"""Retrieval tasks made from real scientific abstracts, in BEIR layout.

Input is `abstracts.jsonl` (id, title, abstract, keywords, discipline; each of the last three may be
null) in the folder that `JIEBANG_TEXT_DIR` names. Train, dev and test are told apart by a hash of the
record's id, so a record is in the same part in every task.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from matcher.analyzer import sentences

_MIN_SENTENCES = 4
_PARTS = ("train",) * 6 + ("dev",) * 2 + ("test",) * 2


@dataclass(frozen=True, slots=True)
class Abstract:
    """One record of the source; absent fields are empty."""

    id: str
    title: str
    text: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A query text and the document text that answers it, both of record `id`."""

    id: str
    query: str
    document: str


def read_abstracts(folder: Path) -> list[Abstract]:
    """The records of `folder/abstracts.jsonl`; raises FileNotFoundError where it is not there."""
    with (folder / "abstracts.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Abstract(row["id"], row["title"] or "", row["abstract"], _keywords(row["keywords"]))
        for row in rows
    ]


def part_of(id_: str) -> str:
    """`train`, `dev` or `test` (60, 20 and 20 %) by a hash of the record's id."""
    return _PARTS[int(hashlib.sha256(id_.encode()).hexdigest(), 16) % len(_PARTS)]


def title_to_abstract(record: Abstract) -> Pair | None:
    """The title asks for its abstract."""
    return Pair(record.id, record.title, record.text) if record.title else None


def keywords_to_abstract(record: Abstract) -> Pair | None:
    """All keywords together ask for the abstract."""
    return Pair(record.id, " ".join(record.keywords), record.text) if record.keywords else None


def deleted_keyword_to_abstract(record: Abstract) -> Pair | None:
    """One keyword asks for the abstract from which it was deleted: meaning without the word."""
    inside = [word for word in record.keywords if word in record.text]
    if not inside:
        return None
    word = max(inside, key=lambda w: (len(w), w))
    return Pair(record.id, word, record.text.replace(word, ""))


def half_to_half(record: Abstract) -> Pair | None:
    """The first half of an abstract asks for the second."""
    spans = sentences(record.text)
    if len(spans) < _MIN_SENTENCES:
        return None
    middle = spans[len(spans) // 2][0]
    return Pair(record.id, record.text[:middle], record.text[middle:])


TASKS: dict[str, tuple[Callable[[Abstract], Pair | None], bool]] = {
    "title-abstract": (title_to_abstract, True),
    "keywords-abstract": (keywords_to_abstract, True),
    "deleted-keyword-abstract": (deleted_keyword_to_abstract, True),
    "half-half": (half_to_half, False),
}
"""Maker of each task, and whether records without a pair stay in the corpus as distractors."""


def write_task(name: str, records: Iterable[Abstract], folder: Path) -> dict[str, int]:
    """Write one task as a BEIR folder; returns the number of queries per split."""
    make, keep_others = TASKS[name]
    corpus: list[dict[str, str]] = []
    queries: list[dict[str, str]] = []
    for record in records:
        pair = make(record)
        if pair is not None:
            queries.append({"_id": f"q-{pair.id}", "text": pair.query})
            corpus.append({"_id": pair.id, "title": "", "text": pair.document})
        elif keep_others:
            corpus.append({"_id": record.id, "title": "", "text": record.text})
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "corpus.jsonl", (json.dumps(r, ensure_ascii=False) for r in corpus))
    _write_lines(folder / "queries.jsonl", (json.dumps(r, ensure_ascii=False) for r in queries))
    counts = {}
    for split in ("train", "dev", "test"):
        ids = [q["_id"][2:] for q in queries if part_of(q["_id"][2:]) == split]
        lines = ["query-id\tcorpus-id\tscore", *(f"q-{i}\t{i}\t1" for i in ids)]
        _write_lines(folder / "qrels" / f"{split}.tsv", lines)
        counts[split] = len(ids)
    return counts


def _keywords(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.replace("；", ";").replace("_", ";").split(";")
    return tuple(str(word).strip() for word in value) if isinstance(value, list) else ()


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.writelines(f"{line}\n" for line in lines)
