"""A form of the account pages: what was typed, and what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.datastructures import FormData

from service.errors import FieldProblem, InvalidRecordError
from service.web.rendering import text_of


@dataclass(frozen=True)
class Filling:
    """Values by field name, without passwords, and what is wrong by field name."""

    values: dict[str, object] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, form: FormData, names: Sequence[str]) -> Filling:
        """What stands in the fields `names`; the empty text where nothing does."""
        return cls({name: text_of(form, name) for name in names})

    @staticmethod
    def secret(form: FormData, name: str = "password") -> str:
        """A password exactly as it was typed; it is in no `Filling`."""
        value = form.get(name)
        return value if isinstance(value, str) else ""

    def value(self, name: str) -> str:
        """What stands in a field."""
        return str(self.values.get(name, ""))

    def refused(self, error: InvalidRecordError) -> Filling:
        """The same with what is wrong."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        problems: list[FieldProblem] = error.extensions.get("errors", [])
        for problem in problems:
            found[problem.field].append(problem.problem)
        return Filling(self.values, dict(found) or {"": [error.detail]})
