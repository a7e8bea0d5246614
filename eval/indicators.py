"""How well indicators are read: the parser against the labels of `eval/data/indicators`.

A prediction is right when its span overlaps that of a label, its comparator is of the same group and
its bounds and unit are equal after conversion to base units. Labels hold what is written; they are
converted here, by the same unit table that the parser uses.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pint

from corpora.sample import DIRECTORY
from eval.significance import Estimate
from eval.tasks import read_abstracts
from matcher.analyzer import normalise
from matcher.indicators import parse as read_indicators
from matcher.indicators.units import Scale, scale

GOLD = Path(__file__).parent / "data" / "indicators"
SPLITS = ("dev", "test")
SOURCES = ("csl", "sample")
_GROUPS = {">=": "lower", ">": "lower", "<=": "upper", "<": "upper", "=": "point", "~": "point"}
_SPOKEN = {"成": Scale(0.1, 0.0, ""), "平": scale("平方米")}
"""Units of everyday speech that labels hold and the table of technical units may lack."""
_MULTIPLES = {"万": 1e4, "亿": 1e8}
_TOLERANCE = 1e-6
_SAME_NAME = 0.5
_RESAMPLES = 2000
_SEED = 20251


class Reading(Protocol):
    """What a parser returns for one indicator: bounds and unit in base units, span in the text."""

    @property
    def name(self) -> str: ...
    @property
    def comparator(self) -> str: ...
    @property
    def low(self) -> float | None: ...
    @property
    def high(self) -> float | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Label:
    """One labelled indicator; `low` and `high` in `unit` as written, None where the side is open."""

    name: str
    comparator: str
    value: str
    low: float | None
    high: float | None
    unit: str
    start: int
    end: int
    difference: bool = False
    """A difference of temperatures, which is converted without the offset of its scale."""


@dataclass(frozen=True, slots=True)
class GoldRecord:
    """A text by reference (`csl`: an abstract's id, `sample`: a record's id) and its labels."""

    id: str
    source: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A label that no prediction met (`missed`) or a prediction without a label (`spurious`)."""

    record: str
    kind: str
    start: int
    span: str
    reading: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over one record; `strict` and `named` are the hits with equal comparator and name."""

    source: str
    gold: int
    predicted: int
    hits: int
    strict: int
    named: int


@dataclass(frozen=True, slots=True)
class Scores:
    """Micro averages over the records of one source or of all, with bootstrap intervals (95 %)."""

    source: str
    records: int
    gold: int
    predicted: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    strict_f1: Estimate
    name_share: Estimate


@dataclass(frozen=True, slots=True)
class IndicatorReport:
    """Result of one split: scores over all and by source, faults, records without their text."""

    split: str
    scores: tuple[Scores, ...]
    faults: tuple[Fault, ...]
    skipped: int


def load_gold(split: str, folder: Path = GOLD) -> list[GoldRecord]:
    """The labelled records of `dev` or `test`."""
    with (folder / f"{split}.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        GoldRecord(row["id"], row["source"], tuple(Label(**item) for item in row["indicators"]))
        for row in rows
    ]


def gold_texts(text_dir: Path | None) -> dict[str, str]:
    """Text by record id: the sample corpus, and the abstracts where `text_dir` holds them."""
    texts = {}
    for name in ("corpus.jsonl", "queries.jsonl"):
        with (DIRECTORY / name).open(encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                texts[row["_id"]] = f"{row['title']}\n{row['text']}"
    if text_dir is not None and (text_dir / "abstracts.jsonl").is_file():
        texts |= {abstract.id: abstract.text for abstract in read_abstracts(text_dir)}
    return texts


def evaluate(
    split: str,
    text_dir: Path | None,
    parse: Callable[[str], Sequence[Reading]] | None = None,
) -> IndicatorReport:
    """Read every text of `split` with the parser (the one in force by default) and score it.

    Records of which the text is not there (abstracts without `text_dir`) are counted as `skipped`.
    """
    read = parse or read_indicators
    texts = gold_texts(text_dir)
    gold = load_gold(split)
    tallies: list[Tally] = []
    faults: list[Fault] = []
    for record in gold:
        text = texts.get(record.id)
        if text is not None:
            tally, wrong = compare(record, text, read(text))
            tallies.append(tally)
            faults += wrong
    scores = [score("all", tallies)]
    scores += [score(s, [t for t in tallies if t.source == s]) for s in SOURCES]
    return IndicatorReport(split, tuple(scores), tuple(faults), len(gold) - len(tallies))


def compare(
    record: GoldRecord, text: str, readings: Sequence[Reading]
) -> tuple[Tally, list[Fault]]:
    """Pair labels and readings one to one, in the order of the text."""
    free = sorted(readings, key=lambda r: (r.start, r.end))
    pairs: list[tuple[Label, Reading]] = []
    faults: list[Fault] = []
    for label in record.labels:
        found = next((reading for reading in free if agrees(label, reading)), None)
        if found is None:
            faults.append(_fault(record.id, "missed", text, label))
        else:
            free.remove(found)
            pairs.append((label, found))
    faults += [_fault(record.id, "spurious", text, reading) for reading in free]
    tally = Tally(
        source=record.source,
        gold=len(record.labels),
        predicted=len(readings),
        hits=len(pairs),
        strict=sum(label.comparator == reading.comparator for label, reading in pairs),
        named=sum(same_name(label.name, reading.name) for label, reading in pairs),
    )
    return tally, sorted(faults, key=lambda f: f.start)


def agrees(label: Label, reading: Reading) -> bool:
    """Whether spans overlap and comparator group, bounds and unit are equal."""
    if reading.start >= label.end or label.start >= reading.end:
        return False
    group = _GROUPS.get(label.comparator, "range")
    if group != _GROUPS.get(reading.comparator, "range"):
        return False
    unit = written_scale(label.unit, difference=label.difference)
    if reading.unit != unit.symbol:
        return False
    low, high = (None if v is None else unit.base(v) for v in (label.low, label.high))
    if group == "lower":
        return _equal(low, reading.low)
    if group == "upper":
        return _equal(high, reading.high)
    return _equal(low, reading.low) and _equal(high, reading.high)


def written_scale(unit: str, *, difference: bool = False) -> Scale:
    """The scale of a unit as labels spell it.

    A unit that is unknown even without its 万 or 亿 stands for itself: two readings of it are equal
    when number and spelling are.
    """
    spelt = unit.replace("％", "%")
    if spelt in _SPOKEN:
        return _SPOKEN[spelt]
    try:
        return scale(spelt, difference)
    except (ValueError, pint.UndefinedUnitError):
        multiple = _MULTIPLES.get(spelt[0])
    if multiple is None or len(spelt) == 1:
        return Scale(1.0, 0.0, spelt)
    single = written_scale(spelt[1:])
    return Scale(multiple * single.factor, 0.0, single.symbol)


def same_name(a: str, b: str) -> bool:
    """Whether two names share half of their characters: 2·common / (len(a) + len(b)) ≥ ½."""
    common = (Counter(normalise(a)) & Counter(normalise(b))).total()
    return bool(a and b) and 2 * common / (len(a) + len(b)) >= _SAME_NAME


def score(source: str, tallies: Sequence[Tally]) -> Scores:
    """Precision, recall and F1 over all indicators, resampled by record with a fixed seed."""
    counts = np.array(
        [(t.gold, t.predicted, t.hits, t.strict, t.named) for t in tallies], dtype=float
    ).reshape(-1, 5)
    total = counts.sum(axis=0)[None, :]
    if len(counts):
        drawn = np.random.default_rng(_SEED).integers(len(counts), size=(_RESAMPLES, len(counts)))
        resampled = counts[drawn].sum(axis=1)
    else:
        resampled = total
    estimates = [
        Estimate(float(point[0]), *_interval(spread), len(counts))
        for point, spread in zip(_ratios(total), _ratios(resampled), strict=True)
    ]
    return Scores(source, len(counts), int(total[0, 0]), int(total[0, 1]), *estimates)


def _ratios(sums: np.ndarray[Any, np.dtype[np.float64]]) -> list[Any]:
    """Precision, recall, F1, strict F1, name share of each row of sums (rows x 5); 0 for 0 / 0."""
    gold, predicted, hits, strict, named = sums.T
    both = gold + predicted
    parts: Iterable[tuple[Any, Any]] = (
        (hits, predicted),
        (hits, gold),
        (2 * hits, both),
        (2 * strict, both),
        (named, hits),
    )
    return [np.divide(a, b, out=np.zeros_like(a), where=b > 0) for a, b in parts]


def _interval(spread: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    low, high = np.percentile(spread, (2.5, 97.5))
    return float(low), float(high)


def _equal(wanted: float | None, got: float | None) -> bool:
    if wanted is None or got is None:
        return wanted is got
    return math.isclose(wanted, got, rel_tol=_TOLERANCE, abs_tol=1e-15)


def _fault(record: str, kind: str, text: str, item: Label | Reading) -> Fault:
    shown = f"{item.name} {item.comparator} [{_number(item.low)}, {_number(item.high)}] {item.unit}"
    return Fault(record, kind, item.start, text[item.start : item.end], shown.strip())


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
