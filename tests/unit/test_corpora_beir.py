"""BEIR folders: reading, writing, splits, unanswerable queries, errors with file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpora.beir import load_dataset, read_qrels, splits, write_dataset
from corpora.problems import FileError
from corpora.readers import read_records
from matcher.listing import Facets, Kind


def jsonl(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def folder(path: Path, **files: str) -> Path:
    contents = {
        "corpus": jsonl(
            {
                "_id": "a1",
                "title": "测量",
                "text": " 正文 ",
                "metadata": {
                    "region": "成都",
                    "org": "甲",
                    "keywords": ["词"],
                    "trl": 6,
                    "price_wan": 30,
                    "odd": 1,
                    "background": "b",
                },
            },
            {"_id": 2, "title": None, "text": "长" * 30_000},
        ),
        "queries": jsonl(
            {
                "_id": "q1",
                "text": "要测水分",
                "metadata": {
                    "trl_min": 4,
                    "budget": "100-200",
                    "chain": "AI",
                    "duration_months": 9,
                },
            },
            {"_id": "q2", "text": "无人能解", "metadata": {"answerable": False}},
            {"_id": "q3", "text": "别的划分"},
        ),
        "test": "query-id\tcorpus-id\tscore\nq1\ta1\t3\nq1\t2\t0\nq2\ta1\t0\n",
        "dev": "q3\t2\t1\n",
    } | files
    (path / "qrels").mkdir(parents=True)
    for name, content in contents.items():
        where = (
            path / "qrels" / f"{name}.tsv" if name in ("test", "dev") else path / f"{name}.jsonl"
        )
        if content:
            where.write_text(content, encoding="utf-8")
    return path


def test_load(tmp_path: Path) -> None:
    dataset = load_dataset(folder(tmp_path / "d"), "test")
    assert splits(tmp_path / "d") == ["dev", "test"]
    assert [q.id for q in dataset.queries] == ["q1", "q2"]
    assert dataset.answerable == ["q1"]
    assert dataset.unanswerable == ["q2"]
    assert dataset.qrels == {"q1": {"a1": 3, "2": 0}, "q2": {"a1": 0}}
    first, second = dataset.corpus
    assert (first.title, first.body, first.kind) == ("测量", " 正文 ", Kind.ACHIEVEMENT)
    assert first.facets == Facets(
        region="510100", trl_low=6, trl_high=6, money_low=30.0, money_high=30.0, org="甲"
    )
    assert (second.id, second.title, len(second.body)) == ("2", "", 30_000)
    assert dataset.queries[0].facets == Facets(
        chain="ai", trl_low=4, trl_high=9, money_low=100.0, money_high=200.0, term_months=9
    )
    assert [(n.column, n.row) for n in dataset.warnings] == [("odd", 1), ("background", 1)]


def test_choice_of_split(tmp_path: Path) -> None:
    both = folder(tmp_path / "both")
    assert load_dataset(both).split == "test"
    one = folder(tmp_path / "one", test="")
    assert load_dataset(one).split == "dev"
    with pytest.raises(FileError, match=r"没有划分 train.*dev、test"):
        load_dataset(both, "train")
    with pytest.raises(FileError, match="没有这个文件夹"):
        load_dataset(tmp_path / "none")
    with pytest.raises(FileError, match="没有评判文件"):
        load_dataset(folder(tmp_path / "empty", test="", dev=""))


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"corpus": ""}, r"corpus\.jsonl:无法读取"),
        ({"corpus": '{"_id":"a"}\n{oops\n'}, r"corpus\.jsonl 第 2 行:不是完好的 JSON"),
        ({"corpus": '{"_id":"a"}\n\n{"_id":"a"}\n'}, r"第 3 行:_id a 重复"),
        ({"corpus": '{"title":"a"}\n'}, r"第 1 行:缺少 _id"),
        ({"corpus": '{"_id":"a","text":3}\n'}, r"第 1 行:title 或 text"),
        ({"corpus": '{"_id":"a","text":"x\\u0000"}\n'}, r"第 1 行"),
        ({"corpus": '{"_id":"a","metadata":{"classified":true}}\n'}, r"第 1 行.*涉密"),
        ({"queries": '{"_id":"q1"}\n'}, r"缺少 1 条已评判的需求,如 q2"),
        ({"test": "q1\ta1\n"}, r"test\.tsv 第 1 行"),
        ({"test": "q1\ta1\t1.5\n"}, r"test\.tsv 第 1 行"),
        ({"test": "query-id\tcorpus-id\tscore\n"}, r"没有评判"),
        ({"test": "q2\ta1\t2\n"}, r"q2 标为无解"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, files: dict[str, str], told: str) -> None:
    with pytest.raises(FileError, match=told):
        load_dataset(folder(tmp_path / "d", **files), "test")


def test_odd_metadata_is_noticed_not_refused(tmp_path: Path) -> None:
    row = {
        "_id": "a1",
        "text": "x",
        "metadata": {
            "trl": 12,
            "region": "东京",
            "targets": {"a": 1},
            "price_wan": "很贵",
            "coop_modes": "许可、换股",
            "org": {"a": 1},
        },
    }
    dataset = load_dataset(folder(tmp_path / "d", corpus=jsonl(row)), "test")
    assert dataset.corpus[0].facets == Facets(region="东京", coop_modes=("licence", "换股"))
    columns = [n.column for n in dataset.warnings]
    assert {"trl", "region", "price_wan", "coop_modes", "org", "corpus-id"} <= set(columns)


def test_trec_qrels_and_crlf(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_bytes("\ufeffq1 0 d1 2\r\nq1 0 d2 0\r\n".encode())
    assert read_qrels(path) == {"q1": {"d1": 2, "d2": 0}}


def test_round_trip(tmp_path: Path) -> None:
    dataset = load_dataset(folder(tmp_path / "d"), "test")
    write_dataset(tmp_path / "copy", dataset)
    again = load_dataset(tmp_path / "copy")
    assert (again.corpus, again.queries, again.qrels) == (
        dataset.corpus,
        dataset.queries,
        dataset.qrels,
    )


def test_same_listing_as_from_a_file(tmp_path: Path) -> None:
    row = {
        "_id": "a1",
        "title": "名称",
        "text": "正文\n两段",
        "metadata": {
            "org": "甲",
            "keywords": ["词"],
            "region": "成都",
            "innovations": ["一"],
            "trl": 5,
        },
    }
    path = folder(tmp_path / "d", corpus=jsonl(row))
    listing = load_dataset(path, "test").corpus[0]
    result = read_records(path / "corpus.jsonl", None, Kind.ACHIEVEMENT, strict=False)
    assert [record.to_listing() for _, _, record in result.records] == [listing]
    assert result.records[0][2].keywords == ["词"]
