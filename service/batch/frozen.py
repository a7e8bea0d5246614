"""What a run is made from, kept in a folder of its own: needs, index of achievements, weights.

Records and vectors that change afterwards change nothing of the run. Model and program are not
copied; their fingerprints are kept, and a run that began with others is not gone on with.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import corpora
import matcher
from corpora.taxonomy import fit_labels
from matcher import snapshot
from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.filters import Filter
from matcher.index import ListingIndex
from matcher.listing import Facets, Kind, Listing
from matcher.pipeline import Guests, Matcher
from service.errors import ConflictError
from service.served import CONFIDENCE_FILE, WEIGHTS_FILE, served_config

_NEEDS = "needs.jsonl"
_PARTICIPANTS = "achievements.json"
_GUESTS = "guests"
_SOURCES = (".py", ".toml", ".txt")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that decides the bytes of a result.

    `seq` is the position in the change log (0 for a folder). `records` covers needs, achievements,
    guests and roster; with `encoder` it determines the vectors. Nothing in the pipeline draws lots: `seed`
    is kept so that a later stage which does stays reproducible.
    """

    seq: int
    records: str
    encoder: str
    config: str
    code: str
    top_k: int
    shard: int
    seed: int


@dataclass(frozen=True, slots=True)
class Material:
    """What is to be matched: needs in order, the index to search, and the roster within it.

    `roster` are the ids of achievements that take part, all of them where None. `guests`, which
    `ListingIndex.guests` of this index made, are those that are not public: they compete with the
    index and change nothing in it.
    """

    seq: int
    needs: Sequence[Listing]
    index: ListingIndex
    roster: tuple[str, ...] | None = None
    guests: ListingIndex | None = None

    @property
    def offered(self) -> int:
        """How many achievements take part."""
        if self.roster is not None:
            return len(self.roster)
        return len(self.index) + len(self.guests or ())


@cache
def code_version() -> str:
    """The release and a hash of the program's matching code and its data files."""
    digest = hashlib.sha256()
    for package in (matcher, corpora):
        root = Path(str(package.__file__)).parent
        for path in sorted(p for p in root.rglob("*") if p.suffix in _SOURCES):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{version('jiebang')}+{digest.hexdigest()[:12]}"


def freeze(folder: Path, material: Material, home: Path) -> str:
    """Write the material and the weights in force into `folder`; the digest of all records.

    The digest does not depend on the order in which an index took its records.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (WEIGHTS_FILE, CONFIDENCE_FILE):
        if (home / name).is_file():
            shutil.copyfile(home / name, folder / name)
    lines, invited = [_text(need) for need in material.needs], material.guests
    participants = json.dumps({"roster": material.roster, "guests": len(invited or ())})
    (folder / _NEEDS).write_text("\n".join(lines), encoding="utf-8")
    (folder / _PARTICIPANTS).write_text(participants, encoding="utf-8")
    snapshot.save(material.index, folder / Kind.ACHIEVEMENT, {})
    if invited:
        snapshot.save(invited, folder / _GUESTS, {})
    digest = hashlib.sha256(participants.encode())
    for part in (lines, *(sorted(map(_text, held)) for held in (material.index, invited or ()))):
        for text in part:
            digest.update(b"\n" + text.encode())
    return digest.hexdigest()


def _text(listing: Listing) -> str:
    return json.dumps(asdict(listing), ensure_ascii=False, sort_keys=True)


def inputs(
    folder: Path, records: str, seq: int, encoder: Encoder, *, top_k: int, shard: int, seed: int
) -> Inputs:
    """The inputs of a run over the material in `folder`."""
    config = served_config(folder)
    return Inputs(
        seq=seq,
        records=records,
        encoder=encoder.fingerprint,
        config=config.fingerprint,
        code=code_version(),
        top_k=top_k,
        shard=shard,
        seed=seed,
    )


@dataclass(frozen=True, slots=True)
class Frozen:
    """A run's material, ready to be matched."""

    matcher: Matcher
    needs: list[Listing]
    condition: Filter | None
    guests: Guests | None


def thaw(folder: Path, kept: dict[str, Any], encoder: Encoder) -> Frozen:
    """Open the material of a run; raises ConflictError where anything is not as it was."""
    config = served_config(folder)
    present = {
        "encoder": encoder.fingerprint,
        "config": config.fingerprint,
        "code": code_version(),
    }
    for name, what in (("encoder", "模型"), ("config", "配置"), ("code", "程序")):
        if kept[name] != present[name]:
            msg = f"{what}与这次运行开始时不同（当时 {kept[name]}，现在 {present[name]}）"
            raise ConflictError(msg, cure="换回原来的再继续，或用 jiebang batch run 重新开始")
    try:
        return _open(folder, config, encoder)
    except (OSError, ValueError, TypeError, snapshot.SnapshotError) as error:
        msg = f"{folder} 里的快照读不出来：{error}"
        raise ConflictError(msg, cure="用 jiebang batch run 重新开始") from error


def _open(folder: Path, config: MatcherConfig, encoder: Encoder) -> Frozen:
    def index(name: str) -> ListingIndex:
        return snapshot.load(folder / name, config, encoder.fingerprint, {})

    # bytes: `str.splitlines` would also end a line at separators within a text
    lines = (folder / _NEEDS).read_bytes().splitlines()
    participants = json.loads((folder / _PARTICIPANTS).read_text(encoding="utf-8"))
    roster, invited = participants["roster"], None
    if participants["guests"]:
        held = index(_GUESTS)
        invited = Guests(held, frozenset(listing.id for listing in held))
    return Frozen(
        matcher=Matcher({Kind.ACHIEVEMENT: index(Kind.ACHIEVEMENT)}, encoder, config, fit_labels()),
        needs=[_listing(json.loads(line)) for line in lines],
        condition=None if roster is None else Filter(ids=tuple(roster)),
        guests=invited,
    )


def _listing(row: dict[str, Any]) -> Listing:
    facets = Facets(**row["facets"])
    facets = replace(facets, coop_modes=tuple(facets.coop_modes))
    return Listing(row["id"], Kind(row["kind"]), row["title"], row["body"], facets)
