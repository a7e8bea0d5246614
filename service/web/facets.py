"""The filter part of a form: what was chosen, as it is shown again, and the filter it means."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams

from corpora.taxonomy import SICHUAN, taxonomy
from matcher.filters import Filter
from service.present import CONDITION_LABELS

_TOP_K = (10, 20, 50)
_LEVELS = (1, 9)
_CHONGQING = "500000"
_LISTS = {"chain": "chain", "region": "region", "coop_mode": "coop_mode"}
_NUMBERS = ("trl_min", "trl_max", "money_min", "money_max")

# the fields of a filter that each condition stands for
_CONDITIONS: dict[str, dict[str, tuple[()] | None]] = {
    "chains": {"chains": ()},
    "regions": {"regions": ()},
    "coop_modes": {"coop_modes": ()},
    "trl": {"trl_low": None, "trl_high": None},
    "money": {"money_low": None, "money_high": None},
}


@dataclass(frozen=True)
class FacetForm:
    """Choices by field name (codes, or numbers as they were typed) and the filter they make.

    A number that cannot be read is in `problems` and not in the filter.
    """

    chosen: dict[str, tuple[str, ...]]
    numbers: dict[str, str]
    top_k: int
    condition: Filter
    problems: tuple[str, ...]

    @classmethod
    def of(cls, data: QueryParams | FormData) -> FacetForm:
        """Read the fields of a query string or a form; a blank field counts as not given."""
        chosen = {}
        for name, list_name in _LISTS.items():
            values = [v for v in data.getlist(name) if isinstance(v, str) and v.strip()]
            known = taxonomy(list_name)
            chosen[name] = tuple(dict.fromkeys(known.resolve(v) or v for v in values))
        numbers = {name: str(data.get(name) or "").strip() for name in _NUMBERS}
        problems: list[str] = []
        trl_low, trl_high = _range(
            "成熟度", numbers["trl_min"], numbers["trl_max"], problems, within=_LEVELS
        )
        money_low, money_high = _range(
            "金额", numbers["money_min"], numbers["money_max"], problems, within=(0, math.inf)
        )
        condition = Filter(
            chains=chosen["chain"],
            regions=chosen["region"],
            coop_modes=chosen["coop_mode"],
            trl_low=None if trl_low is None else int(trl_low),
            trl_high=None if trl_high is None else int(trl_high),
            money_low=money_low,
            money_high=money_high,
        )
        wanted = str(data.get("top_k") or "")
        top_k = int(wanted) if wanted in map(str, _TOP_K) else _TOP_K[0]
        return cls(chosen, numbers, top_k, condition, tuple(problems))

    @property
    def top_k_choices(self) -> tuple[int, ...]:
        """The numbers of results that may be asked for."""
        return _TOP_K

    def query_string(self, **extra: str) -> str:
        """These choices as a query string with a leading `?`; empty when there are none."""
        pairs = [(name, value) for name, values in self.chosen.items() for value in values]
        pairs += [(name, value) for name, value in self.numbers.items() if value]
        if self.top_k != _TOP_K[0]:
            pairs.append(("top_k", str(self.top_k)))
        pairs += [(name, value) for name, value in extra.items() if value]
        return f"?{urlencode(pairs)}" if pairs else ""

    def hidden(self) -> list[tuple[str, str]]:
        """These choices as names and values of hidden fields."""
        pairs = [(name, value) for name, values in self.chosen.items() for value in values]
        return pairs + [(name, value) for name, value in self.numbers.items() if value]


def relaxed(condition: Filter) -> dict[str, Filter]:
    """For each condition that is set: its Chinese name and the filter without it."""
    without = {
        CONDITION_LABELS[name]: replace(condition, **fields)  # type: ignore[arg-type]
        for name, fields in _CONDITIONS.items()
    }
    return {label: filter_ for label, filter_ in without.items() if filter_ != condition}


def options(name: str, chosen: tuple[str, ...]) -> list[tuple[str, str]]:
    """Codes and labels to choose from: of regions those of the province, and whatever is chosen."""
    labels = taxonomy(_LISTS[name]).labels
    offered = {
        code: label
        for code, label in labels.items()
        if name != "region" or code.startswith(SICHUAN) or code == _CHONGQING
    }
    return [*offered.items(), *((c, labels.get(c, c)) for c in chosen if c not in offered)]


def _range(
    label: str, low: str, high: str, problems: list[str], *, within: tuple[float, float]
) -> tuple[float | None, float | None]:
    try:
        bounds = [float(text) if text else None for text in (low, high)]
    except ValueError:
        problems.append(f"{label}只填数字，这一项没有用来筛选")
        return None, None
    given = [b for b in bounds if b is not None]
    if any(not math.isfinite(b) or not within[0] <= b <= within[1] for b in given):
        allowed = "不能是负数" if math.isinf(within[1]) else f"应在 {within[0]}–{within[1]} 之间"
        problems.append(f"{label}{allowed}，这一项没有用来筛选")
        return None, None
    if sorted(given) != given:
        problems.append(f"{label}下限大于上限，这一项没有用来筛选")
        return None, None
    return bounds[0], bounds[1]
