"""The queries that a system finds hardest, and what went wrong with each.

For a hard query: what stands first, where the best-judged answer stands, who else found it, which
telling words both texts share, and what was put above it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from eval.breakdown import UNSTATED, headline
from eval.experiment import SHOWN, Arm, SystemRun, Topic
from eval.measures import RELEVANT
from matcher.analyzer import Analyzer, TokenSet, technical_lexicon
from matcher.listing import KINDS, Listing

_TELLING = 0.1
"""A word in more than this share of the corpus tells nothing about a match."""
_WORDS = 8


@dataclass(frozen=True, slots=True)
class Found:
    """A listing in a run; `grade` is None where the pair was not judged, `rank` beyond the run."""

    id: str
    title: str
    grade: int | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class HardQuery:
    """One hard query with what explains it.

    `best` is the highest-graded listing, of those with the same grade the one that ranks best.
    `ranks` are its ranks in the other systems. `above` counts what stands before it, `above_same_chain`
    those of them that are of the query's chain and judged not relevant, `above_relevant` the relevant
    ones; `unjudged` counts pairs among the first ten.
    """

    id: str
    title: str
    text: str
    chain: str
    value: float
    first: Found | None
    best: Found
    ranks: dict[str, int | None]
    shared: tuple[str, ...]
    above: int
    above_same_chain: int
    above_relevant: int
    unjudged: int
    diagnosis: tuple[str, ...]


def hardest(
    topic: Topic, runs: Sequence[SystemRun], values: Mapping[str, float], count: int = 12
) -> list[HardQuery]:
    """The `count` answerable queries with the lowest of `values` in the last of `runs`.

    A query with a value of 1 is not hard and never among them.
    """
    lossy = [q for q in topic.answerable if values[q] < 1]
    order = sorted(lossy, key=lambda q: (values[q], q))[:count]
    texts = _Texts.of(topic)
    return [_hard(topic, runs, texts, query, values[query]) for query in order]


@dataclass(frozen=True)
class _Texts:
    """Listings by id on either side, and how many documents hold a word."""

    queries: Mapping[str, Listing]
    corpus: Mapping[str, Listing]
    analyzer: Analyzer
    frequency: Mapping[str, int]

    @classmethod
    def of(cls, topic: Topic) -> _Texts:
        analyzer = Analyzer(TokenSet.WORDS, technical_lexicon())
        frequency = Counter(
            word for item in topic.corpus for word in {w for w, _ in analyzer.words(item.text)}
        )
        return cls(
            {item.id: item for item in topic.queries},
            {item.id: item for item in topic.corpus},
            analyzer,
            frequency,
        )

    def shared(self, query: str, document: str) -> tuple[str, ...]:
        """Telling words of both, the rarest first."""
        words = [
            {word for word, _ in self.analyzer.words(item.text)}
            for item in (self.queries[query], self.corpus[document])
        ]
        limit = max(1.0, _TELLING * len(self.corpus))
        telling = [w for w in words[0] & words[1] if self.frequency[w] <= limit]
        return tuple(sorted(telling, key=lambda w: (self.frequency[w], w))[:_WORDS])


def _hard(
    topic: Topic, runs: Sequence[SystemRun], texts: _Texts, query: str, value: float
) -> HardQuery:
    grades, listing = topic.qrels[query], texts.queries[query]
    ranked = [document for document, _ in runs[-1].run.get(query, [])]
    places = {run.system: _places(run, query) for run in runs}
    mine = places[runs[-1].system]
    known = [d for d in grades if d in texts.corpus]
    best = min(known, key=lambda d: (-grades[d], mine.get(d, len(ranked) + 1), d))
    before = ranked[: mine.get(best, len(ranked) + 1) - 1]
    chain = listing.facets.chain

    def found(document: str) -> Found:
        return Found(
            document, headline(texts.corpus[document]), grades.get(document), mine.get(document)
        )

    hard = HardQuery(
        id=query,
        title=headline(listing),
        text=listing.body,
        chain=chain or UNSTATED,
        value=value,
        first=found(ranked[0]) if ranked else None,
        best=found(best),
        ranks={name: place.get(best) for name, place in places.items() if place is not mine},
        shared=texts.shared(query, best),
        above=len(before),
        above_same_chain=sum(
            chain is not None and texts.corpus[d].facets.chain == chain and grades.get(d) == 0
            for d in before
        ),
        above_relevant=sum(grades.get(d, 0) >= RELEVANT for d in before),
        unjudged=sum(d not in grades for d in ranked[:SHOWN]),
        diagnosis=(),
    )
    return _diagnosed(topic, hard, runs)


def _places(run: SystemRun, query: str) -> dict[str, int]:
    return {d: rank for rank, (d, _) in enumerate(run.run.get(query, []), start=1)}


def _diagnosed(topic: Topic, hard: HardQuery, runs: Sequence[SystemRun]) -> HardQuery:
    noun = KINDS[topic.direction.corpus_kind].label_zh
    reasons = [
        _about_first(hard, noun),
        _about_words(hard, noun),
        _about_arms(hard, runs),
        _about_rivals(hard),
        f"前 {SHOWN} 条中有 {hard.unjudged} 条未评判，按不相关计" if hard.unjudged else "",
    ]
    return replace(hard, diagnosis=tuple(reason for reason in reasons if reason))


def _about_first(hard: HardQuery, noun: str) -> str:
    if hard.best.rank == 1:
        return f"首位正确，失分在于其余相关的{noun}排得靠后"
    return ""


def _about_words(hard: HardQuery, noun: str) -> str:
    if not hard.shared:
        return f"与最佳{noun}无共同词，仅语义相近"
    return f"与最佳{noun}只有一个共同词“{hard.shared[0]}”" if len(hard.shared) == 1 else ""


def _about_arms(hard: HardQuery, runs: Sequence[SystemRun]) -> str:
    """Which single arm of the run found the best answer among the first ten."""
    arms = {run.arm: run.system for run in runs if run.system in hard.ranks}
    if not {Arm.LEXICAL, Arm.DENSE} <= arms.keys():
        return ""
    lexical, dense = (hard.ranks[arms[arm]] for arm in (Arm.LEXICAL, Arm.DENSE))
    found = [place is not None and place <= SHOWN for place in (lexical, dense)]
    where = f"词面臂{_place(lexical)}，语义臂{_place(dense)}"
    if found == [True, False]:
        return f"仅词面臂找到（{where}）"
    if found == [False, True]:
        return f"仅语义臂找到（{where}）"
    if found == [False, False]:
        return f"两臂都没有排进前 {SHOWN}（{where}）"
    lost = hard.best.rank is None or hard.best.rank > SHOWN
    return f"两臂各自都排进前 {SHOWN}，合并后掉出（{where}）" if lost else ""


def _about_rivals(hard: HardQuery) -> str:
    """What was put above the best answer."""
    if not hard.above or hard.best.rank is None:
        return ""
    if hard.above_same_chain * 2 >= hard.above:
        return (
            f"被同链条高分干扰项压过（前面 {hard.above} 条中 {hard.above_same_chain} 条"
            "同链条而不相关）"
        )
    return f"前面 {hard.above} 条中 {hard.above_relevant} 条相关"


def _place(rank: int | None) -> str:
    return "未列出" if rank is None else f"第 {rank}"
