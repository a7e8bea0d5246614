"""Cases of technology managers as a board, as a list and one by one; to-dos."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from matcher.listing import Kind
from service import sided
from service.answers import Asking
from service.api.cases import code_of
from service.api.cases import whole as whole_case
from service.cases import cases, todos
from service.cases.flow import CaseFlow
from service.cases.inputs import CaseChange, CaseEventIn, CaseIn, HandOver, TodoChange, TodoIn
from service.cases.tables import CaseRow
from service.context import Context, Ctx
from service.db import reading, writing
from service.disclosure import View
from service.errors import ConflictError, JiebangError
from service.guard import Asker, Caller
from service.inputs import today
from service.web.acting import acted, contract
from service.web.desk import Sides
from service.web.facets import options
from service.web.forms import checked, whole
from service.web.rendering import Form, page, text_of
from service.workflow import state_names

router = APIRouter(prefix="/desk")
_LABELS = {
    "need_id": "需求编号",
    "achievement_id": "成果编号",
    "summary": "摘要",
    "reason": "说明",
    "reason_code": "流失原因",
    "registration": "登记号",
    "kind": "合同类别",
    "amount_wan": "合同金额",
    "technology_wan": "核定技术交易额",
    "signed_on": "签订日期",
    "login": "接手人邮箱",
    "text": "待办",
    "due": "截止日",
    "version": "版本",
}


@router.get("/cases", name="cases")
def board(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    view: Annotated[str, Query(max_length=10)] = "board",
    mine: bool = False,
    chain: Annotated[str, Query(max_length=60)] = "",
    region: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Cases by state, or as a list."""
    chain, region = code_of("chain", chain), code_of("region", region)
    manager = asker.principal.user_id if mine else None
    with reading(ctx.engine) as session:
        rows = cases.listed(session, manager_id=manager, chain=chain, region=region)
        shown = [cases.present(session, row) for row in rows]
    titles = _titles(ctx, asker, rows)
    items = [case | titles[case["id"]] for case in shown]
    return page(
        request,
        "desk_cases.html",
        active="desk",
        tab="cases",
        items=items,
        states=state_names(CaseFlow),
        view="list" if view == "list" else "board",
        mine=mine,
        chain=chain,
        region=region,
        chains=options("chain", (chain,) if chain else ()),
        regions=options("region", (region,) if region else ()),
    )


