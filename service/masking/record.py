"""Which fields of a record are in its masked view, and in what form.

A field is left out unless it stands here. Codes are shown only where our lists hold them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from corpora.fields import MAIN_TEXT, spec_of
from corpora.records import RECORDS, Record
from corpora.taxonomy import taxonomy
from matcher.listing import Kind
from service.masking.text import masked_text, names_in
from service.masking.words import SIGNS, words

_CODES: dict[Kind, tuple[str, ...]] = {
    Kind.NEED: (
        "need_kind",
        "org_type",
        "region_code",
        "industry_chain",
        "coop_modes",
        "benchmark_level",
        "ip_ownership",
        "organise_mode",
    ),
    Kind.ACHIEVEMENT: (
        "ach_class",
        "origin_type",
        "forms",
        "region_code",
        "industry_chain",
        "coop_modes",
        "level",
        "stage",
        "use_state",
        "price_mode",
        "needs_pilot",
    ),
}
_AS_IT_IS = ("trl_min", "trl", "negotiable")
_PARTIES = ("org", "uscc", "park", "lead", "reg_no", "funding_source")
_TERMS = (1, 2, 3, 6, 9, 12, 18, 24, 36)
_TITLE_WORDS = 3
_NOUNS = ("n", "vn")
_SERIES = (1, 2, 5)
_MUCH = 1e9


def masked(record: Record) -> Record:
    """The record as readers see it who may not see more."""
    kind = record.kind
    names = _names(record)
    main = MAIN_TEXT[kind]
    stated: dict[str, Any] = {name: _codes(record, name) for name in _CODES[kind]}
    stated |= {name: getattr(record, name, None) for name in _AS_IT_IS if hasattr(record, name)}
    stated |= _money(record)
    stated["title"] = _title(record, names)
    stated[main] = masked_text(str(getattr(record, main)), names)
    stated["keywords"] = [word for word in record.keywords if masked_text(word, names) == word]
    stated["disclosure"] = record.disclosure
    months = getattr(record, "duration_months", None)
    if months is not None:
        stated["duration_months"] = next(term for term in _TERMS if term >= months)
    return RECORDS[kind].model_validate({k: v for k, v in stated.items() if v not in (None, [])})


def _names(record: Record) -> list[str]:
    people = [*getattr(record, "inventors", ()), *record.contact_values().values()]
    rights = [part for right in getattr(record, "ip", ()) for part in (right.number, right.owner)]
    parties = [str(getattr(record, name, "") or "") for name in _PARTIES]
    return names_in(value for value in (*parties, *people, *rights, *record.named_orgs) if value)


def _codes(record: Record, name: str) -> Any:  # noqa: ANN401  (a code, or a list of them)
    known = taxonomy(spec_of(record.kind, name).taxonomy or "")
    value = getattr(record, name)
    if isinstance(value, list):
        return [code for code in value if code in known]
    return value if value in known else None


def _title(record: Record, names: list[str]) -> str:
    """`先进装备领域的技术需求（密封、渣浆泵）`: the chain, the kind, and words that name nobody."""
    chain = _codes(record, "industry_chain")
    field = f"{taxonomy('chain').label(chain)}领域的" if chain else ""
    if record.kind is Kind.NEED:
        code = _codes(record, "need_kind")
        what = f"{taxonomy('need_kind').label(code)}需求" if code else "技术需求"
    else:
        what = "科技成果"
    shown = re.sub("|".join(SIGNS), "，", masked_text(record.title, names))
    kept = list(
        dict.fromkeys(
            word.text
            for word in words(shown)
            if len(word.text) > 1 and not word.hidden and word.flag.startswith(_NOUNS)
        )
    )
    return field + what + (f"（{'、'.join(kept[:_TITLE_WORDS])}）" if kept else "")


def _money(record: Record) -> Mapping[str, float]:
    """Budget as a band and price as a round figure: steps of 1, 2, 5, 10 …"""
    steps: dict[str, Callable[[float], float]] = {
        "budget_min_cny_wan": _below,
        "budget_max_cny_wan": _above,
        "price_wan": _above,
    }
    return {
        name: step(value)
        for name, step in steps.items()
        if (value := getattr(record, name, None)) is not None
    }


def _ladder() -> list[float]:
    return [0.0, *(float(step * 10**power) for power in range(9) for step in _SERIES), _MUCH]


def _above(value: float) -> float:
    return next(step for step in _ladder() if step >= value)


def _below(value: float) -> float:
    return next(step for step in reversed(_ladder()) if step <= value)
