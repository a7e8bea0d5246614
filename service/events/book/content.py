"""A match book as data: what one reader may know of the meetings, ready to be written in any form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from matcher.listing import Kind
from service.events.book.questions import Question
from service.figures import Figure

_WEEK = "一二三四五六日"


def day_zh(day: date) -> str:
    """`2027-05-18（周二）`."""
    return f"{day:%Y-%m-%d}（周{_WEEK[day.weekday()]}）"


class Level(StrEnum):
    """How confidential a book is, by what is in it."""

    OPEN = "open"
    PARTIES = "parties"
    """Titles of masks, or names of those who bring what is not public."""
    CLOSED = "closed"
    """Words of records that are not public."""

    @property
    def label_zh(self) -> str:
        """What stands on every page."""
        return {
            "open": "机密分级：公开（条目均已公开）",
            "parties": "机密分级：内部（含脱敏或保密条目，限参会人员）",
            "closed": "机密分级：保密（含未公开内容，请勿转发）",
        }[self.value]


@dataclass(frozen=True)
class Side:
    """One side of a meeting, as far as the reader may know it."""

    id: str
    """The id of the record; empty where the reader may not know of it."""
    title: str
    party: str
    people: tuple[str, ...]
    own: bool = False
    """Whether the party whose book it is sits here."""

    @property
    def who(self) -> str:
        """The party with its people."""
        return f"{self.party}（{'、'.join(self.people)}）" if self.people else self.party


@dataclass(frozen=True)
class Why:
    """Why a meeting is held; only a summary where the reader does not read both records in full."""

    summary: str
    sentences: tuple[tuple[str, str], ...] = ()
    """What the need says, and what the achievement says to it."""
    figures: tuple[Figure, ...] = ()
    probability: float | None = None


@dataclass(frozen=True)
class Talk:
    """A meeting in a book. `need_id` and `achievement_id` name it; they are not for the reader."""

    number: int
    need_id: str
    achievement_id: str
    begin: datetime
    end: datetime
    table: str
    room: str
    sides: Mapping[Kind, Side]
    why: Why
    questions: tuple[Question, ...]
    attendee_ids: frozenset[str]

    @property
    def pair(self) -> tuple[str, str]:
        """Ids of need and achievement."""
        return self.need_id, self.achievement_id

    @property
    def hours(self) -> str:
        """`09:20–09:40`."""
        return f"{self.begin:%H:%M}–{self.end:%H:%M}"

    @property
    def where(self) -> str:
        """Room and table."""
        return " ".join(part for part in (self.room, self.table) if part)

    def to(self, question: Question) -> str:
        """Whom to ask; what a party will itself be asked it should prepare for."""
        return "请准备" if self.sides[question.to].own else question.to_zh

    @property
    def title(self) -> str:
        """Both titles; to one party, that of its counterpart."""
        others = [side for side in self.sides.values() if not side.own]
        named = others if len(others) == 1 else list(self.sides.values())
        return " × ".join(side.title for side in named)

    @property
    def counterpart(self) -> str:
        """Who sits there; to one party, who sits opposite."""
        others = [side for side in self.sides.values() if not side.own] or [*self.sides.values()]
        return " × ".join(side.who for side in others)


@dataclass(frozen=True)
class Earlier:
    """A meeting as a schedule that was published before had it."""

    need_id: str
    achievement_id: str
    begin: datetime
    end: datetime
    table: str
    room: str
    party_ids: frozenset[str]
    attendee_ids: frozenset[str]

    @property
    def pair(self) -> tuple[str, str]:
        """Ids of need and achievement."""
        return self.need_id, self.achievement_id


@dataclass(frozen=True)
class Book:
    """What one reader may know of an event, or of the meetings of one party."""

    salt: str
    """Of the event, see `EventRow.salt`."""
    name: str
    place: str
    party: str
    """Whose book it is; empty for the whole event."""
    number: int
    """That of the schedule; 0 where there is none yet."""
    draft: bool
    level: Level
    talks: tuple[Talk, ...]
    earlier: tuple[Earlier, ...]

    @property
    def title(self) -> str:
        """Event and party."""
        return f"{self.name} · {self.party}" if self.party else self.name

    @property
    def days(self) -> dict[date, list[Talk]]:
        """Its meetings by day."""
        found: dict[date, list[Talk]] = {}
        for talk in self.talks:
            found.setdefault(talk.begin.date(), []).append(talk)
        return found
