"""Pages of a record's life: one's own records with their states, the queue of reviewers, steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlmodel import Session
from starlette.responses import Response

from matcher.checkup import SEVERITY_ZH
from matcher.listing import KINDS, Kind
from service import store, workflow
from service.access import Principal, Role, may_fire
from service.api.lifecycle import StepIn, StepOut, own_rows, steps_of, take_step
from service.context import Context, Ctx
from service.db import reading
from service.errors import IllegalTransitionError, ReasonRequiredError
from service.guard import Asker
from service.lifecycle import STATES, ListingFlow, end_of
from service.review import queue
from service.tables import ListingRow
from service.web.cards import stated_fields
from service.web.rendering import Form, page, record_url, text_of
from service.workflow import Step

router = APIRouter()
_PLACES = ("/mine", "/review")
_SHOWN = 50
Problem = Annotated[str, Query(max_length=1000)]
"""What went wrong with a step, carried back to the page where it was asked for."""


@dataclass(frozen=True)
class Life:
    """State, possible steps and history of a record, for whoever may see them."""

    row: ListingRow
    steps: tuple[Step, ...]
    ends: datetime | None
    history: tuple[StepOut, ...] = ()

    @property
    def state_zh(self) -> str:
        """The Chinese name of the state."""
        return STATES.get(self.row.status, self.row.status)

    @property
    def returned_for(self) -> str:
        """Why the record was sent back last."""
        told = [step.reason for step in self.history if step.event == "send_back"]
        return told[-1] if told and self.row.status == "returned" else ""


def life_of(session: Session, ctx: Context, row: ListingRow, principal: Principal) -> Life | None:
    """What `principal` may see of the life of a record; None for people without a part in it."""
    own = row.owner_id is not None and row.owner_id == principal.organisation_id
    if not own and principal.role not in (Role.MANAGER, Role.ADMIN):
        return None
    steps = tuple(s for s in workflow.steps(ListingFlow, row) if may_fire(principal, s.event))
    ends = end_of(row, timedelta(days=ctx.settings.listing_days))
    ends = ends if row.status == "published" else None
    return Life(row, steps, ends, tuple(steps_of(session, row)))


@router.get("/mine", name="my_records")
def mine(request: Request, ctx: Ctx, asker: Asker, problem: Problem = "") -> Response:
    """What one's own organisation posted."""
    with reading(ctx.engine) as session:
        rows = own_rows(session, asker.principal)
        lives = [life for row in rows if (life := life_of(session, ctx, row, asker.principal))]
    return page(request, "mine.html", active="mine", lives=lives, problem=problem)


@router.get("/review", name="review_queue")
def review(request: Request, ctx: Ctx, asker: Asker, problem: Problem = "") -> Response:
    """Submitted records with their check-ups and suspected twins."""
    waiting = queue(ctx, _SHOWN)
    with reading(ctx.engine) as session:
        lives = {
            (item.row.kind, item.row.id): life_of(session, ctx, item.row, asker.principal)
            for item in waiting
        }
    return page(
        request,
        "review.html",
        active="review",
        waiting=waiting,
        lives=lives,
        fields={
            (item.row.kind, item.row.id): stated_fields(store.to_record(item.row))
            for item in waiting
        },
        severities=SEVERITY_ZH,
        problem=problem,
    )


def router_for(kind: Kind) -> APIRouter:
    """Steps from a page."""
    made = APIRouter()

    @made.post(f"/{KINDS[kind].plural}/{{id:path}}/steps", name=f"take_step_{kind.value}")
    def step(request: Request, ctx: Ctx, asker: Asker, id: str, form: Form) -> Response:  # noqa: A002
        here = text_of(form, "next")
        back = here if here in _PLACES else record_url(kind, id)
        problem = ""
        try:
            body = StepIn(event=text_of(form, "event"), reason=text_of(form, "reason"))
            take_step(ctx, kind, id, body, asker.principal)
        except ValidationError:
            problem = "没有选择要做的事，或说明过长（最多 1,000 字）。"
        except (IllegalTransitionError, ReasonRequiredError) as error:
            problem = f"{error.detail}。{error.cure}。"
        told = f"?problem={quote(problem)}" if problem else ""
        return RedirectResponse(f"{back}{told}#life", status_code=303)

    return made
