"""Retrieval tasks made from abstracts: small ones by hand, and the real text where it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpora.beir import load_dataset
from eval.tasks import (
    TASKS,
    Abstract,
    deleted_keyword_to_abstract,
    half_to_half,
    part_of,
    read_abstracts,
    write_task,
)

RECORDS = [
    Abstract(
        f"r{n}",
        f"题目{n}",
        f"第一句{n}。第二句讲密封。第三句讲轴承。第四句{n}。",
        ("密封", "轴承泄漏"),
    )
    for n in range(40)
] + [Abstract("bare", "", "没有题目也没有关键词。", ())]


def real_folder() -> Path:
    folder = os.environ.get("JIEBANG_TEXT_DIR")
    if not folder:
        pytest.skip("JIEBANG_TEXT_DIR is not set: no real abstracts to test with")
    return Path(folder)


def test_parts_are_a_function_of_the_id_and_about_60_20_20() -> None:
    parts = [part_of(f"record-{n}") for n in range(2000)]
    assert parts == [part_of(f"record-{n}") for n in range(2000)]
    assert 0.55 < parts.count("train") / 2000 < 0.65
    assert 0.17 < parts.count("test") / 2000 < 0.23


def test_the_deleted_keyword_is_gone_and_absent_ones_are_not_asked() -> None:
    pair = deleted_keyword_to_abstract(RECORDS[0])
    assert pair is not None
    assert pair.query == "密封"
    assert "密封" not in pair.document
    assert deleted_keyword_to_abstract(RECORDS[-1]) is None


def test_halves_are_disjoint_and_make_the_whole() -> None:
    pair = half_to_half(RECORDS[3])
    assert pair is not None
    assert pair.query + pair.document == RECORDS[3].text
    assert pair.query
    assert pair.document
    assert half_to_half(RECORDS[-1]) is None


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_a_readable_folder_whose_splits_share_no_record(name: str, tmp_path) -> None:
    counts = write_task(name, RECORDS, tmp_path)
    parts = {split: load_dataset(tmp_path, split) for split, count in counts.items() if count}
    ids = [q.id for part in parts.values() for q in part.queries]
    assert len(ids) == len(set(ids)) == 40
    for split, part in parts.items():
        assert counts[split] == len(part.queries)
        assert part.qrels == {q.id: {q.id[2:]: 1} for q in part.queries}
        assert {part_of(q.id[2:]) for q in part.queries} == {split}
    bare = "bare" in {item.id for item in next(iter(parts.values())).corpus}
    assert bare == TASKS[name][1]


def test_tasks_of_the_real_abstracts_keep_their_promises() -> None:
    records = read_abstracts(real_folder())
    assert len({r.id for r in records}) == len(records) > 1000
    deleted = [p for r in records if (p := deleted_keyword_to_abstract(r))]
    assert deleted
    assert all(p.query not in p.document for p in deleted)
    halves = [(r, p) for r in records if (p := half_to_half(r))]
    assert halves
    assert all(p.query + p.document == r.text for r, p in halves)
