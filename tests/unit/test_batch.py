"""Batch runs: equal bytes, resumed and cancelled work, comparison, rosters."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from corpora.sample import rows as sample_rows
from matcher.encoder import Encoder
from matcher.index import ListingIndex
from matcher.listing import Kind, Listing
from service import changes, db, store
from service.access import ITSELF
from service.batch import material, removing, results, runs
from service.batch.frozen import Material
from service.batch.tables import BatchShardRow, State
from service.batch.work import Batch, Share, line
from service.db import reading, writing
from service.errors import ConflictError, JiebangError, NotFoundError
from service.served import shipped_config

NEEDS, ACHIEVEMENTS, SHARD = 9, 40, 2


@pytest.fixture(scope="module")
def listings() -> dict[Kind, list[Listing]]:
    counts = {Kind.NEED: NEEDS, Kind.ACHIEVEMENT: ACHIEVEMENTS}
    return {
        kind: [record.to_listing() for record in sample_rows(kind)[:count]]
        for kind, count in counts.items()
    }


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    made = db.make_engine(f"sqlite:///{tmp_path / 'batch.db'}")
    db.migrate(made)
    changes.ensure_head(made)
    return made


@pytest.fixture
def batch(engine: Engine, encoder: Encoder, tmp_path: Path) -> Batch:
    return Batch(engine, encoder, tmp_path)


def index_of(found: list[Listing], encoder: Encoder) -> ListingIndex:
    return ListingIndex.build(Kind.ACHIEVEMENT, found, encoder, shipped_config())


@pytest.fixture
def whole(listings: dict[Kind, list[Listing]], encoder: Encoder) -> Material:
    return Material(7, listings[Kind.NEED], index_of(listings[Kind.ACHIEVEMENT], encoder))


def begin(batch: Batch, found: Material) -> str:
    return batch.begin(found, "test", top_k=5, shard=SHARD)


def content(engine: Engine, run_id: str) -> bytes:
    with reading(engine) as session:
        return b"".join(results.content(session, runs.find(session, run_id)))


def shards(engine: Engine, run_id: str) -> dict[int, tuple[float | None, bytes | None]]:
    with reading(engine) as session:
        rows = session.exec(select(BatchShardRow).where(BatchShardRow.run_id == run_id))
        return {row.number: (row.seconds, row.result) for row in rows}


class Interrupted(Exception):
    """Stands for whatever ends a process between two shards."""


def test_equal_inputs_give_equal_bytes_whatever_order_the_index_grew_in(
    batch: Batch, engine: Engine, whole: Material, encoder: Encoder
) -> None:
    other_way = index_of(list(whole.index)[::-1], encoder)
    first, second = begin(batch, whole), begin(batch, Material(7, whole.needs, other_way))
    assert batch.work(first) is batch.work(second) is State.DONE
    assert content(engine, first) == content(engine, second)
    lines = [json.loads(text) for text in content(engine, first).splitlines()]
    assert [row["need_id"] for row in lines[1:]] == [need.id for need in whole.needs]
    assert all(match["explanation"]["summary"] for row in lines[1:] for match in row["matches"])


def test_what_is_done_is_not_done_again(batch: Batch, engine: Engine, whole: Material) -> None:
    undisturbed, broken = begin(batch, whole), begin(batch, whole)
    batch.work(undisturbed)

    def stop(now: runs.Progress) -> None:
        if now.done >= 2 * SHARD:
            raise Interrupted

    with pytest.raises(Interrupted):
        batch.work(broken, stop)
    before = {k: v for k, v in shards(engine, broken).items() if v[1] is not None}
    assert len(before) == 2
    with reading(engine) as session, pytest.raises(ConflictError):
        list(results.content(session, runs.find(session, broken)))
    seen: list[runs.Progress] = []
    assert batch.work(broken, seen.append) is State.DONE
    after = shards(engine, broken)
    assert {k: after[k] for k in before} == before
    assert content(engine, broken) == content(engine, undisturbed)
    assert (seen[0].done, seen[-1].percent) == (2 * SHARD, 100.0)
    assert seen[0].rate and seen[0].left


def test_records_that_change_afterwards_change_nothing(
    batch: Batch, engine: Engine, whole: Material, tmp_path: Path
) -> None:
    first = begin(batch, whole)
    batch.work(first)
    second = begin(batch, whole)
    (tmp_path / "weights.toml").write_text("damaged", encoding="utf-8")
    assert batch.work(second) is State.DONE
    assert content(engine, first) == content(engine, second)


def test_processes_share_the_work_and_nobody_does_anything_twice(
    batch: Batch, engine: Engine, whole: Material
) -> None:
    alone, shared = begin(batch, whole), begin(batch, whole)
    batch.work(alone)
    batch.assist(shared, Share(1, 2), lambda: True)
    mine = shards(engine, shared)
    assert {number for number, (_, result) in mine.items() if result} == {1, 3}
    batch.assist(shared, Share(0, 2), lambda: False)
    assert shards(engine, shared) == mine
    batch.work(shared)
    assert content(engine, shared) == content(engine, alone)


def test_the_rate_counts_side_by_side_work_and_no_pauses() -> None:
    def at(second: float) -> datetime:
        return datetime(2027, 5, 18, tzinfo=UTC) + timedelta(seconds=second)

    assert runs._rate([]) is None
    in_turn = [(at(8), 4.0, 20), (at(4), 4.0, 20)]
    assert runs._rate(in_turn) == 5.0
    beside = [(at(4), 4.0, 20), (at(4), 4.0, 20)]
    assert runs._rate(beside) == 10.0
    paused = [(at(1000), 4.0, 20), (at(4), 4.0, 20)]
    assert runs._rate(paused) == 5.0


def test_cancel_and_go_on(batch: Batch, engine: Engine, whole: Material) -> None:
    run_id = begin(batch, whole)

    def cancel(now: runs.Progress) -> None:
        if now.done == SHARD:
            with writing(engine) as session:
                runs.cancel(session, runs.find(session, run_id))

    assert batch.work(run_id, cancel) is State.CANCELLED
    assert sum(result is not None for _, result in shards(engine, run_id).values()) == 2
    assert batch.work(run_id) is State.CANCELLED
    with writing(engine) as session:
        runs.go_on(session, runs.find(session, run_id))
    assert batch.work(run_id) is State.DONE
    with writing(engine) as session, pytest.raises(ConflictError):
        runs.cancel(session, runs.find(session, run_id))


def test_two_workers_do_not_do_one_run(batch: Batch, whole: Material) -> None:
    run_id = begin(batch, whole)
    with runs.locked(batch.folder(run_id)), pytest.raises(ConflictError, match="另一个进程"):
        batch.work(run_id)


def test_a_run_goes_on_only_with_what_it_began_with(batch: Batch, whole: Material) -> None:
    run_id, damaged = begin(batch, whole), begin(batch, whole)
    weights = "[weights]\nregion = 0.5\n"
    (batch.folder(run_id) / "weights.toml").write_text(weights, encoding="utf-8")
    with pytest.raises(JiebangError):
        batch.work(run_id)
    shutil.rmtree(batch.folder(damaged) / Kind.ACHIEVEMENT)
    with pytest.raises(ConflictError, match="快照"):
        batch.work(damaged)


def test_the_difference_of_two_runs_and_the_run_in_force(
    batch: Batch, engine: Engine, whole: Material, encoder: Encoder
) -> None:
    first = begin(batch, whole)
    batch.work(first)
    lines = [json.loads(text) for text in content(engine, first).splitlines()[1:]]
    best = lines[0]["matches"][0]["achievement_id"]
    held = {
        (row["need_id"], best)
        for row in lines
        for m in row["matches"]
        if m["achievement_id"] == best
    }
    fewer = [listing for listing in whole.index if listing.id != best]
    second = begin(batch, Material(8, whole.needs, index_of(fewer, encoder)))
    batch.work(second)
    with reading(engine) as session:
        rows = [runs.find(session, run_id) for run_id in (first, second)]
        found = results.difference(session, *rows)
        same = results.difference(session, rows[0], rows[0])
    assert held <= set(found.gone)
    assert len(found.new) == len(found.gone)
    total = NEEDS * 5
    assert len(found.new) + len(found.moved) + found.same == total
    assert (same.new, same.gone, same.moved, same.same) == ([], [], [], total)
    with writing(engine) as session:
        current = runs.in_force(session)
        assert current is not None and current.id == second
        runs.restore(session, runs.find(session, first))
    with reading(engine) as session:
        current = runs.in_force(session)
        assert current is not None and current.id == first
        with pytest.raises(NotFoundError):
            runs.find(session, "zzz")


def test_a_roster_of_the_database(
    batch: Batch, engine: Engine, encoder: Encoder, tmp_path: Path
) -> None:
    with writing(engine) as session:
        for kind in Kind:
            store.import_records(session, kind, sample_rows(kind)[:20])
    config = shipped_config()

    def read(**roster: Any) -> Material:
        index_dir = tmp_path / "index"
        return material.from_database(engine, index_dir, encoder, config, ITSELF, **roster)

    everything = read()
    assert (len(everything.needs), len(everything.index)) == (20, 20)
    some = {"A0001", "A0003", "A0007"}
    found = read(needs={"N0002"}, achievements=some)
    run_id = begin(batch, found)
    batch.work(run_id)
    (row,) = [json.loads(text) for text in content(engine, run_id).splitlines()[1:]]
    assert row["need_id"] == "N0002"
    assert {m["achievement_id"] for m in row["matches"]} == some
    whole_run = begin(batch, Material(found.seq, found.needs, found.index))
    batch.work(whole_run)
    (other,) = [json.loads(text) for text in content(engine, whole_run).splitlines()[1:]]
    scores = {m["achievement_id"]: m["score"] for m in other["matches"]}
    for match in row["matches"]:  # a roster changes no score
        assert scores.get(match["achievement_id"], match["score"]) == match["score"]
    with pytest.raises(JiebangError, match="N9999"):
        read(needs={"N9999"})


def test_numbers_are_rounded_and_keys_in_order() -> None:
    row = {"b": [0.12345678, (1, -0.0)], "a": {"z": 1e-9}}
    assert line(row) == '{"a":{"z":0.0},"b":[0.123457,[1,0.0]]}\n'


def test_a_removed_run_leaves_neither_rows_nor_texts(
    batch: Batch, engine: Engine, whole: Material
) -> None:
    home = batch.folder("x").parents[1]
    kept, gone = begin(batch, whole), begin(batch, whole)
    with pytest.raises(ConflictError, match="还没有完成"):
        removing.remove(engine, home, gone)
    batch.work(gone)
    with runs.locked(batch.folder(gone)), pytest.raises(ConflictError, match="另一个进程"):
        removing.remove(engine, home, gone)
    assert removing.remove(engine, home, gone) == gone
    assert not batch.folder(gone).exists()
    with reading(engine) as session:
        assert [row.id for row in runs.every(session)] == [kept]
        assert {row.run_id for row in session.exec(select(BatchShardRow))} == {kept}
