"""需求体检: what a draft of a need leaves out or leaves vague, with a question for each gap.

Nothing here judges whether a need is worth solving; the score only says how much a solver could
read from it. See `matcher.checkup.rules` for the table of rules and weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from matcher.checkup.draft import Draft
from matcher.checkup.rules import RULES, SEVERITY_ZH, Context, Severity

__all__ = ["RULES", "SEVERITY_ZH", "Checkup", "Draft", "Finding", "Severity", "check"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One gap: what is missing (`message`), where the answer belongs and what to ask.

    `field` is the name of a record field. Message and question are Simplified Chinese.
    """

    code: str
    severity: Severity
    field: str
    message: str
    question: str


@dataclass(frozen=True, slots=True)
class Checkup:
    """The score, 0 to 100, and what keeps it from 100, in the order of `RULES`."""

    score: int
    findings: tuple[Finding, ...]


def check(need: Draft) -> Checkup:
    """Check a draft, however little of it there is."""
    context = Context.of(need)
    found = [(rule, told) for rule in RULES if (told := rule.test(context)) is not None]
    return Checkup(
        max(0, 100 - sum(rule.weight for rule, _ in found)),
        tuple(
            Finding(rule.code, rule.severity, rule.field, told.message, told.question)
            for rule, told in found
        ),
    )
