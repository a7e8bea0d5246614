"""Benchmark corpora, the vector cache on disk, and a small run of the suites that need no model."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from corpora import sample
from eval.bench import batching, crowd, load, opening, querying
from eval.bench.corpus import Source, achievements, needs, read_source, tenth
from eval.bench.indexes import encoder_of, opened
from eval.bench.setup import Setup, cpu, times_row
from eval.bench.vectors import FileVectors, encode_all
from matcher.encoder import Encoder, Role
from matcher.filters import FacetColumns
from tests.backend import HashedCharacters

SOURCE = Source(
    "test",
    tuple(f"轴承密封第{n}号" for n in range(7)),
    tuple(f"第{n}句讲的是密封泄漏与焊缝裂纹的检测方法。" for n in range(50)),
    tuple(f"想问第{n}件事,轴承漏油怎么办。" for n in range(20)),
)


def setup(tmp_path, rows: int) -> Setup:
    made = Setup(rows, tmp_path, "", tmp_path, None, sample.DIRECTORY, lambda _done, _total: None)
    made.__dict__["source"] = SOURCE
    made.__dict__["backend"] = HashedCharacters(window=512)
    return made


def test_a_corpus_is_reproducible_and_a_larger_one_begins_with_it() -> None:
    small, large = achievements(SOURCE, 50), achievements(SOURCE, 120)
    assert small == achievements(SOURCE, 50) == large[:50]
    assert small != achievements(SOURCE, 50, seed=1)
    assert len({item.id for item in large}) == 120
    assert all(len(item.body) >= 90 for item in large)
    assert needs(SOURCE, 5) == needs(SOURCE, 9)[:5]


def test_about_a_tenth_passes_the_filter() -> None:
    share = FacetColumns.of(achievements(SOURCE, 3000)).mask(tenth()).mean()
    assert 0.08 < share < 0.12


def test_sentences_of_queries_occur_in_no_record(tmp_path) -> None:
    rows = [
        {
            "id": f"r{n}",
            "title": None,
            "abstract": f"第{n}句话够长可以用来拼接。共有的一句话大家都有这句。",
        }
        for n in range(60)
    ]
    text = "\n".join(json.dumps(r | {"keywords": None}, ensure_ascii=False) for r in rows)
    (tmp_path / "abstracts.jsonl").write_text(text, encoding="utf-8")
    source = read_source(tmp_path, tmp_path / "sample")
    assert source.name == "abstracts"
    assert source.sentences
    assert source.query_sentences
    assert not set(source.sentences) & set(source.query_sentences)
    assert source.fingerprint == read_source(tmp_path, tmp_path).fingerprint


def test_vectors_on_disk_are_resumed_and_queries_are_not_kept(tmp_path) -> None:
    items = achievements(SOURCE, 30)
    first = Encoder(HashedCharacters(), store := FileVectors(tmp_path / "v.db"))
    encode_all(items[:20], first, lambda _done, _total: None)
    store.close()
    backend = HashedCharacters()
    again = Encoder(backend, FileVectors(tmp_path / "v.db"))
    seen: list[tuple[int, int]] = []
    encode_all(items, again, lambda done, total: seen.append((done, total)))
    # 10 new bodies, perhaps in more than one window; the seven titles were there
    fresh = Encoder(counting := HashedCharacters())
    fresh.encode([item.body for item in items[20:]], Role.BODY)
    assert backend.encoded == counting.encoded
    assert seen[-1] == (30, 30)
    before = backend.encoded
    again.encode_query("轴承漏油")
    again.encode_query("轴承漏油")
    assert backend.encoded == before + 2


def test_the_index_is_built_once_and_then_opened(tmp_path) -> None:
    chosen = setup(tmp_path, 120)
    index = opened(chosen, encoder_of(chosen))
    assert len(index) == 120
    chosen.backend.encoded = 0
    assert list(opened(chosen, encoder_of(chosen))) == list(index)
    assert chosen.backend.encoded == 0


@pytest.mark.parametrize("suite", [querying, batching])
def test_a_suite_yields_rows_of_the_agreed_form(suite, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(querying, "QUERIES", 6)
    monkeypatch.setattr(batching, "NEEDS", 64)
    rows = suite.run(setup(tmp_path, 150))
    assert len({row.name for row in rows}) == len(rows)
    timed = [row for row in rows if row.baseline is not None]
    assert timed
    for row in timed:
        assert row.unit == "ms"
        assert row.value > 0
        assert row.ratio > 0


def test_opening_is_timed_over_the_saved_index(tmp_path) -> None:
    chosen = setup(tmp_path, 120)
    encoder = encoder_of(chosen)
    opened(chosen, encoder)
    from eval.bench.indexes import snapshot_folder, stamp

    taken = opening.load_seconds(snapshot_folder(chosen), encoder.fingerprint, stamp(chosen))
    assert 0 < taken < 60


def test_a_row_of_times_is_in_milliseconds_and_its_ratio_above_one_is_faster() -> None:
    row = times_row("x", [0.001, 0.002, 0.003], [0.004, 0.004])
    assert row.value == row.p50 == pytest.approx(2.0)
    assert row.baseline == pytest.approx(4.0)
    assert row.ratio == pytest.approx(2.0)
    assert set(cpu()) == {"model", "cores", "flags"}


def test_people_at_work_on_a_server_meet_no_error_and_lose_nothing(
    tmp_path, model_dir, monkeypatch
) -> None:
    for name, value in (("USERS", 6), ("SECONDS", 4.0), ("THINK", (0.0, 0.2)), ("ALONE", 3)):
        monkeypatch.setattr(crowd, name, value)
    monkeypatch.setattr(crowd, "PAGES", 0.4)
    made = Setup(100, tmp_path, "", model_dir, None, sample.DIRECTORY, lambda _done, _total: None)
    # in a thread: the browser of other tests keeps an event loop running in this one
    with ThreadPoolExecutor(1) as pool:
        rows = {row.name: row for row in pool.submit(load.run, made).result()}
    assert rows["load.errors"].value == 0, rows["load.errors"].note
    assert rows["load.lost_updates"].value == 0
    assert rows["load.requests"].value > 6
    assert all(rows[f"load.{sort}"].value > 0 for sort in crowd.SORTS)
