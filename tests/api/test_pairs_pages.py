"""Yes, no and comparison from the page of one's own record."""

from __future__ import annotations

import re

from tests.api.test_api import BATTERY, NEED, SEAL, post


def test_yes_and_no_from_the_page_of_a_need(client) -> None:
    need, seal = post(client, "needs", NEED), post(client, "achievements", SEAL)
    battery = post(client, "achievements", BATTERY)
    url = f"/needs/{need['id']}"
    assert client.get(f"/api/needs/{need['id']}/matches", params={"min_seq": battery["seq"]})
    assert "对比勾选的" in client.get(url).text
    no = {"other_id": battery["id"], "interested": "no"}
    refused = client.post(f"{url}/stance", data=no, follow_redirects=True)
    assert "谢绝请选一个原因" in refused.text
    assert battery["id"] in refused.text
    left = client.post(f"{url}/stance", data=no | {"reason_code": "out_of_scope"})
    assert battery["title"] not in left.text.partition("matches-title")[2]
    yes = {"other_id": seal["id"], "interested": "yes"}
    said = client.post(f"{url}/stance", data=yes)
    assert "本单位有意向" in said.text
    stale = client.post(f"{url}/stance", data=yes | {"interested": "no", "reason_code": "price"})
    assert "刚有人改过" in stale.text
    assert "本单位有意向" in client.get(f"/needs/{need['id']}").text
    assert "对方有意向" in client.get(f"/achievements/{seal['id']}").text


def test_up_to_four_are_compared_figure_by_figure(client) -> None:
    need = post(client, "needs", NEED | {"targets": "无故障运行 ≥ 2000 h"})
    ids = [
        post(client, "achievements", SEAL | {"title": f"含固介质机械密封第{n}型"})["id"]
        for n in range(5)
    ]
    last = client.get(f"/api/achievements/{ids[-1]}").json()["seq"]
    client.get(f"/api/needs/{need['id']}/matches", params={"min_seq": last})
    page = client.get(f"/needs/{need['id']}/compare", params={"with": ids}).text
    assert "有 1 条没有列出" in page
    assert len(re.findall(r'<th scope="col">', page)) == 4
    assert "要求 2000 h" in page or "2000 h" in page
    empty = client.get(f"/needs/{need['id']}/compare", params={"with": ["nothing"]}).text
    assert "没有可对比的科技成果" in empty


def test_the_hall_counts_what_anybody_may_know_of(client) -> None:
    post(client, "needs", NEED)
    post(client, "needs", NEED | {"title": "只给经理人看的需求", "disclosure": "broker_only"})
    assert "公开 <strong>1</strong> 条" in client.get("/needs").text
