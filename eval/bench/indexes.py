"""The index that a benchmark searches: made once from really encoded records, then opened."""

from __future__ import annotations

from pathlib import Path

from corpora import sample
from eval.bench.corpus import SEED, achievements
from eval.bench.setup import Setup
from eval.bench.vectors import FileVectors, encode_all
from matcher import snapshot
from matcher.centring import centred_encoder
from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.index import ListingIndex
from matcher.listing import Kind


def encoder_of(setup: Setup) -> Encoder:
    """An encoder that caches records on disk and encodes each query anew, as the service does."""
    vectors = FileVectors(setup.folder / "vectors.db")
    return centred_encoder(setup.backend, setup.model_dir, sample.centring_listings, vectors)


def snapshot_folder(setup: Setup) -> Path:
    """Where the index of `setup.rows` records is kept."""
    return setup.folder / f"index-{setup.rows}"


def stamp(setup: Setup) -> dict[str, str]:
    """What the corpus was made of; another source makes another index."""
    return {
        "source": setup.source.fingerprint,
        "seed": str(SEED),
        "rows": str(setup.rows),
    }


def build(setup: Setup, encoder: Encoder) -> ListingIndex:
    """The index of `setup.rows` recombined records; encodes those that no earlier call did."""
    listings = achievements(setup.source, setup.rows)
    encode_all(listings, encoder, setup.progress)
    return ListingIndex.build(Kind.ACHIEVEMENT, listings, encoder, MatcherConfig())


def opened(setup: Setup, encoder: Encoder) -> ListingIndex:
    """The snapshot of that index; built and saved first where there is none that fits."""
    folder = snapshot_folder(setup)
    try:
        return snapshot.load(folder, MatcherConfig(), encoder.fingerprint, stamp(setup))
    except snapshot.SnapshotError:
        snapshot.save(build(setup, encoder), folder, stamp(setup))
    return snapshot.load(folder, MatcherConfig(), encoder.fingerprint, stamp(setup))
