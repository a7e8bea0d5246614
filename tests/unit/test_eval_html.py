"""The HTML report and the diagnosis of hard queries, over a small collection."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser

import pytest

from corpora.beir import Dataset
from eval import html_report, plots, report
from eval.diagnosis import hardest
from eval.experiment import Arm, SystemRun, Topic, topic
from matcher.listing import Direction, Facets, Kind, Listing

FORWARD = Direction.NEED_TO_ACHIEVEMENT


def achievement(id_: str, title: str, body: str, chain: str, org: str) -> Listing:
    return Listing(id_, Kind.ACHIEVEMENT, title, body, Facets(chain=chain, org=org))


CORPUS = [
    achievement("a", "轴承密封", "轴承密封泄漏检测装置", "equipment", "甲所"),
    achievement("b", "酒曲发酵", "酒曲发酵温度控制", "food", "乙院"),
    achievement("c", "浮选药剂", "矿浆浮选药剂配方", "prospecting", "乙院"),
    achievement("d", "油脂精炼", "油脂精炼脱色", "equipment", "丙厂"),
    achievement("e", "轴承钢", "轴承钢热处理", "equipment", "丙厂"),
]
QUERIES = [
    Listing("q1", Kind.NEED, "", "轴承漏油怎么检测", Facets(chain="equipment", org="某厂")),
    Listing("q2", Kind.NEED, "<b>制曲</b>", "曲子发热不均", Facets(chain="food", org="某酒厂")),
    Listing("q3", Kind.NEED, "", "量子计算", Facets(org="某司")),
]
QRELS = {"q1": {"a": 3, "d": 0, "e": 0}, "q2": {"b": 2, "c": 0}, "q3": {"a": 0}}
DATASET = Dataset("x", "dev", CORPUS, QUERIES, QRELS)


def run(name: str, arm: Arm, orders: dict[str, str], *, calibrated: bool = False) -> SystemRun:
    ranked = {q: [(d, 1 - i / 10) for i, d in enumerate(order)] for q, order in orders.items()}
    probabilities = {q: [0.9 - i / 10 if calibrated else None for i in range(len(order))]
                     for q, order in orders.items()}  # fmt: skip
    answered = dict.fromkeys(orders, True) | {"q3": not calibrated}
    return SystemRun(name, FORWARD, ranked, answered, "00ff", probabilities, arm)


RUNS = [
    run("bm25", Arm.LEXICAL, {"q1": "abcde", "q2": "cadeb", "q3": "abcde"}),
    run("dense", Arm.DENSE, {"q1": "debca", "q2": "bacde", "q3": "bcade"}),
    run("served", Arm.BOTH, {"q1": "deabc", "q2": "cbade", "q3": "abcde"}, calibrated=True),
]
TOPIC = topic(DATASET, FORWARD)
REPORT = report.build(DATASET, "dev", [TOPIC], RUNS, "encoder-1")


class Headings(HTMLParser):
    """Headings, addresses and identifiers of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)
        self.addresses += [v for k, v in attrs if k in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2", "h3"):
            self.headings.append(data)


@pytest.fixture(scope="module")
def page() -> str:
    return html_report.render(REPORT, [TOPIC], RUNS, written="某日 · 某版")


def test_the_page_has_every_section_and_nothing_from_outside(page: str) -> None:
    parsed = Headings()
    parsed.feed(page)
    assert parsed.open == []
    assert parsed.headings == [
        "匹配评测报告", "企业找技术", "总表", "成对检验（nDCG@10）", "按产业链", "逐条查询",
        "served 最难的查询", "概率校准", "拒答", "机构曝光",
    ]  # fmt: skip
    assert len([a for a in parsed.addresses if a.startswith("data:image/svg+xml")]) == 6
    assert all(a.startswith(("data:", "#")) for a in parsed.addresses)
    assert "url(http" not in page
    assert "<script src" not in page


def test_the_page_shows_the_numbers_of_the_report_and_escapes_texts(page: str) -> None:
    systems = REPORT["directions"]["need-to-achievement"]["systems"]
    for system in systems.values():
        assert f"{system['mean']['nDCG@10']['mean']:.4f}" in page
    assert f"{systems['served']['calibration']['brier']:.4f}" in page
    assert "bm25、dense 没有校准，不给概率" in page
    assert "<b>制曲</b>" not in page
    assert "&lt;b&gt;制曲" in page


def test_without_probabilities_institutions_or_a_second_system_the_page_says_so() -> None:
    bare = Dataset(
        "x", "dev", [Listing(a.id, a.kind, a.title, a.body) for a in CORPUS],
        [Listing(q.id, q.kind, q.title, q.body) for q in QUERIES[:2]],
        {q: QRELS[q] for q in ("q1", "q2")},
    )  # fmt: skip
    alone = [RUNS[0]]
    asked = topic(bare, FORWARD)
    found = report.build(bare, "dev", [asked], alone, "e")
    shown = html_report.render(found, [asked], alone, written="")
    assert "bm25 没有校准，不给概率" in shown
    assert "科技成果没有注明机构，无法计算" in shown
    assert "不画识别曲线" in shown
    assert "成对检验" not in shown


def test_figures_stand_alone_and_are_reproducible() -> None:
    first = plots.differences([0.2, -0.1, 0.0])
    assert first == plots.differences([0.2, -0.1, 0.0])
    assert not re.search(r'href="(?!#)', first)
    assert base64.b64encode(first.encode())


def test_labels_are_english_without_a_chinese_font(monkeypatch: pytest.MonkeyPatch) -> None:
    served = REPORT["directions"]["need-to-achievement"]["systems"]
    monkeypatch.setattr(plots, "chinese_font", lambda: None)
    assert plots.label("差值") == "difference"
    # every figure can be drawn so: a missing translation or glyph would raise
    assert "<svg" in plots.chains(served, {"equipment": "先进装备", "food": "食品饮料"})
    for draw in (plots.coverage, plots.refusals, plots.balance):
        assert "<svg" in draw(served)
    assert "<svg" in plots.reliability(served["served"]["calibration"])


def diagnosed() -> dict:
    values = REPORT["directions"]["need-to-achievement"]["systems"]["served"]["per_query"]
    return {hard.id: hard for hard in hardest(TOPIC, RUNS, values["nDCG@10"])}


def test_a_hard_query_is_explained() -> None:
    assert list(diagnosed()) == ["q1", "q2"]
    hard = diagnosed()["q1"]
    assert hard.first is not None
    assert (hard.first.id, hard.first.grade) == ("d", 0)
    assert (hard.best.id, hard.best.grade, hard.best.rank) == ("a", 3, 3)
    assert hard.ranks == {"bm25": 1, "dense": 5}
    assert (hard.above, hard.above_same_chain, hard.unjudged) == (2, 2, 2)
    assert any(s.startswith("被同链条高分干扰项压过（前面 2 条中 2 条") for s in hard.diagnosis)
    apart = diagnosed()["q2"]
    assert apart.shared == ()
    assert "与最佳科技成果无共同词，仅语义相近" in apart.diagnosis


def test_a_right_first_place_with_a_loss_further_down_is_told_and_a_perfect_query_is_not_hard() -> (
    None
):
    asked = Topic(FORWARD, QUERIES[:1], CORPUS, {"q1": {"a": 3, "b": 1}})
    runs = [run("served", Arm.BOTH, {"q1": "acdeb"})]
    (hard,) = hardest(asked, runs, {"q1": 0.9})
    assert hard.diagnosis[0] == "首位正确，失分在于其余相关的科技成果排得靠后"
    assert hard.ranks == {}
    assert hardest(asked, runs, {"q1": 1.0}) == []


def deep(place: int) -> list[tuple[str, float]]:
    others = [(f"z{i}", 1.0 - i / 100) for i in range(place - 1)]
    return [*others, ("a", 0.1)]


@pytest.mark.parametrize(
    ("lexical", "dense", "served", "said"),
    [
        (2, 30, 11, "仅词面臂找到（词面臂第 2，语义臂第 30）"),
        (30, 2, 11, "仅语义臂找到（词面臂第 30，语义臂第 2）"),
        (30, 12, 11, "两臂都没有排进前 10（词面臂第 30，语义臂第 12）"),
        (3, 4, 11, "两臂各自都排进前 10，合并后掉出（词面臂第 3，语义臂第 4）"),
        (3, 4, 9, None),
    ],
)
def test_the_arm_that_missed_it_is_named(lexical, dense, served, said) -> None:
    corpus = [*CORPUS, *(Listing(f"z{i}", Kind.ACHIEVEMENT, "", "别的") for i in range(40))]
    asked = Topic(FORWARD, QUERIES[:1], corpus, {"q1": {"a": 3}})
    runs = [
        SystemRun(name, FORWARD, {"q1": deep(place)}, {}, "", {}, arm)
        for name, arm, place in (
            ("bm25", Arm.LEXICAL, lexical), ("dense", Arm.DENSE, dense), ("served", Arm.BOTH, served),
        )
    ]  # fmt: skip
    (hard,) = hardest(asked, runs, {"q1": 0.1})
    arms = [s for s in hard.diagnosis if "臂" in s]
    assert arms == ([said] if said else [])
    assert hard.shared[0] in {"轴承", "检测"}
    assert f"前面 {served - 1} 条中 0 条相关" in hard.diagnosis
