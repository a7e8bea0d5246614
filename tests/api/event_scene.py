"""An event whose meetings are over: a public pair, a pair with a masked need, and links of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx

from matcher.listing import Kind
from service.access import Role
from service.context import Context
from service.db import writing
from service.events import events
from service.events.local import here
from service.events.tables import EventAttendeeRow
from service.tables import now
from tests.api.people import People, approve
from tests.api.test_api import NEED, SEAL
from tests.events import Gathering

SECRET = "玄霜谷"
MASKED = NEED | {
    "title": f"{SECRET}渣浆泵轴封两周就漏",
    "problem_statement": f"{SECRET}选厂渣浆泵输送含石英砂的矿浆，轴封十六天就滴漏，希望三个月以上。",
    "disclosure": "masked",
}


@dataclass
class Scene:
    """Two enterprises with a need each, the second one masked, and an institute with a seal."""

    crowd: People
    gathering: Gathering
    need: str
    masked: str
    seal: str

    @classmethod
    def set(cls, crowd: People, *, days_ago: int = 1) -> Scene:
        """The parties of the event, which was so many days ago."""
        need = _posted(crowd, Kind.NEED, NEED)
        masked = _posted(crowd, Kind.NEED, MASKED)
        seal = _posted(crowd, Kind.ACHIEVEMENT, SEAL)
        day = (here() - timedelta(days=days_ago)).date().isoformat()
        periods = [[f"{day}T09:00", f"{day}T10:00"], [f"{day}T10:20", f"{day}T11:20"]]
        gathering = (
            Gathering.create(crowd.app.state.context, periods=periods)
            .party("川矿集团", "李工", needs=(need,), region_code="510400", org_type="company")
            .party(f"{SECRET}矿业", "王总", needs=(masked,), region_code="510400", small=True)
            .party("密封研究院", "周教授", achievements=(seal,), region_code="510100")
        )
        return cls(crowd, gathering, need, masked, seal)

    @property
    def ctx(self) -> Context:
        """Of the service."""
        return self.gathering.ctx

    @property
    def url(self) -> str:
        """The pages of the event."""
        return f"/events/{self.gathering.id}"

    @property
    def client(self) -> httpx.Client:
        """Somebody who is not signed in."""
        return self.crowd[None]

    def publish(self) -> None:
        """Publish a schedule of both pairs."""
        day = self.day
        self.gathering.schedule(
            (self.need, self.seal, f"{day}T09:00", "1号桌"),
            (self.masked, self.seal, f"{day}T09:20", "2号桌"),
        )

    @property
    def day(self) -> str:
        """The day of the event."""
        with writing(self.ctx.engine) as session:
            return events.get(session, self.gathering.id).periods[0][0][:10]

    def token(self, name: str) -> str:
        """A fresh link of a person."""
        office = self.crowd.office
        with writing(self.ctx.engine) as session:
            person = session.get_one(EventAttendeeRow, self.gathering.people[name])
            token, person.digest = office.keys.fresh("jbe")
            person.invited_at = now()
            session.add(person)
        return token

    def person(self, name: str) -> EventAttendeeRow:
        """A person as stored."""
        with writing(self.ctx.engine) as session:
            return session.get_one(EventAttendeeRow, self.gathering.people[name])

    def meet(self, token: str) -> str:
        """The page of a link."""
        shown = self.client.get(f"/meet?token={quote(token)}")
        assert shown.status_code == 200, shown.text
        return shown.text

    def taken(self, name: str, token: str) -> bytes:
        """A file of a link."""
        answer = self.client.get(f"/meet/{name}?token={quote(token)}")
        assert answer.status_code == 200, answer.text
        return answer.content

    def send(self, what: str, token: str, **fields: Any) -> httpx.Response:
        """Send a form of the page of a link."""
        return self.client.post(f"/meet/{what}", data={"token": token} | fields)

    def say(self, side: Kind, need: str = "", **outcome: Any) -> httpx.Response:
        """Have the organiser write down a word on a meeting with the seal."""
        body = {
            "need_id": need or self.need,
            "achievement_id": self.seal,
            "side": side,
            "outcome": outcome,
        }
        return self.crowd[Role.ORGANISER].put(f"/api{self.url}/outcomes", json=body)


def _posted(crowd: People, kind: Kind, body: dict[str, Any]) -> str:
    role, plural = {
        Kind.NEED: (Role.ENTERPRISE, "needs"),
        Kind.ACHIEVEMENT: (Role.INSTITUTE, "achievements"),
    }[kind]
    answer = crowd[role].post(f"/api/{plural}", json=body)
    assert answer.status_code == 201, answer.text
    id_ = str(answer.json()["id"])
    approve(crowd, kind, id_)
    return id_
