"""Records that nobody confirmed for long fall in rank, by a half-life."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matcher.listing import Kind
from service.db import writing
from service.tables import ListingRow, now
from tests.api.test_api import NEED, SEAL, post


def test_a_stale_record_falls_behind_a_fresh_one_of_the_same_text(client) -> None:
    need = post(client, "needs", NEED)
    old, new = (post(client, "achievements", SEAL | {"achievement_id": f"A-{n}"}) for n in (1, 2))
    url = f"/api/needs/{need['id']}/matches"
    before = client.get(url, params={"min_seq": new["seq"]}).json()["matches"]
    assert [m["achievement_id"] for m in before] == [old["id"], new["id"]]
    assert before[0]["score"] == before[1]["score"]
    with writing(client.app.state.context.engine) as session:
        for id_, days in ((old["id"], 90 + 365), (new["id"], 89)):
            row = session.get(ListingRow, (Kind.ACHIEVEMENT, id_))
            assert row is not None
            row.confirmed_at = now() - timedelta(days=days)
    # a factor is worked out anew with the next change
    last = post(client, "achievements", SEAL | {"title": "又一条记录只为往前走一号"})
    found = client.get(url, params={"min_seq": last["seq"]}).json()["matches"]
    scores = {m["achievement_id"]: m["score"] for m in found}
    assert scores[old["id"]] == pytest.approx(scores[new["id"]] / 2, abs=1e-6)
    order = [m["achievement_id"] for m in found]
    assert order.index(old["id"]) > order.index(new["id"])
    why = client.get(f"{url}/{old['id']}").json()
    assert why["rank"] == order.index(old["id"]) + 1
    assert why["match"]["explanation"]["parts"]["age"] == pytest.approx(
        -scores[new["id"]] / 2, abs=1e-6
    )
    assert why["match"]["score"] == scores[old["id"]]
