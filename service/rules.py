"""Who may do what: every access rule, by route, role and ownership. What has no row is refused.

`RULES` is the one table. `service.guard` enforces it for every request; `docs/access.md` is its
printed form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from matcher.listing import KINDS, Kind
from service.access import (
    HOUSE,
    OF_ORGANISATIONS,
    POSTER,
    Principal,
    Reach,
    Role,
    Rule,
    Scope,
    Standing,
    Thing,
)
from service.lifecycle import HOUSE_EVENTS, OWNER_EVENTS, REVIEW_EVENTS


def _to(*who: Role | None, scope: Scope = Scope.READ) -> Rule:
    return Rule(dict.fromkeys(who, Reach.ALL), scope)


_ANYBODY = _to(None, *Role)
_MEMBERS = _to(*Role)
_OWN_ACCOUNT = _to(*Role, scope=Scope.ACCOUNT)
_STAFF = _to(*(role for role in Role if role not in OF_ORGANISATIONS))
_ADMINS = _to(Role.ADMIN, scope=Scope.ADMIN)
_JUDGES = _to(Role.MANAGER, Role.ADMIN, scope=Scope.JUDGE)
_POSTERS = _to(*OF_ORGANISATIONS, Role.ADMIN, scope=Scope.WRITE)
_REVIEWERS = _to(Role.MANAGER, Role.ADMIN)
_HALL: dict[Role | None, Reach] = dict.fromkeys((None, *Role), Reach.PUBLIC)
_HALL |= {Role.MANAGER: Reach.ALL, Role.ADMIN: Reach.ALL}


def _of_kind(kind: Kind) -> dict[str, Rule]:
    plural = KINDS[kind].plural
    read = Rule(_HALL, Scope.READ, kind)
    derived = Rule(_HALL, Scope.READ, kind, full=True)
    listed = Rule(_HALL)
    own = Rule({POSTER[kind]: Reach.OWN, Role.ADMIN: Reach.ALL}, Scope.WRITE, kind)
    kept: dict[Role | None, Reach] = {POSTER[kind]: Reach.OWN, **dict.fromkeys(HOUSE, Reach.ALL)}
    parties: dict[Role | None, Reach] = dict.fromkeys(OF_ORGANISATIONS, Reach.PUBLIC)
    parties |= dict.fromkeys(HOUSE, Reach.ALL)
    agree = Rule(parties, Scope.WRITE, kind)
    owned = Rule({POSTER[kind]: Reach.OWN, Role.ADMIN: Reach.ALL}, Scope.READ, kind)
    told, step = Rule(kept, Scope.READ, kind), Rule(kept, Scope.WRITE, kind)
    post = _to(POSTER[kind], Role.ADMIN, scope=Scope.WRITE)
    return {
        f"GET /api/{plural}": listed,
        f"POST /api/{plural}": post,
        f"GET /api/{plural}/{{id}}": read,
        f"PATCH /api/{plural}/{{id}}": own,
        f"DELETE /api/{plural}/{{id}}": own,
        f"POST /api/{plural}/mask": post,
        f"POST /{plural}/mask": post,
        f"GET /api/{plural}/{{id}}/contact": read,
        f"POST /api/{plural}/{{id}}/consents": agree,
        f"POST /{plural}/{{id:path}}/consents": agree,
        f"DELETE /api/{plural}/{{id}}/consents/{{own_id}}": agree,
        f"GET /api/{plural}/{{id}}/disclosures": owned,
        f"POST /api/{plural}/{{id}}/steps": step,
        f"GET /api/{plural}/{{id}}/history": told,
        f"GET /api/{plural}/{{id}}/versions": told,
        f"GET /api/{plural}/{{id}}/matches": derived,
        f"GET /api/{plural}/{{id}}/matches/{{other_id}}": derived,
        f"PUT /api/{plural}/{{id}}/matches/{{other_id}}/stance": step,
        f"GET /api/{plural}/{{id}}/stances": told,
        f"GET /{plural}": listed,
        f"GET /{plural}/new": post,
        f"POST /{plural}/new": post,
        f"POST /{plural}/draft": post,
        f"GET /{plural}/{{id:path}}/edit": own,
        f"POST /{plural}/{{id:path}}/edit": own,
        f"POST /{plural}/{{id:path}}/steps": step,
        f"POST /{plural}/{{id:path}}/stance": step,
        f"GET /{plural}/{{id:path}}/compare": derived,
        f"GET /{plural}/{{id:path}}": read,
        f"GET /{plural}/{{id:path}}/matches.xlsx": derived,
    }


def _about(thing: Thing, reach: Mapping[Role | None, Reach], scope: Scope = Scope.WRITE) -> Rule:
    """A rule on a thing; the house reaches all of them."""
    return Rule({**reach, **dict.fromkeys(HOUSE, Reach.ALL)}, scope, thing)


def _each(roles: Iterable[Role], reach: Reach) -> dict[Role | None, Reach]:
    return dict.fromkeys(roles, reach)


_SEE = _each(Role, Reach.PUBLIC)
_IN_IT = _each(Role, Reach.PARTY)
_BIDDERS = _each(OF_ORGANISATIONS, Reach.PUBLIC)
_SIDES = _each(OF_ORGANISATIONS, Reach.PARTY)
_ENTERPRISE = _each((Role.ENTERPRISE,), Reach.OWN)
_INSTITUTE = _each((Role.INSTITUTE,), Reach.OWN)
_TAKER = _each((Role.ENTERPRISE,), Reach.PUBLIC)
_TASK = "/api/bounties/{id}"
_PART = f"{_TASK}/contracts/{{contract_id}}/milestones/{{position}}"

_BOUNTIES: dict[str, Rule] = {
    "GET /api/bounties": _ANYBODY,
    "POST /api/bounties": _to(Role.ENTERPRISE, Role.ADMIN, scope=Scope.WRITE),
    f"GET {_TASK}": Rule(_HALL, Scope.READ, Thing.BOUNTY),
    f"PUT {_TASK}": _about(Thing.BOUNTY, _ENTERPRISE),
    f"GET {_TASK}/history": _about(Thing.BOUNTY, _ENTERPRISE, Scope.READ),
    f"POST {_TASK}/steps": _about(Thing.BOUNTY, _ENTERPRISE),
    f"PUT {_TASK}/bid": _about(Thing.BOUNTY, _BIDDERS),
    f"DELETE {_TASK}/bid": _about(Thing.BOUNTY, _BIDDERS),
    f"PUT {_TASK}/reviewers": _about(Thing.BOUNTY, {}),
    f"POST {_TASK}/conflicts": _about(Thing.BOUNTY, _SEE, Scope.JUDGE),
    f"POST {_TASK}/objections": _about(Thing.BOUNTY, _SEE),
    f"POST {_TASK}/objections/{{number}}/answer": _about(Thing.BOUNTY, {}),
    f"POST {_PART}": _about(Thing.BOUNTY, _ENTERPRISE),
    "GET /bounties": _ANYBODY,
    "GET /bounties/new": _to(Role.ENTERPRISE, Role.ADMIN, scope=Scope.WRITE),
    "POST /bounties/new": _to(Role.ENTERPRISE, Role.ADMIN, scope=Scope.WRITE),
    "GET /bounties/{id}": Rule(_HALL, Scope.READ, Thing.BOUNTY),
    "POST /bounties/{id}/steps": _about(Thing.BOUNTY, _ENTERPRISE),
    "POST /bounties/{id}/bid": _about(Thing.BOUNTY, _BIDDERS),
    "POST /bounties/{id}/reviewers": _about(Thing.BOUNTY, {}),
    "POST /bounties/{id}/conflicts": _about(Thing.BOUNTY, _SEE, Scope.JUDGE),
    "POST /bounties/{id}/objections": _about(Thing.BOUNTY, _SEE),
    "POST /bounties/{id}/answers": _about(Thing.BOUNTY, {}),
    "POST /bounties/{id}/milestones": _about(Thing.BOUNTY, _ENTERPRISE),
    "GET /bids/{id}": _about(Thing.BID, _IN_IT, Scope.READ),
    "POST /bids/{id}/review": _about(Thing.BID, _IN_IT, Scope.JUDGE),
    "GET /api/bids/{id}": _about(Thing.BID, _IN_IT, Scope.READ),
    "PUT /api/bids/{id}/review": _about(Thing.BID, _IN_IT, Scope.JUDGE),
    "GET /offers": _ANYBODY,
    "GET /offers/new": _to(Role.INSTITUTE, Role.ADMIN, scope=Scope.WRITE),
    "POST /offers/new": _to(Role.INSTITUTE, Role.ADMIN, scope=Scope.WRITE),
    "GET /offers/{id}": Rule(_HALL, Scope.READ, Thing.OFFER),
    "POST /offers/{id}/steps": _about(Thing.OFFER, _INSTITUTE),
    "POST /offers/{id}/takes": _about(Thing.OFFER, _TAKER),
    "GET /takes/{id}": _about(Thing.TAKE, _SIDES, Scope.READ),
    "POST /takes/{id}/steps": _about(Thing.TAKE, _SIDES),
    "GET /api/offers": _ANYBODY,
    "POST /api/offers": _to(Role.INSTITUTE, Role.ADMIN, scope=Scope.WRITE),
    "GET /api/offers/{id}": Rule(_HALL, Scope.READ, Thing.OFFER),
    "POST /api/offers/{id}/steps": _about(Thing.OFFER, _INSTITUTE),
    "POST /api/offers/{id}/takes": _about(Thing.OFFER, _TAKER),
    "GET /api/takes/{id}": _about(Thing.TAKE, _SIDES, Scope.READ),
    "GET /api/takes/{id}/history": _about(Thing.TAKE, _SIDES, Scope.READ),
    "POST /api/takes/{id}/steps": _about(Thing.TAKE, _SIDES),
}

_DESK = _to(*HOUSE, scope=Scope.WRITE)
_CASES: dict[str, Rule] = {
    "GET /api/desk/queue": _to(*HOUSE),
    "POST /api/cases": _DESK,
    "GET /api/cases": _to(*HOUSE),
    "GET /api/cases/{id}": _to(*HOUSE),
    "PUT /api/cases/{id}": _DESK,
    "GET /api/cases/{id}/history": _to(*HOUSE),
    "POST /api/cases/{id}/steps": _DESK,
    "PUT /api/cases/{id}/manager": _DESK,
    "POST /api/cases/{id}/todos": _DESK,
    "GET /api/todos": _to(*HOUSE),
    "PUT /api/todos/{todo_id}": _DESK,
    "GET /desk": _to(*HOUSE),
    "GET /desk/pair": _to(*HOUSE),
    "POST /desk/verdict": _JUDGES,
    "GET /desk/cases": _to(*HOUSE),
    "POST /desk/cases": _DESK,
    "GET /desk/cases/{case_id}": _to(*HOUSE),
    "POST /desk/cases/{case_id}/steps": _DESK,
    "POST /desk/cases/{case_id}/summary": _DESK,
    "POST /desk/cases/{case_id}/manager": _DESK,
    "POST /desk/cases/{case_id}/todos": _DESK,
    "GET /desk/todos": _to(*HOUSE),
    "POST /desk/todos": _DESK,
    "GET /api/verdicts/agreement": _to(Role.MANAGER, Role.ANALYST, Role.ADMIN),
}

_RUNNERS = (*HOUSE, Role.ORGANISER)
_BATCHES: dict[str, Rule] = {
    "GET /api/batches": _to(*_RUNNERS),
    "POST /api/batches": _to(*_RUNNERS, scope=Scope.WRITE),
    "GET /api/batches/{batch_id}": _to(*_RUNNERS),
    "POST /api/batches/{batch_id}/resume": _to(*_RUNNERS, scope=Scope.WRITE),
    "POST /api/batches/{batch_id}/cancel": _to(*_RUNNERS, scope=Scope.WRITE),
    "POST /api/batches/{batch_id}/restore": _to(*_RUNNERS, scope=Scope.WRITE),
    "DELETE /api/batches/{batch_id}": _DESK,
    # results quote records of every disclosure tier
    "GET /api/batches/{batch_id}/result": _to(*HOUSE),
    "GET /api/batches/{batch_id}/changes/{later_id}": _to(*HOUSE),
    "GET /batches": _to(*_RUNNERS),
    "POST /batches": _to(*_RUNNERS, scope=Scope.WRITE),
    "POST /batches/{batch_id}/resume": _to(*_RUNNERS, scope=Scope.WRITE),
    "POST /batches/{batch_id}/cancel": _to(*_RUNNERS, scope=Scope.WRITE),
    "POST /batches/{batch_id}/restore": _to(*_RUNNERS, scope=Scope.WRITE),
    "POST /batches/{batch_id}/delete": _DESK,
}

_PLAN = _to(*_RUNNERS)
_PLANNED = _to(*_RUNNERS, scope=Scope.WRITE)
_EVENTS: dict[str, Rule] = {
    # events and their schedules
    "GET /api/events": _PLAN,
    "POST /api/events": _PLANNED,
    "GET /api/events/{id}": _PLAN,
    "PUT /api/events/{id}": _PLANNED,
    "DELETE /api/events/{id}": _PLANNED,
    "POST /api/events/{id}/steps": _PLANNED,
    "POST /api/events/{id}/matching": _PLANNED,
    "GET /api/events/{id}/candidates": _PLAN,
    # it names confidential entries by their ids, with what is wished of them
    "GET /api/events/{id}/problem": _to(*HOUSE),
    "POST /api/events/{id}/schedules": _PLANNED,
    "GET /api/events/{id}/schedules": _PLAN,
    "GET /api/events/{id}/schedules/{number}": _PLAN,
    "POST /api/events/{id}/schedules/{number}/publish": _PLANNED,
    "GET /api/events/{id}/orders": _PLAN,
    "POST /api/events/{id}/orders": _PLANNED,
    "POST /api/events/{id}/absences": _PLANNED,
    "POST /api/events/{id}/wishes": _PLANNED,
    "GET /api/events/{id}/wall": _ANYBODY,
    "GET /events": _PLAN,
    "GET /events/new": _PLAN,
    "POST /events/new": _PLANNED,
    "GET /events/{id}": _PLAN,
    "POST /events/{id}/edit": _PLANNED,
    "POST /events/{id}/steps": _PLANNED,
    "POST /events/{id}/delete": _PLANNED,
    "GET /events/{id}/schedule": _PLAN,
    "POST /events/{id}/matching": _PLANNED,
    "POST /events/{id}/schedules": _PLANNED,
    "POST /events/{id}/publish": _PLANNED,
    "POST /events/{id}/orders": _PLANNED,
    "POST /events/{id}/absences": _PLANNED,
    "POST /events/{id}/wishes": _PLANNED,
    "GET /events/{id}/wall": _ANYBODY,
}
_ROSTERS: dict[str, Rule] = {
    # who takes part, with what, and who still has to be chased
    "GET /api/events/{id}/roster": _PLAN,
    "POST /api/events/{id}/roster": _PLANNED,
    "GET /api/events/{id}/roster.xlsx": _PLAN,
    "GET /api/events/{id}/roster-template.xlsx": _PLAN,
    "POST /api/events/{id}/parties": _PLANNED,
    "PUT /api/events/{id}/parties/{party_id}": _PLANNED,
    "DELETE /api/events/{id}/parties/{party_id}": _PLANNED,
    "POST /api/events/{id}/parties/{party_id}/attendees": _PLANNED,
    "PUT /api/events/{id}/attendees/{attendee_id}": _PLANNED,
    "DELETE /api/events/{id}/attendees/{attendee_id}": _PLANNED,
    "POST /api/events/{id}/parties/{party_id}/entries": _PLANNED,
    "DELETE /api/events/{id}/entries/{kind}/{listing_id}": _PLANNED,
    "GET /api/events/{id}/chase": _PLAN,
    "GET /api/events/{id}/chase.xlsx": _PLAN,
    "POST /api/events/{id}/invitations": _PLANNED,
    "GET /events/{id}/roster": _PLAN,
    "POST /events/{id}/roster": _PLANNED,
    "GET /events/{id}/roster.xlsx": _PLAN,
    "GET /events/{id}/roster-template.xlsx": _PLAN,
    "POST /events/{id}/roster/party": _PLANNED,
    "POST /events/{id}/roster/person": _PLANNED,
    "POST /events/{id}/roster/entry": _PLANNED,
    "POST /events/{id}/roster/remove": _PLANNED,
    "GET /events/{id}/chase": _PLAN,
    "GET /events/{id}/chase.xlsx": _PLAN,
    "POST /events/{id}/invitations": _PLANNED,
}
_TAKEN = ("book.pdf", "book.xlsx", "book.ics", "shortlist.pdf", "books.zip")
_BOOKS: dict[str, Rule] = {
    # what is printed or taken away
    "GET /events/{id}/book": _PLAN,
    **{f"GET {base}/events/{{id}}/{name}": _PLAN for base in ("", "/api") for name in _TAKEN},
}
_MEETS: dict[str, Rule] = {
    # participants by their link, what they say of meetings, and what becomes of it
    "GET /meet": _ANYBODY,
    "GET /meet/book.pdf": _ANYBODY,
    "GET /meet/calendar.ics": _ANYBODY,
    "GET /meet/reasons": _ANYBODY,
    "POST /meet/answer": _ANYBODY,
    "POST /meet/free": _ANYBODY,
    "POST /meet/wish": _ANYBODY,
    "POST /meet/outcome": _ANYBODY,
    "GET /events/{id}/desk": _PLAN,
    "POST /events/{id}/check-in": _PLANNED,
    "POST /events/{id}/outcomes": _PLANNED,
    "GET /events/{id}/follow-ups": _PLAN,
    "POST /events/{id}/follow-ups": _PLANNED,
    "GET /events/{id}/report": _PLAN,
    "GET /events/{id}/report.xlsx": _PLAN,
    "GET /api/events/{id}/desk": _PLAN,
    "POST /api/events/{id}/check-in": _PLANNED,
    "GET /api/events/{id}/outcomes": _PLAN,
    "PUT /api/events/{id}/outcomes": _PLANNED,
    "GET /api/events/{id}/follow-ups": _PLAN,
    "PUT /api/events/{id}/follow-ups": _PLANNED,
    "GET /api/events/{id}/report": _PLAN,
}

RULES: dict[str, Rule] = {
    # the service itself
    "GET /api/openapi.json": _ANYBODY,
    "GET /static": _ANYBODY,
    "GET /api/health": _ANYBODY,
    # texts that are not stored
    "POST /api/match": _ANYBODY,
    "GET /": _ANYBODY,
    "POST /": _ANYBODY,
    "POST /api/needs/check": _ANYBODY,
    "POST /needs/checkup": _to(Role.ENTERPRISE, Role.ADMIN, scope=Scope.WRITE),
    # listings
    **_of_kind(Kind.NEED),
    **_of_kind(Kind.ACHIEVEMENT),
    "POST /api/imports": _POSTERS,
    "GET /api/imports/template": _ANYBODY,
    "GET /import": _POSTERS,
    "POST /import": _POSTERS,
    "POST /import/rejected.csv": _POSTERS,
    # review, and what one's own organisation posted
    "GET /api/review": _REVIEWERS,
    "GET /review": _REVIEWERS,
    "GET /api/me/listings": _to(*OF_ORGANISATIONS, Role.ADMIN),
    "GET /api/me/inbox": _to(*OF_ORGANISATIONS, Role.ADMIN),
    "POST /api/me/inbox/read": _POSTERS,
    "GET /inbox": _to(*OF_ORGANISATIONS, Role.ADMIN),
    "POST /inbox/read": _POSTERS,
    "GET /mine": _to(*OF_ORGANISATIONS, Role.ADMIN),
    # figures
    "GET /api/dashboard": _STAFF,
    "GET /dashboard": _STAFF,
    "GET /dashboard/exposure": _STAFF,
    "GET /dashboard.xlsx": _STAFF,
    # batch runs
    **_BATCHES,
    # events
    **_EVENTS,
    **_ROSTERS,
    **_BOOKS,
    **_MEETS,
    # verdicts
    "GET /api/verdicts": _to(Role.MANAGER, Role.ANALYST, Role.ADMIN),
    "GET /api/verdicts/qrels": _to(Role.ANALYST, Role.ADMIN),
    "POST /api/verdicts": _JUDGES,
    "POST /verdicts": _JUDGES,
    "POST /judged": _JUDGES,
    # 揭榜挂帅, both ways
    **_BOUNTIES,
    # the broker's desk
    **_CASES,
    # getting in and out
    "POST /api/auth/register": _ANYBODY,
    "POST /api/auth/login": _ANYBODY,
    "POST /api/auth/password/forgotten": _ANYBODY,
    "POST /api/auth/password/reset": _ANYBODY,
    "POST /api/auth/invitation": _ANYBODY,
    "POST /api/auth/logout": _MEMBERS,
    "GET /login": _ANYBODY,
    "POST /login": _ANYBODY,
    "POST /logout": _MEMBERS,
    "GET /register": _ANYBODY,
    "POST /register": _ANYBODY,
    "GET /invitation": _ANYBODY,
    "POST /invitation": _ANYBODY,
    "GET /password/forgotten": _ANYBODY,
    "POST /password/forgotten": _ANYBODY,
    "GET /password/reset": _ANYBODY,
    "POST /password/reset": _ANYBODY,
    # one's own account
    "GET /api/me": _MEMBERS,
    "GET /api/me/tokens": _OWN_ACCOUNT,
    "POST /api/me/tokens": _OWN_ACCOUNT,
    "DELETE /api/me/tokens/{token_id}": _OWN_ACCOUNT,
    "GET /account": _OWN_ACCOUNT,
    "POST /account/password": _OWN_ACCOUNT,
    "POST /account/tokens": _OWN_ACCOUNT,
    "POST /account/tokens/revoke": _OWN_ACCOUNT,
    # administration
    "GET /api/admin/users": _ADMINS,
    "POST /api/admin/users/{user_id}/{action}": _ADMINS,
    "PUT /api/admin/users/{user_id}/role": _ADMINS,
    "GET /api/admin/organisations": _ADMINS,
    "POST /api/admin/organisations/{organisation_id}/{action}": _ADMINS,
    "POST /api/admin/invitations": _ADMINS,
    "GET /api/admin/audit": _ADMINS,
    "GET /admin/users": _ADMINS,
    "POST /admin/users": _ADMINS,
    "POST /admin/users/role": _ADMINS,
    "GET /admin/organisations": _ADMINS,
    "POST /admin/organisations": _ADMINS,
    "GET /admin/invitations": _ADMINS,
    "POST /admin/invitations": _ADMINS,
    "GET /admin/audit": _ADMINS,
    "GET /admin/scoring": _ADMINS,
}


EVENTS: dict[Role, frozenset[str]] = {
    **dict.fromkeys(OF_ORGANISATIONS, OWNER_EVENTS),
    Role.MANAGER: REVIEW_EVENTS,
    Role.ADMIN: HOUSE_EVENTS,
}
"""What each role may make of the state of a listing that it reaches with a `steps` route."""


def may_fire(principal: Principal, event: str) -> bool:
    """Whether the role of `principal` may fire an event of a listing."""
    return principal.role is not None and event in EVENTS.get(principal.role, ())


class Refusal(StrEnum):
    """Why a request is refused."""

    SIGN_IN = "sign-in"
    ROLE = "role"
    SCOPE = "scope"
    OWNER = "owner"
    HIDDEN = "hidden"
    """The thing may not even be known to exist."""


def refusal(principal: Principal, key: str) -> Refusal | None:
    """Why `principal` may not use a route at all, or None; ownership comes on top."""
    rule = RULES.get(key)
    if rule is None or principal.role not in rule.reach:
        return Refusal.ROLE if principal.role else Refusal.SIGN_IN
    return None if rule.scope in principal.scopes else Refusal.SCOPE


def owner_refusal(principal: Principal, key: str, owner_id: str | None) -> Refusal | None:
    """Why `principal`, who may use the route and see the record, may not reach it with it."""
    reach = RULES[key].reach[principal.role]
    own = owner_id is not None and owner_id == principal.organisation_id
    return Refusal.OWNER if reach is Reach.OWN and not own else None


def standing_refusal(principal: Principal, key: str, standing: Standing) -> Refusal | None:
    """Why `principal`, who may use the route, may not reach a thing with it, or None."""
    reach = RULES[key].reach[principal.role]
    own = {principal.user_id, principal.organisation_id} - {"", None}
    if reach is Reach.ALL or own & standing.owners:
        return None
    if own & standing.parties and reach in (Reach.PARTY, Reach.PUBLIC):
        return None
    if not standing.public and not own & standing.parties:
        return Refusal.HIDDEN
    return None if reach is Reach.PUBLIC else Refusal.OWNER


def roles_of(key: str) -> list[str]:
    """Names of the roles that may use a route."""
    return [role.value for role in RULES[key].reach if role] if key in RULES else []


def scopes_of(role: Role) -> list[Scope]:
    """The scopes that some rule asks of `role`, in their order."""
    used = {rule.scope for rule in RULES.values() if role in rule.reach}
    return [scope for scope in Scope if scope in used]
