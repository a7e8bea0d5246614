"""Runs systems over a dataset through `matcher.Matcher`, the pipeline that the service serves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from corpora.beir import Dataset
from eval import measures
from eval.systems import SYSTEMS, Encoders, System
from matcher.confidence import Evidence
from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.index import ListingIndex
from matcher.listing import Direction, Listing
from matcher.pipeline import DECISIVE, Matcher

RUN_DEPTH = 1000
"""Documents per query in a run: what MAP is taken over."""

SHOWN = DECISIVE
"""Matches that a reader sees: what calibration, exposure and diagnosis look at."""

StepProgress = Callable[[str, int, int], None]
"""Called with (what, done, total)."""


@dataclass(frozen=True)
class Topic:
    """What is asked in one direction: queries, corpus and judgements."""

    direction: Direction
    queries: list[Listing]
    corpus: list[Listing]
    qrels: dict[str, dict[str, int]]

    @property
    def answerable(self) -> list[str]:
        """Queries with a relevant judgement."""
        return measures.answerable(self.qrels)


class Arm(StrEnum):
    """Which arm of the pipeline a system ranks by."""

    LEXICAL = "lexical"
    DENSE = "dense"
    BOTH = "both"

    @classmethod
    def of(cls, config: MatcherConfig) -> Arm:
        """The arm that a configuration gives all weight to, or both."""
        if config.dense_weight in (0.0, 1.0):
            return cls.DENSE if config.dense_weight else cls.LEXICAL
        return cls.BOTH


@dataclass(frozen=True)
class SystemRun:
    """The ranked lists of one system in one direction, and which queries it called answered.

    `probabilities` holds those of the first `SHOWN` matches of each query, in order; None where the
    system is not calibrated. `evidence` holds what a calibration is fitted on, in the same order.
    """

    system: str
    direction: Direction
    run: dict[str, list[tuple[str, float]]]
    answered: dict[str, bool]
    config_fingerprint: str
    probabilities: dict[str, list[float | None]] = field(default_factory=dict)
    arm: Arm = Arm.BOTH
    evidence: dict[str, list[Evidence]] = field(default_factory=dict)
    encoder_fingerprint: str = ""


def topic(dataset: Dataset, direction: Direction) -> Topic:
    """The dataset seen in one direction; the reverse one transposes the judgements.

    Reverse queries are the documents that some query of the split was judged against.
    """
    if direction is Direction.NEED_TO_ACHIEVEMENT:
        return Topic(direction, list(dataset.queries), list(dataset.corpus), dict(dataset.qrels))
    transposed: dict[str, dict[str, int]] = {}
    for query, grades in dataset.qrels.items():
        for document, grade in grades.items():
            transposed.setdefault(document, {})[query] = grade
    queries = [item for item in dataset.corpus if item.id in transposed]
    return Topic(direction, queries, list(dataset.queries), transposed)


def run_named(
    name: str, topic_: Topic, encoders: Encoders, progress: StepProgress | None = None
) -> SystemRun:
    """`run_system` for the system called `name`; raises KeyError for an unknown one."""
    return run_system(name, SYSTEMS[name], topic_, encoders, progress)


def run_system(
    name: str,
    system: System,
    topic_: Topic,
    encoders: Encoders,
    progress: StepProgress | None = None,
) -> SystemRun:
    """Index the topic's corpus for `system` and rank it for every query."""
    return run_config(name, system.config, topic_, encoders(system.model), progress)


def run_config(
    name: str,
    config: MatcherConfig,
    topic_: Topic,
    encoder: Encoder,
    progress: StepProgress | None = None,
) -> SystemRun:
    """`run_system` for any configuration and encoder."""

    def report(what: str) -> Callable[[int, int], None] | None:
        if progress is None:
            return None
        return lambda done, total: progress(what, done, total)

    index = ListingIndex.build(
        topic_.direction.corpus_kind, topic_.corpus, encoder, config, progress=report("编码")
    )
    matcher = Matcher({index.kind: index}, encoder, config)
    depth = min(RUN_DEPTH, len(topic_.corpus))
    answers = matcher.match_all(topic_.queries, top_k=depth, progress=report(name))
    return SystemRun(
        system=name,
        direction=topic_.direction,
        run={a.query.id: [(m.listing.id, m.score) for m in a.matches] for a in answers},
        answered={a.query.id: a.answered for a in answers},
        config_fingerprint=config.fingerprint,
        encoder_fingerprint=encoder.fingerprint,
        probabilities={a.query.id: [m.probability for m in a.matches[:SHOWN]] for a in answers},
        evidence={a.query.id: [m.evidence for m in a.matches[:SHOWN]] for a in answers},
        arm=Arm.of(config),
    )


def write_trec(run: SystemRun, path: Path) -> None:
    """Write a TREC run file: `query Q0 document rank score system`."""
    with path.open("w", encoding="utf-8") as out:
        for query, ranked in run.run.items():
            for rank, (document, score) in enumerate(ranked, start=1):
                out.write(f"{query} Q0 {document} {rank} {score:.6f} {run.system}\n")


def directions(choice: str) -> Sequence[Direction]:
    """The directions that `--direction` names; `both` stands for both."""
    return list(Direction) if choice == "both" else [Direction(choice)]
