"""An event after its organiser followed the advice of an infeasible schedule."""

from __future__ import annotations

import copy
from typing import Any

Json = dict[str, Any]


def relaxed(event: Json, advice: list[Json]) -> Json:
    """A copy of the event without the wishes given up, and with the caps and shares proposed."""
    event = copy.deepcopy(event)
    for item in advice:
        kind = item["code"].partition(":")[0]
        if kind in ("pin", "must"):
            _drop(event, kind, item["members"])
        elif kind.startswith("share"):
            _share(event, kind, item["members"], item["proposed"] or 0)
        else:
            _cap(event, kind, item["members"][0], item["proposed"])
    return event


def _drop(event: Json, kind: str, pair: list[str]) -> None:
    """Without the pin, and with a must turned into a like, which leaves the value as it is."""
    if kind == "pin":
        event["pins"] = [p for p in event["pins"] if [p["need_id"], p["achievement_id"]] != pair]
    for wish in event["preferences"]:
        if [wish["need_id"], wish["achievement_id"]] == pair and wish["wish"] == "must":
            wish["wish"] = "like"


def _share(event: Json, kind: str, members: list[str], percent: int) -> None:
    if kind == "share_small":
        event["shares"]["small"] = percent
    else:
        event["shares"].setdefault("cities", {})[members[0]] = percent


def _cap(event: Json, kind: str, owner: str, limit: int) -> None:
    if kind in ("cap_need", "cap_achievement"):
        entries = event["needs" if kind == "cap_need" else "achievements"]
        next(x for x in entries if x["id"] == owner)["max_meetings"] = limit
        return
    org = next(x for x in event["organisations"] if x["id"] == owner)
    if kind == "cap_organisation":
        org["max_meetings"] = limit
    elif kind == "cap_type":
        event["caps"]["organisation_types"][org["type"]] = limit
    else:
        side = "needs" if kind == "cap_need_side" else "achievements"
        event["caps"][side]["per_organisation"] = limit
