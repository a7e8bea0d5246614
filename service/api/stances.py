"""What a side says of a suggested counterpart: one router for each kind."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from matcher.listing import KINDS, Kind
from service.api.listings import PROBLEMS
from service.cases import stances
from service.cases.stances import StanceIn
from service.context import Ctx
from service.db import reading, writing
from service.guard import Asker


def router_for(kind: Kind) -> APIRouter:
    """Interest and refusal from the side of `kind`."""
    spec = KINDS[kind]
    other = KINDS[spec.counterpart]
    router = APIRouter(prefix=f"/{spec.plural}", tags=["matches"], responses=PROBLEMS)

    @router.put(
        "/{id}/matches/{other_id}/stance",
        summary=f"对某条{other.label_zh}表示有意向，或说明原因谢绝",
        name=f"{kind.value}_stance",
    )
    def put(
        ctx: Ctx,
        asker: Asker,
        id: str,  # noqa: A002
        other_id: str,
        body: StanceIn,
    ) -> dict[str, Any]:
        with writing(ctx.engine) as session:
            stances.require_record(session, kind, id)
            row = stances.put(session, kind, id, other_id, body, asker.principal)
            mutual = stances.is_mutual(session, row.need_id, row.achievement_id)
            return stances.present(row) | {"mutual": mutual}

    @router.get(
        "/{id}/stances",
        summary=f"双方对这条{spec.label_zh}的各对结果怎么说",
        name=f"{kind.value}_stances",
    )
    def list_(ctx: Ctx, id: str) -> list[dict[str, Any]]:  # noqa: A002
        with reading(ctx.engine) as session:
            stances.require_record(session, kind, id)
            return [stances.present(row) for row in stances.of_record(session, kind, id)]

    return router
