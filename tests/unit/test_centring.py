"""Centring: means by kind and role, kept in a file that is derived."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from matcher.centring import centred_encoder, fit
from matcher.encoder import Encoder, Role
from matcher.listing import Kind, Listing
from tests.backend import HashedCharacters

LISTINGS = [
    Listing("N1", Kind.NEED, "轴承漏油", "三号机轴承一直漏油"),
    Listing("N2", Kind.NEED, "", "焊缝开裂，返修三次"),
    Listing("A1", Kind.ACHIEVEMENT, "磁流体密封", "用磁流体封住旋转轴"),
]


def test_centre_is_the_mean_of_a_role() -> None:
    encoder = Encoder(HashedCharacters())
    centres = fit(encoder, LISTINGS)
    bodies = [encoder.encode([item.body], Role.BODY)[0][0] for item in LISTINGS[:2]]
    np.testing.assert_allclose(centres[Kind.NEED, Role.BODY], np.mean(bodies, axis=0), rtol=1e-6)
    assert (Kind.ACHIEVEMENT, Role.TITLE) in centres


def test_centred_vectors_are_unit_and_unknown_roles_stay() -> None:
    backend = HashedCharacters()
    needs = [item for item in LISTINGS if item.kind is Kind.NEED]
    encoder = Encoder(backend, centres=fit(Encoder(backend), needs))
    vectors = encoder.encode(["电机过热", "焊缝开裂"], Role.BODY)
    stacked = np.concatenate(vectors)
    moved = encoder.centred(stacked, Kind.NEED, Role.BODY)
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), 1.0, rtol=1e-5)
    assert not np.allclose(moved, stacked)
    assert encoder.centred(stacked, Kind.ACHIEVEMENT, Role.BODY) is stacked


def test_centres_are_fitted_once_and_made_again_when_damaged(tmp_path: Path) -> None:
    backend = HashedCharacters()
    first = centred_encoder(backend, tmp_path, lambda: LISTINGS)
    fitted = backend.encoded
    again = centred_encoder(backend, tmp_path, lambda: LISTINGS)
    assert backend.encoded == fitted
    assert again.fingerprint == first.fingerprint != backend.fingerprint
    (file,) = tmp_path.glob("centres-*.npz")
    file.write_bytes(b"damaged")
    assert centred_encoder(backend, tmp_path, lambda: LISTINGS).fingerprint == first.fingerprint
    assert backend.encoded > fitted


def test_cached_vectors_do_not_depend_on_the_centres(tmp_path: Path) -> None:
    backend = HashedCharacters()
    plain, centred = Encoder(backend), centred_encoder(backend, tmp_path, lambda: LISTINGS)
    assert plain.key("电机", Role.BODY) == centred.key("电机", Role.BODY)
