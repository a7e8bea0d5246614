"""The check-up of a draft need over HTTP. Nothing of the draft is stored or logged."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import BaseModel, Field, ValidationError

from corpora.records import NeedRecord
from matcher.checkup import Severity, check
from matcher.listing import KINDS, Kind
from service.api.listings import PROBLEMS, invalid, json_body, suspected_twins
from service.checkup import checkup_row, draft_of
from service.context import Ctx

_PLURAL = KINDS[Kind.NEED].plural

router = APIRouter(prefix=f"/{_PLURAL}", tags=[_PLURAL], responses={422: PROBLEMS[422]})


class FindingOut(BaseModel):
    """One gap in a draft."""

    code: str
    severity: Severity
    field: Annotated[str, Field(description="答案该填在哪个字段")]
    message: str
    question: str


class TwinOut(BaseModel):
    """A published need that reads nearly the same; `similarity` is the Jaccard of 5-grams."""

    id: str
    title: str
    similarity: float


class CheckupOut(BaseModel):
    """What a draft leaves open; 100 points where nothing."""

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "score": 60,
                    "findings": [
                        {
                            "code": "no_indicator",
                            "severity": "major",
                            "field": "targets",
                            "message": "没有可以衡量的目标",
                            "question": "目前的良品率是多少？希望做到多少？",
                        }
                    ],
                    "suspected_twins": [
                        {"id": "N0001", "title": "提升冲压件的质量", "similarity": 0.72}
                    ],
                }
            ]
        }
    }

    score: Annotated[int, Field(ge=0, le=100)]
    findings: list[FindingOut]
    suspected_twins: Annotated[
        list[TwinOut] | None, Field(description="已发布的近似需求；null 表示查重索引还在建立")
    ]


EXAMPLES: dict[str, Any] = {
    "只有形容词的草稿": {
        "value": {
            "title": "提升冲压件质量",
            "problem_statement": "寻求国内领先的工艺，大幅提高冲压件良品率。",
            "budget_max_cny_wan": 80,
        }
    }
}


@router.post(
    "/check",
    response_model=CheckupOut,
    summary="需求体检：缺什么、哪里含糊、该问什么",
    description="字段与发布需求相同，全部可不填。草稿不保存、不记入日志，联系方式不回显；涉密内容一律拒收。",
    name="check_need",
    openapi_extra=json_body(NeedRecord.model_json_schema(), EXAMPLES),
)
def check_draft(ctx: Ctx, body: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Score, questions and suspected twins for a draft."""
    try:
        need = NeedRecord.model_validate(body)
    except ValidationError as error:
        raise invalid(error, Kind.NEED) from error
    return checkup_row(check(draft_of(need))) | {"suspected_twins": suspected_twins(ctx, need)}
