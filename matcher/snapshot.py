"""A ListingIndex on disk: written aside, synced, renamed; opened by memory mapping.

A snapshot is a folder of arrays and a manifest with the log position, the fingerprints of model and
configuration, and a SHA-256 of every file. The manifest is written last; `CURRENT` names the snapshot
that is valid, and replacing that one small file is the commit.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections import Counter
from pathlib import Path
from typing import IO, Any

import numpy as np

from matcher.config import MatcherConfig
from matcher.dense import DenseField
from matcher.filters import FacetColumns
from matcher.index import ListingIndex
from matcher.lexical import LexicalField
from matcher.listing import Kind
from matcher.segment import FIELDS, Segment, Texts

FORMAT = 2
_CHUNK = 1 << 22


class SnapshotError(Exception):
    """The snapshot is missing, damaged, or was made by another model or configuration."""


def save(index: ListingIndex, folder: Path, stamp: dict[str, str]) -> None:
    """Write `index` as the current snapshot of `folder` and remove older ones.

    `stamp` is kept in the manifest; `load` refuses a snapshot with another one.
    """
    whole = index.compacted()
    segment = whole.segments[0]
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{whole.watermark}-{uuid.uuid4().hex[:8]}"
    place = folder / name
    place.mkdir()
    for file, array in _arrays(segment).items():
        with (place / f"{file}.npy").open("wb") as out:
            np.save(out, array)
            _sync(out)
    for field in FIELDS:
        with (place / f"{field}.terms").open("w", encoding="utf-8") as terms:
            terms.write("\n".join(segment.fields[field].vocabulary))
            _sync(terms)
    manifest = {
        "format": FORMAT,
        "kind": whole.kind,
        "watermark": whole.watermark,
        "dimension": whole.dimension,
        "listings": len(whole),
        "encoder": whole.encoder_fingerprint,
        "index_config": whole.config.index_fingerprint,
        "stamp": stamp,
        "mean_length": {field: segment.fields[field].mean_length for field in FIELDS},
        "files": {p.name: _digest(p) for p in sorted(place.iterdir())},
    }
    _write(place / "manifest.json", json.dumps(manifest, indent=1))
    _sync_folder(place)
    _write(folder / "CURRENT.new", name)
    (folder / "CURRENT.new").replace(folder / "CURRENT")
    _sync_folder(folder)
    for old in folder.iterdir():
        if old.is_dir() and old.name != name:
            shutil.rmtree(old, ignore_errors=True)


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the current snapshot in `folder`; raises SnapshotError where there is none."""
    try:
        name = (folder / "CURRENT").read_text(encoding="utf-8").strip()
        found: dict[str, Any] = json.loads((folder / name / "manifest.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        msg = f"no readable snapshot in {folder}: {error}"
        raise SnapshotError(msg) from error
    return found | {"name": name}


def load(
    folder: Path, config: MatcherConfig, encoder_fingerprint: str, stamp: dict[str, str]
) -> ListingIndex:
    """Open the current snapshot; raises SnapshotError where it cannot be trusted."""
    found = manifest(folder)
    expected = {
        "format": FORMAT,
        "encoder": encoder_fingerprint,
        "index_config": config.index_fingerprint,
        "stamp": stamp,
    }
    for key, value in expected.items():
        if found.get(key) != value:
            msg = f"snapshot {folder}: {key} is {found.get(key)}, expected {value}"
            raise SnapshotError(msg)
    place = folder / found["name"]
    for file, digest in found["files"].items():
        if not (place / file).is_file() or _digest(place / file) != digest:
            msg = f"snapshot {place}: {file} is missing or damaged"
            raise SnapshotError(msg)
    segment = _open(place, found)
    segment.warm()
    config.analyzer.warm()
    return ListingIndex(
        kind=segment.kind,
        config=config,
        encoder_fingerprint=encoder_fingerprint,
        dimension=found["dimension"],
        segments=(segment,),
        alive=(np.ones(len(segment), dtype=bool),),
        dead={field: Counter() for field in FIELDS},
        watermark=found["watermark"],
    )


def _arrays(segment: Segment) -> dict[str, np.ndarray[Any, Any]]:
    arrays: dict[str, np.ndarray[Any, Any]] = {
        "titles": segment.titles.buffer,
        "titles.ends": segment.titles.ends,
        "bodies": segment.bodies.buffer,
        "bodies.ends": segment.bodies.ends,
        "vectors": segment.dense.vectors,
        "starts": segment.dense.starts,
    }
    for column in FacetColumns.__dataclass_fields__:
        arrays[f"facet.{column}"] = getattr(segment.facets, column)
    for field in FIELDS:
        for part in ("indptr", "documents", "frequencies", "lengths", "weights"):
            arrays[f"{field}.{part}"] = getattr(segment.fields[field], part)
    return arrays


def _open(place: Path, found: dict[str, Any]) -> Segment:
    def array(name: str) -> np.ndarray[Any, Any]:
        # a plain view: every slice of a memmap object costs microseconds of Python
        return np.asarray(np.load(place / f"{name}.npy", mmap_mode="r"))

    fields = {}
    for field in FIELDS:
        text = (place / f"{field}.terms").read_text(encoding="utf-8")
        terms = text.split("\n") if text else []
        fields[field] = LexicalField(
            vocabulary=dict(zip(terms, range(len(terms)), strict=True)),
            indptr=array(f"{field}.indptr"),
            documents=array(f"{field}.documents"),
            frequencies=array(f"{field}.frequencies"),
            lengths=array(f"{field}.lengths"),
            weights=array(f"{field}.weights"),
            mean_length=found["mean_length"][field],
        )
    return Segment(
        kind=Kind(found["kind"]),
        titles=Texts(array("titles"), array("titles.ends")),
        bodies=Texts(array("bodies"), array("bodies.ends")),
        facets=FacetColumns(
            **{name: array(f"facet.{name}") for name in FacetColumns.__dataclass_fields__}
        ),
        fields=fields,
        dense=DenseField(array("vectors"), array("starts")),
    )


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write(text)
        _sync(out)


def _sync(file: IO[Any]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
