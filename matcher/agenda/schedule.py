"""The output: a schedule, how good it is and how good it could be at most.

`schemas/schedule.schema.json` is made from these models.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from matcher.agenda.event import Id, Part


class Status(StrEnum):
    """OPTIMAL: nothing better exists; FEASIBLE: see the gap; INFEASIBLE: see `conflicts`."""

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    INFEASIBLE = "INFEASIBLE"


class Meeting(Part):
    """One meeting; `pinned` where the organiser fixed it."""

    need_id: Id
    achievement_id: Id
    people: list[Id]
    slot: Id
    table: Id
    pinned: bool = False
    value: int = Field(description="what it adds to the objective, in units of `scale`")


class Unserved(Part):
    """A participant without a good meeting and why: `code` for programs, `reason` for people."""

    id: Id
    code: str
    reason: str


class Fairness(Part):
    """Participants that got a good meeting, could have got one, and at most could at once."""

    participants: int
    servable: int
    served: int
    served_bound: int
    small_percent: float = Field(description="share of meetings with a small firm, percent")
    city_percent: dict[str, float] = Field(description="the same for each city")
    most_meetings: int = Field(description="meetings of the participant that has the most")


class Change(Part):
    """How an earlier meeting fared: kept, moved (another slot), dropped; or added."""

    kind: str
    need_id: Id
    achievement_id: Id
    before: Id | None = None
    after: Id | None = None


class Conflict(Part):
    """One wish of a contradictory list; `members` are the identifiers it is about.

    `code` is `pin`, `must`, `cap_…` or `share_…`, with `:cause` where the wish fails by itself. Who
    gives up a pin gives up a must of the same pair with it.
    `proposed` is the number (meetings or percent) that a cap or share would have to be set to.
    """

    code: str
    members: list[str]
    reason: str
    proposed: int | None = None


class Schedule(Part):
    """The answer to an event.

    `objective` and `bound` are integers, `scale` to one certain meeting of priority 1; the objective is
    defined in `matcher/agenda/problem.py`. `bound` holds for every schedule that serves as many
    participants as this one; `gap` is (bound - objective) / bound, 0 where proven.
    """

    status: Status = Field(strict=False)
    objective: int
    bound: int
    gap: float
    scale: int
    meetings: list[Meeting]
    idle_gaps: int = Field(default=0, description="see `problem`; fewer at equal value is better")
    idle_proven: bool = Field(default=False, description="true where no fewer are possible")
    fairness: Fairness
    unserved: list[Unserved] = []
    changes: list[Change] = []
    notes: list[str] = []
    conflicts: list[Conflict] = Field(
        default=[], description="wishes that cannot all be kept, none of them superfluous"
    )
    relaxations: list[Conflict] = Field(
        default=[], description="a smallest set of changes that makes the wishes possible"
    )
