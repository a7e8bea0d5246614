"""The HTML report of an evaluation: one file without outside references, in Chinese."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from eval import plots
from eval.breakdown import QueryRow, chain_label, per_query, reference
from eval.diagnosis import HardQuery, hardest
from eval.experiment import SHOWN, SystemRun, Topic
from eval.measures import MEASURES
from eval.report import MAIN, SIGNIFICANT
from matcher.listing import KINDS, Direction

_DIRECTIONS = {
    Direction.NEED_TO_ACHIEVEMENT: "企业找技术",
    Direction.ACHIEVEMENT_TO_NEED: "成果找市场",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure as a data address, with its description."""

    address: str
    alt: str


@dataclass(frozen=True)
class Section:
    """What the page shows of one direction; a picture is None where there is nothing to draw."""

    direction: Direction
    title: str
    asks: str
    offers: str
    part: Mapping[str, Any]
    last: str
    reference: str | None
    unsure: tuple[str, ...]
    chains: Picture | None
    differences: Picture | None
    reliability: Mapping[str, Picture]
    coverage: Picture | None
    refusals: Picture | None
    balance: Picture | None
    rows: Sequence[QueryRow]
    hard: Sequence[HardQuery]


def render(
    report: Mapping[str, Any], topics: Sequence[Topic], runs: Sequence[SystemRun], *, written: str
) -> str:
    """The page of `report` (from `eval.report.build` over the same topics and runs).

    `written` says when and by which version, for the reader.
    """
    sections = [
        _section(report["directions"][t.direction.value], t, [r for r in runs if r.direction is t.direction])
        for t in topics
    ]  # fmt: skip
    return (
        _environment()
        .get_template("report.html")
        .render(report=report, sections=sections, written=written)
    )


def _section(part: Mapping[str, Any], topic: Topic, runs: Sequence[SystemRun]) -> Section:
    systems, last = part["systems"], runs[-1].system
    ndcg = {name: system["per_query"][MAIN] for name, system in systems.items()}
    rows = per_query(topic, ndcg)
    against = reference(list(systems))
    calibrated = {name: s for name, s in systems.items() if s["calibration"]}
    names = {chain: chain_label(chain) for chain in systems[last]["per_chain"]}
    exposed = all(system["exposure"] for system in systems.values())
    return Section(
        direction=topic.direction,
        title=_DIRECTIONS[topic.direction],
        asks=KINDS[topic.direction.query_kind].label_zh,
        offers=KINDS[topic.direction.corpus_kind].label_zh,
        part=part,
        last=last,
        reference=against,
        unsure=tuple(name for name in systems if name not in calibrated),
        chains=_picture(plots.chains(systems, names), "各产业链的 nDCG@10") if names else None,
        differences=_picture(
            plots.differences([row.difference for row in rows]), "每个查询的 nDCG@10 差值"
        )
        if against and rows
        else None,
        reliability={
            name: _picture(plots.reliability(s["calibration"]), f"{name} 的可靠性图")
            for name, s in calibrated.items()
        },
        coverage=_picture(plots.coverage(systems), "作答比例与准确率"),
        refusals=_picture(plots.refusals(systems), "无答案识别与误拒")
        if part["unanswerable"] and part["answerable"]
        else None,
        balance=_picture(plots.balance(systems), "曝光的洛伦茨曲线") if exposed else None,
        rows=rows,
        hard=hardest(topic, runs, ndcg[last]),
    )


def _picture(svg: str, alt: str) -> Picture:
    """An address of its own keeps the identifiers of one figure out of the others."""
    encoded = base64.b64encode(svg.encode()).decode()
    return Picture(f"data:image/svg+xml;base64,{encoded}", alt)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("eval"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals.update(
        MAIN=MAIN, SIGNIFICANT=SIGNIFICANT, SHOWN=SHOWN, measures=list(MEASURES)
    )
    environment.filters.update(chain=chain_label, share=_share)
    return environment


def _share(value: float | None) -> str:
    return "—" if value is None else f"{value:.1%}"
