"""From a placement to the schedule that is written."""

from __future__ import annotations

from collections import Counter

from matcher.agenda import wording
from matcher.agenda.event import Event, Unit
from matcher.agenda.exact import Answer
from matcher.agenda.problem import SCALE, Placement, Problem, idle_gaps, objective, served
from matcher.agenda.schedule import Change, Conflict, Fairness, Meeting, Schedule, Status, Unserved
from matcher.agenda.seating import seat

Key = tuple[str, str]


def report(
    event: Event, problem: Problem, answer: Answer, previous: Schedule | None = None
) -> Schedule:
    """The schedule of a found placement."""
    placed = answer.placed or {}
    reached = objective(problem, placed)
    bound = max(reached, answer.bound + problem.base)
    fairness = _fairness(event, problem, placed, answer.served_bound)
    proven = reached == bound and fairness.served == fairness.served_bound
    gaps = idle_gaps(problem, placed)
    return Schedule(
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        objective=reached,
        bound=bound,
        gap=(bound - reached) / max(1, abs(bound)),
        scale=SCALE,
        meetings=_meetings(event, problem, placed),
        idle_gaps=gaps,
        idle_proven=answer.idle_proven or gaps == 0,
        fairness=fairness,
        unserved=_unserved(event, problem, placed),
        changes=_changes(problem, placed, previous),
        notes=list(problem.notes),
    )


def refusal(
    event: Event, problem: Problem, conflicts: list[Conflict], relaxations: list[Conflict]
) -> Schedule:
    """The answer to wishes that contradict each other."""
    return Schedule(
        status=Status.INFEASIBLE,
        objective=0,
        bound=0,
        gap=0.0,
        scale=SCALE,
        meetings=[],
        fairness=_fairness(event, problem, {}, 0),
        notes=list(problem.notes),
        conflicts=conflicts,
        relaxations=relaxations,
    )


def _meetings(event: Event, problem: Problem, placed: Placement) -> list[Meeting]:
    attending = {e.id: e.people for e in event.needs}, {e.id: e.people for e in event.achievements}
    seats = seat(problem, placed)
    made = []
    for p, s in sorted(placed.items(), key=lambda item: (item[1], seats[item[0]], item[0])):
        pair = problem.pairs[p]
        people = [*attending[0][pair.need], *attending[1][pair.achievement]]
        made.append(
            Meeting(
                need_id=pair.need,
                achievement_id=pair.achievement,
                people=list(dict.fromkeys(people)),
                slot=problem.slots[s],
                table=seats[p],
                pinned=pair.pinned,
                value=pair.value,
            )
        )
    return made


def _fairness(event: Event, problem: Problem, placed: Placement, bound: int) -> Fairness:
    orgs = {org.id: org for org in event.organisations}
    owner = {e.id: orgs[e.organisation] for e in event.needs}
    other = {e.id: orgs[e.organisation] for e in event.achievements}
    small, cities = 0, Counter[str]()
    for p in placed:
        sides = owner[problem.pairs[p].need], other[problem.pairs[p].achievement]
        small += any(org.small for org in sides)
        cities.update({org.city for org in sides} - {""})
    known = sorted({org.city for org in orgs.values()} - {""})
    reached = served(problem, placed)
    counts = [sum(p in placed for p in group.members) for group in problem.groups]
    return Fairness(
        participants=len(_participants(event)),
        servable=len(problem.groups),
        served=reached,
        served_bound=max(reached, bound),
        small_percent=_percent(small, len(placed)),
        city_percent={city: _percent(cities[city], len(placed)) for city in known},
        most_meetings=max(counts, default=0),
    )


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def _participants(event: Event) -> list[str]:
    if event.rules.participant is Unit.LISTING:
        needs = [f"need:{entry.id}" for entry in event.needs]
        return needs + [f"achievement:{entry.id}" for entry in event.achievements]
    bringing = {entry.organisation for entry in [*event.needs, *event.achievements]}
    return sorted(bringing)


def _unserved(event: Event, problem: Problem, placed: Placement) -> list[Unserved]:
    groups = {group.id: group for group in problem.groups}
    paired = _with_pairs(event, problem)
    found = []
    for id_ in _participants(event):
        group = groups.get(id_)
        if group is not None and any(p in placed for p in group.good):
            continue
        lacking = "none_good" if id_ in paired else "no_candidates"
        code = "crowded_out" if group is not None else lacking
        found.append(Unserved(id=id_, code=code, reason=wording.unserved(code)))
    return found


def _with_pairs(event: Event, problem: Problem) -> set[str]:
    owner = {("need", e.id): e.organisation for e in event.needs}
    owner |= {("achievement", e.id): e.organisation for e in event.achievements}
    sides = {
        side
        for pair in problem.pairs
        for side in (("need", pair.need), ("achievement", pair.achievement))
    }
    if event.rules.participant is Unit.LISTING:
        return {":".join(side) for side in sides}
    return {owner[side] for side in sides}


def _changes(problem: Problem, placed: Placement, previous: Schedule | None) -> list[Change]:
    if previous is None:
        return []
    now = {problem.pairs[p].key: problem.slots[s] for p, s in placed.items()}
    before = {(m.need_id, m.achievement_id): m.slot for m in previous.meetings}
    made = []
    for key in sorted(before.keys() | now.keys()):
        old, new = before.get(key), now.get(key)
        if old is None:
            kind = "added"
        elif new is None:
            kind = "dropped"
        else:
            kind = "kept" if old == new else "moved"
        made.append(Change(kind=kind, need_id=key[0], achievement_id=key[1], before=old, after=new))
    return made
