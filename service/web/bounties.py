"""Pages of 揭榜挂帅: list, posting, and the page of a task with everything that can be done there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from sqlmodel import Session, select
from starlette.responses import Response

from matcher.listing import Kind
from service.accounts.tables import OrganisationRow, State
from service.bounty import bidding, contracts, notice, reviewers, tasks, views
from service.bounty.inputs import (
    AnswerIn,
    BountyIn,
    ConflictIn,
    ContractIn,
    EventIn,
    ObjectionIn,
    ReviewersIn,
    VerdictOnMilestone,
)
from service.bounty.machine import BountyFlow
from service.bounty.modes import MODES
from service.bounty.tables import BountyRow
from service.context import Context, Ctx
from service.db import reading, writing
from service.errors import InvalidRecordError, JiebangError
from service.guard import Asker, Caller
from service.sided import history
from service.tables import ListingRow, Tier
from service.web.acting import acted, contract
from service.web.forms import checked, moment, whole
from service.web.rendering import Form, page, text_of, texts_of
from service.workflow import state_names

router = APIRouter()
_SHOWN = 50
_TASK_LABELS = {
    "need_id": "技术需求",
    "title": "榜单名称",
    "brief": "任务说明",
    "mode": "组织方式",
    "invited": "受托单位",
    "reward_wan": "榜单金额",
    "bid_until": "揭榜截止时间",
    "criteria": "评审指标",
}
_STEP_LABELS = {
    "reason": "理由",
    "until": "截止时间",
    "bid_ids": "揭榜方案",
    "kind": "合同类别",
    "number": "合同编号",
    "amount_wan": "合同金额",
    "technology_wan": "核定技术交易额",
    "signed_on": "签订日期",
    "milestones": "里程碑",
    "version": "版本",
}


@router.get("/bounties", name="bounties")
def list_(
    request: Request,
    ctx: Ctx,
    asker: Asker,
    state: Annotated[str, Query(max_length=40)] = "",
    mode: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """Tasks that one may see, newest first."""
    with reading(ctx.engine) as session:
        rows = tasks.listed(
            session, asker.principal, state=state, mode=mode, after=after, limit=_SHOWN + 1
        )
        items = [views.summary(session, row, asker.principal) for row in rows[:_SHOWN]]
    return page(
        request,
        "bounties.html",
        active="bounties",
        items=items,
        states=state_names(BountyFlow),
        modes={code: m.label_zh for code, m in MODES.items()},
        state=state,
        mode=mode,
        next_after=rows[_SHOWN - 1].id if len(rows) > _SHOWN else "",
    )


@router.get("/bounties/new", name="new_bounty")
def new(
    request: Request, ctx: Ctx, asker: Asker, need: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """The form of a task, filled in from a need of one's own."""
    values: dict[str, str] = {"need_id": need, "mode": "bounty"}
    if need:
        with reading(ctx.engine) as session:
            row = session.get(ListingRow, (Kind.NEED, need))
            mine = asker.principal.organisation_id
            # a task is read by everybody: the text of a confidential need is not put into it
            public = row is not None and row.disclosure == Tier.PUBLIC
            if row is not None and public and mine is not None and row.owner_id == mine:
                values |= {"title": row.title, "brief": row.body}
    return _form(request, ctx, asker, values)


@router.post("/bounties/new", name="post_bounty")
def post(request: Request, ctx: Ctx, asker: Asker, form: Form) -> Response:
    """Make a draft of a task."""
    names = ("need_id", "title", "brief", "mode", "reward_wan", "bid_until")
    values = {name: text_of(form, name) for name in names}
    values["invited"] = text_of(form, "invited")
    data: dict[str, object] = {name: value for name, value in values.items() if value}
    data["invited"] = texts_of(form, "invited")
    data["bid_until"] = moment(values["bid_until"])
    try:
        asked = checked(BountyIn, data, _TASK_LABELS)
        with writing(ctx.engine) as session:
            row = tasks.create(session, asked, asker.principal)
    except JiebangError as error:
        return _form(request, ctx, asker, values, error)
    return RedirectResponse(f"/bounties/{row.id}", status_code=303)


