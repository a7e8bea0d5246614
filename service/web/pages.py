"""The web pages of the service: server-rendered, usable without scripts, in Simplified Chinese."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from matcher.listing import Kind
from service.web import (
    account,
    admin,
    batches,
    bids,
    bounties,
    browse,
    cases,
    checkups,
    consents,
    dashboard,
    desk,
    editing,
    entrance,
    event_books,
    event_chase,
    event_desk,
    event_follow_ups,
    event_report,
    event_roster,
    event_schedule,
    events,
    imports,
    inbox,
    lifecycle,
    meet,
    offers,
    pairs,
    posting,
    problems,
    records,
    search,
    verdicts,
)
from service.web.guard import PageHeaders
from service.web.rendering import HERE


def install(app: FastAPI) -> None:
    """Add pages, static files and HTML errors to `app`; the API must be installed already."""
    app.add_middleware(PageHeaders)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    routers = [search.router, verdicts.router, imports.router, checkups.router]
    routers += [inbox.router, lifecycle.router, dashboard.router, batches.router]
    routers += [event_books.router]
    routers += [bounties.router, bids.router, offers.router, desk.router, cases.router]
    # `/events/new` must be found before `/events/{id}`
    routers += [events.router, event_schedule.router]
    routers += [event_roster.router, event_chase.router]
    routers += [event_desk.router, event_follow_ups.router, event_report.router, meet.router]
    routers += [entrance.router, account.router, admin.router]
    for kind in Kind:
        # `/needs/new` must be found before `/needs/{id}`
        routers += [posting.router_for(kind), browse.router_for(kind)]
        routers += [consents.router_for(kind), editing.router_for(kind)]
        routers += [lifecycle.router_for(kind), pairs.router_for(kind), records.router_for(kind)]
    for router in routers:
        app.include_router(router, include_in_schema=False)
    problems.install(app)
