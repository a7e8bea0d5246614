"""Questions to ask at a meeting, each from something that the records leave open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from corpora.records import AchievementRecord, NeedRecord, Record
from matcher.indicators import Verdict
from matcher.listing import KINDS, Kind
from service.figures import Figure

MOST = 6
_OF_FIGURES = 4
"""So many are about indicators where there are other gaps too."""


@dataclass(frozen=True)
class Question:
    """A question, and the side that can answer it."""

    to: Kind
    text: str

    @property
    def to_zh(self) -> str:
        """Whom to ask."""
        return {"need": "问需求方", "achievement": "问成果方"}[self.to.value]


def questions(
    figures: Sequence[Figure], records: Mapping[Kind, Record], most: int = MOST
) -> tuple[Question, ...]:
    """At most so many: indicators that stay open first, then what `records` do not state.

    Only of `records` is anything asked, so that leaving one out keeps its gaps private.
    """
    of_figures = list(_about(figures))
    gaps = list(_gaps(records))
    room = max(min(_OF_FIGURES, most), most - len(gaps))
    chosen = of_figures[:room]
    return (*chosen, *gaps[: most - len(chosen)])


def _about(figures: Iterable[Figure]) -> Iterator[Question]:
    """Those not met before those that are doubtful before those not stated."""
    asked = [(_rank(figure), figure) for figure in figures if figure.verdict is not Verdict.MET]
    for rank, figure in sorted(asked, key=lambda pair: pair[0]):
        name = figure.name or "这项指标"
        if rank == 0:
            text = (
                f"{name}：需求写“{figure.demanded}”，成果写“{figure.stated}”，"
                "差距能否补上，要多久、多少投入？"
            )
        elif rank == 1:
            text = (
                f"{name}：需求写“{figure.demanded}”，成果写“{figure.stated}”，"
                "说的是同一项指标吗，在什么条件下测的？"
            )
        else:
            text = f"{name}：需求写“{figure.demanded}”，成果没有说明，能达到多少，有没有实测数据？"
        yield Question(Kind.ACHIEVEMENT, text)


def _rank(figure: Figure) -> int:
    if figure.verdict is Verdict.NOT_MET:
        return 0
    return 1 if figure.stated is not None else 2


def _gaps(records: Mapping[Kind, Record]) -> Iterator[Question]:
    """Of both sides in turn, so that neither takes all the room."""
    need, achievement = records.get(Kind.NEED), records.get(Kind.ACHIEVEMENT)
    offered = _of_achievement(achievement) if isinstance(achievement, AchievementRecord) else ()
    wanted = _of_need(need) if isinstance(need, NeedRecord) else ()
    for both in zip_longest(offered, wanted):
        yield from filter(None, both)
    silent = [kind for kind, record in records.items() if not record.coop_modes]
    if silent:
        label = "和".join(KINDS[kind].label_zh for kind in silent)
        text = f"{label}没有写合作方式：想转让、许可、委托开发、合作开发，还是作价入股？"
        yield Question(silent[0], text)


def _of_achievement(record: AchievementRecord) -> Iterator[Question]:
    if record.trl is None and record.stage is None:
        yield Question(
            Kind.ACHIEVEMENT, "成果没有写成熟度：做到了实验室、中试还是量产，有没有用户在用？"
        )
    if record.price_mode is None and record.price_wan is None:
        yield Question(
            Kind.ACHIEVEMENT, "成果没有写报价方式：一口价、面议还是按收益分成，大致多少？"
        )
    if not record.ip:
        yield Question(
            Kind.ACHIEVEMENT, "成果没有写知识产权：有哪些专利，权利人是谁，有没有许可给别人？"
        )


def _of_need(record: NeedRecord) -> Iterator[Question]:
    stated = (record.budget_min_cny_wan, record.budget_max_cny_wan)
    if all(amount is None for amount in stated) and record.negotiable is None:
        yield Question(Kind.NEED, "需求没有写预算：打算投入多少，分几期付？")
    if record.duration_months is None and record.deadline is None:
        yield Question(Kind.NEED, "需求没有写期限：希望什么时候用上，有没有停产检修的窗口？")
    if record.ip_ownership is None:
        yield Question(Kind.NEED, "需求没有写知识产权归属：合作产生的成果归谁，怎么使用？")
    if record.trl_min is None:
        yield Question(Kind.NEED, "需求没有写期望的成熟度：要现成可用的，还是可以一起从小试做起？")
