"""Needs and achievements: one router per kind, made by one function."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Header, Query, Response
from pydantic import BaseModel, ValidationError
from sqlmodel import col, or_, select

from corpora.problems import field_problems
from corpora.records import POSTINGS, Record
from corpora.taxonomy import taxonomy
from matcher.analyzer import normalise
from matcher.filters import Filter
from matcher.index import embed_listings
from matcher.listing import KINDS, Kind
from service import store
from service.access import Principal, Role
from service.api.query import FacetFilter, decode_cursor, encode_cursor
from service.context import Context, Ctx
from service.db import reading, writing
from service.disclosure import Reader, View, reading_as
from service.errors import FieldProblem, InvalidRecordError, Problem
from service.guard import Asker, Caller
from service.masking import masked
from service.store import Poster
from service.tables import ListingRow
from service.twins import listing_of
from service.versions import version_of

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in {
        401: "没有登录，或令牌无效",
        403: "没有权限",
        404: "没有这条记录",
        409: "编号已被占用",
        412: "版本已过期",
        422: "内容未通过校验",
        503: "服务尚未就绪",
    }.items()
}
_TWINS_WAIT_SECONDS = 1.0


class Saved(BaseModel):
    """What the service adds to a record."""

    id: str
    kind: Kind
    status: str
    version: int
    seq: int
    created_at: datetime
    updated_at: datetime
    masked: bool
    """Whether only the masked view is shown."""


_DAYS = ("published_at", "confirmed_at", "expires_at")


class Page(BaseModel):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[dict[str, Any]]
    next_cursor: str | None


def invalid(error: ValidationError, kind: Kind) -> InvalidRecordError:
    """The refused fields of a record as a problem; what was put in is not repeated."""
    problems = [
        FieldProblem(field=" ".join(p.fields), problem=f"{p.label}：{p.problem}", cure=p.cure)
        for p in field_problems(error, kind)
    ]
    return InvalidRecordError(
        f"{len(problems)} 个字段未通过校验", cure="按 errors 逐项修改后重新提交", errors=problems
    )


def posted(kind: Kind, data: Any) -> Record:  # noqa: ANN401  (whatever JSON a client sends)
    """A record fit to be stored from JSON or form data; raises InvalidRecordError."""
    try:
        return POSTINGS[kind].model_validate(data)
    except ValidationError as error:
        raise invalid(error, kind) from error


def presented(view: View) -> dict[str, Any]:
    """A record as the API shows it: what its reader may see, and what the service adds."""
    saved = Saved(**{name: getattr(view, name) for name in Saved.model_fields})
    days = {
        name: value and value.date().isoformat() for name in _DAYS if (value := getattr(view, name))
    }
    stated = {name: value for name, value in view.stated.items() if name not in _DAYS}
    named = {KINDS[view.kind].id_field: view.id, "disclosure": view.disclosure}
    return {**stated, **days, **named, **saved.model_dump(mode="json")}


def own_view(ctx: Context, asker: Caller, row: ListingRow) -> View:
    """The view of a record that the caller has just written, who therefore sees it."""
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        found = reader.view(row)
    return found if found is not None else store.missing(Kind(row.kind), row.id)


def poster_of(principal: Principal) -> Poster:
    """Who owns what `principal` posts; an administrator posts for the house."""
    bound = principal.role is not Role.ADMIN
    return Poster(principal.organisation_id, principal.user_id or None, bound)


def suspected_twins(ctx: Context, record: Record) -> list[dict[str, Any]] | None:
    """Public records that read nearly the same, before `record` is stored; None where the index
    of twins is still being built. Others are not in that index: likeness would tell of them."""
    book = ctx.replica.twins
    if not book.ready(_TWINS_WAIT_SECONDS):
        return None
    return [twin.row() for twin in book.twins(listing_of(record))]


def save_new(ctx: Context, kind: Kind, record: Record, principal: Principal) -> ListingRow:
    """Encode, then store in one transaction, then wake the indexer."""
    embed_listings([record.to_listing(record.id or "new")], ctx.encoder)
    with writing(ctx.engine) as session:
        row = store.create(session, kind, record, poster_of(principal))
    ctx.replica.notify()
    return row


def save_changed(
    ctx: Context,
    kind: Kind,
    id_: str,
    changes: dict[str, Any],
    expected: int | None,
    principal: Principal,
) -> ListingRow:
    """Merge `changes` into the stored record; a null removes a field. A status among them is
    reached by the event that leads there."""
    id_field = KINDS[kind].id_field
    with reading(ctx.engine) as session:
        row = store.get(session, kind, id_)
        base, version = dict(row.record), row.version
    merged = {name: value for name, value in {**base, **changes}.items() if value is not None}
    record = posted(kind, {**merged, id_field: id_})
    embed_listings([record.to_listing(id_)], ctx.encoder)
    with writing(ctx.engine) as session:
        # the merge rests on what was read: another change in between must not be lost
        row = store.update(
            session,
            store.get(session, kind, id_, lock=True),
            record,
            version if expected is None else expected,
            poster_of(principal),
            record.status if changes.get("status") else None,
        )
    ctx.replica.notify()
    return row


def find_views(
    reader: Reader,
    kind: Kind,
    *,
    text: str = "",
    condition: Filter,
    status: str = "published",
    after: str | None = None,
    limit: int = 50,
) -> list[View]:
    """Records of `kind` that the reader may know of, by id; `text` is split at spaces and every
    part must occur in what he may read."""
    query = select(ListingRow).where(ListingRow.kind == kind, reader.visible)
    if status != "any":
        query = query.where(ListingRow.status == status)
    for word in normalise(text).split():
        query = query.where(reader.search_text.contains(word, autoescape=True))
    query = _faceted(query, condition)
    if after is not None:
        query = query.where(ListingRow.id > after)
    rows = reader.session.exec(query.order_by(col(ListingRow.id)).limit(limit))
    return [view for row in rows if (view := reader.view(row)) is not None]


def _faceted(query: Any, condition: Filter) -> Any:  # noqa: ANN401  (a Select of a Select type)
    for column, wanted in (
        (ListingRow.chain, condition.chains),
        (ListingRow.region, condition.regions),
    ):
        if wanted:
            query = query.where(col(column).in_(wanted))
    if condition.coop_modes:
        query = query.where(
            or_(*(col(ListingRow.coop_modes).contains(f"|{m}|") for m in condition.coop_modes))
        )
    for low_column, high_column, low, high in (
        (ListingRow.trl_low, ListingRow.trl_high, condition.trl_low, condition.trl_high),
        (ListingRow.money_low, ListingRow.money_high, condition.money_low, condition.money_high),
    ):
        if low is not None or high is not None:
            query = query.where(or_(col(low_column).is_not(None), col(high_column).is_not(None)))
        if low is not None:
            query = query.where(or_(col(high_column).is_(None), col(high_column) >= low))
        if high is not None:
            query = query.where(or_(col(low_column).is_(None), col(low_column) <= high))
    return query


EXAMPLES: dict[Kind, dict[str, Any]] = {
    Kind.NEED: {
        "水泵密封": {
            "value": {
                "title": "矿浆泵轴封两周就漏，停一次机八小时",
                "problem_statement": "选厂六台渣浆泵输送含石英砂的矿浆，轴封最长撑十六天就开始滴漏，"
                "换一次停机八小时。希望寿命到三个月以上，不改泵体，不另接冷却水。",
                "region_code": "510400",
                "industry_chain": "equipment",
                "budget_max_cny_wan": 80,
                "duration_months": 8,
                "coop_modes": ["joint_dev", "licence"],
            }
        }
    },
    Kind.ACHIEVEMENT: {
        "机械密封": {
            "value": {
                "title": "含固介质用碳化硅副机械密封的端面织构设计",
                "abstract": "在碳化硅密封端面加工螺旋槽与环形坝组合织构，借流体动压将颗粒排出密封间隙；"
                "含砂 18 % 的台架试验连续运转 2600 h，泄漏量低于 3 mL/h。",
                "region_code": "510100",
                "industry_chain": "equipment",
                "trl": 7,
                "coop_modes": ["licence"],
            }
        }
    },
}


def json_body(schema: dict[str, Any], examples: dict[str, Any]) -> dict[str, Any]:
    """The request body of an operation for OpenAPI: records are validated by `posted`, which
    reports every field in Chinese with its cure."""
    content = {"application/json": {"schema": _inlined(schema), "examples": examples}}
    return {"requestBody": {"required": True, "content": content}}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """`schema` with its `$defs` in place of the references: an operation has no `$defs`."""
    definitions = schema.get("$defs", {})

    def resolve(node: Any) -> Any:  # noqa: ANN401  (any JSON)
        if isinstance(node, list):
            return [resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            return resolve(definitions[node["$ref"].rpartition("/")[2]])
        return {key: resolve(value) for key, value in node.items() if key != "$defs"}

    inlined: dict[str, Any] = resolve(schema)
    return inlined


def router_for(kind: Kind) -> APIRouter:
    """Create, read, list, change and delete for one kind."""
    spec = KINDS[kind]
    posting = POSTINGS[kind]
    router = APIRouter(prefix=f"/{spec.plural}", tags=[spec.plural], responses=PROBLEMS)

    @router.post(
        "",
        status_code=201,
        summary=f"发布{spec.label_zh}",
        description="单位成员发布的记录先进入待审核（status 填 draft 则存为草稿）；管理员直接发布。"
        "`suspected_twins` 列出已发布的近似记录（编号、名称、相似度）；近似不影响发布，"
        "null 表示查重索引还在建立。",
        name=f"create_{kind.value}",
        openapi_extra=json_body(posting.model_json_schema(), EXAMPLES[kind]),
    )
    def create(
        ctx: Ctx,
        asker: Asker,
        response: Response,
        body: Annotated[dict[str, Any], Body()],
    ) -> dict[str, Any]:
        record = posted(kind, body)
        twins = suspected_twins(ctx, record)
        row = save_new(ctx, kind, record, asker.principal)
        # an id may hold any character, a header only some
        response.headers["Location"] = f"/api/{spec.plural}/{quote(row.id, safe='')}"
        response.headers["ETag"] = f'"{row.version}"'
        return presented(own_view(ctx, asker, row)) | {"suspected_twins": twins}

    @router.post(
        "/mask",
        summary=f"预览{spec.label_zh}脱敏后的样子",
        description="字段与发布相同；不保存。公开程度为脱敏（masked）时，别人只看得到这里返回的内容。",
        name=f"mask_{kind.value}",
        openapi_extra=json_body(posting.model_json_schema(), EXAMPLES[kind]),
    )
    def mask(body: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
        seen = masked(posted(kind, body))
        return seen.model_dump(mode="json", exclude_defaults=True)

    @router.get("", response_model=Page, summary=f"{spec.label_zh}列表", name=f"list_{spec.plural}")
    def list_(
        ctx: Ctx,
        asker: Asker,
        condition: FacetFilter,
        q: Annotated[str, Query(max_length=200, description="全文检索，空格分隔，须全部出现")] = "",
        status: Annotated[str, Query(description="状态；any 表示不限")] = "published",
        cursor: Annotated[str | None, Query(max_length=400)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page:
        after = decode_cursor(cursor) if cursor else None
        wanted = status if status == "any" else taxonomy("status").resolve(status) or status
        with reading_as(ctx.engine, asker.principal, asker.key) as reader:
            found = find_views(
                reader,
                kind,
                text=q,
                condition=condition,
                status=wanted,
                after=after,
                limit=limit + 1,
            )
        items = [presented(view) for view in found[:limit]]
        more = len(found) > limit
        return Page(items=items, next_cursor=encode_cursor(found[limit - 1].id) if more else None)

    @router.get("/{id}", summary=f"读取{spec.label_zh}", name=f"read_{kind.value}")
    def read(ctx: Ctx, asker: Asker, id: str, response: Response) -> dict[str, Any]:  # noqa: A002
        with reading_as(ctx.engine, asker.principal, asker.key) as reader:
            view = reader.get(kind, id)
        response.headers["ETag"] = f'"{view.version}"'
        return presented(view)

    @router.patch(
        "/{id}",
        summary=f"修改{spec.label_zh}",
        description="给出的字段替换原值，null 表示清空；可用 If-Match 带上读取时的版本。"
        "单位成员修改已发布的记录后，记录回到待审核，审核通过前不参与匹配。",
        name=f"change_{kind.value}",
    )
    def change(
        ctx: Ctx,
        asker: Asker,
        id: str,  # noqa: A002
        body: Annotated[dict[str, Any], Body(examples=[{"budget_max_cny_wan": 200}])],
        response: Response,
        if_match: Annotated[str | None, Header()] = None,
    ) -> dict[str, Any]:
        row = save_changed(ctx, kind, id, body, version_of(if_match), asker.principal)
        response.headers["ETag"] = f'"{row.version}"'
        return presented(own_view(ctx, asker, row))

    @router.delete(
        "/{id}", status_code=204, summary=f"删除{spec.label_zh}", name=f"delete_{kind.value}"
    )
    def delete(
        ctx: Ctx,
        id: str,  # noqa: A002
        if_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        with writing(ctx.engine) as session:
            row = store.get(session, kind, id, lock=True)
            seq = store.delete(session, row, version_of(if_match))
        ctx.replica.notify()
        return Response(status_code=204, headers={"X-Jiebang-Seq": str(seq)})

    return router
