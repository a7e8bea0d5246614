"""Matches of stored listings and of texts that are not stored, in both directions."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from matcher.listing import KINDS, Direction, Kind, Listing
from service.answers import Asked, Asking, Shown
from service.api.listings import PROBLEMS
from service.api.query import FacetFilter, TopK
from service.context import Context, Ctx
from service.disclosure import reading_as
from service.errors import NotFoundError
from service.guard import Asker, Caller
from service.present import CONDITION_LABELS, answer_row, match_row

_TEXT_LIMIT = 20_000


class AnswerOut(BaseModel):
    """Ranked counterparts of one query, and what they were computed from."""

    model_config = {"extra": "allow"}

    answered: bool
    matches: list[dict[str, Any]]
    corpus_size: int
    seq: int
    encoder: str
    config: str


class TextQuery(BaseModel):
    """A text to match without storing it."""

    model_config = {"extra": "forbid"}

    direction: Direction = Direction.NEED_TO_ACHIEVEMENT
    title: Annotated[str, Field(max_length=200)] = ""
    text: Annotated[str, Field(min_length=2, max_length=_TEXT_LIMIT, pattern=r"\S")]
    top_k: Annotated[int, Field(ge=1, le=200, strict=True)] = 10
    explain: Annotated[bool, Field(strict=True)] = False


Explain = Annotated[bool, Query(description="是否附上理由")]
MinSeq = Annotated[int | None, Query(ge=0, description="须已反映的变更号（发布时返回的 seq）")]


def stored(ctx: Context, asker: Caller, kind: Kind, id_: str, min_seq: int | None) -> Asked:
    """A stored record in any state as a query.

    Raises NotFoundError, and before that what `Context.matcher` raises.
    """
    ctx.matcher(min_seq)
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        return Asked.of(reader.get(kind, id_))


def answer_out(ctx: Context, shown: Shown) -> dict[str, Any]:
    """An answer with its provenance."""
    answer = shown.answer
    rows = answer_row(answer)
    for row, match in zip(rows["matches"], answer.matches, strict=True):
        row["masked"] = shown.masked(match.listing.id)
    return rows | {
        "corpus_size": answer.corpus_size,
        "seq": answer.watermark,
        "encoder": ctx.encoder.fingerprint,
        "config": ctx.replica.config.fingerprint,
    }


def router_for(kind: Kind) -> APIRouter:
    """Matches of stored listings of `kind`."""
    spec = KINDS[kind]
    other = KINDS[spec.counterpart]
    router = APIRouter(prefix=f"/{spec.plural}", tags=["matches"], responses=PROBLEMS)

    @router.get(
        "/{id}/matches",
        response_model=AnswerOut,
        summary=f"{spec.label_zh}的匹配结果",
        name=f"{kind.value}_matches",
    )
    def matches(
        ctx: Ctx,
        asker: Asker,
        id: str,  # noqa: A002
        condition: FacetFilter,
        top_k: TopK = 10,
        explain: Explain = False,
        min_seq: MinSeq = None,
    ) -> dict[str, Any]:
        shown = Asking(ctx, asker.principal, asker.key).match(
            stored(ctx, asker, kind, id, min_seq),
            top_k=top_k,
            condition=condition,
            explain=explain,
            min_seq=min_seq,
        )
        return answer_out(ctx, shown)

    @router.get(
        "/{id}/matches/{other_id}",
        summary=f"某条{other.label_zh}为什么在或不在结果里",
        name=f"{kind.value}_match_position",
    )
    def position(
        ctx: Ctx,
        asker: Asker,
        id: str,  # noqa: A002
        other_id: str,
        condition: FacetFilter,
        min_seq: MinSeq = None,
    ) -> dict[str, Any]:
        query = stored(ctx, asker, kind, id, min_seq)
        asking = Asking(ctx, asker.principal, asker.key)
        try:
            found = asking.position(query, other_id, condition, min_seq)
        except KeyError as error:
            msg = f"{other_id} 不在可匹配的{other.label_zh}里"
            raise NotFoundError(
                msg, cure="核对编号；未发布、已撤回或刚发布的记录不参与匹配"
            ) from error
        return {
            spec.id_field: id,
            other.id_field: other_id,
            "rank": found.rank,
            "rank_without_filters": found.match.rank,
            "corpus_size": found.corpus_size,
            "score": found.match.score,
            "failed_filters": [
                {"filter": name, "label": CONDITION_LABELS[name]} for name in found.failed_filters
            ],
            "match": match_row(query.listing, found.match),
        }

    return router


text_router = APIRouter(tags=["matches"], responses=PROBLEMS)


@text_router.post("/match", response_model=AnswerOut, summary="匹配一段不入库的文字")
def match_text(ctx: Ctx, asker: Asker, body: TextQuery, condition: FacetFilter) -> dict[str, Any]:
    """Match `text` as a need or an achievement; nothing of it is stored or logged."""
    listing = Listing("query", body.direction.query_kind, body.title, body.text)
    shown = Asking(ctx, asker.principal, asker.key).match(
        Asked(listing), top_k=body.top_k, condition=condition, explain=body.explain
    )
    return answer_out(ctx, shown)
