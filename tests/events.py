"""An event for tests: parties with people and records, a batch run over the roster, a schedule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from matcher.listing import Kind
from service.access import ITSELF, Principal
from service.batch.material import from_database
from service.batch.work import Batch
from service.context import Context
from service.db import writing
from service.events import events, grid, matching, problem
from service.events.inputs import EventIn
from service.events.tables import (
    EventAttendeeRow,
    EventEntryRow,
    EventPartyRow,
    EventRow,
    EventScheduleRow,
)
from service.served import served_config
from service.tables import now

EVENT: dict[str, Any] = {
    "name": "找矿挖宝 · 装备专场",
    "place": "成都科创中心",
    "slot_minutes": 20,
    "periods": [["2027-05-18T09:00", "2027-05-18T10:00"], ["2027-05-18T10:20", "2027-05-18T11:20"]],
    "tables": [{"id": "1号桌", "room": "A厅"}, {"id": "2号桌", "room": "A厅"}],
}


@dataclass
class Gathering:
    """An event in the making within one database."""

    ctx: Context
    id: str = ""
    parties: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)

    @classmethod
    def create(cls, ctx: Context, **changes: Any) -> Gathering:
        """An event in preparation."""
        with writing(ctx.engine) as session:
            row = events.create(session, EventIn.model_validate(EVENT | changes), Principal())
            return cls(ctx, row.id)

    def party(
        self,
        name: str,
        *people: str,
        needs: tuple[str, ...] = (),
        achievements: tuple[str, ...] = (),
        **stated: Any,
    ) -> Gathering:
        """Add an organisation, its people (with a mail address each) and what it brings."""
        with writing(self.ctx.engine) as session:
            party = EventPartyRow(event_id=self.id, name=name, **stated)
            session.add(party)
            session.flush()
            self.parties[name] = party.id
            for number, person in enumerate(people):
                row = EventAttendeeRow(
                    event_id=self.id,
                    party_id=party.id,
                    name=person,
                    mail=f"p{len(self.people)}-{number}@test.example",
                )
                session.add(row)
                session.flush()
                self.people[person] = row.id
            for kind, ids in ((Kind.NEED, needs), (Kind.ACHIEVEMENT, achievements)):
                for id_ in ids:
                    session.add(
                        EventEntryRow(
                            event_id=self.id, kind=kind, listing_id=id_, party_id=party.id
                        )
                    )
        return self

    def match(self, top_k: int = 10, *, begin_only: bool = False) -> str:
        """Do the batch run over the roster here, or only begin it; its id."""
        ctx = self.ctx
        with writing(ctx.engine) as session:
            rows = events.entries(session, self.id)
        roster = {kind: {e.listing_id for e in rows if e.kind == kind} for kind in Kind}
        material = from_database(
            ctx.engine,
            ctx.settings.index_dir,
            ctx.encoder,
            served_config(ctx.settings.home),
            ITSELF,
            needs=roster[Kind.NEED],
            achievements=roster[Kind.ACHIEVEMENT],
        )
        batch = Batch(ctx.engine, ctx.encoder, ctx.settings.home)
        run_id = batch.begin(material, "roster", top_k=top_k, shard=20)
        if not begin_only:
            batch.work(run_id)
        with writing(ctx.engine) as session:
            matching.begun(session, events.get(session, self.id), run_id, roster)
        return run_id

    def schedule(self, *meetings: tuple[str, str, str, str], published: bool = True) -> str:
        """Write down a schedule: need, achievement, slot and table of each meeting; its id."""
        with writing(self.ctx.engine) as session:
            event = events.get(session, self.id)
            row = EventScheduleRow(
                event_id=self.id,
                number=1 + _count(session, event),
                state="done",
                deadline=now() + timedelta(minutes=1),
                problem=problem.state(session, event).event.model_dump(mode="json"),
                schedule=_found(session, event, meetings),
                published_at=now() if published else None,
            )
            session.add(row)
            if published:
                event.state = "published"
                session.add(event)
            session.flush()
            return row.id


def _count(session: Session, event: EventRow) -> int:
    from sqlmodel import func, select

    query = select(func.count()).where(EventScheduleRow.event_id == event.id)
    return session.exec(query).one()


def _found(
    session: Session, event: EventRow, meetings: tuple[tuple[str, str, str, str], ...]
) -> dict[str, Any]:
    entries = {(e.kind, e.listing_id): e for e in events.entries(session, event.id)}
    people = events.attendees(session, event.id)
    known = {slot.id for slot in grid.slots(event)}
    rows = []
    for need, achievement, slot, table in meetings:
        assert slot in known, f"{slot} is no slot"
        sides = entries[Kind.NEED, need].party_id, entries[Kind.ACHIEVEMENT, achievement].party_id
        rows.append(
            {
                "need_id": need,
                "achievement_id": achievement,
                "people": [p.id for side in sides for p in people if p.party_id == side],
                "slot": slot,
                "table": table,
                "pinned": False,
                "value": 5000,
            }
        )
    fairness = {
        "participants": 2,
        "servable": 2,
        "served": 2,
        "served_bound": 2,
        "small_percent": 0.0,
        "city_percent": {},
        "most_meetings": 1,
    }
    return {
        "status": "OPTIMAL",
        "objective": 5000 * len(rows),
        "bound": 5000 * len(rows),
        "gap": 0.0,
        "scale": 10_000,
        "meetings": rows,
        "fairness": fairness,
    }
