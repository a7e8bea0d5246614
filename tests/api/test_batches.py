"""Batch runs over HTTP: progress, cancel, result, comparison, and who may see them."""

from __future__ import annotations

import json

from service.batch.frozen import Material
from service.batch.work import Batch
from tests.api.test_api import NEED, SEAL, post


def run_of(client) -> tuple[Batch, str]:
    ctx = client.app.state.context
    matcher = ctx.matcher()
    needs = sorted(matcher.index("need"), key=lambda need: need.id)
    batch = Batch(ctx.engine, ctx.encoder, ctx.settings.home)
    found = Material(matcher.index("achievement").watermark, needs, matcher.index("achievement"))
    return batch, batch.begin(found, "database", top_k=3, shard=1)


def test_a_run_from_beginning_to_comparison(client) -> None:
    post(client, "needs", NEED)
    last = post(client, "achievements", SEAL)
    client.app.state.context.matcher(last["seq"])
    batch, first = run_of(client)
    url = f"/api/batches/{first}"
    found = client.get(url).json()
    assert (found["state"], found["done"], found["percent"]) == ("running", 0, 0)
    assert client.get(f"{url}/result").status_code == 409
    assert client.post(f"{url}/restore").status_code == 409
    assert "未完成" in client.get("/batches").text
    assert client.post(f"{url}/cancel").json()["state"] == "cancelled"
    assert batch.work(first) == "cancelled"
    _, second = run_of(client)
    batch.work(second)
    done = client.get(f"/api/batches/{second}").json()
    assert (done["state"], done["percent"], done["in_force"]) == ("done", 100, True)
    assert client.post(f"/api/batches/{second}/cancel").status_code == 409
    answer = client.get(f"/api/batches/{second}/result")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[0]["inputs"] == done["inputs"]
    assert lines[1]["matches"][0]["achievement_id"] == last["id"]
    _, third = run_of(client)
    batch.work(third)
    assert client.get(f"/api/batches/{third}/result").content == answer.content
    changes = client.get(f"/api/batches/{second}/changes/{third}").json()
    assert changes == {"new": [], "gone": [], "moved": [], "same": 1}
    assert client.post(f"/api/batches/{second}/restore").json()["in_force"]
    assert [run["id"] for run in client.get("/api/batches").json()] == [third, second, first]
    assert client.get("/api/batches/none").status_code == 404
    shown = client.get("/batches").text
    assert "在用" in shown
    assert "已取消" in shown
