"""What the platform achieves, in figures: funnel, times, gaps between supply and demand, exposure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlmodel import Session, col, func, select

from corpora.taxonomy import taxonomy
from matcher.exposure import gini
from matcher.listing import KINDS, Kind
from matcher.pipeline import Matcher
from service import changes
from service.cases.suggestions import Source, Suggestions
from service.cases.tables import CaseRow, StanceRow
from service.disclosure import KNOWN_TO_ALL
from service.tables import ListingRow, TransitionRow, now

NO_CHAIN, NO_REGION = "未填产业链", "未填地区"
RECENT = timedelta(days=90)
"""What counts as recently confirmed."""
_SHOWN = 10
"""Places of a list that exposure counts, as the evaluation does."""
_ASKED = 60
"""Newest needs whose matches are looked at for exposure."""
_TOP = 10
_CASE_STEPS = (("contacted", "已联系"), ("met", "已会面"), ("signed", "已签约"))
_WAITS = (
    ("review", "提交到审核结果", "listing", ("submitted",), ("published", "returned")),
    ("claim", "线索到认领", "case", ("lead",), ("claimed",)),
    ("contact", "认领到联系双方", "case", ("claimed",), ("contacted",)),
    ("sign", "联系到签约", "case", ("contacted",), ("signed",)),
)
"""Name, label, what it is of, and the states between which time passes."""


@dataclass(frozen=True)
class Stage:
    """A stage of the funnel: how many published needs came this far."""

    name: str
    label: str
    count: int


@dataclass(frozen=True)
class Wait:
    """How long one step takes: the median of `count` cases in hours, None without any."""

    name: str
    label: str
    count: int
    hours: float | None


@dataclass(frozen=True)
class Gap:
    """Published needs and achievements of one chain in one region; None where it is not stated."""

    chain: str | None
    region: str | None
    needs: int
    achievements: int

    @property
    def chain_zh(self) -> str:
        """The Chinese name of the chain."""
        return taxonomy("chain").label(self.chain) if self.chain else NO_CHAIN

    @property
    def region_zh(self) -> str:
        """The Chinese name of the region."""
        return taxonomy("region").label(self.region) if self.region else NO_REGION


@dataclass(frozen=True)
class Exposure:
    """How the first places of matches spread over institutions that offer something.

    `gini` is 0 where all are shown equally often. `top` are the most shown with their places.
    """

    needs: int
    places: int
    institutions: int
    shown: int
    gini: float
    top: tuple[tuple[str, int], ...]


def funnel(session: Session) -> list[Stage]:
    """Needs by how far they came; each stage counts those that reached it at any time."""
    needs = session.exec(
        select(ListingRow.id).where(
            ListingRow.kind == Kind.NEED, col(ListingRow.status).in_(("published", "closed"))
        )
    ).all()
    live = set(needs)
    cases = dict(session.exec(select(CaseRow.id, CaseRow.need_id)).all())
    wanted = session.exec(select(StanceRow.need_id).where(col(StanceRow.interested))).all()
    reached = session.exec(
        select(TransitionRow.to_state, TransitionRow.entity_id).where(
            TransitionRow.entity_kind == "case",
            col(TransitionRow.to_state).in_([state for state, _ in _CASE_STEPS]),
        )
    ).all()
    stages = [Stage("published", "已发布需求", len(live))]
    stages.append(Stage("matched", "有意向或立案", len(live & {*wanted, *cases.values()})))
    for state, label in _CASE_STEPS:
        those = {cases[id_] for to, id_ in reached if to == state and id_ in cases}
        stages.append(Stage(state, label, len(live & those)))
    return stages


def waits(session: Session) -> list[Wait]:
    """Median times between the steps of records and cases."""
    rows = session.exec(
        select(
            TransitionRow.entity_kind,
            TransitionRow.entity_id,
            TransitionRow.to_state,
            TransitionRow.at,
        ).order_by(col(TransitionRow.id))
    ).all()
    told: dict[tuple[str, str], list[tuple[str, datetime]]] = {}
    for kind, id_, state, at in rows:
        told.setdefault((kind, id_), []).append((state, at))
    found = []
    for name, label, of, start, end in _WAITS:
        kinds = tuple(kind.value for kind in Kind) if of == "listing" else (of,)
        hours = [
            taken.total_seconds() / 3600
            for (kind, _), steps in told.items()
            if kind in kinds
            for taken in _between(steps, start, end)
        ]
        found.append(Wait(name, label, len(hours), round(median(hours), 1) if hours else None))
    return found


def _between(
    steps: Iterable[tuple[str, datetime]], start: Sequence[str], end: Sequence[str]
) -> list[timedelta]:
    """Times from each entry into `start` to the next into `end`."""
    found, since = [], None
    for state, at in steps:
        if state in start:
            since = since or at
        elif state in end and since is not None:
            found.append(at - since)
            since = None
    return found


def gaps(session: Session) -> list[Gap]:
    """Published needs and achievements by chain and region, in the order of both taxonomies.

    Records of which not everybody may know are not counted.
    """
    counted: dict[tuple[str | None, str | None], Counter[str]] = {}
    rows = session.exec(
        select(ListingRow.chain, ListingRow.region, ListingRow.kind, func.count())
        .where(ListingRow.status == "published", KNOWN_TO_ALL)
        .group_by(col(ListingRow.chain), col(ListingRow.region), col(ListingRow.kind))
    ).all()
    for chain, region, kind, number in rows:
        counted.setdefault((chain, region), Counter())[kind] += number
    chains, regions = list(taxonomy("chain")), list(taxonomy("region"))
    order = {code: at for at, code in enumerate([*chains, *regions])}
    last = len(order)
    cells = [Gap(c, r, n[Kind.NEED], n[Kind.ACHIEVEMENT]) for (c, r), n in counted.items()]
    return sorted(
        cells, key=lambda g: (order.get(g.chain or "", last), order.get(g.region or "", last))
    )


def exposure(session: Session, matcher: Matcher, suggestions: Suggestions) -> Exposure:
    """Over the first ten matches of the newest needs; records without an institution are left out."""
    rows = session.exec(
        select(ListingRow)
        .where(ListingRow.kind == Kind.NEED, ListingRow.status == "published")
        .order_by(col(ListingRow.updated_at).desc(), col(ListingRow.id))
        .limit(_ASKED)
    ).all()
    index = matcher.index(Kind.ACHIEVEMENT)
    # confidential achievements do not compete here: the counts name institutions
    source = Source(matcher)
    seen = Counter(
        match.listing.facets.org
        for row in rows
        for match in suggestions.matches(source, changes.to_listing(row))[:_SHOWN]
        if match.listing.facets.org
    )
    offering = {listing.facets.org for listing in index if listing.facets.org}
    counts = [seen.get(name, 0) for name in offering]
    top = sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:_TOP]
    return Exposure(
        needs=len(rows),
        places=sum(counts),
        institutions=len(offering),
        shown=len(seen),
        gini=round(gini(counts), 3),
        top=tuple(top),
    )


def recently_confirmed(session: Session, kind: Kind) -> tuple[int, int]:
    """Published records that anybody may know of, and how many were posted or confirmed lately."""
    moment = func.coalesce(ListingRow.confirmed_at, ListingRow.published_at, ListingRow.updated_at)
    counts = select(func.count(), func.count().filter(moment >= now() - RECENT)).where(
        ListingRow.kind == kind, ListingRow.status == "published", KNOWN_TO_ALL
    )
    total, fresh = session.exec(counts).one()
    return total, fresh


def sheets(
    stages: Sequence[Stage], times: Sequence[Wait], cells: Sequence[Gap], shown: Exposure
) -> list[tuple[str, Sequence[str], list[Sequence[object]]]]:
    """The dashboard as spreadsheet: name, header row and rows of each sheet."""
    label = {kind: KINDS[kind].label_zh for kind in Kind}
    return [
        ("漏斗", ("阶段", "需求数"), [(s.label, s.count) for s in stages]),
        ("用时", ("环节", "次数", "中位数（小时）"), [(w.label, w.count, w.hours) for w in times]),
        (
            "供需缺口",
            ("产业链", "地区", label[Kind.NEED], label[Kind.ACHIEVEMENT], "差"),
            [
                (g.chain_zh, g.region_zh, g.needs, g.achievements, g.needs - g.achievements)
                for g in cells
            ],
        ),
        (
            "曝光",
            ("单位", "进入前十的次数"),
            [*shown.top, ("基尼系数", shown.gini), ("有成果的单位", shown.institutions)],
        ),
    ]
