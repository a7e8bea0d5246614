"""The audit notices each kind of fault; a small collection stands in for the sample corpus."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from corpora.problems import FileError
from eval import audit
from eval.audit import audit_corpus
from eval.contacts import contacts
from eval.similarity import grams, similar_pairs
from matcher.encoder import Encoder
from tests.backend import HashedCharacters

TOPICS = [
    "轴承密封",
    "焊缝裂纹",
    "电池隔膜",
    "酒曲发酵",
    "矿浆浮选",
    "涂层腐蚀",
    "光纤传感",
    "基因编辑",
    "氢气储运",
    "桥梁监测",
]


def noise(seed: str) -> str:
    return "".join(chr(c) for c in random.Random(seed).choices(range(0x4E00, 0x8000), k=60))


def write(folder: Path, change=None) -> Path:
    """Nine topics, one need each (three a split) with 5 graded achievements; `change` spoils it."""
    data = {"corpus": [], "queries": [], "qrels": {"train": [], "dev": [], "test": []}}
    for t, words in enumerate(TOPICS[:9]):
        split = ("train", "dev", "test")[t % 3]
        for n in range(5):
            body = noise(f"a{t}{n}")
            place = {"industry_chain": "battery", "region_code": "510100"}
            row = {"_id": f"a{t}{n}", "title": words, "text": words + body, "metadata": place}
            data["corpus"].append(row)
        body = noise(f"q{t}")
        data["queries"].append(
            {"_id": f"q{t}", "title": "", "text": words + body, "metadata": {"answerable": True}}
        )
        for u in range(9):
            for n in range(5):
                grade = (3, 2, 2, 1, 1)[n] if u == t else 0
                data["qrels"][split].append((f"q{t}", f"a{u}{n}", grade))
    if change:
        change(data)
    (folder / "qrels").mkdir(parents=True)
    for name in ("corpus", "queries"):
        lines = [json.dumps(row, ensure_ascii=False) for row in data[name]]
        (folder / f"{name}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    for split, rows in data["qrels"].items():
        lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in rows)]
        (folder / "qrels" / f"{split}.tsv").write_text("\n".join(lines), encoding="utf-8")
    return folder


def failed(folder: Path) -> str:
    encoder = Encoder(HashedCharacters(window=512))
    checks = audit_corpus(folder, lambda _model: encoder)
    return "\n".join(f"{c.name} {c.value}" for c in checks if not c.passed)


@pytest.fixture
def small(monkeypatch) -> None:
    monkeypatch.setattr(audit, "ANSWERABLE", {"train": 3, "dev": 3, "test": 3})
    monkeypatch.setattr(audit, "UNANSWERABLE", 0)
    monkeypatch.setattr(audit, "ACHIEVEMENTS", 45)
    monkeypatch.setattr(audit, "CHAINS", 1)
    monkeypatch.setattr(audit, "BM25_NDCG", (0.0, 1.0))
    monkeypatch.setattr(audit, "BM25_MISSED", (0.0, 1.0))


def copy_text(data) -> None:
    data["corpus"][7]["text"] = data["corpus"][2]["text"]


def contact(data) -> None:
    data["corpus"][7]["text"] += "请致电13800138000"


def crossing(data) -> None:
    data["qrels"]["dev"] = [
        (q, d, 1 if (q, d) == ("q1", "a00") else g) for q, d, g in data["qrels"]["dev"]
    ]


def no_three(data) -> None:
    data["qrels"]["test"] = [(q, d, min(g, 2)) for q, d, g in data["qrels"]["test"]]


def strange_grade(data) -> None:
    data["qrels"]["test"][0] = (*data["qrels"]["test"][0][:2], 4)


def unjudged(data) -> None:
    data["qrels"]["train"] = [row for row in data["qrels"]["train"] if row[1] != "a00"]


def unknown_document(data) -> None:
    data["qrels"]["train"].append(("q0", "ghost", 0))


def unanswered(data) -> None:
    data["qrels"]["test"] = [(q, d, 0 if q == "q2" else g) for q, d, g in data["qrels"]["test"]]


def no_negatives(data) -> None:
    data["qrels"]["test"] = [row for row in data["qrels"]["test"] if row[2] > 0]


@pytest.mark.usefixtures("small")
def test_a_sound_collection_fails_on_the_missing_cities_alone(tmp_path) -> None:
    faults = failed(write(tmp_path / "x"))
    assert faults.count("\n") == 0
    assert "市州" in faults


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("change", "noticed"),
    [
        (copy_text, "a02~a12"),
        (contact, "corpus.jsonl:8 手机号"),
        (crossing, "跨划分的正例成果 1（a00）"),
        (no_three, "缺少 3 级"),
        (strange_grade, "等级不在 0 至 3 的需求 1"),
        (unjudged, "前 20 名已评判"),
        (unknown_document, "ghost"),
        (unanswered, "answerable 与评判不符"),
        (no_negatives, "没有难负例"),
    ],
)
def test_each_fault_is_noticed(change, noticed: str, tmp_path) -> None:
    assert noticed in failed(write(tmp_path / "x", change))


def test_size_and_difficulty_are_held_against_the_bounds(tmp_path) -> None:
    faults = failed(write(tmp_path / "x"))
    for name in ("有解需求", "无解需求", "成果 45", "产业链 1", "nDCG@10", "漏掉的正例"):
        assert name in faults


def test_a_folder_that_is_no_collection_is_refused(tmp_path) -> None:
    with pytest.raises(FileError):
        audit_corpus(tmp_path, lambda _model: Encoder(HashedCharacters()))


def test_similarity_is_the_jaccard_of_five_grams() -> None:
    assert grams("一二,三四 五六") == {"一二三四五", "二三四五六"}
    assert grams("短") == {"短"}
    assert grams("。") == set()
    texts = ["一二三四五六", "一二三四五七", "甲乙丙丁戊己", "一二三四五六"]
    assert similar_pairs(texts, 0.25) == [
        (0, 3, 1.0),
        (0, 1, pytest.approx(1 / 3)),
        (1, 3, pytest.approx(1 / 3)),
    ]
    assert similar_pairs([], 0.25) == []


@pytest.mark.parametrize(
    "line",
    ["电话 028-85551234", "13912345678", "a.b@example.com", "微信号: jiebang01", "联系人：张工",
     '{"contact_name": "x"}'],
)  # fmt: skip
def test_contact_data_is_found(line: str) -> None:
    assert contacts(line)


@pytest.mark.parametrize(
    "line", ["微信聊天记录", "提供微信端拍照", "20251138001380013", "2024-12345678"]
)
def test_other_numbers_and_words_are_not(line: str) -> None:
    assert not contacts(line)