@router.post("/cases", name="open_case")
def open_(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Open a case for a pair and claim it; where there is one, go there."""
    data = {name: text_of(form, name) for name in ("need_id", "achievement_id")}
    asked = checked(CaseIn, data | {"claim": True}, _LABELS)
    try:
        with writing(ctx.engine) as session:
            id_ = cases.create(session, asked, asker.principal).id
    except ConflictError as error:
        id_ = str(error.extensions.get("case_id", ""))
        if not id_:
            raise
    return RedirectResponse(f"/desk/cases/{id_}", status_code=303)


@router.get("/cases/{case_id}", name="case")
def show(request: Request, ctx: Ctx, asker: Asker, case_id: str) -> Response:
    """A case with its pair, steps, to-dos and course."""
    return _page(request, ctx, asker, case_id)


@router.post("/cases/{case_id}/steps", name="step_case")
def step(request: Request, ctx: Ctx, asker: Asker, case_id: str, form: Form) -> Response:
    """Take a step with what it needs."""

    def act(session: Session, row: CaseRow) -> None:
        data: dict[str, object] = {
            "event": text_of(form, "event"),
            "version": whole(text_of(form, "version")),
            "reason": text_of(form, "reason"),
            "reason_code": text_of(form, "reason_code") or None,
            "registration": text_of(form, "registration"),
        }
        if data["event"] == "sign":
            data["contract"] = contract(form)
        cases.fire(session, row, checked(CaseEventIn, data, _LABELS), asker.principal)

    return _acted(request, ctx, asker, case_id, act, form)


@router.post("/cases/{case_id}/summary", name="summarise_case")
def summarise(request: Request, ctx: Ctx, asker: Asker, case_id: str, form: Form) -> Response:
    """Rewrite the summary; what was typed stays where somebody else was faster."""

    def act(session: Session, row: CaseRow) -> None:
        data = {"version": whole(text_of(form, "version")), "summary": text_of(form, "summary")}
        cases.change(session, row, checked(CaseChange, data, _LABELS), asker.principal)

    return _acted(request, ctx, asker, case_id, act, form)


@router.post("/cases/{case_id}/manager", name="hand_over_case")
def hand_over(request: Request, ctx: Ctx, asker: Asker, case_id: str, form: Form) -> Response:
    """Give a case to another technology manager."""

    def act(session: Session, row: CaseRow) -> None:
        data = {"version": whole(text_of(form, "version")), "login": text_of(form, "login")}
        cases.hand_over(session, row, checked(HandOver, data, _LABELS), asker.principal)

    return _acted(request, ctx, asker, case_id, act, form)


@router.post("/cases/{case_id}/todos", name="new_todo")
def new_todo(request: Request, ctx: Ctx, asker: Asker, case_id: str, form: Form) -> Response:
    """Something to be done for the case."""

    def act(session: Session, row: CaseRow) -> None:
        data = {"text": text_of(form, "text"), "due": text_of(form, "due")}
        todos.create(session, row, checked(TodoIn, data, _LABELS), asker.principal)

    return _acted(request, ctx, asker, case_id, act, form)


@router.get("/todos", name="todos")
def my_todos(request: Request, ctx: Ctx, asker: Asker) -> Response:
    """One's open to-dos by their day."""
    return _todos(request, ctx, asker)


@router.post("/todos", name="change_todo")
def change_todo(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Finish a to-do, or put it off."""
    data = {
        "text": text_of(form, "text"),
        "due": text_of(form, "due"),
        "version": whole(text_of(form, "version")),
        "done": text_of(form, "done") == "yes",
    }

    def act(session: Session) -> None:
        asked = checked(TodoChange, data, _LABELS)
        todos.change(session, text_of(form, "id"), asked, asker.principal)

    return acted(ctx, act, lambda error: _todos(request, ctx, asker, error), "/desk/todos")


Act = Callable[[Session, CaseRow], None]


def _acted(
    request: Request, ctx: Context, asker: Caller, id_: str, act: Act, form: Form
) -> Response:
    """Do something with a case and show it again; a refusal stands above it."""

    def refused(error: JiebangError) -> Response:
        filled = {name: text_of(form, name) for name in ("summary", "text", "due", "reason")}
        return _page(request, ctx, asker, id_, error, filled)

    url = f"/desk/cases/{id_}"
    return acted(ctx, lambda session: act(session, cases.get(session, id_)), refused, url)


def _page(
    request: Request,
    ctx: Context,
    asker: Caller,
    id_: str,
    problem: JiebangError | None = None,
    filled: dict[str, str] | None = None,
) -> Response:
    with reading(ctx.engine) as session:
        row = cases.get(session, id_)
        shown = whole_case(session, row, asker.principal)
        course = sided.history(session, CaseFlow, row)
        mine = cases.may_change(row, asker.principal)
    sides = Sides.of(ctx, asker, row.need_id, row.achievement_id)
    return page(
        request,
        "desk_case.html",
        status=problem.status if problem else 200,
        active="desk",
        tab="cases",
        case=shown,
        history=course,
        mine=mine,
        sides=sides,
        card=sides.card(ctx, asker),
        problem=problem,
        filled=filled or {},
        today=today(),
    )


def _todos(
    request: Request, ctx: Context, asker: Caller, problem: JiebangError | None = None
) -> Response:
    with reading(ctx.engine) as session:
        rows = todos.of_user(session, asker.principal.user_id)
    return page(
        request,
        "desk_todos.html",
        status=problem.status if problem else 200,
        active="desk",
        tab="todos",
        items=[todos.present(row) for row in rows],
        problem=problem,
    )


def _titles(ctx: Context, asker: Caller, rows: list[CaseRow]) -> dict[str, dict[str, str]]:
    """Titles of both records of every case, as far as they may be read."""
    asking = Asking(ctx, asker.principal, asker.key)
    needs = asking.views(Kind.NEED, {row.need_id for row in rows})
    offered = asking.views(Kind.ACHIEVEMENT, {row.achievement_id for row in rows})

    def title(views: dict[str, View], id_: str) -> str:
        return (views[id_].title if id_ in views else "") or id_

    return {
        row.id: {
            "need_title": title(needs, row.need_id),
            "achievement_title": title(offered, row.achievement_id),
        }
        for row in rows
    }
