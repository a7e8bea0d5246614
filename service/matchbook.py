"""The match book (对接手册) as spreadsheet rows: one sheet per query, formula-safe by the writer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from corpora.taxonomy import taxonomy
from matcher.listing import KINDS, Kind, Listing
from matcher.pipeline import Answer, Match
from service.figures import figures
from service.present import chance

Sheet = tuple[str, Sequence[str], Iterable[Sequence[object]]]

HEADERS = (
    "名次",
    "编号",
    "名称",
    "得分",
    "把握",
    "用词得分",
    "语义得分",
    "匹配说明",
    "指标对照",
    "需求这样说",
    "成果这样说",
    "说法不同",
    "共同用词",
    "所属产业链",
    "所在地区",
    "成熟度",
)


def sheets(answers: Sequence[Answer]) -> Iterator[Sheet]:
    """For each answer its sheet: name, header row, rows. Every answer must be explained."""
    for answer in answers:
        yield (
            answer.query.id,
            HEADERS,
            [_query_row(answer.query), *(_match_row(answer.query, m) for m in answer.matches)],
        )


def _query_row(query: Listing) -> list[object]:
    label = KINDS[query.kind].label_zh
    said = [query.body if query.kind is kind else "" for kind in (Kind.NEED, Kind.ACHIEVEMENT)]
    scores = [""] * 6  # score to indicator table: they belong to matches
    return ["", query.id, f"【{label}】{query.title}", *scores, *said, "", "", *_facets(query)]


def _match_row(query: Listing, match: Match) -> list[object]:
    told = match.explanation
    rows = told.alignments if told else ()
    return [
        match.rank,
        match.listing.id,
        match.listing.title,
        round(match.score, 4),
        _confidence(match),
        round(match.lexical, 4),
        round(match.dense, 4),
        told.summary if told else "",
        _figures(query, match),
        # a number before each line tells which sentence goes with which
        "\n".join(f"{n}. {row.need.text}" for n, row in enumerate(rows, start=1)),
        "\n".join(f"{n}. {row.achievement.text}" for n, row in enumerate(rows, start=1)),
        "\n".join(f"{b.need_term} → {b.achievement_term}" for b in told.bridges) if told else "",
        "、".join(told.shared_terms) if told else "",
        *_facets(match.listing),
    ]


def _figures(query: Listing, match: Match) -> str:
    """A line for each figure that the need demands."""
    return "\n".join(
        f"{f.label} {f.demanded}：{f.verdict_zh}"
        + (f"（{'，'.join(filter(None, (f.stated, f.doubt_zh)))}）" if f.stated else "")
        for f in figures(query, match)
    )


def _confidence(match: Match) -> str:
    """Band and probability in words; empty where the scores are not calibrated."""
    if match.band is None or match.probability is None:
        return ""
    return f"{match.band.label_zh}（{chance(match.probability)}）"


def _facets(listing: Listing) -> list[object]:
    facets = listing.facets
    chain = taxonomy("chain").label(facets.chain) if facets.chain else ""
    region = taxonomy("region").label(facets.region) if facets.region else ""
    return [chain, region, facets.trl_low or ""]
