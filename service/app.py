"""The application: `create_app(settings)` makes everything; nothing is made at import."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import Depends, FastAPI

from matcher.encoder import Progress
from matcher.listing import Kind
from service import errors, standing
from service.accounts.office import Office
from service.api import (
    admin,
    auth,
    batches,
    bounties,
    cases,
    checkups,
    consents,
    dashboard,
    event_books,
    event_chase,
    event_results,
    event_roster,
    events,
    imports,
    inbox,
    lifecycle,
    listings,
    matches,
    me,
    offers,
    openapi,
    stances,
    system,
    verdicts,
)
from service.background import Worker
from service.body_limit import BodyLimit
from service.cases import reminders as todo_reminders
from service.context import Context, open_store
from service.events import reminders as event_reminders
from service.expiry import TICK_SECONDS, tick
from service.freshness import Freshness
from service.guard import enforce, route_keys
from service.inputs import today
from service.replica import Replica
from service.served import served_config
from service.settings import Settings
from service.web import pages

DESCRIPTION = """技术供需双向匹配：企业找技术（需求 → 成果），成果找市场（成果 → 需求）。

出错时一律返回 RFC 9457 的 `application/problem+json`：`detail` 说明哪里不对，`cure` 说明怎么改。
"""


def make_context(settings: Settings) -> Context:
    """Migrate the database, load the model, and prepare the indexer without starting it."""
    store = open_store(settings)
    replica = Replica(
        store.engine,
        settings.index_dir,
        store.encoder,
        served_config(settings.home),
        snapshot_every=settings.snapshot_every,
        poll_seconds=settings.poll_seconds,
    )
    office = Office.of(settings, store.engine)
    freshness = Freshness(store.engine, settings)
    return Context(settings, store.engine, store.encoder, replica, office, freshness)


def _due(context: Context, _stop: threading.Event) -> bool:
    """What is due: records that run out, letters on new matches, to-dos and follow-ups."""
    engine, mailer, settings = context.engine, context.office.mailer, context.settings
    if tick(engine, mailer, settings).expired:
        context.replica.notify()
    standing.digest(context)
    for reminders in (todo_reminders, event_reminders):
        reminders.send(engine, mailer, settings.base_url, today())
    return False


def create_app(settings: Settings, progress: Progress | None = None) -> FastAPI:
    """The service for `settings`; its indexes open when the application starts."""
    context = make_context(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        context.replica.start(progress)
        standing.begin(context)
        workers = (
            Worker("due", partial(_due, context), TICK_SECONDS),
            Worker("standing", partial(standing.follow, context), standing.IDLE_SECONDS),
        )
        for worker in workers:
            worker.start()
        yield
        for worker in reversed(workers):
            worker.stop()
        context.replica.stop()
        context.engine.dispose()

    app = FastAPI(
        title="揭榜 Jiebang",
        version="0.1.0",
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        dependencies=[Depends(enforce)],
    )
    app.state.context = context
    errors.install(app)
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes)
    # `/needs/check` must be found before `/needs/{id}`
    app.include_router(checkups.router, prefix="/api")
    for kind in Kind:
        app.include_router(listings.router_for(kind), prefix="/api")
        app.include_router(lifecycle.router_for(kind), prefix="/api")
        app.include_router(consents.router_for(kind), prefix="/api")
        app.include_router(matches.router_for(kind), prefix="/api")
        app.include_router(stances.router_for(kind), prefix="/api")
    for router in (
        matches.text_router,
        verdicts.router,
        bounties.router,
        offers.router,
        cases.router,
        event_roster.router,
        event_chase.router,
        imports.router,
        lifecycle.router,
        inbox.router,
        auth.router,
        me.router,
        admin.router,
        dashboard.router,
        batches.router,
        events.router,
        event_results.router,
        event_books.router,
        system.router,
    ):
        app.include_router(router, prefix="/api")
    openapi.install(app)
    pages.install(app)
    app.state.route_keys = route_keys(app)
    return app
