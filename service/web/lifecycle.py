"""Pages of a record's life: one's own records with their states, the queue of reviewers, steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.responses import Response

from matcher.checkup import SEVERITY_ZH
from matcher.listing import KINDS, Kind
from service import store, workflow
from service.access import HOUSE
from service.api.lifecycle import StepIn, StepOut, own_rows, steps_of, take_step
from service.context import Context, Ctx
from service.disclosure import Reader, reading_as
from service.errors import IllegalTransitionError, ReasonRequiredError
from service.guard import Asker
from service.lifecycle import STATES, ListingFlow, end_of
from service.review import queue
from service.rules import may_fire
from service.tables import ListingRow
from service.web.cards import Stated, stated_fields
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


def life_of(reader: Reader, ctx: Context, kind: Kind, id_: str) -> Life | None:
    """What the reader may see of the life of a record; None for people without a part in it."""
    row = store.get(reader.session, kind, id_)
    if not reader.owns(row) and reader.principal.role not in HOUSE:
        return None
    return _life(reader, ctx, row)


def _life(reader: Reader, ctx: Context, row: ListingRow) -> Life:
    steps = workflow.steps(ListingFlow, row)
    ends = end_of(row, timedelta(days=ctx.settings.listing_days))
    return Life(
        row,
        tuple(step for step in steps if may_fire(reader.principal, step.event)),
        ends if row.status == "published" else None,
        tuple(steps_of(reader.session, row)),
    )


@router.get("/mine", name="my_records")
def mine(request: Request, ctx: Ctx, asker: Asker, problem: Problem = "") -> Response:
    """What one's own organisation posted."""
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        lives = [_life(reader, ctx, row) for row in own_rows(reader.session, asker.principal)]
    return page(request, "mine.html", active="mine", lives=lives, problem=problem)


@router.get("/review", name="review_queue")
def review(request: Request, ctx: Ctx, asker: Asker, problem: Problem = "") -> Response:
    """Submitted records with their check-ups and suspected twins."""
    waiting = queue(ctx, _SHOWN)
    lives: dict[tuple[str, str], Life] = {}
    fields: dict[tuple[str, str], list[Stated]] = {}
    with reading_as(ctx.engine, asker.principal, asker.key) as reader:
        for item in waiting:
            view = reader.view(item.row)
            if view is not None:
                lives[(view.kind, view.id)] = _life(reader, ctx, item.row)
                fields[(view.kind, view.id)] = stated_fields(view.record)
    return page(
        request,
        "review.html",
        active="review",
        waiting=waiting,
        lives=lives,
        fields=fields,
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
