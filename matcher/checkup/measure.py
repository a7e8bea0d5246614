"""Whether a draft has a target that can be measured."""

from __future__ import annotations

from matcher.checkup.draft import Draft
from matcher.indicators import parse, requirements


def has_measurable_target(draft: Draft) -> bool:
    """Whether a line of targets states a value, or the prose demands one."""
    return any(parse(line) for line in draft.targets) or bool(requirements(draft.prose))
