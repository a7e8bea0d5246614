"""Handing in a bid, reading it, and reviewing it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse
from sqlmodel import Session
from starlette.responses import Response

from service.bounty import bidding, reviewers, reviewing, tasks, views
from service.bounty.inputs import BidIn, ReviewIn
from service.context import Context, Ctx
from service.db import reading, writing
from service.errors import JiebangError, NotFoundError
from service.guard import Asker, Caller
from service.web.acting import acted
from service.web.bounties import task_page
from service.web.forms import checked, whole
from service.web.rendering import Form, page, text_of

router = APIRouter()
_BID_LABELS = {
    "version": "版本",
    "plan": "技术方案",
    "indicators": "承诺指标",
    "price_wan": "报价",
    "term_months": "周期",
    "ip_ownership": "知识产权归属",
    "team": "团队与基础",
}


@router.post("/bounties/{id}/bid", name="hand_in_bid")
def hand_in(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Hand in, change or take back the bid of one's organisation."""
    filled = {name: text_of(form, name) for name in _BID_LABELS}
    version = whole(filled["version"])

    def act(session: Session) -> None:
        bounty = tasks.get(session, id)
        if text_of(form, "action") == "withdraw":
            read = version if isinstance(version, int) else 0
            bidding.withdraw(session, bounty, read, asker.principal)
            return
        data = {
            **filled,
            "version": version,
            "indicators": _promises(filled["indicators"]),
            "term_months": whole(filled["term_months"]),
        }
        bidding.put(session, bounty, checked(BidIn, data, _BID_LABELS), asker.principal)

    return acted(
        ctx,
        act,
        lambda error: task_page(request, ctx, asker, id, error, filled),
        f"/bounties/{id}#bid",
    )


@router.get("/bids/{id}", name="bid")
def show(request: Request, ctx: Ctx, asker: Asker, id: str) -> Response:  # noqa: A002
    """A bid, with the review form for a reviewer."""
    return _page(request, ctx, asker, id)


@router.post("/bids/{id}/review", name="review_bid")
def review(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
    """Store one's points and vote."""
    try:
        with writing(ctx.engine) as session:
            bid, bounty = views.seen_bid(session, id, asker.principal)
            labels = {c["code"]: f"“{c['label']}”的打分" for c in bounty.criteria}
            data: dict[str, object] = {
                "version": whole(text_of(form, "version")),
                "scores": {code: text_of(form, f"score-{code}") for code in labels},
                "advance": {"yes": True, "no": False}.get(text_of(form, "advance")),
                "comment": text_of(form, "comment"),
            }
            labels |= {"advance": "投票", "comment": "意见", "version": "版本"}
            asked = checked(ReviewIn, data, labels)
            reviewing.put(session, bounty, bid, asked, asker.principal)
    except NotFoundError:
        raise
    except JiebangError as error:
        return _page(request, ctx, asker, id, error, dict(_typed(form)))
    return RedirectResponse(f"/bids/{id}#review", status_code=303)


def _page(
    request: Request,
    ctx: Context,
    asker: Caller,
    id_: str,
    problem: JiebangError | None = None,
    filled: dict[str, str] | None = None,
) -> Response:
    who = asker.principal
    with reading(ctx.engine) as session:
        bid, bounty = views.seen_bid(session, id_, who)
        own = reviewing.own(session, id_, who.user_id)
        shown = bidding.present(session, bid)
        reviewing_it = (
            bounty.state == "reviewing"
            and reviewers.excluded(session, bounty, bid, who.user_id) is None
        )
    return page(
        request,
        "bid.html",
        status=problem.status if problem else 200,
        active="bounties",
        bid=shown,
        task=bounty,
        review=own,
        points=reviewing.points(bounty.criteria, own.scores) if own else None,
        reviewing_it=reviewing_it,
        problem=problem,
        filled=filled or {},
    )


def _typed(form: Form) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _promises(text: str) -> list[dict[str, str]]:
    """Promised indicators, one a line: name, then a colon, then the value."""
    found = []
    for line in text.splitlines():
        name, _, value = line.replace("：", ":").partition(":")
        if line.strip():
            found.append({"name": name.strip(), "value": value.strip()})
    return found
