"""Proof that index and database agree: what a start would serve, compared record by record."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sqlalchemy import Engine

from matcher.config import MatcherConfig
from matcher.encoder import Encoder
from matcher.index import ListingIndex
from matcher.listing import KINDS, Kind
from matcher.segment import FIELDS
from service import changes, replica
from service.db import reading


def differences(engine: Engine, folder: Path, encoder: Encoder, config: MatcherConfig) -> list[str]:
    """Every difference between the opened index and one rebuilt from SQL; none when they agree.

    Compared are the set of records, their texts and facets, every vector, the corpus statistics
    and the position in the log.
    """
    opened = replica.open_indexes(engine, folder, encoder, config)
    found: list[str] = []
    with reading(engine) as session:
        head = changes.head(session).n
    for kind in Kind:
        index = opened.indexes[kind]
        label = KINDS[kind].label_zh
        if index.watermark < head:
            found.append(f"{label}：索引位置 {index.watermark} 落后于变更日志 {head}")
        found += _compare(label, index, replica.rebuild(engine, kind, encoder, config))
    return found


def _compare(label: str, index: ListingIndex, truth: ListingIndex) -> list[str]:
    have = {item.id: item for item in index}
    want = {item.id: item for item in truth}
    found = [f"{label} {id_}：数据库里有，索引里没有" for id_ in sorted(set(want) - set(have))]
    found += [f"{label} {id_}：索引里有，数据库里没有" for id_ in sorted(set(have) - set(want))]
    common = sorted(set(have) & set(want))
    found += [f"{label} {id_}：内容不同" for id_ in common if have[id_] != want[id_]]
    vectors, expected = index.vectors(), truth.vectors()
    found += [
        f"{label} {id_}：向量不同"
        for id_ in common
        if not np.array_equal(vectors[id_], expected[id_])
    ]
    found += [
        f"{label}：{field} 的词项统计不同"
        for field in FIELDS
        if index.statistics(field) != truth.statistics(field)
        or index.document_frequencies(field) != truth.document_frequencies(field)
    ]
    return found
