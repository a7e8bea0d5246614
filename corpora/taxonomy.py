"""Lists of allowed values: codes, Chinese labels and other names, read from `taxonomies/*.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from corpora.normal import fold

SICHUAN = "51"
"""Region codes of the province and its cities begin with it."""
_REGION = "region"
_ADMINISTRATIVE_CODE = re.compile(r"\d{6}")
_BELOW_A_CITY = re.compile(r"区|县|市|旗|镇|园|州$")


class Taxonomy:
    """One list of values.

    `title` is the Chinese name of the list, `source` says where the list comes from (in English),
    `labels` maps each code to its Chinese label in the order of the file.
    """

    def __init__(self, title: str, source: str, terms: dict[str, tuple[str, list[str]]]) -> None:
        self.title = title
        self.source = source
        self.labels: dict[str, str] = {code: label for code, (label, _) in terms.items()}
        self._codes: dict[str, str] = {}
        for code, (label, _) in terms.items():
            self._codes[fold(code)] = code
            self._codes[fold(label)] = code
        for code, (_, aliases) in terms.items():
            for alias in aliases:
                # a name that is itself a code or label of another term keeps that meaning
                self._codes.setdefault(fold(alias), code)

    def __contains__(self, code: object) -> bool:
        return code in self.labels

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.labels)

    def label(self, code: str) -> str:
        """The Chinese label; a value outside the list is its own label."""
        return self.labels.get(code, code)

    def resolve(self, text: str) -> str | None:
        """The code that `text` (code, label or other name, in any spelling) stands for, or None."""
        return self._codes.get(fold(text))


class Regions(Taxonomy):
    """Administrative divisions down to prefectures; what lies in one is resolved to it."""

    def resolve(self, text: str) -> str | None:
        """Besides: `四川省成都市`, `成都市武侯区`, `成都高新区` and 510107 give 510100."""
        found = super().resolve(text)
        if found is not None:
            return found
        name = re.sub(r"[/,、>]", "", fold(text))
        if _ADMINISTRATIVE_CODE.fullmatch(name):
            return next((c for c in (name[:4] + "00", name[:2] + "0000") if c in self.labels), None)
        place = self._longest_prefix(name)
        if place is None:
            return None
        code, rest = self._codes[place], name[len(place) :]
        if rest and code.endswith("0000"):
            inner = self._longest_prefix(rest)
            if inner is not None and self._codes[inner][:2] == code[:2]:
                return self._codes[inner]
        if not rest or place == fold(self.labels[code]) or _BELOW_A_CITY.search(rest):
            return code
        return None

    def _longest_prefix(self, name: str) -> str | None:
        lengths = range(min(len(name), 16), 1, -1)
        return next((name[:n] for n in lengths if name[:n] in self._codes), None)


@cache
def names() -> tuple[str, ...]:
    """Names of all lists."""
    found = (entry.name for entry in files("corpora").joinpath("taxonomies").iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in found if n.endswith(".toml")))


@cache
def taxonomy(name: str) -> Taxonomy:
    """The list called `name`, read once. Raises KeyError when there is none."""
    if name not in names():
        raise KeyError(name)
    path = files("corpora").joinpath("taxonomies", f"{name}.toml")
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    terms = {code: (term["label"], term["aliases"]) for code, term in content["terms"].items()}
    kind = Regions if name == _REGION else Taxonomy
    return kind(content["title"], " ".join(content["source"].split()), terms)


def fit_labels() -> dict[str, str]:
    """Chinese labels of the codes that the reasons of structured fit name; the lists share none."""
    names = ("chain", "region", "coop_mode", "ip_ownership")
    return {code: label for name in names for code, label in taxonomy(name).labels.items()}
