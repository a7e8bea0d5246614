"""One explanation as the API, the page and the match book show it."""

from __future__ import annotations

import io
import time
from html import unescape

import pytest
from openpyxl import load_workbook

NEED = {
    "title": "快充车容量掉得快",
    "problem_statement": "送去拆开，负极上面长毛了。隔膜也被刺穿。想要不拆包就看得出来，误判率不高于 2%。",
    "industry_chain": "battery",
}
ACHIEVEMENT = {
    "title": "弛豫电压诊断方法",
    "abstract": "项目由省里立项。锂枝晶会刺穿隔膜造成短路。由弛豫电压估计其数量，误判率 1.5%。",
    "industry_chain": "battery",
}


@pytest.fixture
def ids(client) -> dict[str, str]:
    made = {
        plural: client.post(f"/api/{plural}", json=body).json()
        for plural, body in (("needs", NEED), ("achievements", ACHIEVEMENT))
    }
    end = time.monotonic() + 60
    while client.get("/api/health").json()["lag"]:
        assert time.monotonic() < end, "the index did not catch up"
        time.sleep(0.05)
    return {plural: row["id"] for plural, row in made.items()}


@pytest.mark.parametrize("plural", ["needs", "achievements"])
def test_the_api_aligns_both_sides_whoever_asks(client, ids, plural: str) -> None:
    answer = client.get(f"/api/{plural}/{ids[plural]}/matches", params={"explain": True}).json()
    told = answer["matches"][0]["explanation"]
    texts = {
        "need": f"{NEED['title']}\n{NEED['problem_statement']}",
        "achievement": f"{ACHIEVEMENT['title']}\n{ACHIEVEMENT['abstract']}",
    }
    assert told["alignments"]
    for row in told["alignments"]:
        for side, text in texts.items():
            passage = row[side]
            assert text[passage["start"] : passage["end"]] == passage["text"]
            assert all(0 <= a < b <= len(passage["text"]) for a, b in passage["highlights"])
        assert row["basis"] in {"terms", "parts", "meaning"}
    (bridge,) = told["bridges"]
    assert (bridge["need_term"], bridge["achievement_term"]) == ("长毛", "锂枝晶")
    assert bridge["link"] == "synonym"
    assert "需求说的「长毛」即成果的「锂枝晶」" in told["summary"]
    assert "成果达到 1 项（误判率要求不高于 2%，成果为 1.5%）" in told["summary"]


@pytest.mark.parametrize("plural", ["needs", "achievements"])
def test_the_page_shows_two_columns_and_the_bridge(client, ids, plural: str) -> None:
    page = unescape(client.get(f"/{plural}/{ids[plural]}").text)
    assert "长毛 → 锂枝晶" in page
    card = page[page.index('<div class="aligned"') :]
    needs = card.count('data-label="需求这样说"')
    assert needs == card.count('data-label="成果这样说"') > 0
    assert "<mark>长毛</mark>" in card
    assert "<mark>锂枝晶</mark>" in card


def test_the_match_book_numbers_what_goes_together(client, ids) -> None:
    content = client.get(f"/needs/{ids['needs']}/matches.xlsx").content
    header, query, match, *_ = load_workbook(io.BytesIO(content)).worksheets[0].values
    asked, found = dict(zip(header, query, strict=True)), dict(zip(header, match, strict=True))
    assert asked["需求这样说"] == NEED["problem_statement"]
    assert not asked["成果这样说"]
    assert found["说法不同"] == "长毛 → 锂枝晶"
    lines = [str(found[side]).splitlines() for side in ("需求这样说", "成果这样说")]
    assert [line.split(". ")[0] for line in lines[0]] == [line.split(". ")[0] for line in lines[1]]
    assert found["匹配说明"].startswith("双方都谈到")
