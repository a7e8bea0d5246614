"""Backends: equal vectors however texts are batched, any sentence-transformers directory, long texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.config import MatcherConfig
from matcher.encoder import Encoder, Role
from matcher.index import ListingIndex
from matcher.listing import Kind, Listing
from matcher.pipeline import Matcher
from models.backends import OfflineBackend, SentenceTransformerBackend, open_backend
from models.errors import ModelError

TEXTS = [
    "渣浆泵轴封两周就漏",
    "在碳化硅密封端面加工螺旋槽，借流体动压把颗粒排出间隙。" * 4,
    "极片",
    "窖泥菌群调控 " * 30,
]
FILLERS = [
    "样机在高原站点连续运行两个冬季，启动成功率稳定。",
    "项目组先后走访了十一家用户，整理出七类常见故障。",
    "试制批次的外观与尺寸均按企业标准抽检，合格后入库。",
    "控制柜采用前开门结构，便于现场人员更换备件。",
    "第三方机构出具了检测报告，编号可供查验。",
]


def test_a_vector_does_not_depend_on_its_batch(backend: OfflineBackend) -> None:
    together = backend.embed(TEXTS)
    alone = np.concatenate([backend.embed([text]) for text in TEXTS])
    assert np.array_equal(together, alone)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert backend.embed([]).shape == (0, backend.dimension)


def test_windows_cover_a_long_text_and_fit_the_model(encoder: Encoder) -> None:
    text = "".join(FILLERS[n % 5] + f"第{n}次记录。" for n in range(120))
    assert len(text) > 3000
    windows = encoder.windows(text, Role.BODY)
    assert len(windows) > 1
    assert windows[0][0] == 0
    assert windows[-1][1] == len(text)
    for (_, end), (start, _) in zip(windows, windows[1:], strict=False):
        assert start < end
    assert len(encoder.encode([text], Role.BODY)[0]) == len(windows)
    assert encoder.windows("", Role.BODY) == [(0, 0)]


def test_a_fact_in_the_last_paragraph_of_a_long_record_is_found(encoder: Encoder) -> None:
    filler = "".join(FILLERS[n % 5] + f"第{n}批试样的留样编号已归档。" for n in range(90))
    fact = "另外研制了一台钻入换热器管束、边走边冲洗水垢的机器人，清洗时不停产。"
    long = Listing("long", Kind.ACHIEVEMENT, "装备研制总结", filler + "\n" + fact)
    assert len(long.body) >= 3000
    others = [
        Listing(f"o{n}", Kind.ACHIEVEMENT, "装备研制总结", filler[n * 7 :]) for n in range(30)
    ]
    config = MatcherConfig(dense_weight=1.0)  # the dense arm alone, so that no word can help
    index = ListingIndex.build(Kind.ACHIEVEMENT, [*others, long], encoder, config)
    query = Listing(
        "q", Kind.NEED, "", "冷凝器里面结了厚厚一层碱，人工捅要停机三天，有没有自动清的设备"
    )
    answer = Matcher({Kind.ACHIEVEMENT: index}, encoder, config).match(
        query, with_explanations=True
    )
    assert answer.matches[0].listing.id == "long"
    served = MatcherConfig()
    index = ListingIndex.build(Kind.ACHIEVEMENT, [*others, long], encoder, served)
    answer = Matcher({Kind.ACHIEVEMENT: index}, encoder, served).match(query)
    assert answer.matches[0].listing.id == "long"


def test_any_sentence_transformers_directory_can_be_named(
    model_dir: Path, backend: OfflineBackend
) -> None:
    other = open_backend(str(model_dir), Path("unused"))
    assert isinstance(other, SentenceTransformerBackend)
    assert (other.dimension, other.window) == (backend.dimension, backend.window)
    assert other.query_prefix == backend.query_prefix == "query: "
    assert other.passage_prefix == backend.passage_prefix
    assert other.fingerprint != backend.fingerprint
    pieces = [backend.passage_prefix + text for text in TEXTS]
    cosines = (other.embed(pieces) * backend.embed(pieces)).sum(axis=1)
    assert cosines.min() > 0.99


def test_an_unknown_model_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="无法载入"):
        open_backend(str(tmp_path / "nothing"), tmp_path)
    with pytest.raises(ModelError, match="jiebang model build"):
        open_backend("", tmp_path)
