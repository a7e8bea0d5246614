"""What people send about the roster one by one; the same cells are read from a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from matcher.listing import Kind
from service.accounts.inputs import Input
from service.events.inputs import Period
from service.events.roster import cells
from service.events.roster.times import MOST, joined_times
from service.inputs import Id, Version

PartyName = Annotated[str, AfterValidator(cells.line("单位名称"))]
PersonName = Annotated[str, AfterValidator(cells.line("姓名", 40))]
Cap = Annotated[int, Field(ge=0, le=cells.MOST_MEETINGS, strict=True)] | None
MOST_INVITED = 5000


def _or_empty(read: Callable[[object], str]) -> AfterValidator:
    def check(value: str) -> str:
        return read(value) if value.strip() else ""

    return AfterValidator(check)


class PartyIn(Input):
    """An organisation that takes part."""

    name: PartyName
    uscc: Annotated[str, _or_empty(cells.uscc)] = ""
    org_type: Annotated[str, _or_empty(cells.code("org_type"))] = ""
    region_code: Annotated[str, _or_empty(cells.code("region"))] = ""
    small: bool = False
    max_meetings: Cap = None


class PartyChange(Input):
    """An organisation as it shall be; `version` is the one that was read."""

    version: Version
    party: PartyIn


class AttendeeIn(Input):
    """A person, and when he can come: all the time where `free` is null."""

    name: PersonName
    mail: Annotated[str, _or_empty(cells.mail)] = ""
    free: Annotated[list[Period], Field(min_length=1, max_length=MOST)] | None = None

    def stated(self) -> dict[str, Any]:
        """The values as they are kept."""
        free = None if self.free is None else joined_times(list(time) for time in self.free)
        return {"name": self.name, "mail": self.mail, "free": free}


class AttendeeChange(Input):
    """A person as he shall be; `version` is the one that was read."""

    version: Version
    attendee: AttendeeIn


class EntryIn(Input):
    """A record that a party brings; `people` are ids of its attendees, empty for all of them."""

    kind: Kind
    listing_id: Id
    priority: Annotated[float, Field(ge=0, le=cells.MOST_PRIORITY, allow_inf_nan=False)] = 1.0
    max_meetings: Cap = None
    people: Annotated[list[Id], Field(max_length=200)] = []


class InvitationIn(Input):
    """Whom to invite: who was not yet, who has not answered, or the `people` that are named."""

    to: Literal["new", "unanswered", "chosen"] = "new"
    people: Annotated[list[Id], Field(max_length=MOST_INVITED)] = []

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.to == "chosen") != bool(self.people):
            msg = "people 只在 to 为 chosen 时填写，而且不能为空"
            raise ValueError(msg)
        return self
