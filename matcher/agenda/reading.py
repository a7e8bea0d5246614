"""Reading event and schedule files: every fault told with its path, what it is and how to mend it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from matcher.agenda.event import Day, Event
from matcher.agenda.schedule import Schedule

_Model = TypeVar("_Model", bound=BaseModel)


class AgendaError(ValueError):
    """A file that is no event or no schedule; the message is in Chinese and names the first fault."""

    def __init__(self, faults: list[str]) -> None:
        more = f"（另有 {len(faults) - 1} 处）" if len(faults) > 1 else ""
        super().__init__(faults[0] + more)
        self.faults = faults


def read_event(content: bytes) -> Event:
    """The event in a file; raises AgendaError."""
    event = _read(content, Event)
    faults = list(_faults(event))
    if faults:
        raise AgendaError(faults)
    return event


def read_schedule(content: bytes) -> Schedule:
    """The schedule in a file; raises AgendaError."""
    return _read(content, Schedule)


def _read(content: bytes, model: type[_Model]) -> _Model:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        faults = [_told(detail) for detail in error.errors(include_url=False)]
        raise AgendaError(faults) from error


_MESSAGES: dict[str, str] = {
    "missing": "缺少这一项；请补上",
    "extra_forbidden": "没有这个字段；请检查拼写或删去",
    "string_type": "应为文字；请加引号",
    "string_too_short": "不能为空；请填写",
    "string_too_long": "过长，最多 {max_length} 字；请缩短",
    "string_pattern_mismatch": "写法不对；请把时间写成 09:20，日期写成 2027-05-18，编号首尾不留空格",
    "int_type": "应为整数；请去掉引号和小数",
    "int_from_float": "应为整数；请去掉小数",
    "float_type": "应为数字；请去掉引号",
    "finite_number": "应为有限的数字；请改正",
    "bool_type": "应为 true 或 false；请改正",
    "list_type": "应为列表；请写在 [ ] 里",
    "dict_type": "应为对象；请写在 {{ }} 里",
    "model_type": "应为对象；请写在 {{ }} 里",
    "too_short": "至少要有 {min_length} 项；请补上",
    "greater_than_equal": "不能小于 {ge}；请改正",
    "less_than_equal": "不能大于 {le}；请改正",
    "enum": "只能是 {expected}；请改正",
    "json_invalid": "不是合法的 JSON（{error}）；请检查括号、逗号和引号",
}


def _told(detail: ErrorDetails) -> str:
    message = _MESSAGES.get(detail["type"], "内容不合格式；请对照 JSON schema 修改")
    return f"{_path(detail['loc'])}：{message.format(**detail.get('ctx', {}))}"


def _path(loc: Iterable[int | str]) -> str:
    """`days[0].slots[2].start`; the whole file where empty."""
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return path.lstrip(".") or "文件"


def _faults(event: Event) -> Iterator[str]:
    """What is wrong between the parts of an event that are well formed each."""
    yield from _times(event)
    yield from _twins(event)
    yield from _references(event)


def _times(event: Event) -> Iterator[str]:
    for i, day in enumerate(event.days):
        try:
            date.fromisoformat(day.date)
        except ValueError:
            yield f"days[{i}].date：没有 {day.date} 这一天；请改正"
        for j, (before, after) in enumerate(zip(_minutes(day), _minutes(day)[1:], strict=False)):
            if after - before < event.slot_minutes:
                yield (
                    f"days[{i}].slots[{j + 1}].start：离上一个时段不足 {event.slot_minutes} 分钟；"
                    "请按时间先后排列，时段不要重叠"
                )


def _minutes(day: Day) -> list[int]:
    return [int(slot.start[:2]) * 60 + int(slot.start[3:]) for slot in day.slots]


def _twins(event: Event) -> Iterator[str]:
    """Identifiers and pairs that stand twice."""
    lists: list[tuple[str, list[object]]] = [
        ("days.date", [day.date for day in event.days]),
        ("days.slots.id", [slot.id for day in event.days for slot in day.slots]),
        ("tables.id", [x.id for x in event.tables]),
        ("organisations.id", [x.id for x in event.organisations]),
        ("people.id", [x.id for x in event.people]),
        ("needs.id", [x.id for x in event.needs]),
        ("achievements.id", [x.id for x in event.achievements]),
        ("candidates", [(x.need_id, x.achievement_id) for x in event.candidates]),
        ("preferences", [(x.need_id, x.achievement_id, x.side.value) for x in event.preferences]),
        ("pins", [(x.need_id, x.achievement_id) for x in event.pins]),
    ]
    lists += [
        (f"{kind}[{i}].people", list(entry.people))
        for kind, entries in (("needs", event.needs), ("achievements", event.achievements))
        for i, entry in enumerate(entries)
    ]
    for path, values in lists:
        for value, count in Counter(values).items():
            if count > 1:
                shown = " × ".join(map(str, value)) if isinstance(value, tuple) else value
                yield f"{path}：{shown} 出现了 {count} 次；请只留一个"


def _references(event: Event) -> Iterator[str]:
    """Identifiers that name nothing."""
    slots = {slot.id for day in event.days for slot in day.slots}
    tables = {x.id for x in event.tables}
    organisations = {x.id for x in event.organisations}
    people = {x.id for x in event.people}
    needs, achievements = {x.id for x in event.needs}, {x.id for x in event.achievements}

    def check(path: str, value: str | None, known: set[str], what: str) -> Iterator[str]:
        if value is not None and value not in known:
            yield f"{path}：没有编号为 {value} 的{what}；请改正，或把它加进名单"

    def each(path: str, values: list[str] | None, known: set[str], what: str) -> Iterator[str]:
        for k, value in enumerate(values or []):
            yield from check(f"{path}[{k}]", value, known, what)

    for i, table in enumerate(event.tables):
        yield from each(f"tables[{i}].closed", table.closed, slots, "时段")
    for i, person in enumerate(event.people):
        yield from check(f"people[{i}].organisation", person.organisation, organisations, "单位")
        yield from each(f"people[{i}].free", person.free, slots, "时段")
    for kind, entries in (("needs", event.needs), ("achievements", event.achievements)):
        for i, entry in enumerate(entries):
            at = f"{kind}[{i}]"
            yield from check(f"{at}.organisation", entry.organisation, organisations, "单位")
            yield from each(f"{at}.people", entry.people, people, "人员")
    for i, absence in enumerate(event.absences):
        yield from check(f"absences[{i}].person", absence.person, people, "人员")
        yield from each(f"absences[{i}].slots", absence.slots, slots, "时段")
    for name in ("candidates", "preferences", "pins", "forbids"):
        for i, pair in enumerate(getattr(event, name)):
            at = f"{name}[{i}]"
            yield from check(f"{at}.need_id", pair.need_id, needs, "需求")
            yield from check(f"{at}.achievement_id", pair.achievement_id, achievements, "成果")
            yield from check(f"{at}.slot", getattr(pair, "slot", None), slots, "时段")
            yield from check(f"{at}.table", getattr(pair, "table", None), tables, "桌位")


SCHEMAS: dict[str, Callable[[], dict[str, object]]] = {
    "event": Event.model_json_schema,
    "schedule": Schedule.model_json_schema,
}
"""The schemas that are committed beside this module, by name."""


def schema_text(name: str) -> str:
    """The committed text of a schema."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **SCHEMAS[name]()}
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