@router.get("/bounties/{id}", name="bounty")
def show(request: Request, ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
    """The page of a task."""
    return task_page(request, ctx, asker, id)


@router.post("/bounties/{id}/steps", name="step_bounty")
def step(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Take a step with what it needs."""

    def act(session: Session, row: BountyRow) -> None:
        event = text_of(form, "event")
        data: dict[str, object] = {
            "event": event,
            "reason": text_of(form, "reason"),
            "version": whole(text_of(form, "version")),
            "bid_ids": texts_of(form, "bid_ids"),
            "until": moment(text_of(form, "until")),
        }
        if event == "sign":
            winners = [bid.id for bid in bidding.bids_of(session, row.id) if bid.awarded]
            data["contracts"] = {bid: _contract(form, bid) for bid in winners}
        tasks.fire(session, row, checked(EventIn, data, _STEP_LABELS), asker.principal)

    return _acted(request, ctx, asker, id, act)


@router.post("/bounties/{id}/reviewers", name="assign_reviewers")
def assign(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Say who shall review."""

    def act(session: Session, row: BountyRow) -> None:
        asked = checked(
            ReviewersIn, {"logins": text_of(form, "logins").split()}, {"logins": "评审人邮箱"}
        )
        reviewers.assign(session, row, asked.logins, asker.principal)

    return _acted(request, ctx, asker, id, act)


@router.post("/bounties/{id}/conflicts", name="declare_conflict")
def declare(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Declare a conflict of interest of one's own."""

    def act(session: Session, row: BountyRow) -> None:
        data = {"bid_id": text_of(form, "bid_id"), "reason": text_of(form, "reason")}
        asked = checked(ConflictIn, data, {"reason": "回避理由", "bid_id": "方案"})
        reviewers.declare(session, row, asked, asker.principal)

    return _acted(request, ctx, asker, id, act)


@router.post("/bounties/{id}/objections", name="object_to_bounty")
def object_to(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Object during the public notice."""

    def act(session: Session, row: BountyRow) -> None:
        asked = checked(ObjectionIn, {"text": text_of(form, "text")}, {"text": "异议"})
        notice.object_to(session, row, asked.text, asker.principal)

    return _acted(request, ctx, asker, id, act)


@router.post("/bounties/{id}/answers", name="answer_objection")
def answer(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Answer an objection."""

    def act(session: Session, row: BountyRow) -> None:
        asked = checked(AnswerIn, {"answer": text_of(form, "answer")}, {"answer": "答复"})
        number = whole(text_of(form, "number"))
        notice.answer(
            session, row, number if isinstance(number, int) else 0, asked.answer, asker.principal
        )

    return _acted(request, ctx, asker, id, act)


@router.post("/bounties/{id}/milestones", name="accept_milestone")
def accept(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Write down the acceptance of a milestone."""

    def act(session: Session, row: BountyRow) -> None:
        passed = {"yes": True, "no": False}.get(text_of(form, "passed"))
        data = {"passed": passed, "note": text_of(form, "note")}
        asked = checked(VerdictOnMilestone, data, {"passed": "验收结论", "note": "说明"})
        position = whole(text_of(form, "position"))
        contracts.decide(
            session,
            row,
            (text_of(form, "contract"), position if isinstance(position, int) else 0),
            asked,
            asker.principal,
        )

    return _acted(request, ctx, asker, id, act)


def task_page(
    request: Request,
    ctx: Context,
    asker: Caller,
    id_: str,
    problem: JiebangError | None = None,
    filled: dict[str, str] | None = None,
) -> Response:
    """The page of a task; `filled` is what stood in the bid form that was refused."""
    with reading(ctx.engine) as session:
        row = tasks.get(session, id_)
        whole_task = views.whole(session, row, asker.principal)
        course = history(session, BountyFlow, row)
        side = tasks.party(row, asker.principal)
        own = bidding.own_bid(session, row, asker.principal)
        own_bid = bidding.present(session, own) if own and not own.withdrawn else None
    if side is None:
        course = [
            {**entry, "actor": "", "reason": ""}
            for entry in course
            if entry["to"] in views.OPEN_STATES
        ]
    return page(
        request,
        "bounty.html",
        status=problem.status if problem else 200,
        active="bounties",
        task=whole_task,
        history=course,
        side=side,
        own_bid=own_bid,
        may_bid=_may_bid(row, asker),
        filled=filled,
        problem=problem,
        MODES=MODES,
    )


def _may_bid(row: BountyRow, asker: Caller) -> bool:
    organisation = asker.principal.organisation_id
    if organisation is None or organisation == row.owner_id or not bidding.is_open(row):
        return False
    return not MODES[row.mode].invited or organisation in row.invited


def _acted(
    request: Request,
    ctx: Context,
    asker: Caller,
    id_: str,
    act: Callable[[Session, BountyRow], None],
) -> Response:
    """Do something with a task and show it again; a refusal stands above it."""
    return acted(
        ctx,
        lambda session: act(session, tasks.get(session, id_)),
        lambda error: task_page(request, ctx, asker, id_, error),
        f"/bounties/{id_}",
    )


def _form(
    request: Request,
    ctx: Context,
    asker: Caller,
    values: dict[str, str],
    problem: JiebangError | None = None,
) -> Response:
    with reading(ctx.engine) as session:
        known = select(OrganisationRow).where(OrganisationRow.state == State.APPROVED.value)
        organisations = [(o.id, o.name) for o in session.exec(known.order_by(OrganisationRow.name))]
        owner = asker.principal.organisation_id
        own = select(ListingRow).where(
            ListingRow.kind == Kind.NEED,
            ListingRow.owner_id == (owner or ""),
            ListingRow.status == "published",
        )
        needs = [(row.id, row.title) for row in session.exec(own.order_by(ListingRow.id))]
    return page(
        request,
        "bounty_new.html",
        status=problem.status if problem else 200,
        active="bounties",
        values=values,
        problem=problem,
        modes={code: m.label_zh for code, m in MODES.items()},
        organisations=organisations,
        needs=needs,
    )


def _contract(form: Form, bid: str) -> dict[str, object]:
    """The contract of a winning bid; its milestones stand one a line: name | day | 万元."""
    parts: list[dict[str, object]] = []
    for line in text_of(form, f"milestones-{bid}").splitlines():
        cells = [cell.strip() for cell in line.replace("｜", "|").split("|")]
        if len(cells) not in (2, 3):
            raise InvalidRecordError("里程碑每行写“名称 | 到期日 | 金额”", cure="改正后重新提交")
        parts.append({"name": cells[0], "due": cells[1], "amount_wan": (*cells, "0")[2]})
    found = contract(form, f"-{bid}")
    checked(ContractIn, found | {"milestones": parts}, _STEP_LABELS)
    return found | {"milestones": parts}
