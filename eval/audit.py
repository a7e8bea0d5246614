"""Audit of a judged collection: size, splits, judgements, difficulty, no template work, no contacts.

The bounds are those that the sample corpus promises; the corpus card quotes what this prints.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpora.beir import Dataset, load_dataset, splits
from corpora.taxonomy import SICHUAN, taxonomy
from eval import measures
from eval.contacts import contacts
from eval.experiment import run_named, topic
from eval.similarity import similar_pairs
from eval.systems import Encoders
from matcher.listing import Direction

ANSWERABLE = {"train": 90, "dev": 65, "test": 65}
UNANSWERABLE = 20
"""In each split."""
ACHIEVEMENTS = 800
CHAINS = 16
JACCARD = 0.25
BM25_NDCG = (0.50, 0.75)
BM25_MISSED = (0.20, 0.40)
POOLED = ("bm25", "dense", "hybrid")
POOL_DEPTH = 20
CUTOFF = 10

_PROVINCE = "510000"
_TOP = 3
_SEVERAL = 2
_SHOWN = 3

Ranking = Mapping[str, list[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the audit: what was found, what is wanted, and whether that holds."""

    name: str
    value: str
    wanted: str
    passed: bool


def audit_corpus(directory: Path, encoders: Encoders) -> list[Check]:
    """Every check of the collection in `directory`, in a fixed order.

    Raises `corpora.problems.FileError` where the collection cannot be read.
    """
    parts = {split: load_dataset(directory, split) for split in splits(directory)}
    if not parts:
        load_dataset(directory)  # says what is missing
    runs = _runs(_united(parts), encoders)
    return [
        *_sizes(parts),
        _flags(directory, parts),
        _crossing(parts),
        *_grades(parts),
        _hard_negatives(parts, runs["bm25"]),
        _pooled(parts, runs),
        _distinct(_united(parts)),
        *_difficulty(parts, runs["bm25"]),
        _no_contacts(directory),
    ]


def _united(parts: Mapping[str, Dataset]) -> Dataset:
    queries = {q.id: q for part in parts.values() for q in part.queries}
    qrels = {q: grades for part in parts.values() for q, grades in part.qrels.items()}
    corpus = next(iter(parts.values())).corpus
    return Dataset("united", "all", corpus, list(queries.values()), qrels)


def _runs(dataset: Dataset, encoders: Encoders) -> dict[str, Ranking]:
    asked = topic(dataset, Direction.NEED_TO_ACHIEVEMENT)
    return {name: run_named(name, asked, encoders).run for name in POOLED}


def _sizes(parts: Mapping[str, Dataset]) -> list[Check]:
    corpus = next(iter(parts.values())).corpus
    facets = [item.facets for item in corpus]
    facets += [query.facets for part in parts.values() for query in part.queries]
    chains = {f.chain for f in facets if f.chain}
    cities = {c for c in taxonomy("region") if c.startswith(SICHUAN) and c != _PROVINCE}
    absent = sorted(cities - {f.region for f in facets})
    answerable = {s: len(parts[s].answerable) if s in parts else 0 for s in ANSWERABLE}
    unanswerable = {s: len(parts[s].unanswerable) if s in parts else 0 for s in ANSWERABLE}
    return [
        Check(
            "有解需求",
            _counts(answerable),
            "、".join(f"{s} ≥ {n}" for s, n in ANSWERABLE.items()),
            all(answerable[s] >= n for s, n in ANSWERABLE.items()),
        ),
        Check(
            "无解需求",
            _counts(unanswerable),
            f"每个划分 {UNANSWERABLE}",
            all(n == UNANSWERABLE for n in unanswerable.values()),
        ),
        _at_least("成果", len(corpus), ACHIEVEMENTS),
        _at_least("产业链", len(chains), CHAINS),
        _none(f"四川 {len(cities)} 市州未出现者", absent),
    ]


def _flags(directory: Path, parts: Mapping[str, Dataset]) -> Check:
    """The metadata of the needs say of each whether it is answerable, as the judgements do."""
    truth = {q: True for part in parts.values() for q in part.answerable}
    truth |= {q: False for part in parts.values() for q in part.unanswerable}
    said = {}
    for line in _lines(directory / "queries.jsonl"):
        row = json.loads(line)
        said[str(row["_id"])] = (row.get("metadata") or {}).get("answerable")
    wrong = sorted(q for q in truth.keys() | said.keys() if truth.get(q) is not said.get(q))
    return _none("answerable 与评判不符或未评判的需求", wrong)


