"""A roster that was read, put into the database: good rows are taken, the others are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.accounts.office import note
from service.disclosure import Reader
from service.errors import InvalidRecordError
from service.events import events
from service.events.roster import editing
from service.events.roster.editing import Done
from service.events.roster.entering import refuse
from service.events.roster.layout import ENTRIES, PARTIES, PEOPLE, SHEETS, WANTED
from service.events.roster.reading import Fault, ReadRoster, Row
from service.events.tables import EventAttendeeRow, EventPartyRow, EventRow


@dataclass(slots=True)
class SheetReport:
    """How the rows of a sheet fared."""

    sheet: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(slots=True)
class RosterReport:
    """How every sheet fared, and what is wrong with the rows that were not taken."""

    dry_run: bool
    sheets: list[SheetReport]
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """Rows that can be taken."""
        return sum(s.created + s.updated + s.unchanged for s in self.sheets)

    @property
    def rejected(self) -> int:
        """Rows that are at fault."""
        return sum(s.rejected for s in self.sheets)

    @property
    def changed(self) -> int:
        """Rows that changed something."""
        return sum(s.created + s.updated for s in self.sheets)

    def as_json(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "dry_run": self.dry_run,
            "taken": self.taken,
            "rejected": self.rejected,
            "sheets": [{n: getattr(s, n) for n in SheetReport.__slots__} for s in self.sheets],
            "errors": [fault.as_row() for fault in self.faults],
            "warnings": self.notices,
        }


def import_roster(
    reader: Reader, event: EventRow, read: ReadRoster, *, dry_run: bool = False
) -> RosterReport:
    """Take the good rows in the caller's transaction; for a dry run the caller rolls it back."""
    events.hold(reader.session, event)
    return _Import(reader, event, read).run(dry_run=dry_run)


class _Import:
    """One import: the parties and people it has met so far, and the report."""

    def __init__(self, reader: Reader, event: EventRow, read: ReadRoster) -> None:
        self._reader, self._session, self._event = reader, reader.session, event
        self._read = read
        self._parties = {p.name: p for p in events.parties(self._session, event.id)}
        self._people: dict[tuple[str, str], EventAttendeeRow] = {
            (p.party_id, p.name): p for p in events.attendees(self._session, event.id)
        }

    def run(self, *, dry_run: bool) -> RosterReport:
        """All sheets in their order, for each speaks of what those before it name."""
        faults = list(self._read.faults)
        reports = []
        steps = {PARTIES: self._party, PEOPLE: self._person, ENTRIES: self._entry}
        for sheet, put in (steps | {WANTED: self._wish}).items():
            report = SheetReport(sheet.name)
            for row in self._read.rows[sheet.name]:
                faults.extend(self._taken(row, put, report))
            bad = {fault.error.row for fault in faults if fault.sheet == sheet.name}
            report.rejected = len(bad)
            reports.append(report)
        order = {sheet.name: place for place, sheet in enumerate(SHEETS)}
        faults.sort(key=lambda fault: (order[fault.sheet], fault.error.row))
        found = RosterReport(dry_run, reports, faults, self._read.notices)
        if found.changed:
            note(
                self._session, "event-roster-imported", ("event", self._event.id),
                self._reader.principal.user_id,
                **{s.sheet: [s.created, s.updated, s.rejected] for s in reports},
            )  # fmt: skip
        return found

    def _taken(self, row: Row, put: Callable[[Row], Done], report: SheetReport) -> list[Fault]:
        try:
            done = put(row)
        except InvalidRecordError as error:
            told = error.extensions["errors"][0]
            if row.sheet is PARTIES:
                self._read.refused_parties.add(row.values["name"])
            return [row.fault(told.field, told.problem, told.cure)]
        setattr(report, done, getattr(report, done) + 1)
        return []

    def _party(self, row: Row) -> Done:
        name = row.values["name"]
        known = self._parties.get(name)
        self._parties[name], done = editing.put_party(
            self._session, self._event, known, row.values, self._reader.principal.user_id
        )
        return done

    def _person(self, row: Row) -> Done:
        party = self._named(row)
        key = party.id, row.values["name"]
        known = self._people.get(key)
        values = _without(row.values, "party")
        self._people[key], done = editing.put_person(self._session, party, known, values)
        return done

    def _entry(self, row: Row) -> Done:
        party = self._named(row)
        values = _without(row.values, "party", "kind", "listing_id")
        if "people" in values:
            values["people"] = editing.named(self._session, party, values["people"])
        key = row.values["kind"], row.values["listing_id"]
        return editing.put_entry(self._reader, party, key, values)

    def _wish(self, row: Row) -> Done:
        stated = row.values
        pair = stated["need_id"], stated["achievement_id"]
        return editing.put_wish(self._reader, self._event, pair, stated["side"], stated["wish"])

    def _named(self, row: Row) -> EventPartyRow:
        name = row.values["party"]
        if name not in self._parties:
            if name in self._read.refused_parties:
                refuse("party", f"“{name}”在“{PARTIES.name}”里有错，没有导入", "先改正那一行")
            refuse("party", f"“{PARTIES.name}”里没有“{name}”", "先登记单位；几张表里的名称要一致")
        return self._parties[name]


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
