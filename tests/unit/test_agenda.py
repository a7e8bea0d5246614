"""Schedules of events: against exhaustive search, against the independent checker, and by hand."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import matcher.agenda
from corpora import sample
from eval.schedules.check import misreported, violations
from eval.schedules.generate import LARGE, MEDIUM, random_event
from eval.schedules.trial import compare_small, solved_json
from matcher.agenda.reading import SCHEMAS, AgendaError, read_event, read_schedule, schema_text

Json = dict[str, Any]
SAMPLE = Path(sample.__file__).parent / "event.json"
SCHEMA_DIR = Path(matcher.agenda.__file__).parent / "schemas"


def pair(need: str, achievement: str, **more: object) -> Json:
    return {"need_id": need, "achievement_id": achievement, **more}


@pytest.fixture
def event() -> Json:
    """Two firms, two institutes, three slots, two tables; every pair may meet."""
    slots = [{"id": f"S{i}", "start": f"09:{20 * i:02}"} for i in range(3)]
    names = ("E1", "E2", "I1", "I2")
    return {
        "slot_minutes": 20,
        "days": [{"date": "2027-05-18", "slots": slots}],
        "tables": [{"id": "T1"}, {"id": "T2"}],
        "organisations": [{"id": n, "city": "510100", "small": n == "E1"} for n in names],
        "people": [{"id": f"P-{n}", "organisation": n} for n in names],
        "needs": [{"id": f"N{i}", "organisation": f"E{i}", "people": [f"P-E{i}"]} for i in (1, 2)],
        "achievements": [
            {"id": f"A{i}", "organisation": f"I{i}", "people": [f"P-I{i}"]} for i in (1, 2)
        ],
        "candidates": [
            pair("N1", "A1", probability=0.9),
            pair("N1", "A2", probability=0.6),
            pair("N2", "A1", probability=0.8),
            pair("N2", "A2", probability=0.1),
        ],
    }


def held(schedule: Json) -> dict[tuple[str, str], Json]:
    return {(m["need_id"], m["achievement_id"]): m for m in schedule["meetings"]}


def sound(event: Json, schedule: Json, previous: Json | None = None) -> bool:
    return not [*violations(event, schedule), *misreported(event, schedule, previous)]


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_small_events_equal_exhaustive_search(first: int) -> None:
    tally = compare_small(range(first, first + 100))
    assert not tally.faults
    assert tally.statuses["OPTIMAL"] > 30
    assert tally.statuses["INFEASIBLE"] > 5


def test_the_checker_sees_what_is_wrong(event: Json) -> None:
    schedule = solved_json(event)
    assert sound(event, schedule)
    first, second = schedule["meetings"][:2]
    for change, told in (
        ({"slot": "S9"}, "no usable slot"),
        ({"table": "T9"}, "not open"),
        ({"value": 1}, "is worth"),
        ({"pinned": True}, "pinned"),
        ({"people": []}, "instead of"),
        ({"slot": second["slot"], "table": second["table"]}, "2 meetings at"),
    ):
        broken = copy.deepcopy(schedule)
        broken["meetings"][0] |= change
        assert any(told in fault for fault in violations(event, broken)), told
    assert misreported(event, schedule | {"objective": schedule["objective"] + 1})
    crowded = event | {"people": [p | {"free": []} for p in event["people"]]}
    assert any("not free" in fault for fault in violations(crowded, schedule))
    refusing = event | {
        "preferences": [pair(first["need_id"], first["achievement_id"], side="need", wish="no")]
    }
    assert any("must not meet" in fault for fault in violations(refusing, schedule))


def test_a_medium_event_is_solved_to_proof() -> None:
    event = random_event(MEDIUM, 1)
    schedule = solved_json(event, seconds=8)
    assert sound(event, schedule)
    assert schedule["gap"] <= 0.01
    assert schedule["fairness"]["served"] == schedule["fairness"]["served_bound"]


def test_a_larger_event_is_sound_and_its_gap_small() -> None:
    size = replace(LARGE, needs=150, achievements=300, tables=20, candidates=20)
    event = random_event(size, 2)
    schedule = solved_json(event, seconds=12)
    assert schedule["status"] != "INFEASIBLE"
    assert sound(event, schedule)
    assert schedule["gap"] <= 0.02


def test_everybody_gets_one_before_anybody_gets_many(event: Json) -> None:
    """With room for two meetings, the two worth most would leave an institute alone."""
    event["tables"] = [{"id": "T1"}]
    event["days"][0]["slots"][2]["usable"] = False
    schedule = solved_json(event)
    assert set(held(schedule)) == {("N1", "A2"), ("N2", "A1")}
    assert schedule["fairness"]["served"] == 4
    event["rules"] = {"good_value": 0.7}
    assert set(held(solved_json(event))) == {("N1", "A1"), ("N2", "A1")}


def test_a_single_no_excludes_and_overrules_a_must(event: Json) -> None:
    event["preferences"] = [
        pair("N1", "A1", side="need", wish="must"),
        pair("N1", "A1", side="achievement", wish="no"),
        pair("N2", "A1", side="need", wish="like"),
    ]
    schedule = solved_json(event)
    assert ("N1", "A1") not in held(schedule)
    assert held(schedule)["N2", "A1"]["value"] == 10_000
    assert len(schedule["notes"]) == 1


def test_pins_forbids_and_closed_tables(event: Json) -> None:
    event["pins"] = [pair("N2", "A2", slot="S1", table="T2"), pair("N1", "A1", table="T2")]
    event["forbids"] = [pair("N1", "A2"), pair("N1", "A1", slot="S2")]
    event["tables"][1]["closed"] = ["S2"]
    schedule = solved_json(event)
    assert sound(event, schedule)
    meetings = held(schedule)
    assert (meetings["N2", "A2"]["slot"], meetings["N2", "A2"]["table"]) == ("S1", "T2")
    assert (meetings["N1", "A1"]["slot"], meetings["N1", "A1"]["table"]) == ("S0", "T2")
    assert ("N1", "A2") not in meetings


def test_idle_gaps_are_closed_where_that_costs_nothing(event: Json) -> None:
    schedule = solved_json(event)
    assert len(schedule["meetings"]) == 4
    assert schedule["idle_gaps"] == 0


def test_an_absence_is_repaired_with_few_changes() -> None:
    event = random_event(MEDIUM, 3)
    before = solved_json(event, seconds=10)
    absent = before["meetings"][0]["people"][0]
    fallen = sum(absent in m["people"] for m in before["meetings"])
    changed = event | {"absences": [*event["absences"], {"person": absent}]}
    after = solved_json(changed, before, seconds=20)
    assert sound(changed, after, before)
    kinds = [change["kind"] for change in after["changes"]]
    assert kinds.count("kept") >= len(before["meetings"]) - 3 * fallen
    assert not any(absent in m["people"] for m in after["meetings"])


def test_solving_again_with_nothing_new_changes_nothing(event: Json) -> None:
    before = solved_json(event)
    after = solved_json(event, before)
    assert {c["kind"] for c in after["changes"]} == {"kept"}
    assert after["meetings"] == before["meetings"]


def test_moving_by_hand_is_a_pin(event: Json) -> None:
    before = solved_json(event)
    old = held(before)["N1", "A1"]["slot"]
    new = next(s["id"] for s in event["days"][0]["slots"] if s["id"] != old)
    event["pins"] = [pair("N1", "A1", slot=new)]
    after = solved_json(event, before)
    assert sound(event, after, before)
    moved = next(c for c in after["changes"] if (c["need_id"], c["achievement_id"]) == ("N1", "A1"))
    assert (moved["kind"], moved["after"]) == ("moved", new)


@pytest.mark.parametrize(
    ("change", "codes", "members"),
    [
        (
            {
                "pins": [pair("N1", "A1", slot="S0"), pair("N1", "A2", slot="S0")],
            },
            {"pin"},
            {"N1", "A1", "A2"},
        ),
        (
            {
                "pins": [
                    pair("N1", "A1", slot="S0", table="T1"),
                    pair("N2", "A2", slot="S0", table="T1"),
                ]
            },
            {"pin"},
            {"N1", "A1", "N2", "A2"},
        ),
        (
            {
                "preferences": [pair("N1", a, side="need", wish="must") for a in ("A1", "A2")],
                "caps": {"needs": {"per_listing": 1}},
            },
            {"must", "cap_need"},
            {"N1", "A1", "A2"},
        ),
        (
            {"pins": [pair("N2", "A2")], "shares": {"small": 60}, "forbids": [pair("N1", "A2")]},
            {"pin", "share_small"},
            {"N2", "A2"},
        ),
    ],
    ids=["one person twice", "one table twice", "a cap", "a share"],
)
def test_contradictions_are_named(
    event: Json, change: Json, codes: set[str], members: set[str]
) -> None:
    schedule = solved_json(event | change)
    assert {c["code"] for c in schedule["conflicts"]} == codes
    assert schedule["status"] == "INFEASIBLE"
    assert not schedule["meetings"]
    assert members <= {m for c in schedule["conflicts"] for m in c["members"]}
    assert len(schedule["relaxations"]) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"forbids": [pair("N1", "A1")]}, "pin:forbidden"),
        ({"preferences": [pair("N1", "A1", side="need", wish="no")]}, "pin:refused"),
        ({"absences": [{"person": "P-E1", "slots": ["S1"]}]}, "pin:not_free"),
        ({"absences": [{"person": "P-E1"}]}, "pin:not_free"),
        ({"tables": [{"id": "T1"}, {"id": "T2", "closed": ["S1"]}]}, "pin:table_closed"),
    ],
)
def test_a_pin_that_cannot_be_held_says_why(event: Json, change: Json, code: str) -> None:
    event["pins"] = [pair("N1", "A1", slot="S1", table="T2")]
    schedule = solved_json(event | change)
    assert schedule["status"] == "INFEASIBLE"
    assert [c["code"] for c in schedule["conflicts"]] == [code]
    assert "N1" in schedule["conflicts"][0]["reason"]


def test_who_stays_unserved_is_told_why(event: Json) -> None:
    event["candidates"] = [pair("N1", "A1", probability=0.9), pair("N2", "A1", probability=0.8)]
    event["caps"] = {"achievements": {"per_listing": 1}}
    codes = {u["id"]: u["code"] for u in solved_json(event)["unserved"]}
    assert codes == {"E2": "crowded_out", "I2": "no_candidates"}
    event["candidates"].append(pair("N2", "A2", probability=0.2))
    codes = {u["id"]: u["code"] for u in solved_json(event)["unserved"]}
    assert codes == {"E2": "crowded_out", "I2": "none_good"}


def test_the_same_seed_gives_the_same_schedule() -> None:
    event = json.loads(SAMPLE.read_bytes())
    first, second = (solved_json(event) for _ in range(2))
    assert first["status"] == "OPTIMAL"
    assert first == second
    assert sound(event, first)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_committed_schema_is_that_of_the_models(name: str) -> None:
    committed = (SCHEMA_DIR / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(name)


def test_sample_event_and_its_schedule_fit_the_schemas() -> None:
    event = json.loads(SAMPLE.read_bytes())
    schemas = {n: json.loads((SCHEMA_DIR / f"{n}.schema.json").read_bytes()) for n in SCHEMAS}
    assert jsonschema_rs.is_valid(schemas["event"], event)
    schedule = solved_json(event)
    assert jsonschema_rs.is_valid(schemas["schedule"], schedule)
    assert read_schedule(json.dumps(schedule).encode()).meetings
    assert not jsonschema_rs.is_valid(schemas["event"], event | {"slot_minutes": "20"})


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("slot_minutes",), "20", "slot_minutes：应为整数"),
        (("days", 0, "slots", 1, "start"), "9:20", "days[0].slots[1].start：写法不对"),
        (("days", 0, "slots", 1, "start"), "09:10", "days[0].slots[1].start：离上一个时段不足 20"),
        (("days", 0, "slots", 1, "id"), "S0", "S0 出现了 2 次"),
        (("days", 0, "date"), "2027-02-30", "days[0].date：没有 2027-02-30"),
        (("tables",), [], "tables：至少要有 1 项"),
        (("needs", 0, "people", 0), "P9", "needs[0].people[0]：没有编号为 P9 的人员"),
        (("candidates", 2, "achievement_id"), "A9", "candidates[2].achievement_id：没有编号为 A9"),
        (("candidates", 0, "probability"), 1.5, "candidates[0].probability：不能大于 1"),
        (("candidates", 0, "probability"), True, "candidates[0].probability：应为数字"),
        (("pin",), [], "pin：没有这个字段"),
    ],
)
def test_faults_of_the_file_are_told_with_their_path(
    event: Json, path: tuple[Any, ...], value: object, told: str
) -> None:
    place: Any = event
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(AgendaError) as caught:
        read_event(json.dumps(event).encode())
    assert told in str(caught.value)
    assert "；请" in str(caught.value)


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"", b'{"slot_minutes": NaN}'])
def test_what_is_no_event_is_refused(content: bytes) -> None:
    with pytest.raises(AgendaError):
        read_event(content)
