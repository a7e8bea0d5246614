"""Filter parameters shared by lists and matches, and cursors."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import Depends, Query

from corpora.taxonomy import taxonomy
from matcher.filters import Filter
from service.errors import JiebangError


def _codes(name: str, values: list[str]) -> tuple[str, ...]:
    """Codes of a taxonomy for codes or labels; a value outside the list filters as it stands."""
    known = taxonomy(name)
    return tuple(known.resolve(value) or value for value in values)


def facet_filter(
    chain: Annotated[
        list[str], Query(description="产业链：代码或中文名，可重复", examples=[["battery"]])
    ] = [],  # noqa: B006  (FastAPI copies defaults)
    region: Annotated[
        list[str], Query(description="市州：代码或名称，可重复", examples=[["510100", "绵阳"]])
    ] = [],  # noqa: B006
    coop_mode: Annotated[list[str], Query(description="合作方式，满足其一即可")] = [],  # noqa: B006
    trl_min: Annotated[int | None, Query(ge=1, le=9, description="成熟度下限")] = None,
    trl_max: Annotated[int | None, Query(ge=1, le=9, description="成熟度上限")] = None,
    money_min: Annotated[
        float | None, Query(ge=0, allow_inf_nan=False, description="预算或报价下限，万元")
    ] = None,
    money_max: Annotated[
        float | None, Query(ge=0, allow_inf_nan=False, description="预算或报价上限，万元")
    ] = None,
) -> Filter:
    """The filter that the query parameters describe."""
    return Filter(
        chains=_codes("chain", chain),
        regions=_codes("region", region),
        coop_modes=_codes("coop_mode", coop_mode),
        trl_low=trl_min,
        trl_high=trl_max,
        money_low=money_min,
        money_high=money_max,
    )


FacetFilter = Annotated[Filter, Depends(facet_filter)]
TopK = Annotated[int, Query(ge=1, le=200, description="返回的条数")]


def encode_cursor(id_: str) -> str:
    """An opaque cursor after the record `id_`."""
    return base64.urlsafe_b64encode(id_.encode()).decode().rstrip("=")


def decode_cursor(cursor: str) -> str:
    """The id in a cursor; raises JiebangError for anything else."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        msg = "cursor 无效"
        raise JiebangError(msg, cure="用上一页返回的 next_cursor，不要自行拼写") from error
