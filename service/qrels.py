"""Verdicts as qrels, the judgements that evaluation reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlmodel import Session, col, select

from matcher.listing import Kind
from service.tables import VerdictRow


def qrels(
    session: Session,
    hidden: Mapping[Kind, Collection[str]] | None = None,
    judges: int = 1,
) -> str:
    """Lines of query-id, corpus-id and score under a header, by ids, without `hidden` records.

    A pair has the median of the grades that its judges gave, the lower of two in the middle; one
    that fewer than `judges` graded is left out.
    """
    rows = session.exec(
        select(VerdictRow).order_by(
            col(VerdictRow.need_id), col(VerdictRow.achievement_id), col(VerdictRow.grade)
        )
    ).all()
    grades: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        if hidden and (
            row.need_id in hidden[Kind.NEED] or row.achievement_id in hidden[Kind.ACHIEVEMENT]
        ):
            continue
        grades.setdefault((row.need_id, row.achievement_id), []).append(row.grade)
    lines = ["query-id\tcorpus-id\tscore"]
    for (need, achievement), given in grades.items():
        if len(given) < judges:
            continue
        lines.append(f"{need}\t{achievement}\t{given[(len(given) - 1) // 2]}")
    return "\n".join(lines) + "\n"
