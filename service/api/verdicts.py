"""Verdicts of judges on pairs; they become qrels."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from corpora.taxonomy import taxonomy
from matcher.listing import Kind
from service import store
from service.access import HOUSE, Principal, Role
from service.api.listings import PROBLEMS
from service.cases.agreement import agreements, pooled, stored_grades
from service.context import Context, Ctx
from service.db import reading, writing
from service.disclosure import Reader, Sight, reading_as
from service.errors import FieldProblem, ForbiddenError, InvalidRecordError
from service.guard import Asker
from service.qrels import qrels
from service.tables import EVENT_JUDGE, ListingRow, Tier, VerdictRow, now

router = APIRouter(prefix="/verdicts", tags=["verdicts"], responses=PROBLEMS)


class VerdictIn(BaseModel):
    """A grade for a pair: 3 solves it, 2 with a gap, 1 related, 0 not useful."""

    model_config = {
        "extra": "forbid",
        "json_schema_extra": {
            "examples": [
                {
                    "need_id": "N0001",
                    "achievement_id": "A0001",
                    "grade": 0,
                    "reason_code": "out_of_scope",
                    "judge": "技术经理人甲",
                }
            ]
        },
    }

    need_id: Annotated[str, Field(min_length=1, max_length=200)]
    achievement_id: Annotated[str, Field(min_length=1, max_length=200)]
    grade: Annotated[int, Field(ge=0, le=3, strict=True)]
    reason_code: Annotated[str | None, Field(max_length=40)] = None
    note: Annotated[str, Field(max_length=1000)] = ""
    judge: Annotated[str, Field(min_length=1, max_length=60)] = "anonymous"


class VerdictOut(VerdictIn):
    """A stored verdict."""

    at: datetime


def save_verdict(ctx: Context, body: VerdictIn, principal: Principal) -> VerdictRow:
    """Store or replace the judge's grade of a pair that exists; raises for an unknown reason, and
    ForbiddenError for the grade of another user."""
    with writing(ctx.engine) as session:
        return put_verdict(session, body, principal)


def put_verdict(session: Session, body: VerdictIn, principal: Principal) -> VerdictRow:
    """`save_verdict` in the caller's transaction."""
    if body.judge.startswith(EVENT_JUDGE):
        raise InvalidRecordError(
            f"评价人名称不能以“{EVENT_JUDGE}”开头", cure="这类评价由活动反馈写入；换一个名称"
        )
    reason = _reason(body.reason_code)
    store.get(session, Kind.NEED, body.need_id)
    store.get(session, Kind.ACHIEVEMENT, body.achievement_id)
    row = session.exec(
        select(VerdictRow).where(
            VerdictRow.need_id == body.need_id,
            VerdictRow.achievement_id == body.achievement_id,
            VerdictRow.judge == body.judge,
        )
    ).first() or VerdictRow.model_validate(body.model_dump())
    if row.user_id not in (None, principal.user_id) and principal.role is not Role.ADMIN:
        raise ForbiddenError(
            f"评价人“{body.judge}”的这一评价是别人记的",
            cure="换一个评价人名称",
            missing={"owner": "记下这一评价的用户"},
        )
    row.user_id = row.user_id or principal.user_id
    row.grade, row.reason_code, row.note, row.at = body.grade, reason, body.note, now()
    session.add(row)
    return row


def _reason(given: str | None) -> str | None:
    """The code of a reason; raises InvalidRecordError for one that is not in the list."""
    if not given:
        return None
    reasons = taxonomy("reason")
    code = reasons.resolve(given)
    if code is None:
        raise InvalidRecordError(
            "没有这个理由代码",
            cure=f"可用：{'、'.join(reasons.labels)}",
            errors=[FieldProblem(field="reason_code", problem="不在理由代码表里")],
        )
    return code


@router.post("", status_code=201, response_model=VerdictOut, summary="给一对供需打分")
def create(ctx: Ctx, asker: Asker, body: VerdictIn) -> VerdictRow:
    """Grade a pair; the same judge's earlier grade of it is replaced."""
    return save_verdict(ctx, body, asker.principal)


@router.get("/qrels", summary="导出 qrels", response_class=PlainTextResponse)
def export(ctx: Ctx, asker: Asker) -> PlainTextResponse:
    """Grades of pairs as tab-separated qrels, for evaluation."""
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        text = qrels(reader.session, hidden=_hidden(reader))
    headers = {"Content-Disposition": 'attachment; filename="qrels.tsv"'}
    return PlainTextResponse(text, headers=headers, media_type="text/tab-separated-values")


class AgreementOut(BaseModel):
    """Cohen's kappa of every two judges, and the mean of the weighted ones."""

    pooled: float | None
    judges: list[dict[str, Any]]


@router.get("/agreement", response_model=AgreementOut, summary="评价人之间的一致程度")
def agreement(ctx: Ctx) -> AgreementOut:
    """Cohen's kappa on the pairs that two judges both graded."""
    with reading(ctx.engine) as session:
        found = agreements(stored_grades(session))
    return AgreementOut(pooled=pooled(found), judges=[asdict(one) for one in found])


@router.get("", response_model=list[VerdictOut], summary="查看打分")
def list_(
    ctx: Ctx,
    asker: Asker,
    need_id: Annotated[str | None, Query(max_length=200)] = None,
    achievement_id: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[VerdictRow]:
    """Verdicts, newest first, on pairs of which the reader may read both records."""
    return find(ctx, asker.principal, need_id, achievement_id, limit)


def find(
    ctx: Context,
    principal: Principal,
    need_id: str | None = None,
    achievement_id: str | None = None,
    limit: int = 200,
) -> list[VerdictRow]:
    """The verdicts that `principal` may see: a note may quote the records that it is about."""
    query = select(VerdictRow).order_by(col(VerdictRow.at).desc(), col(VerdictRow.id).desc())
    if need_id is not None:
        query = query.where(VerdictRow.need_id == need_id)
    if achievement_id is not None:
        query = query.where(VerdictRow.achievement_id == achievement_id)
    with reading(ctx.engine) as session:
        hidden = _hidden(Reader(session, principal))
        query = query.where(
            col(VerdictRow.need_id).not_in(hidden[Kind.NEED]),
            col(VerdictRow.achievement_id).not_in(hidden[Kind.ACHIEVEMENT]),
        )
        return list(session.exec(query.limit(limit)))


def _hidden(reader: Reader) -> dict[Kind, list[str]]:
    """Ids of the records that the reader may not read in full although somebody grades them."""
    if reader.principal.role in HOUSE:
        return {kind: [] for kind in Kind}
    rows = reader.session.exec(
        select(ListingRow).where(col(ListingRow.disclosure) != Tier.PUBLIC.value)
    ).all()
    return {
        kind: [row.id for row in rows if row.kind == kind and reader.sight(row) < Sight.FULL]
        for kind in Kind
    }
