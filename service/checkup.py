"""The check-up of a need for people: records to drafts, results to rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from corpora.records import NeedRecord
from matcher.checkup import Checkup, Draft


def draft_of(need: NeedRecord) -> Draft:
    """What of a record is checked. It holds no organisation, person or contact data."""
    texts = (need.problem_statement, need.background, need.solver_requirements)
    money = (need.budget_min_cny_wan, need.budget_max_cny_wan, need.negotiable)
    return Draft(
        title=need.title,
        text="\n".join(text for text in texts if text),
        targets=tuple(str(target) for target in need.targets),
        scene=need.application_scene,
        present=need.current_state,
        tried=need.tried_solutions,
        budget_known=any(value is not None for value in money),
        term_known=need.deadline is not None or need.duration_months is not None,
        ownership_known=need.ip_ownership is not None,
        maturity_known=need.trl_min is not None,
    )


def checkup_row(checkup: Checkup) -> dict[str, Any]:
    """A check-up as JSON: the same keys in API and `jiebang check`."""
    return {
        "score": checkup.score,
        "findings": [asdict(finding) for finding in checkup.findings],
    }
