"""Matches and records in the words of a reader: labelled facets, passages cut at highlights."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from corpora.fields import FIELDS, MAIN_TEXT, Shape
from corpora.records import Record
from corpora.taxonomy import taxonomy
from corpora.values import number_text
from matcher.explain import Alignment, Basis, Explanation, Passage
from matcher.fit import Fit
from matcher.listing import KINDS, Facets, Kind, Listing
from matcher.pipeline import Match
from matcher.terminology import Bridge
from service.disclosure import View
from service.figures import Figure, figures

Segments = tuple[tuple[str, bool], ...]
"""A text in pieces, each with whether it is shared with the query."""

_TOP_LEVEL = 9
_NOTES = {
    Basis.TERMS: "",
    Basis.PARTS: "只有部分字词相同",
    Basis.MEANING: "没有相同的词，按语义对应",
}
# shown in the head of the page, or nothing to be shown
_ASIDE = frozenset(
    ("title", "status", "classified", "body_complete", *(spec.id_field for spec in KINDS.values()))
)
_LONG = frozenset((Shape.TEXT, Shape.TEXTS, Shape.TARGETS, Shape.RIGHTS))


@dataclass(frozen=True)
class Row:
    """What the need says beside what the achievement says; `note` tells what joins them if not words."""

    need: tuple[Segments, ...]
    achievement: tuple[Segments, ...]
    note: str


@dataclass(frozen=True)
class Card:
    """One match, ready to be shown."""

    match: Match
    org: str
    title: Segments
    facets: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    bridges: tuple[Bridge, ...]
    shared_terms: tuple[str, ...]
    figures: tuple[Figure, ...]
    reasons: tuple[Fit, ...]
    """Aspects of structured fit that say something."""
    masked: bool = False
    """Whether only the mask of the counterpart is shown."""
    twins: tuple[tuple[str, str], ...] = ()
    """Ids and titles of the records that read nearly the same and have no card of their own."""

    @classmethod
    def of(cls, query: Listing, match: Match, view: View) -> Card:
        """The card of a match of `query`, which was made for the reader of `view`."""
        listing, explanation = match.listing, match.explanation
        passages = explanation.passages if explanation else ()
        heading = next((p for p in passages if p.text == listing.title), None)
        return cls(
            match,
            view.org,
            segments(heading) if heading else ((listing.title or "（未写名称）", False),),
            facet_labels(listing.kind, listing.facets),
            rows(explanation, query.kind) if explanation else (),
            explanation.bridges if explanation else (),
            explanation.shared_terms if explanation else (),
            figures(query, match),
            tuple(fit for fit in match.fits if fit.reason),
            view.masked,
        )


@dataclass(frozen=True)
class Stated:
    """A field of a record: label and one or more values; `long` ones are running text."""

    label: str
    values: tuple[str, ...]
    long: bool


def rows(explanation: Explanation, asking: Kind) -> tuple[Row, ...]:
    """The aligned passages, those of one sentence of the asking side in one row."""
    grouped: dict[int, list[Alignment]] = {}
    for alignment in explanation.alignments:
        grouped.setdefault(alignment.side(asking).start, []).append(alignment)
    shown = []
    for group in grouped.values():
        asked = group[0].side(asking)
        marks = {mark for alignment in group for mark in alignment.side(asking).highlights}
        sides = {
            asking: (segments(replace(asked, highlights=_apart(marks))),),
            KINDS[asking].counterpart: tuple(
                segments(alignment.side(KINDS[asking].counterpart)) for alignment in group
            ),
        }
        note = "" if any(a.basis is Basis.TERMS for a in group) else _NOTES[group[0].basis]
        shown.append(Row(sides[Kind.NEED], sides[Kind.ACHIEVEMENT], note))
    return tuple(shown)


def _apart(marks: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """`marks` in reading order, overlapping ones made into one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def segments(passage: Passage) -> Segments:
    """The passage cut at its highlights."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in passage.highlights:
        pieces += [(passage.text[at:start], False), (passage.text[start:end], True)]
        at = end
    pieces.append((passage.text[at:], False))
    return tuple(piece for piece in pieces if piece[0])


def facet_labels(kind: Kind, facets: Facets) -> tuple[tuple[str, str], ...]:
    """The facets that are stated, as pairs of Chinese name and value."""
    money = "预算" if kind is Kind.NEED else "报价"
    pairs = (
        ("产业链", taxonomy("chain").label(facets.chain) if facets.chain else ""),
        ("所在地", taxonomy("region").label(facets.region) if facets.region else ""),
        ("成熟度", _levels(facets.trl_low, facets.trl_high)),
        (money, _amounts(facets.money_low, facets.money_high)),
        ("合作方式", "、".join(taxonomy("coop_mode").label(m) for m in facets.coop_modes)),
    )
    return tuple((label, value) for label, value in pairs if value)


def _levels(low: int | None, high: int | None) -> str:
    if low is None:
        return "" if high is None else f"不高于 {high} 级"
    if high is None or (high == _TOP_LEVEL and low != high):
        return f"不低于 {low} 级"
    return f"{low} 级" if low == high else f"{low}–{high} 级"


def _amounts(low: float | None, high: float | None) -> str:
    if low is None:
        return "" if high is None else f"{number_text(high)} 万元以内"
    if high is None:
        return f"{number_text(low)} 万元以上"
    if low == high:
        return f"{number_text(low)} 万元"
    return f"{number_text(low)}–{number_text(high)} 万元"


def stated_fields(record: Record) -> list[Stated]:
    """What the record states, in the order of the field table, long texts with the main one first.

    Contact data is not among it.
    """
    found = []
    for spec in FIELDS[record.kind]:
        if spec.shape in (Shape.CONTACT, Shape.MONEY_RANGE) or spec.name in _ASIDE:
            continue
        values = _shown(getattr(record, spec.name), spec.taxonomy)
        if values:
            found.append((spec.name, Stated(spec.label, values, spec.shape in _LONG)))
    main = MAIN_TEXT[record.kind]
    found.sort(key=lambda pair: (not pair[1].long, pair[0] != main))
    return [stated for _, stated in found]


def _shown(value: object, list_name: str | None) -> tuple[str, ...]:
    """The value as texts; a code by its label, in its own words where the list has none."""
    if value is None or value in ("", []):
        return ()
    if isinstance(value, list):
        return tuple(text for item in value for text in _shown(item, list_name))
    if isinstance(value, bool):
        return ("是" if value else "否",)
    if list_name is not None:
        return (taxonomy(list_name).label(str(value)),)
    return (number_text(value) if isinstance(value, int | float) else str(value),)
