"""The written training material: well-formed, and nothing of it in the sample corpus."""

from __future__ import annotations

from collections import Counter

from corpora import sample, training
from corpora.beir import load_dataset
from corpora.taxonomy import taxonomy
from eval.contacts import contacts
from eval.similarity import similar_pairs

NEAR = 0.15


def test_every_need_has_a_solution_and_a_hard_negative() -> None:
    needs = training.load()
    assert len({need.id for need in needs}) == len(needs)
    for need in needs:
        grades = Counter(a.grade for a in need.achievements)
        assert grades[3] == 1, need.id
        assert grades[0] >= 1, need.id
        assert all(a.title and a.text for a in need.achievements), need.id


def test_the_pairs_are_within_the_agreed_number_and_spread_over_all_chains() -> None:
    needs = training.load()
    assert sum(len(need.achievements) for need in needs) <= 1500
    chains = Counter(need.chain for need in needs)
    assert set(chains) == set(taxonomy("chain"))
    assert min(chains.values()) >= 20


def test_nothing_of_it_reads_like_a_record_of_the_sample_or_like_another_of_it() -> None:
    own = [f"{need.title}{need.text}" for need in training.load()]
    own += [f"{a.title}{a.text}" for need in training.load() for a in need.achievements]
    data = load_dataset(sample.DIRECTORY, "dev")
    others = [item.text for item in data.corpus]
    for split in ("train", "dev", "test"):
        others += [q.text for q in load_dataset(sample.DIRECTORY, split).queries]
    pairs = similar_pairs([*own, *others], above=NEAR)
    assert not [pair for pair in pairs if pair[0] < len(own)]


def test_no_contact_data() -> None:
    for need in training.load():
        for text in (need.text, *(a.text for a in need.achievements)):
            assert not contacts(text), need.id
