"""Confidential records in batch runs: guests of the index, frozen with the run, named by those who may."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from corpora.sample import rows as sample_rows
from matcher.encoder import Encoder
from matcher.filters import Filter
from matcher.index import Change, ListingIndex, Op
from matcher.listing import Kind, Listing
from matcher.pipeline import Guests, Matcher
from service import changes, db, store
from service.access import ITSELF, Principal, Role
from service.batch import material, results, runs
from service.batch.frozen import Material
from service.batch.tables import State
from service.batch.work import Batch, line
from service.db import reading, writing
from service.errors import ConflictError, JiebangError
from service.served import shipped_config
from service.tables import Tier

OPEN, HIDDEN, TOP_K = 30, 6, 8
ORGANISER = Principal(user_id="o", role=Role.ORGANISER)
TIERS = {"0003": Tier.MASKED, "0005": Tier.BROKER_ONLY, "0007": Tier.NAMED}


@pytest.fixture(scope="module")
def needs() -> list[Listing]:
    return [record.to_listing() for record in sample_rows(Kind.NEED)[:5]]


@pytest.fixture(scope="module")
def offers() -> list[Listing]:
    return [record.to_listing() for record in sample_rows(Kind.ACHIEVEMENT)[: OPEN + HIDDEN]]


@pytest.fixture(scope="module")
def index(offers: list[Listing], encoder: Encoder) -> ListingIndex:
    """Public achievements in two segments, one of them with a dead row."""
    config = shipped_config()
    first = ListingIndex.build(Kind.ACHIEVEMENT, offers[: OPEN - 3], encoder, config)
    added = [
        Change(number, Kind.ACHIEVEMENT, offer.id, Op.PUT, offer)
        for number, offer in enumerate(offers[OPEN - 3 : OPEN], start=1)
    ]
    return first.apply([*added, replace(added[0], seq=9)], encoder)


@pytest.fixture(scope="module")
def hidden(index: ListingIndex, offers: list[Listing], encoder: Encoder) -> ListingIndex:
    return index.guests(offers[OPEN:], encoder)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    made = db.make_engine(f"sqlite:///{tmp_path / 'batch.db'}")
    db.migrate(made)
    changes.ensure_head(made)
    return made


@pytest.fixture
def batch(engine: Engine, encoder: Encoder, tmp_path: Path) -> Batch:
    return Batch(engine, encoder, tmp_path)


def begin(batch: Batch, found: Material) -> str:
    return batch.begin(found, "test", top_k=TOP_K, shard=2)


def content(engine: Engine, run_id: str) -> bytes:
    with reading(engine) as session:
        return b"".join(results.content(session, runs.find(session, run_id)))


def scores(engine: Engine, run_id: str) -> dict[str, dict[str, float]]:
    """Score of each achievement by need."""
    rows = [json.loads(text) for text in content(engine, run_id).splitlines()[1:]]
    return {
        row["need_id"]: {m["achievement_id"]: m["score"] for m in row["matches"]} for row in rows
    }


def test_many_queries_are_matched_with_guests_as_each_is_alone(
    needs: list[Listing], index: ListingIndex, hidden: ListingIndex, encoder: Encoder
) -> None:
    matcher = Matcher({Kind.ACHIEVEMENT: index}, encoder, shipped_config())
    ids = [listing.id for listing in hidden]
    guests = Guests(hidden, frozenset(ids[:-1]))
    roster = Filter(ids=(*ids[:3], *(listing.id for listing in list(index)[:9])))
    for condition in (None, roster):
        together = matcher.match_all(
            needs, top_k=TOP_K, condition=condition, with_explanations=True, guests=guests
        )
        assert together == [
            matcher.match(
                need, top_k=TOP_K, condition=condition, with_explanations=True, guests=guests
            )
            for need in needs
        ]
        found = {match.listing.id for answer in together for match in answer.matches}
        assert found & guests.ids
        assert ids[-1] not in found


def test_frozen_guests_score_as_they_did_and_give_equal_bytes(
    batch: Batch,
    engine: Engine,
    needs: list[Listing],
    index: ListingIndex,
    hidden: ListingIndex,
    encoder: Encoder,
) -> None:
    other_way = index.guests(list(hidden)[::-1], encoder)
    first = begin(batch, Material(7, needs, index, guests=hidden))
    second = begin(batch, Material(7, needs, index.compacted(), guests=other_way))
    assert batch.work(first) is batch.work(second) is State.DONE
    assert content(engine, first) == content(engine, second)
    with reading(engine) as session:
        assert runs.find(session, first).achievements == OPEN + HIDDEN

    matcher = Matcher({Kind.ACHIEVEMENT: index}, encoder, shipped_config())
    guests = Guests(hidden, frozenset(listing.id for listing in hidden))
    live = matcher.match_all(needs, top_k=TOP_K, guests=guests)
    expected = {a.query.id: {m.listing.id: m.score for m in a.matches} for a in live}
    assert scores(engine, first) == expected

    without = begin(batch, Material(7, needs, index))
    batch.work(without)
    for need, alone in scores(engine, without).items():  # guests change no score of the others
        assert {id_: alone.get(id_, score) for id_, score in expected[need].items()} == (
            expected[need]
        )


def test_guests_are_part_of_what_a_run_was_made_from(
    batch: Batch,
    engine: Engine,
    needs: list[Listing],
    index: ListingIndex,
    hidden: ListingIndex,
    encoder: Encoder,
) -> None:
    reworded = [replace(item, body=item.body + "。") for item in hidden]
    run_ids = [
        begin(batch, Material(7, needs, index, guests=guests))
        for guests in (hidden, None, index.guests(reworded, encoder))
    ]
    with reading(engine) as session:
        digests = {runs.find(session, run_id).inputs["records"] for run_id in run_ids}
    assert len(digests) == 3
    shutil.rmtree(batch.folder(run_ids[0]) / "guests")
    with pytest.raises(ConflictError, match="快照"):
        batch.work(run_ids[0])


def test_separators_within_a_text_end_no_line(
    batch: Batch, engine: Engine, needs: list[Listing], index: ListingIndex
) -> None:
    odd = replace(needs[0], body=needs[0].body.replace("，", "\u2028", 1).replace("。", "\x85", 1))
    assert len(odd.body.splitlines()) > 1
    run_id = begin(batch, Material(7, [odd, needs[1]], index))
    assert batch.work(run_id) is State.DONE
    with reading(engine) as session:
        row = runs.find(session, run_id)
        assert results.difference(session, row, row).same == 2 * TOP_K
    told = line({"need_id": "N1", "matches": [{"achievement_id": "A1", "title": odd.body}]})
    assert results.quoted([told.encode()]) == {Kind.NEED: {"N1"}, Kind.ACHIEVEMENT: {"A1"}}


def test_the_database_gives_records_of_every_tier_and_rosters_what_one_may_know_of(
    batch: Batch, engine: Engine, encoder: Encoder, tmp_path: Path
) -> None:
    with writing(engine) as session:
        for kind in Kind:
            records = [
                record.model_copy(update={"disclosure": TIERS.get(str(record.id)[1:], Tier.PUBLIC)})
                for record in sample_rows(kind)[:12]
            ]
            store.import_records(session, kind, records)

    def read(principal: Principal, **roster: Any) -> Material:
        index_dir, config = tmp_path / "index", shipped_config()
        return material.from_database(engine, index_dir, encoder, config, principal, **roster)

    def guests(found: Material) -> list[str]:
        return [listing.id for listing in found.guests or ()]

    for principal in (
        ITSELF,
        ORGANISER,
    ):  # who starts a run over all of it does not decide what runs
        whole = read(principal)
        assert [need.id for need in whole.needs] == [f"N{n:04}" for n in range(1, 13)]
        assert (len(whole.index), whole.offered) == (9, 12)
        assert guests(whole) == ["A0003", "A0005", "A0007"]
    roster = {"needs": ["N0005", "N0001"], "achievements": ["A0001", "A0002", "A0007"]}
    found = read(ITSELF, **roster)
    assert ([need.id for need in found.needs], found.offered) == (["N0001", "N0005"], 3)
    assert guests(found) == ["A0007"]
    run_id = begin(batch, found)
    batch.work(run_id)
    assert {need: set(row) for need, row in scores(engine, run_id).items()} == dict.fromkeys(
        roster["needs"], set(roster["achievements"])
    )
    allowed = read(ORGANISER, needs=["N0003", "N0001"], achievements=["A0003"])
    assert ([need.id for need in allowed.needs], guests(allowed)) == (
        ["N0001", "N0003"],
        ["A0003"],
    )
    for side, id_ in (("needs", "N{}"), ("achievements", "A{}")):
        refusals = []
        for number in ("0005", "0007", "9999"):
            with pytest.raises(JiebangError) as refused:
                read(ORGANISER, **{side: [id_.format(number)]})
            told = f"{refused.value.detail}{refused.value.cure}"
            refusals.append(told.replace(number, ""))
        assert len(set(refusals)) == 1