def _crossing(parts: Mapping[str, Dataset]) -> Check:
    """Documents that are positive in more than one split."""
    places = Counter(
        document
        for part in parts.values()
        for document in {d for grades in part.qrels.values() for d, g in grades.items() if g > 0}
    )
    return _none("跨划分的正例成果", sorted(d for d, n in places.items() if n > 1))


def _grades(parts: Mapping[str, Dataset]) -> list[Check]:
    known = {item.id for item in next(iter(parts.values())).corpus}
    strange, lost, thin = [], [], []
    for part in parts.values():
        for query, grades in part.qrels.items():
            strange += [query] if set(grades.values()) - set(range(_TOP + 1)) else []
            lost += sorted(set(grades) - known)
        for query in part.answerable:
            count = Counter(part.qrels[query].values())
            if not count[_TOP] or min(count[1], count[2]) < _SEVERAL:
                thin.append(query)
    return [
        _none("等级不在 0 至 3 的需求", strange),
        _none("评判了语料中没有的成果", lost),
        _none(f"缺少 3 级或 1、2 级各不足 {_SEVERAL} 条的有解需求", thin),
    ]


def _hard_negatives(parts: Mapping[str, Dataset], bm25: Ranking) -> Check:
    """Answerable needs for which nothing that BM25 ranks high, by shared words, was judged 0."""
    without = [
        query
        for part in parts.values()
        for query in part.answerable
        if not any(part.qrels[query].get(d) == 0 for d, _ in bm25.get(query, [])[:CUTOFF])
    ]
    return _none(f"bm25 前 {CUTOFF} 名中没有难负例的有解需求", without)


def _pooled(parts: Mapping[str, Dataset], runs: Mapping[str, Ranking]) -> Check:
    open_pairs: list[str] = []
    total = 0
    for part in parts.values():
        for query, grades in part.qrels.items():
            pool = {d for run in runs.values() for d, _ in run.get(query, [])[:POOL_DEPTH]}
            open_pairs += [f"{query}~{d}" for d in sorted(pool - grades.keys())]
            total += len(pool)
    share = 1 - len(open_pairs) / max(1, total)
    return Check(
        f"{'、'.join(POOLED)} 前 {POOL_DEPTH} 名已评判",
        f"{total - len(open_pairs)}/{total}（{share:.2%}）{_examples(open_pairs)}",
        "100 %",
        not open_pairs and total > 0,
    )


def _distinct(dataset: Dataset) -> Check:
    records = [*dataset.corpus, *dataset.queries]
    pairs = similar_pairs([item.text for item in records], JACCARD)
    shown = [f"{records[i].id}~{records[j].id} {value:.2f}" for i, j, value in pairs]
    return _none(f"字符 5 元组 Jaccard > {JACCARD} 的记录对", shown)


def _difficulty(parts: Mapping[str, Dataset], bm25: Ranking) -> list[Check]:
    qrels = parts["test"].qrels if "test" in parts else {}
    values = list(measures.per_query(qrels, bm25)["nDCG@10"].values()) if qrels else []
    mean = sum(values) / max(1, len(values))
    missed = total = 0
    for query, grades in qrels.items():
        top = {d for d, _ in bm25.get(query, [])[:CUTOFF]}
        positives = {d for d, g in grades.items() if g >= measures.RELEVANT}
        missed += len(positives - top)
        total += len(positives)
    return [
        _between("bm25 在 test 上的 nDCG@10", mean, BM25_NDCG),
        _between(f"bm25 前 {CUTOFF} 名漏掉的正例（test）", missed / max(1, total), BM25_MISSED),
    ]


def _no_contacts(directory: Path) -> Check:
    found = []
    for name in ("corpus.jsonl", "queries.jsonl"):
        for number, line in enumerate(_lines(directory / name), start=1):
            # the data itself is not repeated: a report may be published
            found += [f"{name}:{number} {kind}" for kind in contacts(line)]
    return _none("联系方式", found)


def _lines(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8-sig")
    return [line for line in text.split("\n") if line.strip()]


def _counts(counts: Mapping[str, int]) -> str:
    return "、".join(f"{name} {n}" for name, n in counts.items())


def _at_least(name: str, value: int, wanted: int) -> Check:
    return Check(name, str(value), f"≥ {wanted}", value >= wanted)


def _between(name: str, value: float, bounds: tuple[float, float]) -> Check:
    low, high = bounds
    return Check(name, f"{value:.4f}", f"{low:.2f} 至 {high:.2f}", low <= value <= high)


def _none(name: str, faults: list[str]) -> Check:
    return Check(name, f"{len(faults)}{_examples(faults)}", "0", not faults)


def _examples(faults: list[str]) -> str:
    shown = "；".join(faults[:_SHOWN]) + ("……" if len(faults) > _SHOWN else "")
    return f"（{shown}）" if faults else ""
