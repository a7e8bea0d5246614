"""Where the material of a run comes from: the database, a roster of it, or a folder."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from sqlalchemy import Engine

from corpora.beir import load_dataset, splits
from matcher.config import MatcherConfig
from matcher.encoder import Encoder, Progress
from matcher.index import ListingIndex
from matcher.listing import KINDS, Kind, Listing
from service import changes
from service.access import Principal
from service.batch.frozen import Material
from service.changes import Shelf
from service.db import reading
from service.disclosure import Reader, Sight
from service.errors import ConflictError, JiebangError
from service.replica import open_indexes

_ATTEMPTS = 10


def from_database(
    engine: Engine,
    index_dir: Path,
    encoder: Encoder,
    config: MatcherConfig,
    principal: Principal,
    *,
    needs: Collection[str] | None = None,
    achievements: Collection[str] | None = None,
    progress: Progress | None = None,
) -> Material:
    """What is published, at one position of the change log, or the roster of ids within it.

    All of it means records of every tier, as only the house reads results. A roster names what
    `principal` may know of; any other id is refused as if there were no such record.
    Raises JiebangError for ids that are not published, ConflictError where others write all the time.
    """
    for _ in range(_ATTEMPTS):
        indexes = open_indexes(engine, index_dir, encoder, config, progress).indexes
        with reading(engine) as session:
            asked = changes.published(session, Kind.NEED)
            hidden = {kind: changes.published(session, kind, Shelf.RESERVED) for kind in Kind}
            reader = Reader(session, principal)
            known = {kind: set(reader.reserved(kind, Sight.MASK)) for kind in Kind}
            # read last: where it is that of the index, nothing changed while the rest was read
            seq = changes.head(session).n
        index = indexes[Kind.ACHIEVEMENT]
        if index.watermark == seq:
            _require(needs, known[Kind.NEED].union(n.id for n in asked), Kind.NEED)
            offered = known[Kind.ACHIEVEMENT].union(listing.id for listing in index)
            _require(achievements, offered, Kind.ACHIEVEMENT)
            chosen = _chosen([*asked, *hidden[Kind.NEED]], needs)
            invited = _chosen(hidden[Kind.ACHIEVEMENT], achievements)
            roster = None if achievements is None else tuple(sorted(set(achievements)))
            guests = index.guests(invited, encoder) if invited else None
            return _some(Material(seq, chosen, index, roster, guests))
    msg = "数据库一直在变，取不到同一时刻的需求和成果"
    raise ConflictError(msg, cure="等导入做完再试")


def from_folder(
    folder: Path, encoder: Encoder, config: MatcherConfig, progress: Progress | None = None
) -> Material:
    """All needs and achievements of a BEIR folder; raises FileError where it cannot be read."""
    parts = [load_dataset(folder, split) for split in splits(folder)] or [load_dataset(folder)]
    needs: dict[str, Listing] = {query.id: query for part in parts for query in part.queries}
    index = ListingIndex.build(
        Kind.ACHIEVEMENT, parts[0].corpus, encoder, config, progress=progress
    )
    return _some(Material(0, [needs[id_] for id_ in sorted(needs)], index))


def source_of(needs: Collection[str] | None, achievements: Collection[str] | None) -> str:
    """What a run of the database calls its source: a roster on either side, or all of it."""
    return "database" if needs is None and achievements is None else "roster"


def _chosen(listings: Iterable[Listing], roster: Collection[str] | None) -> list[Listing]:
    """Those of a roster, by id; all where there is none."""
    wanted = None if roster is None else frozenset(roster)
    found = [listing for listing in listings if wanted is None or listing.id in wanted]
    return sorted(found, key=lambda listing: listing.id)


def _require(wanted: Collection[str] | None, known: set[str], kind: Kind) -> None:
    missing = sorted(set(wanted or ()) - known)
    if missing:
        msg = f"名单里有 {len(missing)} 个编号不是已发布的{KINDS[kind].label_zh}，如 {missing[0]}"
        raise JiebangError(msg, cure="核对名单，或先发布这些记录")


def _some(material: Material) -> Material:
    """The material, which has something on both sides; raises JiebangError otherwise."""
    sizes = {Kind.NEED: len(material.needs), Kind.ACHIEVEMENT: material.offered}
    for kind, count in sizes.items():
        if not count:
            msg = f"没有可以匹配的{KINDS[kind].label_zh}"
            raise JiebangError(msg, cure="先用 jiebang import 导入并发布，或检查名单")
    return material
