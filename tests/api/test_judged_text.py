"""A verdict on a searched text over the real service: one draft, exported with its grade."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from service.settings import Settings
from tests.accounts import admin_client
from tests.api.test_api import BATTERY, SEAL, post
from tests.server import jiebang

TEXT = "泵轴封进砂磨穿，两周就漏，想把寿命做到一百天。"


def test_first_verdicts_at_once_make_one_draft_that_is_exported(
    settings: Settings, home: Path
) -> None:
    with admin_client(settings) as client:
        ids = [post(client, "achievements", body)["id"] for body in (SEAL, BATTERY)]

        def judge(n: int) -> int:
            form = {
                "text": TEXT,
                "achievement_id": ids[n % 2],
                "grade": str(n % 4),
                "judge": f"{n}",
            }
            answer = client.post("/judged", data=form, headers={"HX-Request": "true"})
            return int(answer.status_code)

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(judge, range(8))) == {200}
        (draft,) = client.get("/api/needs", params={"status": "draft"}).json()["items"]
        assert client.get("/api/needs").json()["items"] == []
        assert (draft["problem_statement"], draft["version"]) == (TEXT, 1)
        seq = draft["seq"]
        url = f"/api/achievements/{ids[0]}/matches"
        answer = client.get(url, params={"min_seq": seq}).json()
        assert (answer["matches"], answer["corpus_size"]) == ([], 0)
        by_text = client.post("/api/match", json={"text": TEXT}).json()
        assert [m["achievement_id"] for m in by_text["matches"]][0] == ids[0]
    exported = jiebang(home, "export", "qrels")
    assert exported.returncode == 0, exported.stderr
    rows = {tuple(line.split("\t")) for line in exported.stdout.splitlines()[1:]}
    assert rows == {(draft["id"], ids[0], "0"), (draft["id"], ids[1], "1")}
    assert jiebang(home, "index", "verify").returncode == 0
