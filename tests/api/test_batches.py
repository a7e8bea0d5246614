"""Batch runs over HTTP: progress, cancel, result, comparison, and who may see them."""

from __future__ import annotations

import json
import time

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


def finished(client, run_id: str) -> dict[str, object]:
    """The run once its own process has ended it."""
    deadline = time.monotonic() + 180
    while True:
        found: dict[str, object] = client.get(f"/api/batches/{run_id}").json()
        if found["state"] == "done":
            return found
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)


def test_a_run_is_started_gone_on_with_and_done_by_a_process_of_its_own(client) -> None:
    post(client, "needs", NEED | {"need_id": "N1"})
    last = post(client, "achievements", SEAL)
    client.app.state.context.matcher(last["seq"])
    refused = client.post("/api/batches", json={"needs": ["N1", "N-nobody"]})
    assert (refused.status_code, "N-nobody" in refused.json()["detail"]) == (400, True)
    assert client.post("/api/batches", json={"top_k": 0}).status_code == 422
    assert "1 到 200" in client.post("/batches", data={"top_k": "0"}).text
    begun = client.post("/api/batches", json={"top_k": 5, "needs": ["N1"]})
    assert begun.status_code == 201
    first = begun.json()
    assert (first["source"], first["needs"]) == ("roster", 1)
    assert finished(client, first["id"])["in_force"]
    assert client.post(f"/api/batches/{first['id']}/resume").status_code == 409

    _, waiting = run_of(client)  # as if the process that had it died
    assert client.post("/api/batches", json={}).status_code == 409
    assert "还没有完成" in client.post("/batches", data={"top_k": "5"}).text
    client.post(f"/api/batches/{waiting}/cancel")
    assert "接着做" in client.get("/batches").text
    assert client.post(f"/batches/{waiting}/resume").status_code == 200
    finished(client, waiting)
    shown = client.post("/batches", data={"top_k": "5", "needs": "N1\n", "achievements": ""})
    assert shown.status_code == 200
    newest = client.get("/api/batches").json()[0]
    assert newest["id"] not in {first["id"], waiting}
    finished(client, newest["id"])
    changes = client.get(f"/api/batches/{first['id']}/changes/{newest['id']}").json()
    assert changes == {"new": [], "gone": [], "moved": [], "same": 1}
