"""The chase list (催办清单): what is still missing before an event, by party and person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from corpora.records import NeedRecord
from corpora.spreadsheet import export_rows
from matcher.checkup.measure import has_measurable_target
from matcher.listing import KINDS, Kind
from service.checkup import draft_of
from service.disclosure import Reader, Sight
from service.events import events, grid
from service.events.roster import shown
from service.events.roster.shown import Entry
from service.events.tables import EventAttendeeRow, EventPartyRow, EventRow, EventWishRow
from service.inputs import BEIJING

CODES = {
    "no_person": "没有登记参会人员",
    "no_uscc": "没有填统一社会信用代码",
    "no_type": "没有填单位类型",
    "no_city": "没有填所在市州",
    "no_entry": "没有带来需求或成果",
    "no_wish": "还没有表示意愿",
    "no_mail": "没有邮箱，发不出邀请",
    "not_invited": "还没有发邀请",
    "not_opened": "没有打开邀请链接",
    "not_answered": "打开了链接，没有答复是否到场",
    "declined": "答复不到场",
    "no_time": "可参加的时间里排不下一个时段",
    "entry_gone": "条目已不再发布",
    "entry_expiring": "条目在活动之前或当中到期",
    "no_figure": "需求没有写出可衡量的指标",
}
"""Every gap by its code, in the order in which the gaps of a party are told."""
_HEADER = ("单位", "姓名", "邮箱", "缺什么", "条目", "代码")


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing of a party, of one of its people, or of an entry."""

    code: str
    party: EventPartyRow
    person: EventAttendeeRow | None = None
    entry: Entry | None = None

    @property
    def text(self) -> str:
        """The gap in words."""
        return CODES[self.code]

    @property
    def entry_zh(self) -> str:
        """The entry under what its reader may know of it; empty for none."""
        if self.entry is None:
            return ""
        label = KINDS[Kind(self.entry.row.kind)].label_zh
        if not self.entry.known:
            return f"{label}：{self.entry.title}"
        return f"{label} {self.entry.row.listing_id}：{self.entry.title}"

    def as_row(self) -> dict[str, Any]:
        """The gap as JSON."""
        person, entry = self.person, self.entry
        return {
            "code": self.code,
            "text": self.text,
            "party_id": self.party.id,
            "party": self.party.name,
            "attendee_id": person.id if person else None,
            "attendee": person.name if person else None,
            "mail": person.mail if person else None,
            "entry": {
                "kind": entry.row.kind,
                "listing_id": entry.row.listing_id if entry.known else None,
                "title": entry.title,
            }
            if entry
            else None,
        }


def gaps(reader: Reader, event: EventRow) -> list[Gap]:
    """Every gap of the roster, by party and in the order of `CODES`."""
    session = reader.session
    people = events.attendees(session, event.id)
    brought = shown.entries(reader, event)
    wishes = shown.wishes(session, event)
    order = {code: place for place, code in enumerate(CODES)}
    found = []
    for party in events.parties(session, event.id):
        own = [person for person in people if person.party_id == party.id]
        entries = [entry for entry in brought if entry.row.party_id == party.id]
        of_party = [
            *_of_party(party, own, entries, wishes),
            *(gap for person in own for gap in _of_person(event, party, person)),
            *(gap for entry in entries for gap in _of_entry(reader, event, party, entry)),
        ]
        found += sorted(of_party, key=lambda gap: order[gap.code])
    return found


def workbook(found: list[Gap]) -> bytes:
    """The list as XLSX."""
    rows = (
        (
            gap.party.name,
            gap.person.name if gap.person else "",
            gap.person.mail if gap.person else "",
            gap.text,
            gap.entry_zh,
            gap.code,
        )
        for gap in found
    )
    return export_rows([("催办清单", _HEADER, rows)])


def _of_party(
    party: EventPartyRow,
    people: list[EventAttendeeRow],
    entries: list[Entry],
    wishes: list[EventWishRow],
) -> Iterator[Gap]:
    missing = {
        "no_person": not people,
        "no_uscc": not party.uscc,
        "no_type": not party.org_type,
        "no_city": not party.region_code,
        "no_entry": not entries,
        "no_wish": bool(entries) and not any(_wished(entries, wish) for wish in wishes),
    }
    yield from (Gap(code, party) for code, is_missing in missing.items() if is_missing)


def _wished(entries: list[Entry], wish: EventWishRow) -> bool:
    own = {entry.key for entry in entries}
    id_ = wish.need_id if wish.side == Kind.NEED else wish.achievement_id
    return (wish.side, id_) in own


def _of_person(event: EventRow, party: EventPartyRow, person: EventAttendeeRow) -> Iterator[Gap]:
    """How far the invitation got, and whether there is a time for meetings."""
    if person.coming is False:
        yield Gap("declined", party, person)
        return
    if person.coming is None:
        if not person.mail:
            yield Gap("no_mail", party, person)
        elif person.invited_at is None:
            yield Gap("not_invited", party, person)
        elif person.opened_at is None:
            yield Gap("not_opened", party, person)
        else:
            yield Gap("not_answered", party, person)
    if not grid.free(grid.slots(event), person.free, person.away):
        yield Gap("no_time", party, person)


def _of_entry(reader: Reader, event: EventRow, party: EventPartyRow, entry: Entry) -> Iterator[Gap]:
    listing = entry.listing
    if listing is None or not entry.published:
        yield Gap("entry_gone", party, entry=entry)
        return
    # how long a record holds that may not be known of is not told either
    if entry.known and listing.expires_at is not None and listing.expires_at < _end(event):
        yield Gap("entry_expiring", party, entry=entry)
    if entry.row.kind == Kind.NEED and reader.sight(listing) is Sight.FULL:
        view = reader.view(listing)
        record = view.record if view is not None else None
        if isinstance(record, NeedRecord) and not has_measurable_target(draft_of(record)):
            yield Gap("no_figure", party, entry=entry)


def _end(event: EventRow) -> datetime:
    """When the last period ends; hours of the place are those of China."""
    return datetime.fromisoformat(max(end for _, end in event.periods)).replace(tzinfo=BEIJING)
